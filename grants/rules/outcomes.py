"""Checks on a return, and what was promised held against what was delivered. Counts, never people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from grants.rules.money import Pence, pounds

FEW_PAIRS = 30  # fewer pairs than this are read with care (Warwick's advice on wellbeing scales)
FAR_BELOW, FAR_ABOVE = 50, 200  # percent of what was promised that wants a reason
WHOLE = 100


class Severity(StrEnum):
    """What a finding asks for."""

    ERROR = "error"  # must be put right before the return is sent
    WARNING = "warning"  # put right, or explained in a sentence
    NOTE = "note"  # said so that nobody is surprised


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a figure. ``row`` is the table's row, where there is one."""

    severity: Severity
    question: str
    text: str
    row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """People counted by one code list. None is not collected."""

    question: str
    label: str
    counts: Mapping[str, int | None]
    may_overlap: bool = False  # one person may be in several, so there is no sum
    may_differ: bool = False  # the publisher says totals and subtotals need not agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed for people on one outcome or measure. None is not collected."""

    key: str
    label: str
    started: int | None
    baseline: int | None
    paired: int | None
    improved: int | None
    same: int | None
    worse: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Money of the period in pence: by heading, and what was not spent."""

    received: Pence
    spent: Mapping[str, Pence]
    unspent: Pence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The figures of one return, with the keys of the questions they answer."""

    people: int | None
    family: int | None = None
    breakdowns: Sequence[Breakdown] = ()
    changes: Sequence[Change] = ()
    money: Money | None = None
    counts: Mapping[str, int | None] = field(default_factory=dict)  # any other count, by question
    people_question: str = "unique_people"
    family_question: str = "family_members"
    change_question: str = "outcomes"
    money_question: str = "spending"


def findings(reported: Reported) -> tuple[Finding, ...]:
    """All there is to say about a return, in the order of its form."""
    return (
        *_counts(reported),
        *_family(reported),
        *(found for part in reported.breakdowns for found in _breakdown(part, reported.people)),
        *(found for change in reported.changes for found in _change(change, reported)),
        *_money(reported),
    )


