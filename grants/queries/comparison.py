"""Two scenarios side by side: who moves, and what each gives to areas and themes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from grants.queries import rounds, scenarios, workbench
from grants.queries.rounds import RoundRow
from grants.queries.scenarios import ScenarioRow
from grants.queries.workbench import Wanted, Workbench, WorkRow
from grants.rules.actions import Action
from grants.rules.funding_line import DecidedLine
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.workbench import Share


@dataclass(frozen=True, slots=True)
class Mover:
    """A line that the two decide differently."""

    row: WorkRow
    left: DecidedLine | None
    right: DecidedLine | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The same figure of both. Pence."""

    label: str
    left: int
    right: int

    @property
    def difference(self) -> int:
        """How much more the second gives."""
        return self.right - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both benches and what differs."""

    left: Workbench
    right: Workbench
    movers: tuple[Mover, ...]
    areas: tuple[Pair, ...]
    spread: tuple[tuple[str, tuple[Pair, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """The scenarios of a round, and two of them compared."""

    round: RoundRow
    listed: tuple[ScenarioRow, ...]
    comparison: Comparison | None


def of_round(
    actor: Actor, key: uuid.UUID, left: uuid.UUID | None, right: uuid.UUID | None
) -> Scenarios:
    """The list, and the comparison of two where two are named. Raises NotFound."""
    record = rounds.one(actor, key, Action.READ_SCENARIO)
    return Scenarios(
        round=record,
        listed=scenarios.listed(actor, record),
        comparison=_compared(actor, record, left, right) if left and right else None,
    )


def _compared(actor: Actor, record: RoundRow, left: uuid.UUID, right: uuid.UUID) -> Comparison:
    areas = rounds.areas(actor, record)
    benches = []
    for key in (left, right):
        row = scenarios.one(actor, key)
        if row.round_key != record.key:
            raise NotFound("There is no such page.")
        benches.append(workbench.of_scenario(actor, record, areas, row, Wanted()))
    first, second = benches
    return Comparison(
        left=first,
        right=second,
        movers=tuple(_movers(first, second)),
        areas=tuple(
            Pair(one.name, one.given, other.given)
            for one, other in zip(first.areas, second.areas, strict=True)
        ),
        spread=tuple(_spread(first, second)),
    )


def _movers(first: Workbench, second: Workbench) -> Iterable[Mover]:
    for row in first.rows:
        at = (str(row.candidate.id), row.line.row)
        left, right = first.drawing.lines.get(at), second.drawing.lines.get(at)
        if _given(left) != _given(right):
            yield Mover(row, left, right)


def _given(line: DecidedLine | None) -> tuple[object, int]:
    return (line.decision, line.amount) if line else (None, 0)


def _spread(first: Workbench, second: Workbench) -> Iterable[tuple[str, tuple[Pair, ...]]]:
    others = dict(second.shares)
    for title, shares in first.shares:
        yield title, tuple(_pairs(shares, others.get(title, ())))


def _pairs(left: tuple[Share, ...], right: tuple[Share, ...]) -> Iterable[Pair]:
    given = {share.label: share.given for share in right}
    known = {share.label for share in left}
    yield from (Pair(share.label, share.given, given.get(share.label, 0)) for share in left)
    yield from (Pair(share.label, 0, share.given) for share in right if share.label not in known)
