"""The forms, criteria and letters of a partnership's own round: they speak to groups, not to partnerships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grants.funds.definition import (
    Asking,
    Clause,
    Criterion,
    Letter,
    Part,
    Question,
    Scoring,
    Section,
    Wording,
)

Words = tuple[Wording, ...]
Asks = tuple[Asking, ...]
QUESTION = "?"  # sections and questions may have the same key


def spoken(text: str, words: Words) -> str:
    """What a text says at the local tier: nothing where it is left out."""
    found = next((entry for entry in words if text.startswith(entry.starts)), None)
    return text if found is None else found.says


def sections(national: Sequence[Section], asks: Asks, part: Part) -> tuple[Section, ...]:
    """The same sections and questions, as they are put at the local tier."""
    of_part = [one for one in asks if one.part == part]
    said = {one.section or f"{QUESTION}{one.question}": one for one in of_part}
    return tuple(_section(entry, said) for entry in national)


def _section(national: Section, said: Mapping[str, Asking]) -> Section:
    own = said.get(national.key, Asking())
    return replace(
        national,
        title=_or(own.label, national.title),
        intro=_or(own.hint, national.intro),
        questions=tuple(_question(entry, entry.key, said) for entry in national.questions),
    )


def _question(national: Question, path: str, said: Mapping[str, Asking]) -> Question:
    own = said.get(f"{QUESTION}{path}", Asking())
    return replace(
        national,
        label=_or(own.label, national.label),
        hint=_or(own.hint, national.hint),
        guidance=_or(own.guidance, national.guidance),
        example=_or(own.example, national.example),
        columns=tuple(
            _question(column, f"{path}.{column.key}", said) for column in national.columns
        ),
    )


def _or(said: str | None, national: str) -> str:
    return national if said is None else said


def scoring(national: Scoring, words: Words) -> Scoring:
    """The same criteria and weights, in the words of the local tier."""
    return replace(
        national, criteria=tuple(_criterion(entry, words) for entry in national.criteria)
    )


def _criterion(national: Criterion, words: Words) -> Criterion:
    return replace(
        national,
        title=spoken(national.title, words) or national.title,
        guidance=spoken(national.guidance, words),
        anchors=tuple(
            replace(anchor, text=spoken(anchor.text, words) or anchor.text)
            for anchor in national.anchors
        ),
    )


def letter(national: Letter, words: Words) -> Letter:
    """The same letter, without what only a body that passes money on is told."""
    clauses = (_clause(clause, words) for clause in national.clauses)
    return replace(
        national,
        paragraphs=tuple(said for text in national.paragraphs if (said := spoken(text, words))),
        clauses=tuple(clause for clause in clauses if clause.text),
    )


def _clause(national: Clause, words: Words) -> Clause:
    return replace(national, text=spoken(national.text, words))
