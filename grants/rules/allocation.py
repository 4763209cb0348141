"""Who assesses what: as even as can be, within loads, never across a conflict. The same every time."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """One assessor for one application."""

    application: str
    assessor: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An application that could not be given as many readers as asked."""

    application: str
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """What is proposed: new assignments only, what is short, and each assessor's load after it."""

    assignments: tuple[Assignment, ...]
    shortfalls: tuple[Shortfall, ...]
    loads: Mapping[str, int]


class _Desk:
    """Who holds what while it is worked out."""

    def __init__(
        self,
        assessors: Sequence[str],
        conflicts: Collection[tuple[str, str]],
        load: Mapping[str, int] | int,
        already: Collection[Assignment],
    ) -> None:
        self.assessors = assessors
        self.conflicts = frozenset(conflicts)
        self.room = {
            name: load if isinstance(load, int) else load.get(name, 0) for name in assessors
        }
        self.held: dict[str, list[str]] = {name: [] for name in assessors}
        self.readers: dict[str, set[str]] = {}
        self.loads = dict.fromkeys(assessors, 0)
        for kept in already:
            self.readers.setdefault(kept.application, set()).add(kept.assessor)
            self.loads[kept.assessor] = self.loads.get(kept.assessor, 0) + 1

    def may_read(self, assessor: str, application: str) -> bool:
        """Whether this assessor may be given this application, and has not got it."""
        is_free = (assessor, application) not in self.conflicts
        return is_free and assessor not in self.readers.setdefault(application, set())

    def seat(self, application: str) -> bool:
        """Give it one more reader, passing others on where that is the only or the evener way."""
        came: dict[
            str, tuple[str, str | None]
        ] = {}  # assessor: the application, and who passes it on
        waiting: deque[tuple[str, str | None]] = deque([(application, None)])
        while waiting:
            wanted, giver = waiting.popleft()
            for assessor in self.assessors:
                if assessor not in came and self.may_read(assessor, wanted):
                    came[assessor] = (wanted, giver)
                    waiting.extend((other, assessor) for other in self.held[assessor])
        open_to = [name for name in came if self.loads[name] < self.room[name]]
        if not open_to:
            return False
        taker: str | None = min(open_to, key=lambda name: self.loads[name])
        self.loads[str(taker)] += 1
        while taker is not None:
            wanted, giver = came[taker]
            self._pass(wanted, giver, taker)
            taker = giver
        return True

    def _pass(self, application: str, giver: str | None, taker: str) -> None:
        self.held[taker].append(application)
        self.readers[application].add(taker)
        if giver is not None:
            self.held[giver].remove(application)
            self.readers[application].discard(giver)


def assign(
    applications: Sequence[str],
    assessors: Sequence[str],
    readers: int,
    *,
    conflicts: Collection[tuple[str, str]],
    load: Mapping[str, int] | int,
    already: Collection[Assignment] = (),
) -> Allocation:
    """Give each application ``readers`` assessors in all, counting ``already``, which stays.

    ``conflicts`` are (assessor, application); ``load`` is the most one assessor may hold in all.
    As many seats as can be are filled, and the loads are as even as that allows.
    """
    desk = _Desk(assessors, conflicts, load, already)
    shortfalls = []
    for application in applications:
        while (found := len(desk.readers.setdefault(application, set()))) < readers:
            if not desk.seat(application):
                shortfalls.append(Shortfall(application, readers, found))
                break
    made = sorted(
        Assignment(application, assessor)
        for assessor, held in desk.held.items()
        for application in held
    )
    return Allocation(tuple(made), tuple(shortfalls), desk.loads)
