"""One application at a meeting, on the screen: who is in the room for it, and what is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Conflict
from grants.models.share import Share
from grants.queries.definitions import fund_of
from grants.queries.meetings import ItemRow, MeetingPage, MemberRow, members_of, one
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.meetings import Presence
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Line
from grants.rules.states import ApplicationState

ProjectLine = tuple[str, str, int]  # title, group, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One application on the screen, with its place among the others."""

    page: MeetingPage
    item: ItemRow
    before: ItemRow | None
    after: ItemRow | None
    left: tuple[str, ...]  # who has a conflict and is not in the room for it
    present: tuple[str, ...]
    lines: tuple[ProjectLine, ...]
    may_record: bool
    knows_history: bool  # may read what is known of who applies
    is_blind: bool  # a round in which some at the meeting read without names


def item(actor: Actor, key: uuid.UUID, application: uuid.UUID) -> ItemPage:
    """One application of a meeting. Raises NotFound. Eight statements."""
    page = one(actor, key)
    found = next((row for row in page.items if row.key == application), None)
    if found is None:
        raise NotFound("There is no such page.")
    at = page.items.index(found)
    left = _conflicted(found.application_id, [row.person_id for row in page.members])
    allowed = db.session.execute(
        applications_of(
            visible(actor, Action.MODERATE).label("may_record"),
            visible(actor, Action.READ_HISTORY).label("knows"),
        ).where(Application.id == found.application_id)
    ).one()
    lines = db.session.execute(
        sa.select(ProposedProject.title, ProposedProject.group_name, ProposedProject.asked)
        .where(ProposedProject.application_id == found.application_id)
        .order_by(ProposedProject.line, ProposedProject.id)
    )
    return ItemPage(
        page=page,
        item=found,
        before=page.items[at - 1] if at else None,
        after=page.items[at + 1] if at + 1 < len(page.items) else None,
        left=tuple(row.name for row in page.members if row.person_id in left and _is_here(row)),
        present=in_the_room(page.members, left),
        lines=_shown(actor, page, found, lines),
        may_record=page.may_hold
        and found.state == ApplicationState.MODERATION
        and bool(allowed.may_record),
        knows_history=bool(allowed.knows),
        is_blind=fund_of(actor, page.round.definition_id).stages.blind,
    )


def _shown(actor: Actor, page: MeetingPage, item: ItemRow, rows: Any) -> tuple[ProjectLine, ...]:
    """Title, group and pence of each proposed project: numbered, and of no group, where names tell."""
    if item.shows_names:
        return tuple((row.title, row.group_name, row.asked) for row in rows)
    lines = [Line(str(place), row.title, row.asked) for place, row in enumerate(rows)]
    fund = fund_of(actor, page.round.definition_id)
    return tuple((line.title, "", line.asked) for line in lines_shown(fund, lines))


def _is_here(row: MemberRow) -> bool:
    return row.presence == Presence.PRESENT and not row.went


def in_the_room(members: Iterable[MemberRow], left: frozenset[int]) -> tuple[str, ...]:
    """The names of those who are here for an application."""
    return tuple(row.name for row in members if _is_here(row) and row.person_id not in left)


def members_for(meeting_id: int, application_id: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(who left for it, who is in the room): for its record. Two statements."""
    members = members_of(meeting_id)
    left = _conflicted(application_id, [row.person_id for row in members])
    gone = tuple(row.name for row in members if row.person_id in left and _is_here(row))
    return gone, in_the_room(members, left)


def _conflicted(application_id: int, people: list[int]) -> frozenset[int]:
    """Those who declared an interest in it, or once took part in writing it."""
    found: Any = sa.union_all(
        sa.select(Conflict.person_id).where(
            Conflict.application_id == application_id, Conflict.person_id.in_(people)
        ),
        sa.select(Share.person_id).where(
            Share.application_id == application_id, Share.person_id.in_(people)
        ),
    )
    return frozenset(db.session.scalars(found))
