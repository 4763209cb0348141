"""Small numbers of people: which cells are hidden so that none can be worked out from the rest.

Only counts of people come here. Counts of projects, organisations and awards, and money, do not.

How it is safe. A hidden cell is safe when there is another table that agrees with all that is
shown, and differs in that cell. Whoever reads knows that nought is never hidden, so a hidden cell
is at least 1 in that other table too. ``_Net.move`` looks for it as a set of steps of one up or one
down that keeps every sum, hiding further cells where it must, as few and as small as it can. Hiding
more never makes a safe cell unsafe, so one pass is enough.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import count


class Hidden(Enum):
    """The mark that stands where a count was. It is never a number."""

    HIDDEN = "c"  # for confidential, as Scottish tables mark it


HIDDEN = Hidden.HIDDEN
Cell = int | Hidden
At = tuple[str, str]  # row, column
TOTAL = ""  # the key of the row and of the column of totals
GRAND: At = (TOTAL, TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Counts of people by row and column, with the totals that are shown beside them.

    A list is a table without columns: its counts stand in the column of totals.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...] = ()
    cells: Mapping[At, Cell]
    across: bool = True  # the columns of a row add up to its total
    down: bool = True  # the rows of a column add up to its total
    same_as: Mapping[At, str] = field(default_factory=dict)  # cells shown in other tables too

    @property
    def has_hidden(self) -> bool:
        """Whether any cell is hidden."""
        return any(isinstance(cell, Hidden) for cell in self.cells.values())


def protect(table: Table, *, small: int) -> Table:
    """The table with counts from 1 to ``small`` hidden, and what would give them away."""
    return protect_all([table], small=small)[0]


def protect_all(tables: Sequence[Table], *, small: int) -> tuple[Table, ...]:
    """Tables that are published together, none of which gives away a hidden cell of another.

    Cells that several tables show are named in ``same_as``; they are hidden in all or in none.
    """
    net = _Net()
    for number, table in enumerate(tables):
        for at, cell in table.cells.items():
            if isinstance(cell, int):
                net.add(_name(number, table, at), cell)
        for total, parts in _sums(table):
            net.tie(_name(number, table, total), [_name(number, table, part) for part in parts])
    hidden = net.hide(small)
    return tuple(
        replace(
            table,
            cells={
                at: HIDDEN if _name(number, table, at) in hidden else cell
                for at, cell in table.cells.items()
            },
        )
        for number, table in enumerate(tables)
    )


def protect_list(
    counts: Mapping[str, int], *, total: int | None, small: int, adds_up: bool = True
) -> tuple[dict[str, Cell], Cell | None]:
    """One list of counts and its total, protected. ``adds_up`` is False where people count twice."""
    cells: dict[At, Cell] = {(code, TOTAL): number for code, number in counts.items()}
    if total is not None:
        cells[GRAND] = total
    table = protect(Table(rows=tuple(counts), cells=cells, down=adds_up), small=small)
    return {code: table.cells[code, TOTAL] for code in counts}, table.cells.get(GRAND)


def percentage(part: Cell, base: Cell, *, least: int) -> Decimal | Hidden:
    """A percentage with one decimal, halves up; hidden where either is, or the base is under ``least``."""
    if isinstance(part, Hidden) or isinstance(base, Hidden) or base < max(least, 1):
        return HIDDEN
    tenths = Fraction(part * 1000, base)
    rounded = (2 * tenths.numerator + tenths.denominator) // (2 * tenths.denominator)
    return Decimal(rounded).scaleb(-1)


def mean(value: Decimal | None, base: Cell, *, least: int) -> Decimal | Hidden | None:
    """A mean as reported; hidden where its base is hidden or under ``least``."""
    return HIDDEN if isinstance(base, Hidden) or base < least else value


def _sums(table: Table) -> Iterator[tuple[At, list[At]]]:
    """Each total that is shown, with the cells that add up to it."""
    if table.across:
        for row in (*table.rows, TOTAL):
            yield (row, TOTAL), [(row, column) for column in table.columns]
    if table.down:
        for column in (*table.columns, TOTAL):
            yield (TOTAL, column), [(row, column) for row in table.rows]


Name = tuple[int, str, str]


def _name(number: int, table: Table, at: At) -> Name:
    shared = table.same_as.get(at)
    return (number, *at) if shared is None else (-1, shared, "")


CELL_COST = 1_000_000  # hiding one more cell, before its own size is counted in
TOTAL_COST = 6  # how many cells we would rather hide than one total of them
HIDDEN_COST = 100_000  # leaning on a cell that is hidden already: short ways round are found soon
MOST_STATES = 20_000  # of one search; beyond it everything in reach is hidden, which is safe
Steps = dict[Name, int]
Uneven = tuple[tuple[int, int], ...]  # sums that do not hold yet: (its number, by how much)


class _Net:
    """Counts and the sums that tie them together."""

    def __init__(self) -> None:
        self.values: dict[Name, int] = {}
        self.sums: list[list[tuple[Name, int]]] = []  # each: its cells with 1, its total with -1
        self.within: dict[Name, list[tuple[int, int]]] = {}  # of a cell: the sums, with 1 or -1
        self.known: set[tuple[Name, frozenset[Name]]] = set()
        self.levels: dict[Name, int] = {}

    def add(self, name: Name, value: int) -> None:
        """A count that is shown. The same name must bring the same count."""
        if value < 0 or self.values.setdefault(name, value) != value:
            raise ValueError(f"{name} is counted twice with two results, or is below nought.")

    def tie(self, total: Name, parts: Iterable[Name]) -> None:
        """These parts add up to this total; parts that are not shown are left out."""
        shown = [part for part in parts if part in self.values]
        if total not in self.values or not shown or (total, frozenset(shown)) in self.known:
            return
        self.known.add((total, frozenset(shown)))
        self.sums.append([(part, 1) for part in shown] + [(total, -1)])
        for name, sign in self.sums[-1]:
            self.within.setdefault(name, []).append((len(self.sums) - 1, sign))

    def hide(self, small: int) -> frozenset[Name]:
        """All that must be hidden: the small, and what guards them. The same every time."""
        hidden = {name: None for name, value in self.values.items() if 1 <= value <= small}
        safe: set[Name] = set()
        for name in list(hidden):
            if name in safe:
                continue
            steps = self.move(name, hidden) or dict.fromkeys(self.reach(name), 1)
            hidden.update(dict.fromkeys(steps))
            safe.update(steps)
        return frozenset(hidden)

    def reach(self, name: Name) -> list[Name]:
        """Every count above nought that sums tie to this one. All hidden, each could be double."""
        found, waiting = {name: None}, [name]
        while waiting:
            for number, _ in self.within.get(waiting.pop(), []):
                for other, _ in self.sums[number]:
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return [other for other in found if self.values[other] > 0]

    def move(self, name: Name, hidden: Mapping[Name, None]) -> Steps | None:
        """Cheap steps that change this count and keep every sum; None when none is found.

        Best first: what was paid, and about what the sums that do not hold yet will cost.
        """
        order, prices = count(), _Prices(self, hidden)
        heap: list[tuple[int, int, int, Uneven, Steps]] = []
        for step in (-1, 1):
            if self.values[name] + step >= 1:
                upset = self._upset((), name, step)
                heapq.heappush(heap, (prices.ahead(upset), next(order), 0, upset, {name: step}))
        seen: set[frozenset[tuple[int, int]]] = set()
        while heap and len(seen) < MOST_STATES:
            _, _, paid, uneven, steps = heapq.heappop(heap)
            if not uneven:
                return steps
            state = frozenset(uneven)
            if state in seen:
                continue
            seen.add(state)
            for other, step in self.repairs(uneven[-1], steps):
                cost = paid + (HIDDEN_COST if other in steps else prices.of(other))
                further = {**steps, other: steps.get(other, 0) + step}
                upset = self._upset(uneven, other, step)
                heapq.heappush(
                    heap, (cost + prices.ahead(upset), next(order), cost, upset, further)
                )
        return None

    def repairs(self, uneven: tuple[int, int], steps: Steps) -> Iterator[tuple[Name, int]]:
        """Single steps that bring this sum nearer to holding, never back and never below 1."""
        number, excess = uneven
        for name, sign in self.sums[number]:
            step = -sign if excess > 0 else sign
            so_far = steps.get(name, 0)
            if (
                self.values[name] > 0
                and so_far * step >= 0
                and self.values[name] + so_far + step >= 1
            ):
                yield name, step

    def _upset(self, uneven: Uneven, name: Name, step: int) -> Uneven:
        """Which sums do not hold once this count has taken this step too."""
        now = dict(uneven)
        for number, sign in self.within.get(name, []):
            excess = now.pop(number, 0) + sign * step
            if excess:
                now[number] = excess
        return tuple(now.items())

    def cost(self, name: Name) -> int:
        size = min(self.values[name], CELL_COST - 1)
        return CELL_COST * int(TOTAL_COST ** self._level(name)) + size

    def _level(self, name: Name) -> int:
        """0 for a cell, 1 for a total of cells, 2 for a total of totals."""
        if name not in self.levels:
            self.levels[name] = 0  # a sum that leads back to itself ends here
            parts = [
                part
                for number, sign in self.within.get(name, [])
                if sign < 0
                for part, of in self.sums[number]
                if of > 0
            ]
            if parts:
                self.levels[name] = 1 + max(self._level(part) for part in parts)
        return self.levels[name]


class _Prices:
    """What one search pays: little for what is hidden already."""

    def __init__(self, net: _Net, hidden: Mapping[Name, None]) -> None:
        self.net, self.hidden = net, hidden
        self.least: dict[tuple[int, bool], int] = {}

    def of(self, name: Name) -> int:
        """The price of a step of this count."""
        return HIDDEN_COST if name in self.hidden else self.net.cost(name)

    def ahead(self, uneven: Uneven) -> int:
        """About what these sums will cost, as if each needed a step of its own."""
        return sum(self._mend(number, excess) for number, excess in uneven)

    def _mend(self, number: int, excess: int) -> int:
        wanted = (number, excess > 0)
        if wanted not in self.least:
            steps = self.net.repairs((number, excess), {})
            self.least[wanted] = min((self.of(name) for name, _ in steps), default=0)
        return self.least[wanted]
