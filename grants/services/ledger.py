"""Money that is set aside and given back: one conditional UPDATE for each ceiling, and a ledger line.

No sum is read and then written: where two approvals meet, the database lets one of them pass.
Always the area first, then the round, its strands, then the delegation, so that nobody waits in a circle.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
from grants.models.award import Award, AwardStrand
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.person import Delegation
from grants.models.project import Project
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import balances
from grants.rules import funding_line
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor, Role
from grants.rules.refusals import Reason

Reasons = tuple[Reason, ...]


def commit(award: Award, actor: Actor, *, now: dt.datetime) -> Reasons:
    """Set the award's money aside, or say why it does not fit. Inside ``transaction()``.

    Where it gives reasons, the transaction must not be kept.
    """
    amount = award.amount
    in_area = _raise_committed(AllocationArea, award.allocation_area_id, amount)
    if not (in_area and _raise_committed(Round, award.round_id, amount)):
        return _why_not(award, actor, taken=amount if in_area else 0)
    for strand_id, part in _parts(award):
        if not _raise_committed(BudgetStrand, strand_id, part):
            return (_strand_is_out(strand_id, part),)
    _write(award, LedgerKind.AWARD, amount, actor, now, "Approved")
    return ()


def give_back(award: Award, actor: Actor, *, now: dt.datetime, note: str) -> None:
    """Free the award's money in its area and its round. Inside ``transaction()``."""
    for table, key in ((AllocationArea, award.allocation_area_id), (Round, award.round_id)):
        db.session.execute(
            sa.update(table)
            .where(table.id == key)
            .values(committed=table.committed - award.amount)
            .execution_options(synchronize_session=False)
        )
    for strand_id, part in _parts(award):
        db.session.execute(
            sa.update(BudgetStrand)
            .where(BudgetStrand.id == strand_id)
            .values(committed=BudgetStrand.committed - part)
            .execution_options(synchronize_session=False)
        )
    _write(award, LedgerKind.AWARD, -award.amount, actor, now, note)


def _parts(award: Award) -> list[tuple[int, Pence]]:
    """What of the award comes from which strand, always in the same order."""
    rows = db.session.execute(
        sa.select(AwardStrand.budget_strand_id, AwardStrand.amount)
        .where(AwardStrand.award_id == award.id)
        .order_by(AwardStrand.budget_strand_id)
    )
    return [(row.budget_strand_id, row.amount) for row in rows]


def _strand_is_out(strand_id: int, part: Pence) -> Reason:
    title, left = db.session.execute(
        sa.select(BudgetStrand.title, BudgetStrand.amount - BudgetStrand.committed).where(
            BudgetStrand.id == strand_id
        )
    ).one()
    return Reason(f"{pounds(part)} is more than the {pounds(left)} left of {title}.", "amount")


def record_projects(
    award: Award, projects: list[Project], actor: Actor, *, now: dt.datetime
) -> Reasons:
    """Pass money on to projects within the award, a ledger line each. Inside ``transaction()``."""
    total = sum(project.amount for project in projects)
    raised = db.session.execute(
        sa.update(Award)
        .where(Award.id == award.id, Award.onward + total <= Award.amount)
        .values(onward=Award.onward + total)
        .returning(Award.id)
        .execution_options(synchronize_session=False)
    )
    if not raised.all():
        return (Reason("The projects come to more than the award.", "amount"),)
    for project in projects:
        _write(award, LedgerKind.PROJECT, project.amount, actor, now, "Accepted", project.id)
    return ()


