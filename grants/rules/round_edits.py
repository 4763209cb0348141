"""Changing the rest of a round's rulebook: its stages, letters, the return's dates, next year's copy.

As in ``form_edits.py`` each step takes a fund and gives the changed one, or raises Blocked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grants.funds.checks import faults
from grants.funds.definition import Clause, EligibilityCheck, Fund, Letter, Period
from grants.rules.form_edits import LONGEST_LINE, Edited, new_key, wrong_words
from grants.rules.money import Pence
from grants.rules.refusals import Blocked, NotFound, Reason

MOST_PERIODS = 24
MOST_CHECKS = 20
MOST_READERS = 9
MOST_APPROVALS = 3
LONGEST_OFFER = 366
YEAR = re.compile(r"\b(20\d\d)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Who must look at an application before money goes out, and how long an offer stands."""

    readers: int
    approvals_needed: int
    second_approval_over: Pence | None
    acceptance_days: int


def save_stages(fund: Fund, stages: Stages) -> Edited:
    """How many read, how many approve, above which amount a second one does."""
    reasons = [
        Reason(f"Enter a number from 1 to {most}.", name)
        for name, number, most in (
            ("readers", stages.readers, MOST_READERS),
            ("approvals_needed", stages.approvals_needed, MOST_APPROVALS),
            ("acceptance_days", stages.acceptance_days, LONGEST_OFFER),
        )
        if not 1 <= number <= most
    ]
    if reasons:
        raise Blocked(*reasons)
    settings = replace(
        fund.settings,
        approvals_needed=stages.approvals_needed,
        second_approval_over=stages.second_approval_over,
        acceptance_days=stages.acceptance_days,
    )
    scoring = replace(fund.scoring, readers=stages.readers)
    return Edited(replace(fund, settings=settings, scoring=scoring), "stages")


def save_guidance(fund: Fund, summary: str, audience: str) -> Edited:
    """What the fund is for and who may apply, as its notice says it."""
    reasons = [
        Reason(said, name)
        for name, text in (("summary", summary), ("audience", audience))
        if (said := wrong_words(text, None, "Write a sentence or two."))
    ]
    if reasons:
        raise Blocked(*reasons)
    return Edited(replace(fund, summary=summary.strip(), audience=audience.strip()), "guidance")


def save_eligibility(fund: Fund, check: EligibilityCheck) -> Edited:
    """Add a question that people ask themselves first (its key empty), or change one."""
    others = [kept for kept in fund.eligibility if kept.key != check.key]
    reasons = [
        Reason(said, name)
        for name, text in (("question", check.question), ("sentence", check.sentence))
        if (said := wrong_words(text, LONGEST_LINE, "Write something here."))
    ]
    if check.wanted not in {"yes", "no"}:
        reasons.append(Reason("Choose yes or no.", "wanted"))
    if len(others) >= MOST_CHECKS:
        reasons.append(Reason("There are too many questions already."))
    if reasons:
        raise Blocked(*reasons)
    if not check.key:
        check = replace(check, key=new_key(check.question, {kept.key for kept in others}))
        return Edited(replace(fund, eligibility=(*others, check)), check.key)
    checks = tuple(check if kept.key == check.key else kept for kept in fund.eligibility)
    return Edited(replace(fund, eligibility=checks), check.key)


def remove_eligibility(fund: Fund, key: str) -> Edited:
    """Ask one thing fewer."""
    kept = tuple(check for check in fund.eligibility if check.key != key)
    return Edited(replace(fund, eligibility=kept), key)


def letter_of(fund: Fund, kind: str) -> Letter:
    """The letter of this kind. Raises NotFound."""
    found = fund.letter(kind)
    if found is None:
        raise NotFound("There is no such letter.")
    return found


