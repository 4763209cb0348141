"""Deciding: moderation, recommendation, approval by others within their limits, refusal."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.audit import AuditEntry
from grants.models.award import Approval, Award
from grants.models.round import AllocationArea, Round
from grants.queries import balances, standings
from grants.queries import visible as v
from grants.queries.definitions import departures_of, fund_of
from grants.rules import funding_line
from grants.rules import recommendation as rule
from grants.rules.actions import Action
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.permissions import Case
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason
from grants.rules.states import ApplicationState, AwardState, LineDecision, Tier
from grants.services import access, ledger, recommended, strands, triage
from grants.services.access import Found
from grants.services.moving import move
from grants.services.transaction import transaction

OWN_WORK = "You wrote this recommendation or a part of it, so somebody else must decide."
INTEREST = (
    "You have an interest in an application to this area, so somebody else must approve "
    "what its money goes to."
)
Reasons = tuple[Reason, ...]


def open_assessing(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let one submitted application be assessed. Once it is, nothing happens."""
    with transaction():
        found = access.application(actor, key, Action.OPEN_ASSESSING, lock=True)
        if found.thing.state == ApplicationState.ASSESSING:
            return
        _open_assessing(actor, found.thing, found.case, now)


def open_assessing_all(
    actor: Actor,
    round_key: uuid.UUID,
    *,
    only: frozenset[int] | None = None,
    now: dt.datetime,
) -> int:
    """Let every submitted application of a round, or ``only`` these of them, be assessed.

    Where a check comes before scoring, those that have not passed it stay where they are. Returns
    how many were opened.
    """
    with transaction():
        waiting = _waiting(actor, round_key, Action.OPEN_ASSESSING, ApplicationState.SUBMITTED)
        passed = [
            (record, case)
            for record, case in waiting
            if (only is None or record.id in only)
            and not triage.in_the_way(fund_of(actor, record.definition_id), record)
        ]
        for record, case in passed:
            _open_assessing(actor, record, case, now)
    return len(passed)


def _open_assessing(actor: Actor, record: Application, case: Case, now: dt.datetime) -> None:
    fund = fund_of(actor, record.definition_id)
    move(
        record,
        Action.OPEN_ASSESSING,
        actor=actor,
        case=case,
        now=now,
        checks={"check_not_passed": lambda: triage.in_the_way(fund, record)},
    )


def open_moderation(
    actor: Actor, key: uuid.UUID, *, reason: str = "", now: dt.datetime
) -> uuid.UUID:
    """Open moderation and with it the award's row. Returns the award's key.

    While scores are missing it takes a reason, which stays in the trail. In a round without
    moderation this is the way to the decision, and every score must be in.
    """
    with transaction():
        found = access.application(actor, key, Action.OPEN_MODERATION, lock=True)
        if found.award is not None:
            return found.award.key
        return _open_moderation(actor, found.thing, found.case, reason, now).key


def open_moderation_all(actor: Actor, round_key: uuid.UUID, *, now: dt.datetime) -> int:
    """Open moderation for every application of a round whose scores are all in."""
    with transaction():
        scored = [
            (record, case)
            for record, case in _waiting(
                actor, round_key, Action.OPEN_MODERATION, ApplicationState.ASSESSING
            )
            if case.scores_in
        ]
        for record, case in scored:
            _open_moderation(actor, record, case, "", now)
    return len(scored)


def _open_moderation(
    actor: Actor, record: Application, case: Case, reason: str, now: dt.datetime
) -> Award:
    is_moderated = fund_of(actor, record.definition_id).stages.moderation

    def scores_missing() -> Reasons:
        if case.scores_in or (is_moderated and reason.strip()):
            return ()
        if not is_moderated:
            return (Reason("Not every score is in. Here the mean of the scores decides."),)
        text = "Not every score is in. To open moderation without them, say why."
        return (Reason(text, "reason"),)

    move(
        record,
        Action.OPEN_MODERATION,
        actor=actor,
        case=case,
        now=now,
        checks={"scores_missing": scores_missing},
        reason=reason,
        after={} if is_moderated else {"moderation": "not a step of this round"},
    )
    return recommended.undecided(record)


def recommend(actor: Actor, key: uuid.UUID, wanted: Recommendation, *, now: dt.datetime) -> None:
    """Recommend an award line by line, or a refusal. A change voids approvals that were given."""
    with transaction():
        found = access.award(actor, key, Action.RECOMMEND, lock=True)
        award = found.thing
        lines = recommended.lines_of(award)
        if not wanted.is_award:
            wanted = rule.refusal(wanted.reason, wanted.feedback, (line.row for line in lines))
        sha256 = rule.fingerprint(wanted, found.application.definition_id)
        fund = fund_of(actor, found.application.definition_id)
        parts = strands.split(found.application, fund, wanted)
        if award.state == AwardState.RECOMMENDED and award.recommended_sha256 == sha256:
            return
        checks = {
            "not_moderated": lambda: _not_moderated(found.application),
            "not_eligible": lambda: (
                triage.against_award(fund, found.application) if wanted.is_award else ()
            ),
            "lines_undecided": lambda: (
                *_line_faults(actor, found, lines, wanted),
                *_unlisted(actor, found, wanted),
            ),
            "over_area": lambda: _over_area(actor, found, wanted, parts),
        }
        recommended.void_approvals(award, now)
        move(
            award,
            Action.RECOMMEND,
            actor=actor,
            case=found.case,
            now=now,
            checks=checks,
            after={"amount": wanted.amount, "is_award": wanted.is_award, "sha256": sha256},
        )
        award.recommended_by, award.recommended_at = actor.person_id, now
        recommended.write(found, lines, wanted, sha256)
        strands.write(award, parts)


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
        _refuse_own_work(actor, award)
        _refuse_interest(actor, award)
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
        _refuse_own_work(actor, award)
        if seen is not None and (changed := _recommendation_changed(found, seen)):
            raise Blocked(*changed)
        if unlisted := _unlisted(actor, found, rule.refusal(reason, "", ())):
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
    """Take a decision back before it is released: approvals are void and the money is free again."""
    with transaction():
        found = access.award(actor, key, Action.AMEND, lock=True)
        award = found.thing
        was_approved = award.state == AwardState.APPROVED
        move(award, Action.AMEND, actor=actor, case=found.case, now=now, reason=reason)
        if was_approved:
            ledger.give_back(award, actor, now=now, note="Amended before release")
        recommended.void_approvals(award, now)
        award.recommended_by, award.recommended_at = actor.person_id, now
        award.decided_by = award.decided_at = None


