"""Who assesses what: the cheapest allocation there is, never across a conflict, the same every time.

A minimum-cost flow gives every application its readers. What costs, from most to least: a seat that
stays empty; a seat kept for lived experience that somebody else takes; a reader who does not know
the area, as much as a load that is two above another; and uneven loads. Afterwards readers are
exchanged where the applications would fall into groups that share none, because then harsh and
lenient readers could not be told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from grants.rules import overlap
from grants.rules.overlap import Assignment
from grants.rules.shortfalls import Gap

STRANGER = 4  # squares of loads: what knowing the area is worth
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bid:
    """One application to be read, and where it is about."""

    key: int
    area: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """One assessor: the most they may hold in all, what areas they know, and their seat."""

    key: int
    most: int
    areas: frozenset[int] = frozenset()
    is_lived: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Readers of each application in all, and how many of them sit for lived experience."""

    readers: int
    lived: int = 0


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An application that could not be given as many readers as asked."""

    application: int
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """What is proposed: new assignments only, what is short, and each assessor's load after it."""

    assignments: tuple[Assignment, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    loads: Mapping[int, int] = field(default_factory=dict)
    unseated: tuple[int, ...] = ()  # applications without all their seats for lived experience
    strangers: int = 0  # new assignments to somebody who does not know the area
    gaps: tuple[Gap, ...] = ()  # why each is short or unseated, in the order of the applications
    groups: int = 0  # parts that share no reader: above one, harshness can't be told from merit


def allocate(
    bids: Sequence[Bid],
    readers: Sequence[Reader],
    wanted: Wanted,
    *,
    conflicts: Collection[tuple[int, int]] = (),
    already: Collection[Assignment] = (),
) -> Allocation:
    """Give each application its readers in all, counting ``already``, which stays.

    ``conflicts`` are (reader, application).
    """
    desk = _Desk(bids, readers, wanted, conflicts, already)
    made = desk.solve()
    mended = overlap.mend(made, already, may=desk.may_read, cost=desk.cost)
    return desk.told(mended)


class _Desk:
    """The round as arrays: a row for each application, a column for each reader."""

    def __init__(
        self,
        bids: Sequence[Bid],
        readers: Sequence[Reader],
        wanted: Wanted,
        conflicts: Collection[tuple[int, int]],
        already: Collection[Assignment],
    ) -> None:
        self.bids, self.readers, self.wanted, self.already = bids, readers, wanted, already
        self.rows = {bid.key: place for place, bid in enumerate(bids)}
        self.columns = {reader.key: place for place, reader in enumerate(readers)}
        self.lived: Flags = np.array([reader.is_lived for reader in readers], dtype=np.bool_)
        self.knows = _knowledge(bids, readers)
        self.free: Flags = np.ones((len(bids), len(readers)), dtype=np.bool_)
        self.kept: Flags = np.zeros((len(bids), len(readers)), dtype=np.bool_)
        self.held: Places = np.zeros(len(readers), dtype=np.int64)
        self.seats: Places = np.full(len(bids), wanted.readers, dtype=np.int64)
        self.lived_seats: Places = np.full(len(bids), wanted.lived, dtype=np.int64)
        for reader, application in conflicts:
            if reader in self.columns and application in self.rows:
                self.free[self.rows[application], self.columns[reader]] = False
                self.kept[self.rows[application], self.columns[reader]] = True
        for kept in already:
            self._keep(kept)
        np.maximum(self.seats, 0, out=self.seats)
        # Of the seats that are open, those that anybody may take.
        self.open_seats: Places = self.seats - np.clip(self.lived_seats, 0, self.seats)

    def _keep(self, kept: Assignment) -> None:
        row, column = self.rows.get(kept.application), self.columns.get(kept.assessor)
        if column is not None:
            self.held[column] += 1
        if row is not None:
            self.seats[row] -= 1
        if row is not None and column is not None:
            self.free[row, column] = False
            self.lived_seats[row] -= self.lived[column]

    def may_read(self, assessor: int, application: int) -> bool:
        """Whether nothing stands between them."""
        return bool(self.free[self.rows[application], self.columns[assessor]])

    def cost(self, application: int, assessors: Collection[int]) -> int:
        """What an application's new readers cost, loads left aside."""
        row = self.rows[application]
        columns = [self.columns[assessor] for assessor in assessors]
        others = sum(not self.lived[column] for column in columns)
        strangers = sum(not self.knows[row, column] for column in columns)
        dear, _ = self._dear
        return STRANGER * strangers + dear * max(0, others - int(self.open_seats[row]))

    @cached_property
    def _dear(self) -> tuple[int, int]:
        """What a lost seat of lived experience costs, and an empty one: more than all below it."""
        steps = len(self.readers) + 1  # one seat can move no more readers than there are
        most = max((reader.most for reader in self.readers), default=0) + len(self.already)
        unseated = STRANGER * steps + 2 * most + 2
        return unseated, (STRANGER + unseated) * steps + 2 * most + 2

    def solve(self) -> list[Assignment]:
        """The cheapest allocation, by the library."""
        if not len(self.bids) or not len(self.readers) or not self.seats.any():
            return []
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = _Arcs(len(self.bids), len(self.readers))
        rows, columns = np.nonzero(self.free & (self.seats > 0)[:, None])
        strange = np.where(self.knows[rows, columns], 0, STRANGER)
        starts = np.where(self.lived[columns], rows, arcs.others(rows))
        arcs.add(starts, arcs.reader(columns), np.ones(len(rows)), strange)
        self._seats(arcs)
        self._loads(arcs)
        flow.add_arcs_with_capacity_and_unit_cost(*arcs.joined())
        flow.set_nodes_supplies(np.arange(len(self.bids), dtype=np.int32), self.seats)
        flow.set_node_supply(arcs.sink, -int(self.seats.sum()))
        if flow.solve() != flow.OPTIMAL:
            raise RuntimeError("the flow has no solution, which its empty seats should prevent")
        taken = np.asarray(flow.flows(np.arange(len(rows), dtype=np.int32))) > 0
        pairs = zip(rows[taken].tolist(), columns[taken].tolist(), strict=True)
        return [Assignment(self.bids[row].key, self.readers[column].key) for row, column in pairs]

    def _seats(self, arcs: _Arcs) -> None:
        """Seats that anybody may take, those that are not meant for them, and those left empty."""
        unseated, empty = self._dear
        rows = np.arange(len(self.bids))
        nothing, all_ = np.zeros(len(rows)), np.ones(len(rows))
        arcs.add(rows, arcs.others(rows), self.open_seats, nothing)
        arcs.add(rows, arcs.others(rows), self.seats - self.open_seats, all_ * unseated)
        arcs.add(rows, np.full(len(rows), arcs.sink), self.seats, all_ * empty)

    def _loads(self, arcs: _Arcs) -> None:
        """Each more that a reader holds costs two more than the last: the sum is the square."""
        for column, reader in enumerate(self.readers):
            before = int(self.held[column])
            room = max(0, min(reader.most - before, len(self.bids)))
            costs = 2 * (before + np.arange(room)) + 1
            start = np.full(room, arcs.reader(np.array(column)))
            arcs.add(start, np.full(room, arcs.sink), np.ones(room), costs)

    def told(self, made: Collection[Assignment]) -> Allocation:
        """What was found, in words that pages can show."""
        new: dict[int, list[int]] = {}
        loads = self.held.copy()
        for one in made:
            new.setdefault(one.application, []).append(one.assessor)
            loads[self.columns[one.assessor]] += 1
        found = {bid.key: len(new.get(bid.key, ())) for bid in self.bids}
        lived = {
            key: sum(bool(self.lived[self.columns[one]]) for one in names)
            for key, names in new.items()
        }
        wanted = self.wanted.readers
        shortfalls = tuple(
            Shortfall(bid.key, wanted, wanted - int(self.seats[row]) + found[bid.key])
            for row, bid in enumerate(self.bids)
            if found[bid.key] < self.seats[row]
        )
        unseated = tuple(
            bid.key
            for row, bid in enumerate(self.bids)
            if lived.get(bid.key, 0) < self.lived_seats[row]
        )
        return Allocation(
            assignments=tuple(sorted(made)),
            shortfalls=shortfalls,
            loads={reader.key: int(loads[place]) for place, reader in enumerate(self.readers)},
            unseated=unseated,
            gaps=tuple(self._gaps(shortfalls, unseated, new, loads)),
            strangers=sum(
                not self.knows[self.rows[one.application], self.columns[one.assessor]]
                for one in made
            ),
            groups=overlap.groups([*made, *self.already]),
        )

    def _gaps(
        self,
        shortfalls: Collection[Shortfall],
        unseated: Collection[int],
        new: Mapping[int, Collection[int]],
        loads: Places,
    ) -> Iterator[Gap]:
        """Why each is short or unseated, once all is given out."""
        is_full = loads >= np.array([reader.most for reader in self.readers], dtype=np.int64)
        short = {one.application: one.found for one in shortfalls}
        for key in sorted({*short, *unseated}, key=self.rows.__getitem__):
            row = self.rows[key]
            may = self.free[row].copy()
            may[[self.columns[one] for one in new.get(key, ())]] = False
            kept = self.kept[row]
            yield Gap(
                application=key,
                wanted=self.wanted.readers,
                found=short.get(key, self.wanted.readers),
                lacks_seat=key in unseated,
                kept=int(kept.sum()),
                full=int((may & is_full).sum()),
                local=int((self.knows[row] & ~kept).sum()),
                lived=int(self.lived.sum()),
                lived_kept=int((kept & self.lived).sum()),
                lived_full=int((may & is_full & self.lived).sum()),
            )


class _Arcs:
    """The network as the library takes it: parallel arrays. Nodes are numbered without gaps."""

    def __init__(self, bids: int, readers: int) -> None:
        self.bids, self.readers = bids, readers
        self.sink = 2 * bids + readers
        self._parts: list[tuple[Places, Places, Places, Places]] = []

    def others(self, rows: Places) -> Places:
        """The door of an application for those who do not sit for lived experience."""
        return rows + self.bids

    def reader(self, columns: Places) -> Places:
        """The node of a reader."""
        return columns + 2 * self.bids

    def add(
        self,
        starts: Places,
        ends: Places,
        capacities: NDArray[np.generic],
        costs: NDArray[np.generic],
    ) -> None:
        """So many arcs at once."""
        self._parts.append(
            (starts, ends, capacities.astype(np.int64), np.asarray(costs).astype(np.int64))
        )

    def joined(self) -> tuple[NDArray[np.generic], ...]:
        """Starts, ends, capacities and costs."""
        starts, ends, capacities, costs = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        return starts.astype(np.int32), ends.astype(np.int32), capacities, costs


def _knowledge(bids: Sequence[Bid], readers: Sequence[Reader]) -> Flags:
    """Who knows the area of which application. One who names no area is taken to know all alike."""
    areas = sorted({bid.area for bid in bids})
    of_area = np.array(
        [[not reader.areas or area in reader.areas for reader in readers] for area in areas],
        dtype=np.bool_,
    ).reshape(len(areas), len(readers))
    places = {area: place for place, area in enumerate(areas)}
    found: Flags = of_area[[places[bid.area] for bid in bids]]
    return found
