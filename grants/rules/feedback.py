"""Feedback drafted from what was written about each criterion: strengths first, then what would lift it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grants.funds.definition import Criterion, Scoring

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
STRONG = Fraction(3, 5)  # of the highest mark: from here on it is a strength
CLOSING = ")]”’\"'"  # may follow the stop of a sentence
MOST_WORDS = 480
STRENGTHS, LIFTS = "What was strong", "What would make it stronger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of one criterion: the mark that counts, and the words, the panel's first."""

    mark: Fraction
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, and the sentences that were left out because they name somebody."""

    text: str
    left_out: tuple[str, ...] = ()


def draft(said: Mapping[str, Said], rules: Scoring, names: Iterable[str]) -> Draft:
    """Criteria by their marks: the strongest first, then from the one that could rise the most.

    A sentence that has one of ``names`` in it (an assessor, another applicant) is left out.
    """
    barred = [
        re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for name in names if name
    ]
    left_out: list[str] = []
    marked = [(one, said[one.key]) for one in rules.criteria if one.key in said]
    strong = [pair for pair in marked if pair[1].mark >= STRONG * rules.highest]
    weak = [pair for pair in marked if pair not in strong]
    strong.sort(key=lambda pair: -pair[1].mark)
    weak.sort(key=lambda pair: (pair[1].mark, -pair[0].weight))
    parts = [
        *_part(STRENGTHS, strong, barred, left_out, rules, lifts=False),
        *_part(LIFTS, weak, barred, left_out, rules, lifts=True),
    ]
    return Draft(_cut(parts), tuple(left_out))


def _part(
    title: str,
    marked: Sequence[tuple[Criterion, Said]],
    barred: Sequence[re.Pattern[str]],
    left_out: list[str],
    rules: Scoring,
    *,
    lifts: bool,
) -> list[str]:
    if not marked:
        return []
    lines = [title]
    for criterion, given in marked:
        kept: list[str] = []
        for sentence in _sentences(given.words):
            is_barred = any(name.search(sentence) for name in barred)
            (left_out if is_barred else kept).append(sentence)
        next_up = _anchor_above(criterion, given.mark) if lifts else ""
        aim = f" To score more: {next_up}" if next_up else ""
        words = " ".join(kept) or _anchor_at(criterion, given.mark, rules)
        lines.append(f"{criterion.title}: {words}{aim}".strip())
    return lines


def _sentences(texts: Iterable[str]) -> list[str]:
    """Each sentence once, in order."""
    found = (part.strip() for text in texts for part in SENTENCE.split(text))
    return list(
        dict.fromkeys(
            part if part.rstrip(CLOSING).endswith((".", "!", "?")) else f"{part}."
            for part in found
            if part
        )
    )


def _anchor_at(criterion: Criterion, mark: Fraction, rules: Scoring) -> str:
    wording = {one.score: one.text for one in criterion.anchors}
    nearest = max(rules.lowest, int(mark + Fraction(1, 2)))
    return wording.get(nearest, "")


def _anchor_above(criterion: Criterion, mark: Fraction) -> str:
    above = [one for one in criterion.anchors if one.score > mark]
    return min(above, key=lambda one: one.score).text if above else ""


def _cut(parts: Sequence[str]) -> str:
    """As many whole lines as the applicant's letter takes, and no heading with nothing under it."""
    kept: list[str] = []
    words = 0
    for part in parts:
        words += len(part.split())
        if words > MOST_WORDS:
            break
        kept.append(part)
    if kept and kept[-1] in {STRENGTHS, LIFTS}:
        kept.pop()
    return "\n".join(kept)
