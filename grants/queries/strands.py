"""The strands of a round's pot with their running balance."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.award import Award, AwardStrand
from grants.models.round import BudgetStrand
from grants.queries import balances
from grants.queries.rounds import RoundRow
from grants.rules.people import Actor
from grants.rules.states import AdditionState, AwardState


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandRow:
    """A part of the pot with its balance. Pence."""

    strand: str  # its key
    title: str
    amount: int
    recommended: int
    committed: int

    @property
    def remaining(self) -> int:
        """What is neither committed nor recommended."""
        return self.amount - self.committed - self.recommended


def strand_balances(actor: Actor, record: RoundRow) -> tuple[StrandRow, ...]:
    """Each strand of an open round. The sums leave out what this person may not work out."""
    is_hidden = balances.is_hidden(actor, Award)
    hidden = _sum(AwardState.APPROVED, is_hidden) + _added(AdditionState.APPROVED, is_hidden)
    waiting = _sum(AwardState.RECOMMENDED, ~is_hidden)
    joining = _added(AdditionState.RECOMMENDED, ~is_hidden)
    rows = db.session.execute(
        sa.select(
            BudgetStrand.strand,
            BudgetStrand.title,
            BudgetStrand.amount,
            (BudgetStrand.committed - hidden).label("committed"),
            (waiting + joining).label("recommended"),
        )
        .where(BudgetStrand.round_id == record.id)
        .order_by(BudgetStrand.id)
    )
    return tuple(
        StrandRow(
            strand=row.strand,
            title=row.title,
            amount=row.amount,
            committed=int(row.committed),
            recommended=int(row.recommended),
        )
        for row in rows
    )


def _sum(state: AwardState, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    total = sa.cast(sa.func.coalesce(sa.func.sum(AwardStrand.amount), 0), sa.BigInteger)
    return (
        sa.select(total)
        .join(Award, Award.id == AwardStrand.award_id)
        .where(AwardStrand.budget_strand_id == BudgetStrand.id, Award.state == state, condition)
        .correlate(BudgetStrand)
        .scalar_subquery()
    )


def _added(state: AdditionState, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    total = sa.cast(sa.func.coalesce(sa.func.sum(Addition.amount), 0), sa.BigInteger)
    return (
        sa.select(total)
        .join(Award, Award.id == Addition.award_id)
        .where(Addition.budget_strand_id == BudgetStrand.id, Addition.state == state, condition)
        .correlate(BudgetStrand)
        .scalar_subquery()
    )
