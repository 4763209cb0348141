"""Every round with its reference: for the command line, and for anybody as far as they may see."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.round import Round
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import CLOCK, Actor


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One line of the list."""

    id: int
    reference: str
    title: str
    state: str
    tier: str
    fund: str
    fund_year: str
    pot: int
    is_illustrative: bool


def rounds(actor: Actor) -> tuple[RoundRow, ...]:
    """The rounds by reference. The system itself sees every one."""
    condition = (
        Round.rehearsal_id.is_(None) if actor is CLOCK else visible(actor, Action.READ_ROUND)
    )
    rows = db.session.execute(
        sa.select(
            Round.id,
            Round.reference,
            Round.title,
            Round.state,
            Round.tier,
            Round.fund,
            Round.fund_year,
            Round.pot,
            Round.is_illustrative,
        )
        .where(condition)
        .order_by(Round.reference)
    )
    return tuple(RoundRow(*row) for row in rows)
