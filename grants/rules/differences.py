"""Two texts held against each other, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WORDS = re.compile(r"\s+|\S+")
MOST = 1_000_000  # pairs of words: beyond this the texts stand as wholes


class Mark(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """Some words that share one fate."""

    mark: Mark
    text: str


Runs = tuple[Run, ...]


def differences(old: str, new: str) -> tuple[Runs, Runs]:
    """The old text with what was removed, and the new one with what was added."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    if len(before) * len(after) > MOST:
        return _whole(Mark.REMOVED, old), _whole(Mark.ADDED, new)
    left: list[Run] = []
    right: list[Run] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        same = kind == "equal"
        _put(left, Mark.SAME if same else Mark.REMOVED, before[start:end])
        _put(right, Mark.SAME if same else Mark.ADDED, after[first:last])
    return tuple(left), tuple(right)


def _put(runs: list[Run], mark: Mark, words: Sequence[str]) -> None:
    if words:
        runs.append(Run(mark, "".join(words)))


def _whole(mark: Mark, text: str) -> Runs:
    return (Run(mark, text),) if text else ()
