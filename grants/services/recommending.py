"""Recommending: an award line by line, or a refusal, within what is left of the money."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from grants.extensions import db
from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.round import AllocationArea
from grants.queries import balances, standings
from grants.queries.definitions import departures_of, fund_of
from grants.rules import funding_line
from grants.rules import recommendation as rule
from grants.rules.actions import Action
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import ApplicationState, AwardState, LineDecision
from grants.services import access, recommended, strands, triage
from grants.services.access import Found
from grants.services.moving import move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]


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
                *unlisted(actor, found, wanted),
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


def hold(actor: Actor, key: uuid.UUID, *, reason: str, now: dt.datetime) -> None:
    """Put what is recommended in reserve: approvals are void, and nothing is promised any longer.

    ``reason`` is a code of the fund's list and perhaps words of one's own. What is out of an award
    stays out. Doing it twice is doing it once.
    """
    with transaction():
        found = access.award(actor, key, Action.HOLD, lock=True)
        award, lines = found.thing, recommended.lines_of(found.thing)
        if award.state == AwardState.NONE and any(map(_is_held, lines)):
            return
        wanted = Recommendation(is_award=False, reason=reason)
        if reason and (faults := unlisted(actor, found, wanted)):
            raise Blocked(*faults)
        was = recommended.as_recommended(award, lines)
        recommended.void_approvals(award, now)
        recommended.clear(award)
        move(
            award,
            Action.HOLD,
            actor=actor,
            case=found.case,
            now=now,
            checks={"nothing_to_hold": lambda: _nothing_to_hold(lines)},
            reason=reason,
            after={"held_amount": was.amount},
        )
        for line in lines:
            if line.decision != LineDecision.OUT or not was.is_award:
                line.decision, line.amount, line.reason = LineDecision.RESERVE, 0, reason
        recommended.place_reserves(lines)


def _is_held(line: ProposedProject) -> bool:
    return line.decision == LineDecision.RESERVE


def _nothing_to_hold(lines: list[ProposedProject]) -> Reasons:
    if lines:
        return ()
    return (Reason("It has no project that could be held in reserve."),)


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


def unlisted(actor: Actor, found: Found[Award], wanted: Recommendation) -> Reasons:
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
