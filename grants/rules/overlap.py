"""Readers are exchanged until all applications hang together, loads left as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

TRIED = 100_000  # exchanges looked at for the last two parts; for more of them so many less each


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """One assessor for one application."""

    application: int
    assessor: int


Exchange = tuple[Assignment, Assignment]


class _Parts:
    """Which assessors and applications hang together, and which assignments are not needed for it."""

    def __init__(self, assignments: Iterable[Assignment]) -> None:
        self._leaders: dict[tuple[bool, int], tuple[bool, int]] = {}
        self.spare: list[Assignment] = []
        for one in assignments:
            first, second = self.of(one), self._leader((True, one.assessor))
            if first == second:
                self.spare.append(one)
            self._leaders[first] = second

    def _leader(self, node: tuple[bool, int]) -> tuple[bool, int]:
        leaders = self._leaders
        while leaders.setdefault(node, node) != node:
            leaders[node] = node = leaders[leaders[node]]
        return node

    def of(self, one: Assignment) -> tuple[bool, int]:
        """The part that an assignment belongs to."""
        return self._leader((False, one.application))

    def count(self) -> int:
        """How many parts there are."""
        return sum(self._leader(node) == node for node in list(self._leaders))


def groups(assignments: Collection[Assignment]) -> int:
    """Into how many parts assessors and applications fall that share nothing."""
    return _Parts(assignments).count()


def mend(
    made: Sequence[Assignment],
    already: Collection[Assignment],
    *,
    may: Callable[[int, int], bool],
    cost: Callable[[int, Collection[int]], int],
) -> list[Assignment]:
    """The same with readers exchanged until there is one part, or no exchange joins two.

    ``may`` says whether an assessor may read an application, ``cost`` what an application's new
    readers cost. An assignment that closes a ring can leave without parting anything; exchanged
    with one of another part it joins the two.
    """
    desk = _Exchanges(made, may, cost)
    while True:
        parts = _Parts([*already, *sorted(desk.made)])
        if parts.count() <= 1:
            break
        chosen = desk.best(parts)
        if chosen is None:
            break
        desk.exchange(chosen)
    return sorted(desk.made)


class _Exchanges:
    """The new assignments while they are exchanged."""

    def __init__(
        self,
        made: Iterable[Assignment],
        may: Callable[[int, int], bool],
        cost: Callable[[int, Collection[int]], int],
    ) -> None:
        self.made = set(made)
        self.may, self.cost = may, cost
        self.readers: dict[int, set[int]] = {}
        for one in self.made:
            self.readers.setdefault(one.application, set()).add(one.assessor)

    def best(self, parts: _Parts) -> Exchange | None:
        """The cheapest exchange that joins two parts, of those that are looked at."""
        found: tuple[int, Exchange] | None = None
        for exchange in islice(self._possible(parts), TRIED // (parts.count() - 1)):
            dearer = self._dearer(exchange)
            if found is None or dearer < found[0]:
                found = dearer, exchange
            if dearer <= 0:
                break
        return None if found is None else found[1]

    def _possible(self, parts: _Parts) -> Iterator[Exchange]:
        by_part: dict[tuple[bool, int], list[Assignment]] = {}
        for one in sorted(self.made):
            by_part.setdefault(parts.of(one), []).append(one)
        for spare in parts.spare:
            if spare not in self.made:
                continue
            for part, others in by_part.items():
                if part == parts.of(spare):
                    continue
                for other in others:
                    if self._may_exchange(spare, other):
                        yield spare, other

    def _may_exchange(self, one: Assignment, other: Assignment) -> bool:
        return self.may(other.assessor, one.application) and self.may(
            one.assessor, other.application
        )

    def _dearer(self, exchange: Exchange) -> int:
        one, other = exchange
        return (
            self._after(one, other.assessor)
            + self._after(other, one.assessor)
            - self.cost(one.application, self.readers[one.application])
            - self.cost(other.application, self.readers[other.application])
        )

    def _after(self, one: Assignment, assessor: int) -> int:
        others = self.readers[one.application] - {one.assessor}
        return self.cost(one.application, others | {assessor})

    def exchange(self, exchange: Exchange) -> None:
        """Let the two readers change places."""
        one, other = exchange
        self.made -= {one, other}
        for kept, assessor in ((one, other.assessor), (other, one.assessor)):
            self.made.add(Assignment(kept.application, assessor))
            self.readers[kept.application] -= {kept.assessor}
            self.readers[kept.application] |= {assessor}
