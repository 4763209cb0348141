"""Adopting a scenario: its line becomes the recommendations, all of them or none.

The preview makes every check that adopting makes and writes nothing: it holds nobody up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from grants import audit
from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.award import Award
from grants.models.round import Round
from grants.models.scenario import Scenario
from grants.queries import balances, candidates, rounds, scenarios
from grants.queries.candidate_rows import Candidate
from grants.queries.definitions import fund_of
from grants.queries.drawings import Drawing, draw
from grants.queries.rounds import RoundRow
from grants.queries.scenarios import ScenarioRow
from grants.queries.strands import strand_balances
from grants.rules.actions import Action
from grants.rules.funding_line import FUNDED, DecidedBid, DecidedLine
from grants.rules.people import Actor
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.refusals import Blocked, MoveNotAllowed, Reason
from grants.rules.states import ApplicationState, AwardState, LineDecision
from grants.services import access, recommended, recommending
from grants.services.recommending import Since
from grants.services.transaction import transaction

STALE = (
    "Scores, sums or ceilings have changed since it was kept. Look at it again and keep it anew."
)
UNEXPLAINED = "It departs from rank without a reason. Change it on the workbench and give one."
NOT_MODERATED = "Moderation is not open for it yet."
CHANGED = "Something has changed since you looked. Read the preview again."


@dataclass(frozen=True, slots=True)
class Words:
    """The reasons, of the fund's list, for those who get less than they asked and those who are out."""

    less: str
    out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What adopting does with one application, or why it cannot. Pence."""

    key: uuid.UUID
    award_key: uuid.UUID | None
    reference: str
    organisation: str
    area: str
    does: str  # award, refusal or reserve
    amount: int
    departs: bool
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every step, in the order of rank."""

    steps: tuple[Step, ...]
    problems: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Step, ...]:
        """The steps that cannot be taken."""
        return tuple(step for step in self.steps if step.failure)

    @property
    def fingerprint(self) -> str:
        """What a person read before they said yes to it."""
        text = repr([(step.reference, step.does, step.amount) for step in self.steps])
        return hashlib.sha256(text.encode()).hexdigest()


def rehearse(actor: Actor, key: uuid.UUID, words: Words) -> Plan:
    """What adopting this scenario would do, and what stands in its way. Nothing is written or held:
    every check is the one that adopting makes, after what the steps before would have changed."""
    scenario, at = access.scenario(actor, key, Action.PLAN_AWARDS)
    return _gone_through(actor, scenario, at, words, None)[0]


def adopt(actor: Actor, key: uuid.UUID, words: Words, *, seen: str, now: dt.datetime) -> Plan:
    """Make the recommendations of this scenario, all or none, as the person saw them (``seen``).

    Adopting twice is adopting once. Raises Blocked with a reason for each that cannot be made.
    """
    with transaction():
        scenario, record = access.scenario(actor, key, Action.PLAN_AWARDS, lock=True)
        if scenario.adopted_by == actor.person_id:
            return Plan(steps=())
        plan = _carry_out(actor, key, words, now)
        failures = [Reason(f"{step.reference}: {step.failure}") for step in plan.failures]
        if plan.problems or failures:
            raise Blocked(*plan.problems, *failures)
        if seen != plan.fingerprint:
            raise Blocked(CHANGED)
        scenario.adopted_by, scenario.adopted_at = actor.person_id, now
        after = {
            "scenario": scenario.name,
            "awards": sum(step.does == "award" for step in plan.steps),
            "refusals": sum(step.does == "refusal" for step in plan.steps),
            "reserves": len(scenario.reserves),
            "amount": sum(step.amount for step in plan.steps),
        }
        about = ("scenario", scenario.id, record.reference)
        audit.record(actor, "adopt-scenario", about, now=now, after=after)
    return plan


def _carry_out(actor: Actor, key: uuid.UUID, words: Words, now: dt.datetime) -> Plan:
    scenario, at = access.scenario(actor, key, Action.PLAN_AWARDS, lock=True)
    access.round_(actor, at.key, Action.PLAN_AWARDS, lock=True)
    plan, scenario.reserves = _gone_through(actor, scenario, at, words, now)
    return plan


def _gone_through(
    actor: Actor, scenario: Scenario, at: Round, words: Words, now: dt.datetime | None
) -> tuple[Plan, list[list[object]]]:
    """Every step made, or without ``now`` only tried; and who is in reserve, in order."""
    row, record = scenarios.one(actor, scenario.key), rounds.one(actor, at.key)
    listed, drawing, stale = _drawn(actor, record, row)
    problems = _problems(scenario, words, listed, drawing, stale=stale)
    work = _Work(actor, drawing, row, words, now)
    done = [work.step(one) for one in sorted(listed, key=work.order)]
    by_key = {step.key: step for step in done}
    steps = tuple(by_key[one.key] for one in listed if one.key in by_key)
    return Plan(steps=steps, problems=problems), _reserves(listed, drawing)


def _drawn(
    actor: Actor, record: RoundRow, row: ScenarioRow
) -> tuple[tuple[Candidate, ...], Drawing, bool]:
    """The open candidates, the line drawn through them, and whether it is out of date."""
    fund, areas = fund_of(actor, record.definition_id), rounds.areas(actor, record)
    found = candidates.of_round(actor, record, fund, row.measure).listed
    strands = strand_balances(actor, record) if fund.strands else ()
    left = {one.strand: one.amount - one.committed for one in strands}
    drawing = draw(found, record, areas, row.budgets, row.pins, strands=left)
    basis = scenarios.basis_of(record, areas, found)
    changes = scenarios.changes_since(row, basis, sees_all=not balances.hides(actor, record.id))
    return tuple(one for one in found if one.is_open), drawing, bool(changes)


