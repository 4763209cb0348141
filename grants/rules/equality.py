"""Equality monitoring: until when it is asked, what is counted of an answer, and what is published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grants.funds.reference import EqualityQuestion
from grants.rules.disclosure import Cell, protect_list

OPEN_FOR = dt.timedelta(days=14)
"""After the round closes. Figures are shown only then: two looks at them can't tell one answer."""
PREFER_NOT = ("prefer_not", "Prefer not to say")
JOINT = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One question as it may be shown: a count or a mark for each answer, and the total."""

    question: EqualityQuestion
    labels: Mapping[str, str]
    counts: Mapping[str, Cell]
    total: Cell


def is_asked(closes_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether the questions are still open."""
    return now < closes_at + OPEN_FOR


def options(question: EqualityQuestion) -> tuple[tuple[str, str], ...]:
    """What may be answered; saying nothing is always among it."""
    return (*question.options, PREFER_NOT)


def counted(
    questions: Sequence[EqualityQuestion], answers: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """(question, code) to count. A question that follows another refines its answer, so that the
    two are one list and neither gives the other away. What is no answer of the list is left out."""
    given = {
        question.key: answers[question.key]
        for question in questions
        if answers.get(question.key, "") in dict(options(question))
    }
    found = []
    for question in questions:
        if question.follows or question.key not in given:
            continue
        code = given[question.key]
        more = [
            given[after.key]
            for after in questions
            if after.follows == (question.key, code) and after.key in given
        ]
        found.append((question.key, JOINT.join((code, *more))))
    return tuple(found)


def labels(question: EqualityQuestion, questions: Sequence[EqualityQuestion]) -> dict[str, str]:
    """Every code that is counted under this question, in words."""
    words: dict[str, str] = {}
    for code, label in options(question):
        words[code] = label
        for after in questions:
            if after.follows == (question.key, code):
                words |= {
                    f"{code}{JOINT}{more}": f"{label}. {after.label} {said}"
                    for more, said in options(after)
                }
    return words


def published(
    questions: Sequence[EqualityQuestion], counts: Mapping[tuple[str, str], int], *, small: int
) -> tuple[Published, ...]:
    """Every question with its counts; small ones hidden, and what would give them away."""
    return tuple(
        _published(question, labels(question, questions), counts, small)
        for question in questions
        if not question.follows
    )


def _published(
    question: EqualityQuestion,
    words: Mapping[str, str],
    counts: Mapping[tuple[str, str], int],
    small: int,
) -> Published:
    given = {code: counts.get((question.key, code), 0) for code in words}
    cells, total = protect_list(given, total=sum(given.values()), small=small)
    return Published(question=question, labels=words, counts=cells, total=total or 0)