def _waiting(
    actor: Actor, round_key: uuid.UUID, action: Action, state: ApplicationState
) -> list[tuple[Application, Case]]:
    """The applications of a round in this state with which this person may do this, locked."""
    access.round_(actor, round_key, Action.READ_ROUND)
    rows: Any = db.session.execute(
        v.applications_of(Application, Round, v.scores_in())
        .where(Round.key == round_key, Application.state == state, v.visible(actor, action))
        .order_by(Application.id)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return [
        (
            record,
            Case(
                fund=round_record.fund,
                funder_id=round_record.organisation_id,
                is_local=round_record.tier == Tier.LOCAL,
                applicant_id=record.organisation_id,
                application=record.state,
                was_sent=True,
                scores_in=bool(scores_in),
            ),
        )
        for record, round_record, scores_in in rows
    ]


def _not_moderated(record: Application) -> Reasons:
    if record.state == ApplicationState.MODERATION:
        return ()
    return (Reason("Open moderation before you recommend anything."),)


def _line_faults(
    actor: Actor, found: Found[Award], lines: list[ProposedProject], wanted: Recommendation
) -> Reasons:
    chosen = {line.row: line for line in wanted.lines}
    nothing = LineChoice(row="", decision=LineDecision.UNDECIDED)
    choices = [
        funding_line.Choice(
            key=line.row,
            decision=chosen.get(line.row, nothing).decision,
            amount=chosen.get(line.row, nothing).amount,
            asked=line.asked,
            smallest=line.minimum,
            title=line.title,
        )
        for line in lines
    ]
    budget = recommended.budget_of(found.thing)
    own_asked = sum(line.amount for line in budget if not line.is_onward)
    rules = fund_of(actor, found.application.definition_id).scoring
    below = standings.below_minimum(actor, found.application.id, rules) if wanted.is_award else ()
    return rule.faults(wanted, choices, own_asked, is_below=bool(below))


def _unlisted(actor: Actor, found: Found[Award], wanted: Recommendation) -> Reasons:
    """Letters print a reason's words, so a code that the fund does not list cannot be kept."""
    fund = fund_of(actor, found.application.definition_id)
    listed = fund.code_lists.get(rule.REASONS)
    return (*rule.unlisted(wanted, listed), *rule.undeparted(wanted, departures_of(fund)))


def _over_area(
    actor: Actor, found: Found[Award], wanted: Recommendation, parts: Mapping[str, Pence]
) -> Reasons:
    """Beside what is committed, what others are recommended in area and strands counts too.

    Only what this person may know is counted: the approval keeps the ceiling, this warns of it.
    """
    area_left, pot_left, promised = balances.left(actor, found.thing)
    beyond = strands.over(actor, found.thing, parts)
    in_area = funding_line.over_budget(
        wanted.amount, area_left=area_left - promised, pot_left=pot_left
    )
    reasons = (*in_area, *beyond)
    if in_area and promised:
        area = db.session.get_one(AllocationArea, found.thing.allocation_area_id)
        text = f"{pounds(promised)} of {area.name} is recommended to others already."
        return (*reasons, Reason(text, "amount"))
    return reasons


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
    delegation_id, reasons = ledger.use_delegation(actor, found.round, award.amount, now=now)
    if delegation_id is None:
        return reasons
    sha256 = award.recommended_sha256 or ""
    earlier = db.session.scalar(
        sa.select(Approval).where(
            Approval.award_id == award.id,
            Approval.person_id == actor.person_id,
            Approval.sha256 == sha256,
        )
    )
    approval = earlier or Approval(award_id=award.id, person_id=actor.person_id, sha256=sha256)
    approval.delegation_id, approval.amount = delegation_id, award.amount
    approval.approved_at, approval.voided_at = now, None
    db.session.add(approval)
    return ()


def _refuse_own_work(actor: Actor, award: Award) -> None:
    """Whoever ever recommended or amended this award may not decide it, also not the older words."""
    wrote = db.session.scalar(
        sa.select(
            sa.exists().where(
                AuditEntry.thing_type == "award",
                AuditEntry.thing_id == award.id,
                AuditEntry.action.in_([Action.RECOMMEND, Action.AMEND]),
                AuditEntry.person_id == actor.person_id,
            )
        )
    )
    if wrote:
        raise Forbidden(OWN_WORK)


def _refuse_interest(actor: Actor, award: Award) -> None:
    """A ceiling that holds would tell of awards that are hidden from this person.

    It hangs on what they declared themselves, never on what became of it.
    """
    if db.session.scalar(
        sa.select(balances.keeps_from_approving(actor, award.allocation_area_id, award.round_id))
    ):
        raise Forbidden(INTEREST)
