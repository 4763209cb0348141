"""Deciding on what is recommended: approval by others within their limits, refusal, amending."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.award import Award
from grants.queries import balances
from grants.queries.definitions import fund_of
from grants.rules import recommendation as rule
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason
from grants.rules.states import AwardState
from grants.services import (
    access,
    already,
    authority,
    ledger,
    recommended,
    recommending,
    strands,
)
from grants.services.access import Found
from grants.services.moving import move
from grants.services.transaction import transaction

OWN_WORK = "You wrote this recommendation or a part of it, so somebody else must decide."
INTEREST = (
    "You have an interest in an application to this area, so somebody else must approve "
    "what its money goes to."
)
Reasons = tuple[Reason, ...]


def approve(actor: Actor, key: uuid.UUID, *, seen: str, now: dt.datetime) -> bool:
    """Approve what was recommended, as the person saw it (``seen`` is its fingerprint).

    Of the n people that are needed the last one sets the money aside and moves the award. Approving
    twice is approving once. Returns whether the award is approved now. Raises Blocked beyond the
    person's delegated limit, beyond the area or the pot, and where the recommendation changed.
    """
    with transaction():
        found = access.award(actor, key, Action.APPROVE, lock=True)
        award = found.thing
        given = recommended.approvals_of(award)
        if any(approval.person_id == actor.person_id for approval in given):
            return award.state == AwardState.APPROVED
        refuse_own_work(actor, award)
        refuse_interest(actor, award)
        if award.state == AwardState.RECOMMENDED and not award.is_award:
            raise Blocked("A refusal is recommended: confirm the refusal instead.")
        fund = fund_of(actor, found.application.definition_id)
        if len(given) + 1 < rule.approvals_needed(fund.settings, award.amount):
            _approve_first(actor, found, seen, now)
            return False
        _approve_last(actor, found, seen, now)
        return True


def _approve_first(actor: Actor, found: Found[Award], seen: str, now: dt.datetime) -> None:
    """One approval of several: it uses the person's authority, but sets no money aside yet."""
    award = found.thing
    if award.state != AwardState.RECOMMENDED:
        raise MoveNotAllowed("This has moved on since you opened it.")
    reasons = _recommendation_changed(found, seen) or _sign(actor, found, now)
    if reasons:
        raise Blocked(*reasons)
    audit.record(
        actor,
        Action.APPROVE,
        ("award", award.id, award.reference),
        now=now,
        after={"state": award.state.value, "amount": award.amount, "sha256": seen},
        reason="One of several approvals",
    )


def _approve_last(actor: Actor, found: Found[Award], seen: str, now: dt.datetime) -> None:
    award = found.thing
    changed = _recommendation_changed(found, seen)
    nothing: Callable[[], Reasons] = tuple
    move(
        award,
        Action.APPROVE,
        actor=actor,
        case=found.case,
        now=now,
        checks={
            "recommendation_changed": lambda: changed,
            "over_budget": nothing if changed else lambda: ledger.commit(award, actor, now=now),
            "over_limit": nothing if changed else lambda: _sign(actor, found, now),
        },
        after={"amount": award.amount, "sha256": seen},
    )
    award.decided_by, award.decided_at = actor.person_id, now


def refuse(
    actor: Actor, key: uuid.UUID, *, reason: str, seen: str | None = None, now: dt.datetime
) -> None:
    """Refuse an award, whether a refusal or an award was recommended. Nothing stays funded.

    ``seen`` is the fingerprint of what the person saw, where they only confirm it: what has changed
    since is not refused.
    """
    with transaction():
        found = access.award(actor, key, Action.REFUSE, lock=True)
        award = found.thing
        if award.state == AwardState.REFUSED and award.decided_by == actor.person_id:
            return
        refuse_own_work(actor, award)
        if seen is not None and (changed := _recommendation_changed(found, seen)):
            raise Blocked(*changed)
        if unlisted := recommending.unlisted(actor, found, rule.refusal(reason, "", ())):
            raise Blocked(*unlisted)
        lines = recommended.lines_of(award)
        was = recommended.as_recommended(award, lines)
        recommended.void_approvals(award, now)
        move(
            award,
            Action.REFUSE,
            actor=actor,
            case=found.case,
            now=now,
            reason=reason,
            after={"refused_amount": was.amount},
        )
        award.decided_by, award.decided_at = actor.person_id, now
        wanted = rule.refusal(reason, was.feedback, (line.row for line in lines))
        sha256 = rule.fingerprint(wanted, found.application.definition_id)
        recommended.write(found, lines, wanted, sha256)
        strands.write(award, {})


def amend(actor: Actor, key: uuid.UUID, *, reason: str, now: dt.datetime) -> None:
    """Take a decision back before it is released: approvals are void and the money is free again.

    Sent twice, it is taken back once.
    """
    with transaction():
        found = access.award(actor, key, Action.AMEND, lock=True)
        award = found.thing
        if already.is_last(actor, Action.AMEND, "award", award.id, reason):
            return
        was_approved = award.state == AwardState.APPROVED
        move(award, Action.AMEND, actor=actor, case=found.case, now=now, reason=reason)
        if was_approved:
            ledger.give_back(award, actor, now=now, note="Amended before release")
        recommended.void_approvals(award, now)
        award.recommended_by, award.recommended_at = actor.person_id, now
        award.decided_by = award.decided_at = None


def _recommendation_changed(found: Found[Award], seen: str) -> Reasons:
    award = found.thing
    now_there = rule.fingerprint(
        recommended.as_recommended(award, recommended.lines_of(award)),
        found.application.definition_id,
    )
    if seen == award.recommended_sha256 == now_there:
        return ()
    text = "The recommendation has changed since you opened it. Read it again, then decide."
    return (Reason(text),)


def _sign(actor: Actor, found: Found[Award], now: dt.datetime) -> Reasons:
    """Use the person's authority for this award, or say why it does not reach."""
    award = found.thing
    sha256 = award.recommended_sha256 or ""
    signed = authority.Signed(award.id, award.amount, award.amount, sha256)
    return authority.sign(actor, found.round, signed, now=now)


def refuse_own_work(actor: Actor, award: Award) -> None:
    """Whoever ever recommended or amended this award may not decide it, also not the older words."""
    wrote = db.session.scalar(
        sa.select(
            sa.exists().where(
                AuditEntry.thing_type == "award",
                AuditEntry.thing_id == award.id,
                AuditEntry.action.in_([Action.RECOMMEND, Action.HOLD, Action.AMEND]),
                AuditEntry.person_id == actor.person_id,
            )
        )
    )
    if wrote:
        raise Forbidden(OWN_WORK)


def refuse_interest(actor: Actor, award: Award) -> None:
    """A ceiling that holds would tell of awards that are hidden from this person.

    It hangs on what they declared themselves, never on what became of it.
    """
    if db.session.scalar(
        sa.select(balances.keeps_from_approving(actor, award.allocation_area_id, award.round_id))
    ):
        raise Forbidden(INTEREST)
