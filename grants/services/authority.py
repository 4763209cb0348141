"""Delegated authority to approve: used up by one conditional UPDATE, given back where an approval is void."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.award import Approval
from grants.models.person import Delegation
from grants.models.round import Round
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor, Role
from grants.rules.refusals import Reason

Reasons = tuple[Reason, ...]


def use(
    actor: Actor, round_record: Round, amount: Pence, *, whole: Pence, now: dt.datetime
) -> tuple[int | None, Reasons]:
    """Use up delegated authority: the delegation's id, or why none suffices. In ``transaction()``.

    ``whole`` is what the award comes to with it: no limit for one award is passed in small steps.
    """
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
        if most >= whole and _change_used(delegation_id, amount):
            return delegation_id, ()
    return None, (_beyond(whole, [most for _, most in held], round_record),)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a person approves: so much of an award, which comes to ``whole`` with it. Pence."""

    award_id: int
    amount: Pence
    whole: Pence
    sha256: str
    addition_id: int | None = None


def sign(actor: Actor, round_record: Round, signed: Signed, *, now: dt.datetime) -> Reasons:
    """Keep the person's approval, using their authority, or say why it does not reach."""
    delegation_id, reasons = use(actor, round_record, signed.amount, whole=signed.whole, now=now)
    if delegation_id is None:
        return reasons
    place = {
        "award_id": signed.award_id,
        "person_id": actor.person_id,
        "sha256": signed.sha256,
        "addition_id": signed.addition_id,
    }
    earlier = db.session.scalar(sa.select(Approval).filter_by(**place))
    approval = earlier or Approval(**place)
    approval.delegation_id, approval.amount = delegation_id, signed.amount
    approval.approved_at, approval.voided_at = now, None
    db.session.add(approval)
    return ()


def void(approvals: Iterable[Approval], now: dt.datetime) -> None:
    """These approvals stand no longer, and nobody's authority is used up by them."""
    for approval in approvals:
        approval.voided_at = now
        give_back(approval.delegation_id, approval.amount)


def give_back(delegation_id: int, amount: Pence) -> None:
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
