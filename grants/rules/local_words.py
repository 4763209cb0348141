"""The criteria and letters of a partnership's own round: they speak to groups, not to partnerships."""

from __future__ import annotations

from dataclasses import replace

from grants.funds.definition import Clause, Criterion, Letter, Scoring, Wording

Words = tuple[Wording, ...]


def spoken(text: str, words: Words) -> str:
    """What a text says at the local tier: nothing where it is left out."""
    found = next((entry for entry in words if text.startswith(entry.starts)), None)
    return text if found is None else found.says


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
