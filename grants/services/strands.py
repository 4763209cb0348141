"""Strands of the pot: made when a round opens, and held to like the areas' shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.addition import Addition
from grants.models.application import Application, ApplicationVersion
from grants.models.award import Award, AwardStrand
from grants.models.round import BudgetStrand, Round
from grants.queries import balances
from grants.rules import strands as rule
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.refusals import Reason
from grants.rules.states import AdditionState, AwardState, LineDecision


def make(record: Round, fund: Fund) -> None:
    """The strands of a round that opens. Inside ``transaction()``."""
    db.session.add_all(
        BudgetStrand(
            round_id=record.id, strand=strand.key, title=strand.title, amount=strand.amount
        )
        for strand in fund.strands
    )


def faults(record: Round, fund: Fund) -> list[Reason]:
    """Why these strands cannot be opened with."""
    whole = sum(strand.amount for strand in fund.strands)
    if whole <= record.pot:
        return []
    return [Reason(f"The strands come to {pounds(whole)}, more than the pot.", "money")]


def split(record: Application, fund: Fund, wanted: Recommendation) -> dict[str, Pence]:
    """What each strand would give to what is recommended, by the answers as they were sent."""
    if not (fund.strands and wanted.is_award):
        return {}
    content = db.session.execute(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == record.id,
            ApplicationVersion.number == record.number,
        )
    ).scalar_one_or_none()
    answers = {(question, row): text for question, row, text in (content or {}).get("answers", ())}
    lines = [(line.row, line.amount) for line in wanted.lines]
    return rule.split(fund, answers, lines, wanted.amount)


def over(
    actor: Actor, award: Award, wanted: Mapping[str, Pence], more: Mapping[str, Pence]
) -> tuple[Reason, ...]:
    """Beside what is committed, what others are recommended from a strand counts too, and ``more``.

    What this person has an interest in is left out: they may not know of it.
    """
    rows = _left(actor, award, wanted)
    left = {row.strand: row.left - more.get(row.strand, 0) for row in rows}
    return tuple(
        Reason(
            f"{pounds(wanted[row.strand])} is more than the {pounds(max(left[row.strand], 0))} left "
            f"of {row.title}.",
            "amount",
        )
        for row in rows
        if wanted[row.strand] > left[row.strand]
    )


def of(award: Award) -> dict[str, Pence]:
    """What of an award comes from each strand, by its key."""
    return {row.strand: row.amount for row in _held(award)}


def _left(actor: Actor, award: Award, wanted: Mapping[str, Pence]) -> Sequence[Any]:
    if not wanted:
        return ()
    is_hidden = balances.is_hidden(actor, Award)
    promised = _taken(
        AwardStrand, Award.state == AwardState.RECOMMENDED, Award.id != award.id, ~is_hidden
    ) + _taken(Addition, Addition.state == AdditionState.RECOMMENDED, ~is_hidden)
    hidden = _taken(AwardStrand, Award.state == AwardState.APPROVED, is_hidden) + _taken(
        Addition, Addition.state == AdditionState.APPROVED, is_hidden
    )
    left = sa.cast(BudgetStrand.amount - BudgetStrand.committed + hidden - promised, sa.BigInteger)
    return db.session.execute(
        sa.select(BudgetStrand.strand, BudgetStrand.title, left.label("left"))
        .where(BudgetStrand.round_id == award.round_id, BudgetStrand.strand.in_(sorted(wanted)))
        .order_by(BudgetStrand.id)
    ).all()


def _taken(
    part: type[AwardStrand | Addition], *conditions: sa.ColumnElement[bool]
) -> sa.ScalarSelect[int]:
    """What these awards, or additions to them, take from a strand. Pence."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(part.amount), 0))
        .join(Award, Award.id == part.award_id)
        .where(part.budget_strand_id == BudgetStrand.id, *conditions)
        .correlate(BudgetStrand)
        .scalar_subquery()
    )


def write(award: Award, wanted: dict[str, Pence]) -> None:
    """Keep what the recommendation takes from each strand. Inside ``transaction()``."""
    db.session.execute(sa.delete(AwardStrand).where(AwardStrand.award_id == award.id))
    if not wanted:
        return
    rows = db.session.execute(
        sa.select(BudgetStrand.strand, BudgetStrand.id).where(
            BudgetStrand.round_id == award.round_id
        )
    )
    ids = {row.strand: row.id for row in rows}
    db.session.add_all(
        AwardStrand(award_id=award.id, budget_strand_id=ids[key], amount=amount)
        for key, amount in wanted.items()
    )


def of_line(record: Application, fund: Fund, choice: LineChoice, round_id: int) -> int | None:
    """The id of the strand that would give this line, if one does."""
    wanted = Recommendation(is_award=True, lines=(choice,))
    named = list(split(record, fund, wanted))
    if not named:
        return None
    return db.session.scalar(
        sa.select(BudgetStrand.id).where(
            BudgetStrand.round_id == round_id, BudgetStrand.strand == named[0]
        )
    )


def change(award: Award, strand_id: int | None, more: Pence) -> None:
    """So much more, or less, of an award comes from this strand. Inside ``transaction()``."""
    if strand_id is None:
        return
    place = {"award_id": award.id, "budget_strand_id": strand_id}
    kept = db.session.scalar(sa.select(AwardStrand).filter_by(**place))
    if kept is None:
        db.session.add(AwardStrand(**place, amount=more))
    elif kept.amount + more:
        kept.amount += more
    else:
        db.session.delete(kept)
    db.session.flush()


def to_free(
    award: Award, record: Application, fund: Fund, row: str | None, amount: Pence
) -> list[tuple[int, Pence]]:
    """So much of each strand is freed where this much of an award comes back, and is no longer its.

    Of a project (``row``) with a strand of its own it is that strand's. Otherwise it is first what
    no strand holds, for a strand never has more than surely came back. Inside ``transaction()``.
    """
    held = _held(award)
    if not held:
        return []
    wanted = Recommendation(
        is_award=True,
        lines=()
        if row is None
        else (LineChoice(row=row, decision=LineDecision.PART, amount=amount),),
    )
    is_by_row = row is not None and "." in fund.strand_question
    if is_by_row:
        named = split(record, fund, wanted)
        given = [(one, min(named.get(one.strand, 0), one.amount)) for one in held]
    else:
        in_none = award.amount - award.recovered - sum(one.amount for one in held)
        rest, given = max(amount - in_none, 0), []
        for one in held:
            part = min(rest, one.amount)
            rest -= part
            given.append((one, part))
    _take(award, given)
    return [(one.id, part) for one, part in given if part]


def _held(award: Award) -> Sequence[Any]:
    return db.session.execute(
        sa.select(BudgetStrand.id, BudgetStrand.strand, AwardStrand.amount)
        .join(AwardStrand, AwardStrand.budget_strand_id == BudgetStrand.id)
        .where(AwardStrand.award_id == award.id)
        .order_by(BudgetStrand.id)
    ).all()


def _take(award: Award, given: Sequence[tuple[Any, Pence]]) -> None:
    for one, part in given:
        place = (AwardStrand.award_id == award.id, AwardStrand.budget_strand_id == one.id)
        if part == one.amount:
            db.session.execute(sa.delete(AwardStrand).where(*place))
        elif part:
            db.session.execute(
                sa.update(AwardStrand).where(*place).values(amount=AwardStrand.amount - part)
            )
