"""Money that is set aside and given back: one conditional UPDATE for each ceiling, and a ledger line.

No sum is read and then written: where two approvals meet, the database lets one of them pass.
Always the area first, then the round, its strands, then the delegation (authority.py), so that nobody
waits in a circle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.award import Award, AwardStrand
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.project import Project
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import balances
from grants.rules import funding_line
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.refusals import Reason

Reasons = tuple[Reason, ...]


Parts = Sequence[tuple[int, Pence]]  # (id of a strand, pence)


def commit(award: Award, actor: Actor, *, now: dt.datetime) -> Reasons:
    """Set the award's money aside, or say why it does not fit. Inside ``transaction()``.

    Where it gives reasons, the transaction must not be kept.
    """
    return set_aside(award, award.amount, _parts(award), actor, now=now, note="Approved")


def set_aside(
    award: Award, amount: Pence, parts: Parts, actor: Actor, *, now: dt.datetime, note: str
) -> Reasons:
    """Set this much aside for an award, so much of it from these strands. As ``commit`` does."""
    in_area = _raise_committed(AllocationArea, award.allocation_area_id, amount)
    if not (in_area and _raise_committed(Round, award.round_id, amount)):
        return _why_not(award, actor, amount, taken=amount if in_area else 0)
    for strand_id, part in parts:
        if not _raise_committed(BudgetStrand, strand_id, part):
            return (_strand_is_out(strand_id, part),)
    _write(award, LedgerKind.AWARD, amount, actor, now, note)
    return ()


def give_back(award: Award, actor: Actor, *, now: dt.datetime, note: str) -> None:
    """Free the award's money in its area and its round. Inside ``transaction()``."""
    set_free(award, award.amount, _parts(award), actor, now=now, note=note)


def set_free(
    award: Award, amount: Pence, parts: Parts, actor: Actor, *, now: dt.datetime, note: str
) -> None:
    """Free this much of an award, so much of it in these strands. Inside ``transaction()``."""
    _lower_committed(award, amount, parts)
    _write(award, LedgerKind.AWARD, -amount, actor, now, note)


def recover(
    award: Award,
    project: Project | None,
    amount: Pence,
    parts: Parts,
    actor: Actor,
    *,
    now: dt.datetime,
    note: str,
) -> Reasons:
    """Money that came back of an award, from a project or never passed on, is free in its round.

    What a local project gives back is in the pot of its round again, which is part of the award
    above. Inside ``transaction()``; where it gives reasons, the transaction must not be kept.
    """
    if not _take_back(award, project, amount):
        return (Reason("This is more than there is to come back.", "amount"),)
    _lower_committed(award, amount, parts)
    if project is not None:
        above = db.session.get_one(Award, project.award_id)
        _write(above, LedgerKind.PROJECT, -amount, actor, now, "Came back", project.id)
    project_id = None if project is None else project.id
    _write(award, LedgerKind.RECOVERY, -amount, actor, now, note, project_id)
    return ()


def _take_back(award: Award, project: Project | None, amount: Pence) -> bool:
    """Off the project, off what its award passed on, and onto what came back."""
    back = {"recovered": Award.recovered + amount}
    if project is None:
        whole = Award.onward + Award.local_pots + Award.recovered + balances.offered(Award)
        return _change(Award, award.id, whole + amount <= Award.amount, back)
    if not _change(
        Project,
        project.id,
        Project.recovered + amount <= Project.amount,
        {"recovered": Project.recovered + amount},
    ):
        return False
    less = {"onward": Award.onward - amount}
    if project.local_award_id is None:
        return _change(Award, award.id, Award.onward >= amount, less | back)
    in_pot = {"local_pots": Award.local_pots + amount}
    return _change(Award, project.award_id, Award.onward >= amount, less | in_pot) and _change(
        Award, award.id, Award.recovered + amount <= Award.amount, back
    )


def _change(
    table: type[Award | Project],
    key: int,
    condition: sa.ColumnElement[bool],
    values: Mapping[str, Any],
) -> bool:
    changed = db.session.execute(
        sa.update(table)
        .where(table.id == key, condition)
        .values(values)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.all())


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
    whole = Award.onward + Award.local_pots + Award.recovered
    is_within = whole + total <= Award.amount
    if not _change(Award, award.id, is_within, {"onward": Award.onward + total}):
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
    moved = {"local_pots": Award.local_pots - amount, "onward": Award.onward + amount}
    if not _change(Award, project.award_id, Award.local_pots >= amount, moved):
        return (Reason("This comes to more than the award has set aside for local rounds."),)
    parent = db.session.get_one(Award, project.award_id)
    _write(parent, LedgerKind.PROJECT, amount, actor, now, "Accepted in a local round", project.id)
    return ()


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


def _lower_committed(award: Award, amount: Pence, parts: Parts) -> None:
    wanted: list[tuple[type[AllocationArea | BudgetStrand | Round], int, Pence]] = [
        (AllocationArea, award.allocation_area_id, amount),
        (Round, award.round_id, amount),
        *((BudgetStrand, strand_id, part) for strand_id, part in parts),
    ]
    for table, key, less in wanted:
        db.session.execute(
            sa.update(table)
            .where(table.id == key)
            .values(committed=table.committed - less)
            .execution_options(synchronize_session=False)
        )


def _why_not(award: Award, actor: Actor, amount: Pence, *, taken: Pence) -> Reasons:
    """After a ceiling refused: what is left of both, as far as this person may know.

    ``taken`` was set aside in the area by this transaction already, and is not kept.
    """
    area_left, pot_left, _ = balances.left(actor, award)
    reasons = funding_line.over_budget(amount, area_left=area_left + taken, pot_left=pot_left)
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
