"""The rows that a recommendation is kept in, and the approvals that stand on it."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.award import Approval, Award, AwardCondition, AwardStrand, AwardYear
from grants.rules import funding_line
from grants.rules.recommendation import Condition, LineChoice, Recommendation
from grants.rules.states import AwardState, LineDecision
from grants.services import authority
from grants.services.access import Found


def lines_of(award: Award) -> list[ProposedProject]:
    """The proposed projects, in the order of the application."""
    return list(
        db.session.scalars(
            sa.select(ProposedProject)
            .where(ProposedProject.application_id == award.application_id)
            .order_by(ProposedProject.line, ProposedProject.id)
        )
    )


def conditions_of(award: Award) -> list[AwardCondition]:
    """The special conditions, in order."""
    return list(
        db.session.scalars(
            sa.select(AwardCondition)
            .where(AwardCondition.award_id == award.id)
            .order_by(AwardCondition.place, AwardCondition.id)
        )
    )


def budget_of(award: Award) -> list[BudgetLine]:
    """What was asked for, by line and financial year."""
    return list(
        db.session.scalars(
            sa.select(BudgetLine).where(BudgetLine.application_id == award.application_id)
        )
    )


def as_recommended(award: Award, lines: list[ProposedProject]) -> Recommendation:
    """What the rows hold now, to be compared with what an approval is bound to."""
    return Recommendation(
        is_award=award.is_award,
        own_costs=award.own_costs,
        lines=tuple(
            LineChoice(row=line.row, decision=line.decision, amount=line.amount, reason=line.reason)
            for line in lines
        ),
        conditions=tuple(
            Condition(text=entry.text, due_on=entry.due_on, evidence=entry.evidence)
            for entry in conditions_of(award)
        ),
        reason=award.reason,
        feedback=award.feedback,
        departure=award.departure,
    )


def approvals_of(award: Award) -> list[Approval]:
    """The approvals that count: of what is recommended now, and not void."""
    return list(
        db.session.scalars(
            sa.select(Approval).where(
                Approval.award_id == award.id,
                Approval.voided_at.is_(None),
                Approval.sha256 == award.recommended_sha256,
            )
        )
    )


def void_approvals(award: Award, now: dt.datetime) -> None:
    """No approval stands any longer, and nobody's authority is used up by it."""
    standing = db.session.scalars(
        sa.select(Approval).where(Approval.award_id == award.id, Approval.voided_at.is_(None))
    )
    authority.void(standing, now)


def write(
    found: Found[Award], lines: list[ProposedProject], wanted: Recommendation, sha256: str
) -> None:
    """Put the recommendation into the rows, the amount by year among them."""
    award = found.thing
    chosen = {line.row: line for line in wanted.lines}
    for line in lines:
        choice = chosen[line.row]
        line.decision, line.amount, line.reason = choice.decision, choice.amount, choice.reason
    place_reserves(lines)
    award.is_award, award.own_costs, award.amount = (
        wanted.is_award,
        wanted.own_costs,
        wanted.amount,
    )
    award.reason, award.feedback = wanted.reason, wanted.feedback
    award.departure = wanted.departure
    award.recommended_sha256 = sha256
    db.session.execute(sa.delete(AwardCondition).where(AwardCondition.award_id == award.id))
    write_years(award, otherwise=found.round.fund_year)
    db.session.add_all(
        AwardCondition(
            award_id=award.id,
            place=place,
            text=entry.text,
            due_on=entry.due_on,
            evidence=entry.evidence,
        )
        for place, entry in enumerate(wanted.conditions, start=1)
    )


def write_years(award: Award, *, otherwise: str) -> None:
    """The award's amount by financial year, as what was asked for is; ``otherwise`` is the year of
    an award that asked for nothing by year."""
    db.session.execute(sa.delete(AwardYear).where(AwardYear.award_id == award.id))
    budget = [(line.financial_year, line.amount) for line in budget_of(award)]
    years = funding_line.amount_by_year(award.amount, budget, otherwise=otherwise)
    db.session.add_all(
        AwardYear(award_id=award.id, financial_year=year, amount=amount)
        for year, amount in years.items()
    )


def clear(award: Award) -> None:
    """The award as it was when moderation opened; its lines are the caller's."""
    for table in (AwardYear, AwardCondition, AwardStrand):
        db.session.execute(sa.delete(table).where(table.award_id == award.id))
    award.is_award, award.own_costs, award.amount = True, 0, 0
    award.reason = award.feedback = award.departure = ""
    award.recommended_by = award.recommended_at = award.recommended_sha256 = None
    award.decided_by = award.decided_at = None


def place_reserves(lines: list[ProposedProject]) -> None:
    place = 0
    for line in lines:
        if line.decision == LineDecision.RESERVE:
            place += 1
        line.reserve_place = place if line.decision == LineDecision.RESERVE else None


def undecided(record: Application) -> Award:
    """The award's row, with which the decision on an application begins."""
    award = Award(
        key=uuid.uuid4(),
        reference=f"AWARD-{record.reference}",
        application_id=record.id,
        round_id=record.round_id,
        allocation_area_id=record.allocation_area_id,
        state=AwardState.NONE,
    )
    db.session.add(award)
    return award