def _problems(
    scenario: Scenario,
    words: Words,
    listed: Iterable[Candidate],
    drawing: Drawing,
    *,
    stale: bool,
) -> tuple[str, ...]:
    decisions = {line.decision for line in drawing.lines.values()}
    said = []
    if not scenario.name:
        said.append("Keep it by a name first.")
    if scenario.adopted_at is not None:
        said.append("This scenario was adopted already.")
    if stale:
        said.append(STALE)
    if not any(True for _ in listed):
        said.append("There is nothing left to decide.")
    if {LineDecision.PART, LineDecision.RESERVE} & decisions and not words.less:
        said.append("Choose the reason for those who get less than they asked for.")
    if LineDecision.OUT in decisions and not words.out:
        said.append("Choose the reason for those who are out.")
    return tuple(said)


def _reserves(listed: Iterable[Candidate], drawing: Drawing) -> list[list[object]]:
    return [
        [one.id, line.key]
        for one in listed
        for line in drawing.bids[one.id].lines
        if line.decision == LineDecision.RESERVE
    ]


class _Work:
    """Does one application after another, each in a savepoint of its own; without ``now`` it tries."""

    def __init__(
        self,
        actor: Actor,
        drawing: Drawing,
        row: ScenarioRow,
        words: Words,
        now: dt.datetime | None,
    ) -> None:
        self.actor, self.drawing, self.row, self.words, self.now = actor, drawing, row, words, now
        self.since = Since()

    def order(self, one: Candidate) -> tuple[bool, int]:
        """First those who get less than they are recommended now, so that no sum is ever too high."""
        promised = one.amount if one.award == AwardState.RECOMMENDED else 0
        return self.drawing.bids[one.id].amount > promised, one.rank or 0

    def step(self, one: Candidate) -> Step:
        """Recommend an award or a refusal, or put it in reserve; a failure changes nothing."""
        bid = self.drawing.bids[one.id]
        decisions = {line.decision for line in bid.lines}
        does = "refusal" if decisions == {LineDecision.OUT} else "reserve"
        departures = [
            (place, self.row.reasons.get(place, ""))
            for place in self.drawing.departures
            if place[0] == str(one.id)
        ]
        made = Step(
            key=one.key,
            award_key=one.award_key,
            reference=one.reference,
            organisation=one.organisation,
            area=one.area,
            does="award" if FUNDED & decisions else does,
            amount=bid.amount,
            departs=bool(departures),
        )
        if any(not reason for _, reason in departures):
            return replace(made, failure=UNEXPLAINED)
        try:
            with nullcontext() if self.now is None else db.session.begin_nested():
                self._do(one, bid, made.does, "; ".join(sorted({why for _, why in departures})))
        except Blocked as blocked:
            texts = " ".join(dict.fromkeys(reason.text for reason in blocked.reasons))
            return replace(made, failure=texts)
        except MoveNotAllowed as late:
            return replace(made, failure=str(late))
        return made

    def _do(self, one: Candidate, bid: DecidedBid, does: str, departure: str) -> None:
        if one.award_key is None or one.state != ApplicationState.MODERATION:
            if does == "reserve":
                return
            raise Blocked(NOT_MODERATED)
        is_real = self.now is not None
        found = access.award(self.actor, one.award_key, Action.RECOMMEND, lock=is_real)
        lines = recommended.lines_of(found.thing)
        if does == "reserve":
            self._reserve(found.thing, lines, bid)
            return
        was = recommended.as_recommended(found.thing, lines)
        if does == "refusal":
            wanted = Recommendation(is_award=False, reason=self.words.out, feedback=was.feedback)
        else:
            wanted = self._award(one, bid, was, lines, departure)
        if self.now is None:
            recommending.try_recommend(self.actor, one.award_key, wanted, self.since)
        else:
            recommending.recommend(self.actor, one.award_key, wanted, now=self.now)

    def _award(
        self,
        one: Candidate,
        bid: DecidedBid,
        was: Recommendation,
        lines: list[ProposedProject],
        departure: str,
    ) -> Recommendation:
        given = {line.key: line for line in bid.lines}
        whole = given.get(candidates.WHOLE)
        asked = one.own_asked + sum(line.asked for line in one.lines)
        return replace(
            was,
            is_award=True,
            own_costs=whole.amount if whole and not lines else bid.own_costs,
            lines=tuple(self._choice(line.row, given[line.row]) for line in lines),
            reason=self.words.less if bid.amount < asked else "",
            departure=departure or was.departure,
        )

    def _choice(self, row: str, given: DecidedLine) -> LineChoice:
        reasons: Mapping[LineDecision, str] = {
            LineDecision.PART: self.words.less,
            LineDecision.RESERVE: self.words.less,
            LineDecision.OUT: self.words.out,
        }
        reason = reasons.get(given.decision, "")
        return LineChoice(row=row, decision=given.decision, amount=given.amount, reason=reason)

    def _reserve(self, award: Award, lines: list[ProposedProject], bid: DecidedBid) -> None:
        """Nothing is recommended: its lines wait in reserve, in the order of the scenario."""
        less, is_promised = self.words.less, award.state == AwardState.RECOMMENDED
        if self.now is None:
            if is_promised:
                recommending.try_hold(self.actor, award.key, reason=less, since=self.since)
            return
        if is_promised:
            recommending.hold(self.actor, award.key, reason=less, now=self.now)
        given = {line.key: line.decision for line in bid.lines}
        for place, line in enumerate(lines, start=1):
            line.decision, line.amount = given[line.row], 0
            is_out = line.decision == LineDecision.OUT
            line.reason = self.words.out if is_out else self.words.less
            line.reserve_place = None if is_out else place