def pass_on(project: Project, actor: Actor, *, now: dt.datetime) -> Reasons:
    """Pass money of a local round on to its project: from the award that is the round's pot.

    One statement moves it from what the award set aside to what it passed on. Inside
    ``transaction()``.
    """
    amount = project.amount
    moved = db.session.execute(
        sa.update(Award)
        .where(
            Award.id == project.award_id,
            Award.local_pots >= amount,
            Award.onward + amount <= Award.amount,
        )
        .values(local_pots=Award.local_pots - amount, onward=Award.onward + amount)
        .returning(Award.id)
        .execution_options(synchronize_session=False)
    )
    if not moved.all():
        return (Reason("This comes to more than the award has set aside for local rounds."),)
    parent = db.session.get_one(Award, project.award_id)
    _write(parent, LedgerKind.PROJECT, amount, actor, now, "Accepted in a local round", project.id)
    return ()


def use_delegation(
    actor: Actor, round_record: Round, amount: Pence, *, now: dt.datetime
) -> tuple[int | None, Reasons]:
    """Use up delegated authority: the delegation's id, or why none suffices. In ``transaction()``."""
    held = db.session.execute(
        sa.select(Delegation.id, Delegation.most_per_award)
        .where(
            Delegation.person_id == actor.person_id,
            Delegation.role == Role.APPROVER,
            Delegation.organisation_id == round_record.organisation_id,
            Delegation.fund == round_record.fund,
            Delegation.financial_year == round_record.fund_year,
            Delegation.starts_at <= now,
            sa.or_(Delegation.ends_at.is_(None), Delegation.ends_at > now),
        )
        .order_by(Delegation.most_per_award, Delegation.id)
    ).all()
    for delegation_id, most in held:
        if most >= amount and _change_used(delegation_id, amount):
            return delegation_id, ()
    return None, (_beyond(amount, [most for _, most in held], round_record),)


def return_delegation(delegation_id: int, amount: Pence) -> None:
    """Give authority back where an approval is void before it was ever told to anybody."""
    _change_used(delegation_id, -amount)


def _beyond(amount: Pence, limits: list[Pence], round_record: Round) -> Reason:
    if not limits:
        text = (
            "You have no delegated authority for this organisation's money of this fund "
            f"in {round_record.fund_year}."
        )
    elif max(limits) < amount:
        text = f"{pounds(amount)} is more than the {pounds(max(limits))} you may approve at once."
    else:
        text = f"{pounds(amount)} is more than what is left of what you may approve in all."
    return Reason(text, "amount")


def _change_used(delegation_id: int, amount: Pence) -> bool:
    changed = db.session.execute(
        sa.update(Delegation)
        .where(
            Delegation.id == delegation_id,
            Delegation.used + amount <= Delegation.most_in_all,
            Delegation.used + amount >= 0,
        )
        .values(used=Delegation.used + amount)
        .returning(Delegation.id)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.all())


def _raise_committed(
    table: type[AllocationArea | BudgetStrand | Round], key: int, amount: Pence
) -> bool:
    """The one statement on which the promise rests: it changes the row only where the money is there."""
    ceiling = Round.pot if issubclass(table, Round) else table.amount
    raised = db.session.execute(
        sa.update(table)
        .where(table.id == key, table.committed + amount <= ceiling)
        .values(committed=table.committed + amount)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return bool(raised.all())


def _why_not(award: Award, actor: Actor, *, taken: Pence) -> Reasons:
    """After a ceiling refused: what is left of both, as far as this person may know.

    ``taken`` was set aside in the area by this transaction already, and is not kept.
    """
    area_left, pot_left, _ = balances.left(actor, award)
    reasons = funding_line.over_budget(award.amount, area_left=area_left + taken, pot_left=pot_left)
    return reasons or (Reason("There is not enough money left for this.", "amount"),)


def _write(
    award: Award,
    kind: LedgerKind,
    amount: Pence,
    actor: Actor,
    now: dt.datetime,
    note: str,
    project_id: int | None = None,
) -> None:
    db.session.add(
        LedgerLine(
            at=now,
            kind=kind,
            amount=amount,
            round_id=award.round_id,
            allocation_area_id=award.allocation_area_id,
            award_id=award.id,
            project_id=project_id,
            person_id=actor.person_id if actor.is_signed_in else None,
            note=note,
        )
    )