def save_letter(
    fund: Fund, kind: str, subject: str, body: str, clauses: Sequence[tuple[str, str]]
) -> Edited:
    """A letter's words. Paragraphs stand apart by an empty line; each {placeholder} must be known."""
    before = letter_of(fund, kind)
    reasons = _wrong_letter(subject, body, clauses)
    if reasons:
        raise Blocked(*reasons)
    changed = replace(
        before,
        subject=subject.strip(),
        paragraphs=tuple(" ".join(p.split()) for p in re.split(r"\n\s*\n", body) if p.strip()),
        clauses=tuple(
            _clause(kept, heading, text)
            for kept, (heading, text) in zip(before.clauses, clauses, strict=True)
        ),
    )
    letters = tuple(changed if letter.kind == kind else letter for letter in fund.letters)
    edited = replace(fund, letters=letters)
    wrong = [f.sentence for f in faults(edited) if f.part == "letters" and f.key == kind]
    if wrong:
        raise Blocked(*(Reason(_capital(f"{sentence}."), "body") for sentence in wrong))
    return Edited(edited, kind)


def _wrong_letter(subject: str, body: str, clauses: Sequence[tuple[str, str]]) -> list[Reason]:
    fields = [("subject", subject, LONGEST_LINE), ("body", body, None)]
    for number, (heading, text) in enumerate(clauses):
        fields += [(f"heading_{number}", heading, LONGEST_LINE), (f"text_{number}", text, None)]
    return [
        Reason(said, name)
        for name, text, most in fields
        if (said := wrong_words(text, most, "Write something here."))
    ]


def _clause(kept: Clause, heading: str, text: str) -> Clause:
    return replace(kept, heading=heading.strip(), text=" ".join(text.split()))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def filled(text: str, samples: Mapping[str, str]) -> str:
    """A letter's words with sample values."""
    return text.format_map(dict(samples))


def save_period(fund: Fund, period: Period) -> Edited:
    """Add a stretch that is reported on (its key empty), or change one. They stand by their dates."""
    reasons = _wrong_period(fund, period)
    if reasons:
        raise Blocked(*reasons)
    others = [kept for kept in fund.return_form.periods if kept.key != period.key]
    if not period.key:
        key = new_key(period.label, {kept.key for kept in others})
        period = replace(period, key=key)
    periods = sorted([*others, period], key=lambda kept: (kept.starts, kept.due))
    return Edited(
        replace(fund, return_form=replace(fund.return_form, periods=tuple(periods))), period.key
    )


def _wrong_period(fund: Fund, period: Period) -> list[Reason]:
    others = [kept for kept in fund.return_form.periods if kept.key != period.key]
    reasons = []
    if said := wrong_words(period.label, LONGEST_LINE, "Say which time this is."):
        reasons.append(Reason(said, "label"))
    if period.ends < period.starts:
        reasons.append(Reason("This is before the time begins.", "ends"))
    if period.due < period.ends:
        reasons.append(Reason("A return is due when its time is over, or later.", "due"))
    if period.final and any(kept.final for kept in others):
        reasons.append(Reason("Another return is the last one already.", "final"))
    if period.final and period.over:
        reasons.append(Reason("The last return is for projects of any size.", "over"))
    if len(others) >= MOST_PERIODS:
        reasons.append(Reason("There are too many returns already."))
    return reasons


def remove_period(fund: Fund, key: str) -> Edited:
    """Ask for one return fewer."""
    kept = tuple(period for period in fund.return_form.periods if period.key != key)
    if len(kept) == len(fund.return_form.periods):
        raise NotFound("There is no such return.")
    return Edited(replace(fund, return_form=replace(fund.return_form, periods=kept)), key)


def moved_on(fund: Fund, years: int) -> Fund:
    """The same rulebook some years later: the return's dates and the years in their labels move."""
    periods = tuple(
        replace(
            period,
            label=YEAR.sub(lambda found: str(int(found[1]) + years), period.label),
            starts=_later(period.starts, years),
            ends=_later(period.ends, years),
            due=_later(period.due, years),
        )
        for period in fund.return_form.periods
    )
    return replace(fund, return_form=replace(fund.return_form, periods=periods))


def _later(day: str, years: int) -> str:
    before = dt.date.fromisoformat(day)
    leap_day = (before.month, before.day) == (2, 29)
    return before.replace(year=before.year + years, day=28 if leap_day else before.day).isoformat()
