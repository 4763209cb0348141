"""The minute of a meeting: as it is now or as it was signed, without what a person may not see."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.meeting import Meeting, MeetingItem
from grants.models.organisation import Organisation
from grants.queries import meetings
from grants.queries.definitions import fund_of
from grants.queries.meetings import ItemRow, MeetingPage
from grants.rules import meetings as rule
from grants.rules.meetings import Paragraph
from grants.rules.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The minute of a meeting: a draft, or as it was signed; without what this person may not see."""

    page: MeetingPage
    paragraphs: tuple[Paragraph, ...]
    sha256: str  # of this copy
    keys: dict[int, ItemRow]
    is_blind: bool  # a round in which some read it without names

    @property
    def is_signed(self) -> bool:
        """Whether it is frozen."""
        return self.page.meeting.signed_at is not None


def minute(actor: Actor, key: uuid.UUID) -> Minute:
    """The minute, as far as this person may read it. Five statements."""
    page = meetings.one(actor, key)
    keys = {row.application_id: row for row in page.items}
    if page.meeting.signed_at is None:
        paragraphs = (page.opening, *(row.paragraph for row in page.items))
    else:
        kept = db.session.scalar(sa.select(Meeting.frozen).where(Meeting.id == page.meeting.id))
        frozen = (Paragraph(of=of, title=a, recorded=b, corrected=c) for of, a, b, c in kept or [])
        seen = (one for one in frozen if one.of == 0 or one.of in keys)
        paragraphs = tuple(_shown(one, keys.get(one.of)) for one in seen)
    return Minute(
        page=page,
        paragraphs=paragraphs,
        sha256=rule.fingerprint(paragraphs),
        keys=keys,
        is_blind=fund_of(actor, page.round.definition_id).stages.blind,
    )


def _shown(part: Paragraph, row: ItemRow | None) -> Paragraph:
    """As it was signed; its heading without names for who reads without names."""
    return part if row is None or row.shows_names else replace(part, title=row.heading)


def whole(meeting_id: int, opening: Paragraph) -> tuple[Paragraph, ...]:
    """Every paragraph, whoever may read it: what is frozen when the chair signs. One statement."""
    rows: Any = db.session.execute(
        sa.select(
            MeetingItem.recorded,
            MeetingItem.corrected,
            Application.id,
            Application.reference,
            Application.title,
            Organisation.name,
        )
        .join(Application, Application.id == MeetingItem.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(MeetingItem.meeting_id == meeting_id)
        .order_by(MeetingItem.place, MeetingItem.id)
    )
    return (
        opening,
        *(
            Paragraph(
                of=row.id,
                title=f"{row.reference}: {row.title} ({row.name})",
                recorded=row.recorded or "Not taken at this meeting.",
                corrected=row.corrected or "",
            )
            for row in rows
        ),
    )
