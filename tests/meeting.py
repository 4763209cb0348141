"""Builders for a panel's meeting: a round of scored applications, its people, and one with an interest."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Score
from grants.models.person import Person
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Actor, Role
from grants.rules.states import AssessmentState
from grants.services import meetings
from grants.services.meetings import Plan
from tests import build, deciding
from tests.deciding import Scene

MARKS = ((3, 3), (1, 4), (2, 2))  # of the two readers of each application in turn


@dataclass
class Panel:
    """A round in moderation with its panel."""

    scene: Scene
    key: uuid.UUID  # of the meeting
    applications: list[uuid.UUID]
    chair: Actor
    reader: Actor
    second_manager: Actor
    emails: dict[str, str]

    @property
    def manager(self) -> Actor:
        """Who records."""
        return self.scene.manager


def panel(*, marks: tuple[tuple[int, int], ...] = MARKS, own_costs: int = 50_000) -> Panel:
    """A meeting of a chair, a reader and two managers on an application for each pair of marks."""
    scene = deciding.scene(count=len(marks), own_costs=own_costs)
    manager = db.session.get_one(Person, scene.manager.person_id)
    record = db.session.get_one(build.Round, scene.round_id)
    funder = db.session.get_one(build.Organisation, record.organisation_id)
    people = {
        "chair": build.person(Role.ASSESSOR, at=funder),
        "reader": build.person(Role.ASSESSOR, at=funder),
        "second_manager": build.person(Role.FUND_MANAGER, at=funder),
    }
    criteria = fund_of(NOBODY, scene.definition_id).scoring.criteria
    for key, given in zip(scene.applications, marks, strict=True):
        made = db.session.query(Application).filter_by(key=key).one()
        for who, mark in zip(("chair", "reader"), given, strict=True):
            total = f"{mark * 25}.00"
            build.assessment(
                made,
                people[who],
                manager,
                state=AssessmentState.SUBMITTED,
                marks={one.key: mark for one in criteria},
                total=total,
            )
    plan = Plan(
        held_on=dt.date(2027, 3, 1),
        place="Room 2 (fictional)",
        quorum=2,
        chair=people["chair"].id,
        secretary=manager.id,
        members=frozenset(one.id for one in people.values()),
    )
    key = meetings.plan(scene.manager, scene.round_key, plan, now=build.NOW)
    return Panel(
        scene,
        key,
        scene.applications,
        emails={**scene.emails, **{who: one.email for who, one in people.items()}},
        **{who: build.actor_of(one) for who, one in people.items()},
    )


def words(application: uuid.UUID, criterion: str, text: str) -> None:
    """Every reader says this of a criterion."""
    made = db.session.query(Application).filter_by(key=application).one()
    ids = [row.id for row in db.session.query(build.Assessment).filter_by(application_id=made.id)]
    rows = db.session.query(Score).filter(
        Score.assessment_id.in_(ids), Score.criterion == criterion
    )
    for row in rows:
        row.reason = text
    db.session.commit()