def errors(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What must be put right."""
    return tuple(finding for finding in found if finding.severity == Severity.ERROR)


def unexplained(
    found: Iterable[Finding], reasons: Mapping[tuple[str, str], str]
) -> tuple[Finding, ...]:
    """Warnings that have no reason yet; ``reasons`` are by question and row."""
    return tuple(
        finding
        for finding in found
        if finding.severity == Severity.WARNING
        and not reasons.get((finding.question, finding.row), "").strip()
    )


def not_known(part: Breakdown, people: int | None) -> int | None:
    """How many people the breakdown says nothing of: shown as Not known. None where there is no sum."""
    given = [number for number in part.counts.values() if number is not None]
    if people is None or not given or part.may_overlap:
        return None
    return max(people - sum(given), 0)


def _counts(reported: Reported) -> Iterator[Finding]:
    """No count is below nought, wherever it stands."""
    whole = {reported.people_question: reported.people, reported.family_question: reported.family}
    for question, number in {**whole, **reported.counts}.items():
        if number is not None and number < 0:
            yield Finding(Severity.ERROR, question, "A count cannot be less than 0.")


def _family(reported: Reported) -> Iterator[Finding]:
    family, people = reported.family, reported.people
    if family is not None and people is not None and family > people:
        text = f"{family:,} family members and carers are more than the {people:,} people in all."
        yield Finding(Severity.ERROR, reported.family_question, text)


def _breakdown(part: Breakdown, people: int | None) -> Iterator[Finding]:
    given = {code: number for code, number in part.counts.items() if number is not None}
    for code, number in given.items():
        if number < 0:
            yield Finding(Severity.ERROR, part.question, "A count cannot be less than 0.", code)
        elif people is not None and number > people and not part.may_differ:
            text = f"{number:,} is more than the {people:,} people in all."
            yield Finding(Severity.ERROR, part.question, text, code)
    if people is None or not given or part.may_overlap:
        return
    total = sum(given.values())
    if total > people:
        severity = Severity.WARNING if part.may_differ else Severity.ERROR
        text = f"{part.label} adds up to {total:,}, more than the {people:,} people in all."
        yield Finding(severity, part.question, text)
    elif total < people:
        text = f"{part.label} adds up to {total:,}: the other {people - total:,} are shown as not known."
        yield Finding(Severity.NOTE, part.question, text)


def _change(change: Change, reported: Reported) -> Iterator[Finding]:
    question = reported.change_question
    parts = (change.improved, change.same, change.worse)
    started, first = "people who started", "people with a first reading"
    before = (first, change.baseline) if change.baseline is not None else (started, change.started)
    steps = [
        (first, change.baseline, started, change.started),
        ("people with both readings", change.paired, *before),
    ]
    if any(number is not None and number < 0 for number in (*parts, *(step[1] for step in steps))):
        yield Finding(Severity.ERROR, question, "A count cannot be less than 0.", change.key)
    for few, lower, many, upper in steps:
        if lower is not None and upper is not None and lower > upper:
            text = f"{change.label}: {lower:,} {few} are more than the {upper:,} {many}."
            yield Finding(Severity.ERROR, question, text, change.key)
    yield from _parts(change, question)
    if (
        change.started is not None
        and reported.people is not None
        and change.started > reported.people
    ):
        text = f"{change.label}: {change.started:,} started, more than the {reported.people:,} people in all."
        yield Finding(Severity.WARNING, question, text, change.key)


def _parts(change: Change, question: str) -> Iterator[Finding]:
    """Improved, the same and worse make up exactly the people with both readings."""
    given = [part for part in (change.improved, change.same, change.worse) if part is not None]
    if not given or change.paired is None:
        return
    total = sum(given)
    is_short = len(given) < 3 and total < change.paired  # noqa: PLR2004 - one of the three is blank
    if is_short:
        text = f"{change.label}: give all three of improved, the same and worse."
        yield Finding(Severity.ERROR, question, text, change.key)
    elif total != change.paired:
        text = (
            f"{change.label}: improved, the same and worse add up to {total:,}, "
            f"not to the {change.paired:,} people with both readings."
        )
        yield Finding(Severity.ERROR, question, text, change.key)
    if change.paired and change.paired < FEW_PAIRS:
        text = f"{change.label}: fewer than {FEW_PAIRS} people have both readings, so read it with care."
        yield Finding(Severity.NOTE, question, text, change.key)


def _money(reported: Reported) -> Iterator[Finding]:
    money = reported.money
    if money is None:
        return
    spent = sum(money.spent.values())
    if min(money.spent.values(), default=0) < 0 or (money.unspent or 0) < 0:
        text = "An amount cannot be less than £0."
        yield Finding(Severity.ERROR, reported.money_question, text)
    if money.unspent is None and spent > money.received:
        text = f"{pounds(spent)} spent is more than the {pounds(money.received)} received."
        yield Finding(Severity.WARNING, reported.money_question, text)
    if money.unspent is not None and spent + money.unspent != money.received:
        text = (
            f"{pounds(spent)} spent and {pounds(money.unspent)} not spent come to "
            f"{pounds(spent + money.unspent)}, not to the {pounds(money.received)} received."
        )
        yield Finding(Severity.ERROR, reported.money_question, text)


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage never stands alone: what it is of, and how many were lost on the way."""

    improved: int
    paired: int
    percent: Decimal | None  # of the paired; None where there are none
    attrition: Decimal | None  # percent of those who started that have no second reading

    @property
    def is_few(self) -> bool:
        """Whether there are too few pairs to read much into it."""
        return self.paired < FEW_PAIRS


def improved_share(changes: Iterable[Change]) -> Share:
    """Improved of paired over several returns or measures: counts are pooled, means never are."""
    complete = [
        (change.started or 0, change.paired, change.improved)
        for change in changes
        if change.paired is not None and change.improved is not None
    ]
    started, paired, improved = (
        sum(column) for column in (zip(*complete, strict=True) if complete else ((), (), ()))
    )
    return Share(improved, paired, percent(improved, paired), percent(started - paired, started))


def percent(part: int, whole: int) -> Decimal | None:
    """A percentage with one decimal, halves up; None of nothing, or where the part is below nought."""
    if whole <= 0 or part < 0:
        return None
    tenths = Fraction(part * WHOLE * 10, whole)
    rounded = (2 * tenths.numerator + tenths.denominator) // (2 * tenths.denominator)
    return Decimal(rounded).scaleb(-1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure promised and delivered. None is not collected: never nought."""

    key: str
    promised: int | None
    delivered: int | None

    @property
    def difference(self) -> int | None:
        """Delivered less promised."""
        if self.promised is None or self.delivered is None:
            return None
        return self.delivered - self.promised

    @property
    def percent(self) -> Decimal | None:
        """Delivered as a percentage of promised."""
        if self.promised is None or self.delivered is None:
            return None
        return percent(self.delivered, self.promised)


def promised_against_delivered(
    promised: Mapping[str, int | None], delivered: Mapping[str, int | None]
) -> tuple[Comparison, ...]:
    """Every figure of either side, in the order promised."""
    keys = dict.fromkeys((*promised, *delivered))
    return tuple(Comparison(key, promised.get(key), delivered.get(key)) for key in keys)


def far_from_promise(comparisons: Iterable[Comparison]) -> tuple[Finding, ...]:
    """A warning for each figure under half or over twice what was promised."""
    found = []
    for comparison in comparisons:
        share = comparison.percent
        if share is not None and not FAR_BELOW <= share <= FAR_ABOVE:
            text = (
                f"{comparison.delivered:,} delivered, where {comparison.promised:,} was promised."
            )
            found.append(Finding(Severity.WARNING, comparison.key, text))
    return tuple(found)
