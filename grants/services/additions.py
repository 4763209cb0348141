"""Projects in reserve that join their award after its release: recommended, approved and released anew.

Until its release the award is as the applicant knows it. With it the award's amount, years, strands
and lines change, its letter goes out of force and another is made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import ProposedProject
from grants.models.award import Approval, Award
from grants.queries.definitions import fund_of
from grants.rules import recommendation as rule
from grants.rules.actions import Action
from grants.rules.money import Pence
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case
from grants.rules.recommendation import LineChoice
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import AdditionState, AwardState, LineDecision
from grants.services import access, authority, decide, ledger, recommended, strands
from grants.services.access import Found
from grants.services.moving import Check, move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]
JOINS = (AwardState.RELEASED, AwardState.ACCEPTED)  # an award to which a project may still come
WAITS = (AdditionState.RECOMMENDED, AdditionState.APPROVED)  # nobody outside knows
CHANGED = "The recommendation has changed since you opened it. Read it again, then decide."
LATE = "This has moved on since you opened it."


def recommend(
    actor: Actor, found: Found[Award], choice: LineChoice, *, departure: str, now: dt.datetime
) -> Addition:
    """Recommend that a line in reserve joins its award. Inside ``transaction()``, the award locked."""
    award, application = found.thing, found.application
    if award.state not in JOINS:
        raise MoveNotAllowed(LATE)
    line = _line(award, choice.row)
    if line.decision != LineDecision.RESERVE or _open_of(line) is not None:
        raise MoveNotAllowed(LATE)
    fund = fund_of(actor, application.definition_id)
    content = [application.definition_id, line.id, choice.amount, line.reason, departure]
    record = Addition(
        key=uuid.uuid4(),
        award_id=award.id,
        proposed_project_id=line.id,
        budget_strand_id=strands.of_line(application, fund, choice, award.round_id),
        state=AdditionState.RECOMMENDED,
        amount=choice.amount,
        reason=line.reason,
        departure=departure,
        sha256=hashlib.sha256(json.dumps(content).encode()).hexdigest(),
        recommended_by=actor.person_id,
        recommended_at=now,
    )
    db.session.add(record)
    db.session.flush()
    after = {"addition": choice.row, "amount": choice.amount, "sha256": record.sha256}
    about = ("award", award.id, award.reference)
    audit.record(actor, Action.RECOMMEND, about, now=now, after=after, reason=departure)
    return record


def approve(
    actor: Actor, award_key: uuid.UUID, key: uuid.UUID, *, seen: str, now: dt.datetime
) -> bool:
    """Approve an addition as the person saw it. As ``decide.approve``; limits hold for the award
    as it would be. Returns whether it is approved now.
    """
    with transaction():
        record, found = access.addition(actor, award_key, key, Action.APPROVE)
        given = _approvals(record)
        if any(approval.person_id == actor.person_id for approval in given):
            return record.state == AdditionState.APPROVED
        decide.refuse_own_work(actor, found.thing)
        decide.refuse_interest(actor, found.thing)
        fund = fund_of(actor, found.application.definition_id)
        needed = rule.approvals_needed(fund.settings, found.thing.amount + record.amount)
        if len(given) + 1 < needed:
            _approve_first(actor, record, found, seen, now)
            return False
        _approve_last(actor, record, found, seen, now)
        return True


def _approve_first(
    actor: Actor, record: Addition, found: Found[Award], seen: str, now: dt.datetime
) -> None:
    if record.state != AdditionState.RECOMMENDED:
        raise MoveNotAllowed(LATE)
    reasons = _changed(record, seen) or _sign(actor, record, found, now)
    if reasons:
        raise Blocked(*reasons)
    after = {"addition": str(record.key), "amount": record.amount, "sha256": seen}
    about = ("award", found.thing.id, found.thing.reference)
    audit.record(
        actor, Action.APPROVE, about, now=now, after=after, reason="One of several approvals"
    )


def _approve_last(
    actor: Actor, record: Addition, found: Found[Award], seen: str, now: dt.datetime
) -> None:
    award, changed = found.thing, _changed(record, seen)

    def over_budget() -> Reasons:
        if changed:
            return ()
        parts = parts_of(record)
        return ledger.set_aside(award, record.amount, parts, actor, now=now, note="Added")

    move(
        record,
        Action.APPROVE,
        actor=actor,
        case=found.case,
        now=now,
        checks={
            "recommendation_changed": lambda: changed,
            "over_budget": over_budget,
            "over_limit": lambda: () if changed else _sign(actor, record, found, now),
        },
        after={"award": award.reference, "amount": record.amount, "sha256": seen},
    )
    record.decided_by, record.decided_at = actor.person_id, now


def refuse(
    actor: Actor, award_key: uuid.UUID, key: uuid.UUID, *, reason: str, now: dt.datetime
) -> None:
    """Refuse an addition that is recommended: the project stays in reserve. Twice is once."""
    with transaction():
        record, found = access.addition(actor, award_key, key, Action.REFUSE)
        if record.state == AdditionState.DROPPED and record.decided_by == actor.person_id:
            return
        decide.refuse_own_work(actor, found.thing)
        _drop(actor, Action.REFUSE, record, (found.thing, found.case), reason, now)
        record.decided_by, record.decided_at = actor.person_id, now


def take_back(
    actor: Actor, award_key: uuid.UUID, key: uuid.UUID, *, reason: str, now: dt.datetime
) -> None:
    """Take an addition back before its release: its money is free and approvals are void."""
    with transaction():
        record, found = access.addition(actor, award_key, key, Action.AMEND)
        if record.state != AdditionState.DROPPED:
            _drop(actor, Action.AMEND, record, (found.thing, found.case), reason, now)


def _drop(
    actor: Actor,
    action: Action,
    record: Addition,
    of: tuple[Award, Case],
    reason: str,
    now: dt.datetime,
) -> None:
    (award, case), was_approved = of, record.state == AdditionState.APPROVED
    after = {"award": award.reference, "amount": record.amount}
    move(record, action, actor=actor, case=case, now=now, reason=reason, after=after)
    authority.void(_approvals(record), now)
    if was_approved:
        note = "Addition taken back"
        ledger.set_free(award, record.amount, parts_of(record), actor, now=now, note=note)


def follow(
    actor: Actor,
    of: tuple[Award, Case],
    action: Action,
    *,
    reason: str = "",
    now: dt.datetime,
) -> None:
    """What was added to an offer before its answer goes with that answer; the rest is dropped.

    Its money is part of the award by then, so nothing is freed here. Inside ``transaction()``.
    """
    nothing: dict[str, Check] = dict.fromkeys(
        ("letter_not_issued", "offer_expired", "offer_still_open"), tuple
    )
    for record in _of(of[0], (AdditionState.RELEASED,)):
        move(record, action, actor=actor, case=of[1], now=now, checks=nothing, reason=reason)
        record.answered_by = actor.person_id if actor.is_signed_in else None
        record.answered_at = now
    if action != Action.ACCEPT:
        why = "The award was not taken up"
        for record in _of(of[0], WAITS):
            _drop(CLOCK, Action.AMEND, record, of, why, now)


def is_waiting(award: Award, row: str) -> bool:
    """Whether this line of an award waits to join it, and nobody was told."""
    line = _line(award, row)
    return any(one.proposed_project_id == line.id for one in _of(award, WAITS))


def has_open(award: Award) -> bool:
    """Whether something still waits to join this award."""
    return bool(_of(award, (*WAITS, AdditionState.RELEASED)))


def parts_of(record: Addition) -> list[tuple[int, Pence]]:
    """What of it comes from which strand."""
    return [] if record.budget_strand_id is None else [(record.budget_strand_id, record.amount)]


def _of(award: Award, states: Iterable[AdditionState]) -> list[Addition]:
    return list(
        db.session.scalars(
            sa.select(Addition)
            .where(Addition.award_id == award.id, Addition.state.in_(tuple(states)))
            .order_by(Addition.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _line(award: Award, row: str) -> ProposedProject:
    line = next((one for one in recommended.lines_of(award) if one.row == row), None)
    if line is None:
        raise MoveNotAllowed(LATE)
    return line


def _open_of(line: ProposedProject) -> int | None:
    return db.session.scalar(
        sa.select(Addition.id).where(
            Addition.proposed_project_id == line.id,
            Addition.state.in_((*WAITS, AdditionState.RELEASED)),
        )
    )


def _approvals(record: Addition) -> list[Approval]:
    return list(
        db.session.scalars(
            sa.select(Approval).where(
                Approval.addition_id == record.id, Approval.voided_at.is_(None)
            )
        )
    )


def _changed(record: Addition, seen: str) -> Reasons:
    return () if seen == record.sha256 else (Reason(CHANGED),)


def _sign(actor: Actor, record: Addition, found: Found[Award], now: dt.datetime) -> Reasons:
    whole = found.thing.amount + record.amount
    signed = authority.Signed(found.thing.id, record.amount, whole, record.sha256, record.id)
    return authority.sign(actor, found.round, signed, now=now)
