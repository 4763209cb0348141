"""Recommending: an award line by line, or a refusal, within what is left of the money."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

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
from grants.services.moving import Check, allowed, move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What a rehearsal has changed of what is promised, and nobody has written down. Pence."""

    areas: Counter[int] = field(default_factory=Counter)  # by the area's id
    strands: Counter[str] = field(default_factory=Counter)  # by the strand's key

    def change(self, award: Award, amount: Pence, parts: Mapping[str, Pence]) -> None:
        """This award is promised so much instead."""
        was = award.amount if award.state == AwardState.RECOMMENDED else 0
        self.areas[award.allocation_area_id] += amount - was
        self.strands.update(parts)
        self.strands.subtract(strands.of(award) if was else {})


@dataclass(frozen=True, slots=True)
class _Draft:
    """A recommendation that is about to be made."""

    found: Found[Award]
    lines: list[ProposedProject]
    wanted: Recommendation
    sha256: str
    parts: dict[str, Pence]

    @property
    def is_kept(self) -> bool:
        """Whether it stands there already."""
        award = self.found.thing
        return award.state == AwardState.RECOMMENDED and award.recommended_sha256 == self.sha256


def recommend(actor: Actor, key: uuid.UUID, wanted: Recommendation, *, now: dt.datetime) -> None:
    """Recommend an award line by line, or a refusal. A change voids approvals that were given."""
    with transaction():
        found = access.award(actor, key, Action.RECOMMEND, lock=True)
        made, award = _drafted(actor, found, wanted), found.thing
        if made.is_kept:
            return
        recommended.void_approvals(award, now)
        move(
            award,
            Action.RECOMMEND,
            actor=actor,
            case=found.case,
            now=now,
            checks=_checks(actor, made, Since()),
            after={
                "amount": made.wanted.amount,
                "is_award": made.wanted.is_award,
                "sha256": made.sha256,
            },
        )
        award.recommended_by, award.recommended_at = actor.person_id, now
        recommended.write(found, made.lines, made.wanted, made.sha256)
        strands.write(award, made.parts)


def try_recommend(actor: Actor, key: uuid.UUID, wanted: Recommendation, since: Since) -> None:
    """As ``recommend`` after all that is in ``since``, which it adds to; nothing is written or held."""
    found = access.award(actor, key, Action.RECOMMEND)
    made = _drafted(actor, found, wanted)
    if not made.is_kept:
        checks = _checks(actor, made, since)
        allowed(found.thing, Action.RECOMMEND, actor, found.case, checks)
        since.change(found.thing, made.wanted.amount, made.parts)


def _drafted(actor: Actor, found: Found[Award], wanted: Recommendation) -> _Draft:
    lines = recommended.lines_of(found.thing)
    if not wanted.is_award:
        wanted = rule.refusal(wanted.reason, wanted.feedback, (line.row for line in lines))
    sha256 = rule.fingerprint(wanted, found.application.definition_id)
    fund = fund_of(actor, found.application.definition_id)
    parts = strands.split(found.application, fund, wanted)
    return _Draft(found, lines, wanted, sha256, parts)


def _checks(actor: Actor, made: _Draft, since: Since) -> Mapping[str, Check]:
    found, wanted = made.found, made.wanted
    fund = fund_of(actor, found.application.definition_id)
    return {
        "not_moderated": lambda: _not_moderated(found.application),
        "not_eligible": lambda: (
            triage.against_award(fund, found.application) if wanted.is_award else ()
        ),
        "lines_undecided": lambda: (
            *_line_faults(actor, found, made.lines, wanted),
            *unlisted(actor, found, wanted),
        ),
        "over_area": lambda: _over_area(actor, made, since),
    }


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
        _refuse_unlisted(actor, found, reason)
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


def try_hold(actor: Actor, key: uuid.UUID, *, reason: str, since: Since) -> None:
    """As ``hold`` after all that is in ``since``, which it adds to; nothing is written or held."""
    found = access.award(actor, key, Action.HOLD)
    _refuse_unlisted(actor, found, reason)
    lines = recommended.lines_of(found.thing)
    checks = {"nothing_to_hold": lambda: _nothing_to_hold(lines)}
    allowed(found.thing, Action.HOLD, actor, found.case, checks, reason)
    since.change(found.thing, 0, {})


def _refuse_unlisted(actor: Actor, found: Found[Award], reason: str) -> None:
    wanted = Recommendation(is_award=False, reason=reason)
    if reason and (faults := unlisted(actor, found, wanted)):
        raise Blocked(*faults)


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


def _over_area(actor: Actor, made: _Draft, since: Since) -> Reasons:
    """Beside what is committed, what others are recommended in area and strands counts too.

    Only what this person may know is counted: the approval keeps the ceiling, this warns of it.
    """
    award = made.found.thing
    area_left, pot_left, others = balances.left(actor, award)
    promised = others + since.areas[award.allocation_area_id]
    beyond = strands.over(actor, award, made.parts, since.strands)
    in_area = funding_line.over_budget(
        made.wanted.amount, area_left=area_left - promised, pot_left=pot_left
    )
    reasons = (*in_area, *beyond)
    if in_area and promised:
        area = db.session.get_one(AllocationArea, award.allocation_area_id)
        text = f"{pounds(promised)} of {area.name} is recommended to others already."
        return (*reasons, Reason(text, "amount"))
    return reasons
