"""Scenarios of a round: the list, one with its pins, and whether it is out of date."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.person import Person
from grants.models.round import Round
from grants.models.scenario import Scenario, ScenarioPin
from grants.queries.candidate_rows import Candidate
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.funding_line import Pin
from grants.rules.people import Actor
from grants.rules.refusals import NotFound

LETTERS = 12  # of a hash: enough to see that something changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """A scenario with what people pinned in it, by application and row."""

    id: int
    key: uuid.UUID
    round_key: uuid.UUID
    name: str
    measure: str
    budgets: Mapping[str, int]
    basis: Mapping[str, Any]
    made_by: str
    made_at: dt.datetime
    changed_at: dt.datetime
    adopted_by: str
    adopted_at: dt.datetime | None
    is_own: bool
    version: int
    pins: Mapping[tuple[str, str], Pin] = field(default_factory=dict)
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether this person may change it: their own, and not adopted."""
        return self.is_own and self.adopted_at is None


def listed(actor: Actor, record: RoundRow) -> tuple[ScenarioRow, ...]:
    """The scenarios of a round that were kept by name, the latest first, without their pins."""
    statement = _statement(actor).where(Scenario.round_id == record.id, Scenario.name != "")
    rows = db.session.execute(statement.order_by(Scenario.changed_at.desc(), Scenario.id.desc()))
    return tuple(_row(actor, row) for row in rows)


def one(actor: Actor, key: uuid.UUID) -> ScenarioRow:
    """The scenario with this key: a named one, or what this person is working on. Raises NotFound."""
    row = db.session.execute(_statement(actor).where(Scenario.key == key)).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return _with_pins(actor, row)


def working(actor: Actor, record: RoundRow) -> ScenarioRow | None:
    """What this person is working on in this round, if anything."""
    statement = _statement(actor).where(
        Scenario.round_id == record.id,
        Scenario.made_by == actor.person_id,
        Scenario.name == "",
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else _with_pins(actor, row)


def _statement(actor: Actor) -> Any:
    adopter = sa.orm.aliased(Person)
    return (
        sa.select(Scenario, Round.key, Person.name, adopter.name)
        .join(Round, Round.id == Scenario.round_id)
        .join(Person, Person.id == Scenario.made_by)
        .outerjoin(adopter, adopter.id == Scenario.adopted_by)
        .where(
            visible(actor, Action.READ_SCENARIO),
            sa.or_(Scenario.name != "", Scenario.made_by == actor.person_id),
        )
    )


def _with_pins(actor: Actor, row: Any) -> ScenarioRow:
    pins = db.session.execute(
        sa.select(
            ScenarioPin.application_id,
            ScenarioPin.row,
            ScenarioPin.decision,
            ScenarioPin.amount,
            ScenarioPin.reason,
        ).where(ScenarioPin.scenario_id == row[0].id)
    ).all()
    return _row(
        actor,
        row,
        pins={(str(pin[0]), pin[1]): Pin(pin[2], pin[3]) for pin in pins},
        reasons={(str(pin[0]), pin[1]): pin[4] for pin in pins},
    )


def _row(actor: Actor, row: Any, **pins: Any) -> ScenarioRow:
    record, round_key, made_by, adopted_by = row
    return ScenarioRow(
        id=record.id,
        key=record.key,
        round_key=round_key,
        name=record.name,
        measure=record.measure,
        budgets=record.budgets,
        basis=record.basis,
        made_by=made_by,
        made_at=record.made_at,
        changed_at=record.changed_at,
        adopted_by=adopted_by or "",
        adopted_at=record.adopted_at,
        is_own=record.made_by == actor.person_id,
        version=record.version,
        **pins,
    )


def basis_of(
    record: RoundRow, areas: Iterable[AreaRow], listed: Iterable[Candidate]
) -> dict[str, Any]:
    """What a scenario is drawn from, as short hashes: scores, sums asked, and the ceilings."""
    return {
        "pot": record.pot,
        "areas": {area.name: area.amount for area in areas},
        "applications": {str(one.id): _digest(one) for one in listed},
    }


def _digest(one: Candidate) -> str:
    lines = [(line.row, line.asked, line.smallest, line.is_advised_against) for line in one.lines]
    content = (str(one.total), one.is_open, one.area, one.asked, one.own_asked, one.below, lines)
    return hashlib.sha256(repr(content).encode()).hexdigest()[:LETTERS]


def changes_since(
    scenario: ScenarioRow, now_there: Mapping[str, Any], *, sees_all: bool
) -> tuple[str, ...]:
    """What changed since it was kept, a sentence each. Nothing is said of what a person may not see."""
    before = scenario.basis
    if not scenario.name or not before:
        return ()
    was, there = before.get("applications", {}), now_there["applications"]
    changed = sum(1 for key, digest in there.items() if key in was and was[key] != digest)
    added = len(there.keys() - was.keys())
    gone = len(was.keys() - there.keys()) if sees_all else 0
    said = []
    if (before.get("pot"), before.get("areas")) != (now_there["pot"], now_there["areas"]):
        said.append("The pot or an area's allocation has changed.")
    for count, words in (
        (changed, "changed score, sum or standing"),
        (added, "came in"),
        (gone, "went out"),
    ):
        if count:
            said.append(f"{count} {'application' if count == 1 else 'applications'} {words}.")
    return tuple(said)
