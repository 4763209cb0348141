"""What is recommended for an application, its fingerprint, and how many people must approve it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from grants.funds.definition import CodeList, Settings
from grants.rules.funding_line import FUNDED, Choice, check_total
from grants.rules.money import Pence, pounds
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import LineDecision

REASONS = "decline_reason"  # the code list of reasons for less than was asked
DEPARTURES = "departure_reason"  # of reasons for going against rank or a minimum
PARTED = ": "


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoice:
    """What a person recommends for one proposed project. ``reason`` is a code and perhaps a note."""

    row: str
    decision: LineDecision
    amount: Pence = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A special condition, with what shows that it is met."""

    text: str
    due_on: dt.date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """All that an approval is bound to."""

    is_award: bool
    own_costs: Pence = 0
    lines: tuple[LineChoice, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reason: str = ""
    feedback: str = ""
    departure: str = ""  # why it goes against rank or a minimum: for the minute alone

    @property
    def amount(self) -> Pence:
        """The whole award, in pence."""
        return self.own_costs + sum(line.amount for line in self.lines)


def fingerprint(recommendation: Recommendation, definition_id: int) -> str:
    """SHA-256 of everything that is recommended, and of the rulebook whose words the letter takes."""
    content = [
        definition_id,
        recommendation.is_award,
        recommendation.own_costs,
        [[line.row, line.decision, line.amount, line.reason] for line in recommendation.lines],
        [
            [entry.text, entry.due_on.isoformat() if entry.due_on else "", entry.evidence]
            for entry in recommendation.conditions
        ],
        recommendation.reason,
        recommendation.feedback,
        *([recommendation.departure] if recommendation.departure else []),
    ]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def refusal(reason: str, feedback: str, rows: Iterable[str]) -> Recommendation:
    """A recommendation to give nothing: every line is out."""
    lines = tuple(LineChoice(row=row, decision=LineDecision.OUT, reason=reason) for row in rows)
    return Recommendation(is_award=False, lines=lines, reason=reason, feedback=feedback)


def faults(
    recommendation: Recommendation,
    choices: Iterable[Choice],
    own_asked: Pence,
    *,
    is_below: bool = False,
) -> tuple[Reason, ...]:
    """What keeps a recommendation from being made: undecided lines, missing reasons, wrong sums.

    ``is_below`` says that a criterion was scored below the lowest that is still fundable.
    """
    if not recommendation.is_award:
        return () if recommendation.reason else (Reason("Choose a reason.", "reason"),)
    listed = tuple(choices)
    found: list[Reason] = []
    try:
        check_total(listed, recommendation.own_costs)
    except Blocked as blocked:
        found.extend(blocked.reasons)
    if listed and not any(line.decision in FUNDED for line in recommendation.lines):
        found.append(Reason("Fund at least one project, or recommend a refusal.", "lines"))
    if recommendation.own_costs > own_asked:
        text = f"Own costs cannot be more than the {pounds(own_asked)} asked for."
        found.append(Reason(text, "own_costs"))
    found.extend(_unexplained(recommendation, listed, own_asked))
    if is_below and not recommendation.departure:
        text = "This scored below a minimum. Choose a reason why it is recommended all the same."
        found.append(Reason(text, "departure"))
    return tuple(found)


def undeparted(recommendation: Recommendation, listed: CodeList) -> tuple[Reason, ...]:
    """What is wrong with the reason for going against rank: a code of the list and words of one's own."""
    code, note = reason_parts(recommendation.departure)
    if not code:
        return ()
    if code not in {entry.code for entry in listed.codes}:
        return (Reason("Choose one of the reasons listed.", "departure"),)
    if not note.strip():
        return (Reason("Say in your words why it goes against rank or a minimum.", "departure"),)
    return ()


def unlisted(recommendation: Recommendation, listed: CodeList | None) -> tuple[Reason, ...]:
    """Reasons that are not of the fund's list, each at its line or at the whole."""
    codes = {"", *(entry.code for entry in listed.codes)} if listed else None
    given = {"reason": recommendation.reason} | {
        line.row: line.reason for line in recommendation.lines
    }
    return tuple(
        Reason("Choose one of the reasons listed.", key)
        for key, reason in given.items()
        if codes is not None and reason_parts(reason)[0] not in codes
    )


def _unexplained(
    recommendation: Recommendation, choices: tuple[Choice, ...], own_asked: Pence
) -> list[Reason]:
    titles = {choice.key: choice.title or choice.key for choice in choices}
    full = {LineDecision.FULL, LineDecision.UNDECIDED}
    found = [
        Reason(f"Give a reason why {titles.get(line.row, line.row)} does not get all.", line.row)
        for line in recommendation.lines
        if line.decision not in full and not line.reason
    ]
    asked = own_asked + sum(choice.asked for choice in choices)
    if recommendation.amount < asked and not recommendation.reason:
        found.append(Reason("Give a reason why less is offered than was asked for.", "reason"))
    return found


def approvals_needed(settings: Settings, amount: Pence) -> int:
    """How many different people must approve an award of this amount."""
    over = settings.second_approval_over
    is_large = over is not None and amount > over
    return max(settings.approvals_needed, 2 if is_large else 1)


def reason_text(code: str, note: str) -> str:
    """A code and what a person added to it, as they are kept together."""
    note = note.strip()
    return f"{code}{PARTED}{note}" if code and note else code


def reason_parts(reason: str) -> tuple[str, str]:
    """The code and the note of a kept reason."""
    code, _, note = reason.partition(PARTED)
    return code, note


def reason_words(reason: str, listed: CodeList | None) -> str:
    """A kept reason as people read it: "Outside the area. The hall is in Fife."."""
    code, note = reason_parts(reason)
    words = listed.label(code) if listed and code else code
    if words and not words.endswith((".", "!", "?")):
        words += "."
    return f"{words} {note}".strip()


def mean_advice(advice: Iterable[str]) -> float | None:
    """What assessors advise for a line, from 2 (all say full) to 0 (all say no); None if none did."""
    worth = {"full": 2.0, "part": 1.0, "no": 0.0}
    given = [worth[word] for word in advice if word in worth]
    return math.fsum(given) / len(given) if given else None
