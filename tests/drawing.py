"""Builders for the workbench: a round of scored applications, one project each."""

from __future__ import annotations

from collections.abc import Sequence

from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Person
from grants.rules.people import Role
from grants.rules.states import AssessmentState
from tests import build, deciding
from tests.deciding import Scene

AREAS = (("Shetland Islands", 1_500_000, ("S12000027",)),)


def scored(
    totals: Sequence[str | None],
    *,
    lines: tuple[tuple[int, int], ...] = ((500_000, 300_000),),
    own_costs: int = 0,
    areas: tuple[tuple[str, int, tuple[str, ...]], ...] = AREAS,
) -> Scene:
    """An application for each total, in the order of their making. Call it in an app context."""
    scene = deciding.scene(count=len(totals), lines=lines, own_costs=own_costs, areas=areas)
    reader = build.person(Role.ASSESSOR, at=build.organisation())
    by = db.session.get_one(Person, scene.manager.person_id)
    made = db.session.query(Application).filter_by(round_id=scene.round_id).order_by(Application.id)
    for application, total in zip(made, totals, strict=True):
        if total is not None:
            build.assessment(application, reader, by, state=AssessmentState.SUBMITTED, total=total)
    return scene


def application(scene: Scene, place: int) -> Application:
    """One of them."""
    return db.session.query(Application).filter_by(key=scene.applications[place]).one()


def hide(scene: Scene, place: int, who: str = "manager") -> None:
    """This person declares an interest in one of them."""
    person = db.session.get_one(Person, getattr(scene, who).person_id)
    build.conflict(application(scene, place), person)
