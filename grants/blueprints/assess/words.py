"""What the fields of a score sheet are called, and how their texts read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from grants.funds.definition import Fund
from grants.rules.score_sheet import FULL, NO, PART, Line, Sheet
from grants.web.answer_places import Place

ADVICE = {FULL: "In full", PART: "In part", NO: "No"}
KINDS = {
    "mark": "Score",
    "reason": "Reason",
    "line": "Advice",
    "amount": "How much",
    "why": "Why not in full",
}
WRITING = frozenset({"reason", "why", "comment"})


class Scored(Protocol):
    """What is scored: an application, or a sample of a calibration."""

    @property
    def fund(self) -> Fund: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...
    @property
    def sheet(self) -> Sheet: ...


@dataclass(frozen=True, slots=True)
class SheetWords:
    """The words of one assessor's sheet."""

    page: Scored

    def label(self, place: Place) -> str:
        """The criterion or the project, and which of its fields."""
        kind, row = place
        titles = {one.key: one.title for one in self.page.fund.scoring.criteria}
        titles |= {line.key: line.title for line in self.page.lines}
        said = KINDS.get(kind, "Overall comment")
        return f"{titles[row]}: {said}" if row in titles else said

    def in_words(self, place: Place, text: str) -> str:
        """A mark with its anchor, advice in words."""
        kind, row = place
        if kind == "mark":
            return self._mark(row, text)
        if kind == "amount" and text:
            return f"£{text}"
        return ADVICE.get(text, text) if kind == "line" else text

    def is_writing(self, place: Place) -> bool:
        """Whether two texts may stand one under the other."""
        return place[0] in WRITING

    def _mark(self, row: str, text: str) -> str:
        anchors = {
            str(anchor.score): anchor.text
            for one in self.page.fund.scoring.criteria
            if one.key == row
            for anchor in one.anchors
        }
        return f"{text} {anchors.get(text, '')}".strip()
