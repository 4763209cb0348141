"""What becomes of an award whose application is withdrawn before its outcome is released."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.rules.actions import Action
from grants.rules.people import CLOCK
from grants.rules.states import KNOWN, AwardState, LineDecision
from grants.services import ledger, moving, recommended
from grants.services.access import Found

NOTE = "Withdrawn by the applicant before release"


def hold_award(found: Found[Application]) -> Award | None:
    """The award of the application, held so that nobody releases it meanwhile."""
    return db.session.scalar(
        sa.select(Award)
        .where(Award.application_id == found.thing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def is_known(award: Award | None) -> bool:
    """Whether the applicant may know the outcome: only then may a refusal speak of it."""
    return award is not None and award.state in KNOWN


def undo_award(found: Found[Application], award: Award, *, now: dt.datetime) -> None:
    """Take back whatever was recommended or decided, and free its money. In ``transaction()``.

    The trail and the ledger name the system: the person who withdrew never knew of a decision.
    """
    was = award.state
    if was == AwardState.NONE:
        return
    after = {"undone_amount": award.amount, "recommended_by": award.recommended_by}
    if was == AwardState.APPROVED:
        ledger.give_back(award, CLOCK, now=now, note=NOTE)
    recommended.void_approvals(award, now)
    _empty(award)
    moving.move(
        award, Action.WITHDRAW, actor=CLOCK, case=found.case, now=now, reason=NOTE, after=after
    )


def _empty(award: Award) -> None:
    """The award as it was when moderation opened."""
    for line in recommended.lines_of(award):
        line.decision, line.amount, line.reason = LineDecision.UNDECIDED, 0, ""
        line.reserve_place = None
    recommended.clear(award)
