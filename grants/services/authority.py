"""Delegated authority to approve: used up by one conditional UPDATE, given back where an approval is void."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
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
