"""Small numbers of people in rows, whose totals are published elsewhere: which rows keep theirs back.

A group is rows that add up to one published total, such as the returns of one council area. Whoever
reads knows the total, unless it is hidden, and the rows that are shown; so

- a group whose total is hidden shows no row at all, or its rows would add up to the total;
- otherwise small rows are hidden, and where only one is, or where hidden rows of 1 each could be
  worked out from the total, the smallest other row as well;
- where there is no other row, every row of the group is hidden, noughts too.

Then any hidden row can be one more or one less, and another hidden row makes up for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

ENOUGH = 2  # hidden rows that can make up for one another; and the least that one of them holds


@dataclass(slots=True)
class _Group:
    small: list[int] = field(default_factory=list)
    largest: int = 0
    next: tuple[int, int] | None = None  # the smallest row that is not small: value, row

    def add(self, row: int, value: int, small: int) -> None:
        if 1 <= value <= small:
            self.small.append(row)
            self.largest = max(self.largest, value)
        elif value and (self.next is None or (value, row) < self.next):
            self.next = (value, row)

    @property
    def is_safe(self) -> bool:
        return not self.small or (len(self.small) >= ENOUGH and self.largest >= ENOUGH)


@dataclass(frozen=True, slots=True)
class HiddenRows:
    """Which rows do not show their number of people."""

    rows: frozenset[int]
    groups: frozenset[str]

    def hides(self, row: int, group: str) -> bool:
        """Whether this row's number is kept back."""
        return group in self.groups or row in self.rows


def rows_to_hide(
    rows: Iterable[tuple[int, str, int]], *, hidden_totals: Collection[str], small: int
) -> HiddenRows:
    """For rows of (id, group, people), read once. The same rows give the same answer in any order."""
    groups: dict[str, _Group] = {}
    for row, group, value in rows:
        if group not in hidden_totals:
            groups.setdefault(group, _Group()).add(row, value, small)
    hidden: set[int] = set()
    whole = set(hidden_totals)
    for name, found in groups.items():
        hidden.update(found.small)
        if not found.is_safe:
            if found.next is None:
                whole.add(name)
            else:
                hidden.add(found.next[1])
    return HiddenRows(frozenset(hidden), frozenset(whole))


@dataclass(slots=True)
class _Outcome:
    small: list[int] = field(default_factory=list)
    next: tuple[int, int] | None = None

    def add(self, row: int, counts: Sequence[int], small: int) -> None:
        if any(1 <= count <= small for count in counts):
            self.small.append(row)
        elif sum(counts) and (self.next is None or (sum(counts), row) < self.next):
            self.next = (sum(counts), row)


def results_to_hide(
    rows: Iterable[tuple[int, str, Sequence[int]]], *, hidden_outcomes: Collection[str], small: int
) -> HiddenRows:
    """For rows of (id, outcome, its counts) whose totals by outcome are published.

    A row with one small count hides all of its counts, noughts too, and never stands alone: what one
    hidden row has less in a column, another can have more. An outcome with a hidden total shows none.
    """
    outcomes: dict[str, _Outcome] = {}
    for row, name, counts in rows:
        if name not in hidden_outcomes:
            outcomes.setdefault(name, _Outcome()).add(row, counts, small)
    hidden: set[int] = set()
    whole = set(hidden_outcomes)
    for name, found in outcomes.items():
        hidden.update(found.small)
        if len(found.small) == 1 and found.next is not None:
            hidden.add(found.next[1])
        elif len(found.small) == 1:
            whole.add(name)
    return HiddenRows(frozenset(hidden), frozenset(whole))
