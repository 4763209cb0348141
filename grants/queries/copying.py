"""Which earlier applications a draft may be filled from."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.round import AllocationArea, Round
from grants.queries.applications import is_own
from grants.queries.drafts import Draft
from grants.queries.visible import applications_of
from grants.rules.people import Actor
from grants.rules.states import ApplicationState

MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """An application of the same organisation, of any round of any fund."""

    key: uuid.UUID
    reference: str
    title: str
    round_title: str
    area: str
    state: ApplicationState
    changed_at: dt.datetime


def sources(actor: Actor, draft: Draft) -> tuple[SourceRow, ...]:
    """Those that this person may read as one of its people, the latest first. One statement."""
    rows = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Application.title,
            Round.title.label("round_title"),
            AllocationArea.name.label("area"),
            Application.state,
            Application.changed_at,
        )
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(
            is_own(actor),
            Application.organisation_id == draft.organisation_id,
            Application.id != draft.id,
            sa.exists().where(Answer.application_id == Application.id, Answer.text != ""),
        )
        .order_by(Application.changed_at.desc(), Application.id.desc())
        .limit(MOST)
    )
    return tuple(SourceRow(**row._mapping) for row in rows)  # noqa: SLF001 (SQLAlchemy's own name)
