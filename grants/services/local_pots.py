"""The pot of a local round: changed while that is safe, and what is left given back to its award.

Award, round and areas change in one transaction, each by a conditional UPDATE, so that each pound
stands in one place: with the award, in a pot, or with a project.
"""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import balances
from grants.rules.actions import Action
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ApplicationState, AwardState, RoundState
from grants.services import access
from grants.services.transaction import transaction

INTEREST = (
    "You have an interest in an application to this round, so somebody else must change its pot."
)
WAITING = (ApplicationState.SUBMITTED, ApplicationState.ASSESSING, ApplicationState.MODERATION)
UNTOLD = (AwardState.NONE, AwardState.RECOMMENDED, AwardState.APPROVED, AwardState.REFUSED)


def change(actor: Actor, key: uuid.UUID, pot: Pence, *, now: dt.datetime) -> None:
    """Another pot for a local round that is not closed. A lone area keeps holding all of it.

    Raises Blocked beyond what the award has left, and below what areas or strands hold.
    """
    with transaction():
        record = _local(actor, key)
        if record.state == RoundState.CLOSED:
            raise MoveNotAllowed("The round is closed. Give back what is left instead.")
        more = pot - record.pot
        if not more:
            return
        _refuse_interest(actor, record)
        areas = _areas(record)
        lone = areas[0] if len(areas) == 1 and areas[0].amount == record.pot else None
        _refuse_below(record, pot, lone)
        _move(record, more)
        before, record.pot = record.pot, pot
        if lone is not None:
            lone.amount, record.allocated = pot, pot
        if record.state != RoundState.DRAFT:
            _write(record, actor, now, LedgerKind.POT, more, "The pot was changed")
            if lone is not None:
                _write(record, actor, now, LedgerKind.ALLOCATION, more, "The pot was changed", lone)
        _record(actor, record, now, before, "pot changed")


def give_back(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Pence:
    """What a closed local round did not award goes back to its award. Gives the pence.

    Raises MoveNotAllowed while it is open, Blocked while an outcome is not released: until then a
    decision may be taken back, and the pot that is left would tell of it.
    """
    with transaction():
        record = _local(actor, key)
        if record.state != RoundState.CLOSED:
            raise MoveNotAllowed("Close the round first.")
        if _is_waiting(record):
            raise Blocked(Reason("Not every outcome is released. Release them all first."))
        left = record.pot - record.committed
        if not left:
            return 0
        note = "Given back to the award"
        for area in _areas(record):
            if area.amount > area.committed:
                spare = area.amount - area.committed
                _write(record, actor, now, LedgerKind.ALLOCATION, -spare, note, area)
                area.amount = area.committed
        _move(record, -left)
        before, record.allocated, record.pot = record.pot, record.committed, record.committed
        _write(record, actor, now, LedgerKind.POT, -left, note)
        _record(actor, record, now, before, "given back")
        return left


def _refuse_interest(actor: Actor, record: Round) -> None:
    """The least that a pot may be would tell of awards that are hidden from this person.

    It hangs on what they declared themselves, never on what became of it.
    """
    if balances.hides(actor, record.id):
        raise Forbidden(INTEREST)


def _local(actor: Actor, key: uuid.UUID) -> Round:
    record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
    if record.parent_award_id is None:
        raise NotFound(access.NO_SUCH)
    return record


def _areas(record: Round) -> list[AllocationArea]:
    return list(
        db.session.scalars(
            sa.select(AllocationArea)
            .where(AllocationArea.round_id == record.id)
            .order_by(AllocationArea.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _refuse_below(record: Round, pot: Pence, lone: AllocationArea | None) -> None:
    strands = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BudgetStrand.amount), 0)).where(
            BudgetStrand.round_id == record.id
        )
    )
    promised = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Award.amount), 0)).where(
            Award.round_id == record.id, Award.state == AwardState.RECOMMENDED
        )
    )
    least = max(
        record.allocated if lone is None else 0,
        record.committed + int(promised or 0),
        int(strands or 0),
        1,
    )
    if pot < least:
        text = f"{pounds(least)} of the pot is given to areas, strands or awards already."
        raise Blocked(Reason(text, "pot"))


def _move(record: Round, more: Pence) -> None:
    """Between award and pot: the one statement on which it rests."""
    moved = db.session.execute(
        sa.update(Award)
        .where(
            Award.id == record.parent_award_id,
            *(_has_left(more) if more > 0 else ()),
            Award.local_pots + more >= 0,
        )
        .values(local_pots=Award.local_pots + more)
        .returning(Award.id)
        .execution_options(synchronize_session=False)
    )
    if not moved.all():
        raise Blocked(Reason("The award has not so much left for local rounds.", "pot"))


def _has_left(more: Pence) -> tuple[sa.ColumnElement[bool], ...]:
    taken = Award.own_costs + Award.onward + Award.local_pots + Award.recovered
    return (
        Award.state == AwardState.ACCEPTED,
        taken + balances.offered(Award) + more <= Award.amount,
    )


def _is_waiting(record: Round) -> bool:
    undecided = (
        sa.select(Application.id)
        .outerjoin(Award, Award.application_id == Application.id)
        .where(
            Application.round_id == record.id,
            Application.state.in_(WAITING),
            sa.or_(Award.id.is_(None), Award.state.in_(UNTOLD)),
        )
    )
    return db.session.scalar(undecided.limit(1)) is not None


def _write(
    record: Round,
    actor: Actor,
    now: dt.datetime,
    kind: LedgerKind,
    amount: Pence,
    note: str,
    area: AllocationArea | None = None,
) -> None:
    db.session.add(
        LedgerLine(
            at=now,
            kind=kind,
            amount=amount,
            round_id=record.id,
            allocation_area_id=area.id if area else None,
            person_id=actor.person_id,
            note=note,
        )
    )


def _record(actor: Actor, record: Round, now: dt.datetime, before: Pence, what: str) -> None:
    audit.record(
        actor,
        Action.SET_UP_ROUND,
        ("round", record.id, record.reference),
        now=now,
        before={"pot": before},
        after={"pot": record.pot, "changed": what},
    )
