"""Money that comes back of an accepted award: underspent, paid back, or never passed on.

It is free in the round that gave it, up to the ceilings of area, strand and pot, so that somebody in
reserve can have it. What a group gives back to its local round is in that round's pot again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.project import Project
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import AwardState
from grants.services import access, ledger, strands
from grants.services.access import Found
from grants.services.transaction import transaction

PAID = (AwardState.ACCEPTED, AwardState.CLOSED)
NOT_PAID = "Only money of an accepted award can come back."
NO_SOURCE = "Choose whose money came back."
CHANGED = (
    "More has come back since you opened this page: {so_far} in all. Look at the list below, and "
    "send this again only if it is not in it."
)
LONGEST = 1000  # characters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Money that came back. ``seen`` is what had come back when the page was opened."""

    project: uuid.UUID | None  # None where the award held it itself
    amount: Pence
    reason: str
    seen: Pence


def record(actor: Actor, key: uuid.UUID, came: Came, *, now: dt.datetime) -> None:
    """Record money that came back of an award; it is free for others. Sent twice it is one.

    Raises MoveNotAllowed before the award is accepted, Blocked for more than there is.
    """
    with transaction():
        found = access.award(actor, key, Action.RECORD_RECOVERY, lock=True)
        award = found.thing
        if award.state not in PAID:
            raise MoveNotAllowed(NOT_PAID)
        _refuse_wrong(came)
        project = _project(found, came.project)
        if came.seen != award.recovered:
            if _is_last(actor, award, project, came):
                return
            text = CHANGED.format(so_far=pounds(award.recovered))
            raise Blocked(Reason(text, "amount"))
        _take_back(actor, found, project, came, now)


def _take_back(
    actor: Actor, found: Found[Award], project: Project | None, came: Came, now: dt.datetime
) -> None:
    award, note = found.thing, came.reason.strip()
    fund = fund_of(actor, found.application.definition_id)
    parts = strands.to_free(award, found.application, fund, _row_of(project), came.amount)
    reasons = ledger.recover(award, project, came.amount, parts, actor, now=now, note=note)
    if reasons:
        raise Blocked(*reasons)
    audit.record(
        actor,
        Action.RECORD_RECOVERY,
        ("award", award.id, award.reference),
        now=now,
        after={"amount": came.amount, "project": project.reference if project else ""},
        reason=note,
    )


def _refuse_wrong(came: Came) -> None:
    reasons = []
    if came.amount <= 0:
        reasons.append(Reason("Enter an amount above £0.", "amount"))
    if not came.reason.strip():
        reasons.append(Reason("Say why it came back.", "reason"))
    elif len(came.reason) > LONGEST:
        reasons.append(Reason(f"Use {LONGEST:,} characters or fewer.", "reason"))
    if reasons:
        raise Blocked(*reasons)


def _project(found: Found[Award], key: uuid.UUID | None) -> Project | None:
    """The project whose money it was. A local award holds nothing beside its one project."""
    if key is None:
        if found.round.parent_award_id is not None:
            raise Blocked(Reason(NO_SOURCE, "source"))
        return None
    award = found.thing
    project = db.session.scalar(
        sa.select(Project)
        .where(
            Project.key == key,
            sa.func.coalesce(Project.local_award_id, Project.award_id) == award.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if project is None:
        raise Blocked(Reason(NO_SOURCE, "source"))
    return project


def _row_of(project: Project | None) -> str | None:
    """The line of the application that became this project, where it is one line."""
    if project is None or project.proposed_project_id is None:
        return None
    return db.session.get_one(ProposedProject, project.proposed_project_id).row


def _is_last(actor: Actor, award: Award, project: Project | None, came: Came) -> bool:
    """Whether the last that came back is this very thing, sent a second time."""
    last = db.session.scalar(
        sa.select(LedgerLine)
        .where(LedgerLine.award_id == award.id, LedgerLine.kind == LedgerKind.RECOVERY)
        .order_by(LedgerLine.id.desc())
        .limit(1)
    )
    return last is not None and (
        last.person_id,
        last.project_id,
        last.amount,
        last.note,
        award.recovered,
    ) == (
        actor.person_id,
        project.id if project else None,
        -came.amount,
        came.reason.strip(),
        came.seen + came.amount,
    )
