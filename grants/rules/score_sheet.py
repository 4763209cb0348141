"""An assessor's sheet: what was typed becomes marks, reasons and advice; and what is still missing.

The names of what is typed are those of the page: ``mark.<criterion>``, ``reason.<criterion>``,
``line.<project>``, ``amount.<project>``, ``why.<project>`` and ``comment``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from grants.funds.definition import Criterion, Scoring
from grants.rules.money import Pence, parse_pounds, pounds
from grants.rules.refusals import Blocked, Reason
from grants.rules.scoring import weighted_total

FULL, PART, NO = "full", "part", "no"
ADVICE = (FULL, PART, NO)
LONGEST = 10_000  # characters of one reason
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A proposed project as an assessor is asked about it."""

    key: str
    title: str
    asked: Pence


@dataclass(frozen=True, slots=True)
class Advice:
    """What is advised for one proposed project. ``amount`` matters for a part alone."""

    choice: str = ""
    amount: Pence | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one assessor has written about one application."""

    marks: Mapping[str, int | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    advice: Mapping[str, Advice] = field(default_factory=dict)
    comment: str = ""

    def total(self, scoring: Scoring) -> Decimal | None:
        """The weighted total of 100, once every criterion has its mark."""
        return weighted_total(self.marks, scoring)

    def marked(self, scoring: Scoring) -> int:
        """How many criteria have a mark."""
        return sum(self.marks.get(criterion.key) is not None for criterion in scoring.criteria)


def amended(
    sheet: Sheet, typed: Typed, scoring: Scoring, lines: Sequence[Line]
) -> tuple[Sheet, tuple[Reason, ...]]:
    """The sheet with what was typed, and what of it cannot be kept. Other names are passed over."""
    faults: list[Reason] = []
    texts = {name: _short(name, text, faults) for name, text in typed.items()}
    marks, reasons, advice = dict(sheet.marks), dict(sheet.reasons), dict(sheet.advice)
    for criterion in scoring.criteria:
        mark, reason = f"mark.{criterion.key}", f"reason.{criterion.key}"
        if mark in texts:
            marks[criterion.key] = _mark(mark, texts[mark], criterion, scoring, faults)
        if reason in texts:
            reasons[criterion.key] = texts[reason]
    for line in lines:
        if any(f"{part}.{line.key}" in texts for part in ("line", "amount", "why")):
            advice[line.key] = _advice(advice.get(line.key, Advice()), line, texts, faults)
    changed = Sheet(marks, reasons, advice, texts.get("comment", sheet.comment))
    return changed, tuple(faults)


def texts_of(sheet: Sheet, scoring: Scoring, lines: Sequence[Line]) -> dict[str, str]:
    """Every field of the sheet by its name, as it is shown."""
    texts = {"comment": sheet.comment}
    for criterion in scoring.criteria:
        mark = sheet.marks.get(criterion.key)
        texts[f"mark.{criterion.key}"] = "" if mark is None else str(mark)
        texts[f"reason.{criterion.key}"] = sheet.reasons.get(criterion.key, "")
    for line in lines:
        advice = sheet.advice.get(line.key, Advice())
        texts[f"line.{line.key}"] = advice.choice
        texts[f"amount.{line.key}"] = amount_text(advice.amount)
        texts[f"why.{line.key}"] = advice.reason
    return texts


def amount_text(amount: Pence | None) -> str:
    """An amount as it stands in its field, without the sign of the pound."""
    return "" if amount is None else pounds(amount).removeprefix("£")


def _short(name: str, text: str, faults: list[Reason]) -> str:
    if len(text) > LONGEST:
        faults.append(Reason(f"Write this in {LONGEST:,} characters or fewer.", name))
    return text[:LONGEST]


def _mark(
    name: str, text: str, criterion: Criterion, scoring: Scoring, faults: list[Reason]
) -> int | None:
    if not text:
        return None
    if text.isdecimal() and scoring.lowest <= int(text) <= scoring.highest:
        return int(text)
    said = f"Choose a score from {scoring.lowest} to {scoring.highest} for “{criterion.title}”."
    faults.append(Reason(said, name))
    return None


def _advice(before: Advice, line: Line, texts: Typed, faults: list[Reason]) -> Advice:
    after = replace(before, reason=texts.get(f"why.{line.key}", before.reason))
    choice = texts.get(f"line.{line.key}", before.choice)
    after = replace(after, choice=choice if choice in ADVICE else "")
    amount = f"amount.{line.key}"
    if amount not in texts:
        return after
    return replace(after, amount=_amount(amount, texts[amount], line, before, faults))


def _amount(name: str, text: str, line: Line, before: Advice, faults: list[Reason]) -> Pence | None:
    if not text.strip():
        return None
    try:
        return parse_pounds(text)
    except Blocked as blocked:
        faults.append(Reason(f"{line.title}: {blocked}", name))
        return before.amount


def incomplete(sheet: Sheet, scoring: Scoring, lines: Sequence[Line]) -> tuple[Reason, ...]:
    """What is still missing before the scores can be submitted, in the order of the page."""
    missing: list[Reason] = []
    for criterion in scoring.criteria:
        missing.extend(_missing_of_criterion(sheet, criterion))
    for line in lines:
        missing.extend(_missing_of_line(sheet.advice.get(line.key, Advice()), line))
    return tuple(missing)


def _missing_of_criterion(sheet: Sheet, criterion: Criterion) -> list[Reason]:
    missing = []
    if criterion.weight and sheet.marks.get(criterion.key) is None:
        missing.append(Reason(f"Score “{criterion.title}”.", f"mark.{criterion.key}"))
    if criterion.weight and not sheet.reasons.get(criterion.key, "").strip():
        said = f"Give your reason for the score of “{criterion.title}”."
        missing.append(Reason(said, f"reason.{criterion.key}"))
    return missing


def _missing_of_line(advice: Advice, line: Line) -> list[Reason]:
    if not advice.choice:
        said = f"Say whether to fund “{line.title}” in full, in part or not."
        return [Reason(said, f"line.{line.key}")]
    missing = []
    if advice.choice == PART and not _is_part(advice.amount, line):
        said = (
            f"Enter an amount for “{line.title}” above £0 and below the {pounds(line.asked)} asked."
        )
        missing.append(Reason(said, f"amount.{line.key}"))
    if advice.choice != FULL and not advice.reason.strip():
        how = "only a part of" if advice.choice == PART else "nothing for"
        missing.append(Reason(f"Say why you advise {how} “{line.title}”.", f"why.{line.key}"))
    return missing


def _is_part(amount: Pence | None, line: Line) -> bool:
    return amount is not None and 0 < amount < line.asked


def advised(advice: Advice, line: Line) -> Pence | None:
    """The amount that the advice comes to; None while there is none."""
    return {FULL: line.asked, PART: advice.amount, NO: 0}.get(advice.choice)
