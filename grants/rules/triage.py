"""The check before scoring: is it complete, and may it be funded at all. Each no has its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grants.funds.definition import Fund
from grants.rules.refusals import Reason

COMPLETE = "complete"
YES, NO = "yes", "no"
LONGEST = 2_000  # characters of a reason


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is checked, as a question whose good answer is ``wanted``."""

    key: str
    question: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one point."""

    key: str
    answer: str  # yes or no
    reason: str = ""


def points(fund: Fund) -> tuple[Point, ...]:
    """What is checked of every application: that it is complete, then what people asked themselves."""
    asked = (Point(check.key, check.question, check.wanted) for check in fund.eligibility)
    whole = Point(COMPLETE, "Is everything there that is needed to score it?", YES)
    return (whole, *asked)


def passes(fund: Fund, findings: Sequence[Finding]) -> bool:
    """Whether every point has the answer that is wanted."""
    found = {finding.key: finding.answer for finding in findings}
    return all(found.get(point.key) == point.wanted for point in points(fund))


def faults(fund: Fund, findings: Sequence[Finding]) -> tuple[Reason, ...]:
    """What is missing: an answer to a point, or the reason for one that is not as wanted."""
    found = {finding.key: finding for finding in findings}
    reasons = []
    for point in points(fund):
        finding = found.get(point.key)
        if finding is None or finding.answer not in {YES, NO}:
            reasons.append(Reason(f"Choose yes or no: {point.question}", point.key))
            continue
        if finding.answer != point.wanted and not finding.reason.strip():
            reasons.append(
                Reason(f"Say why in a few words: {point.question}", f"{point.key}_reason")
            )
        if len(finding.reason) > LONGEST:
            text = f"Use {LONGEST:,} characters or fewer."
            reasons.append(Reason(text, f"{point.key}_reason"))
    return tuple(reasons)
