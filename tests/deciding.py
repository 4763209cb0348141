"""Builders for what happens between scores and returns: a round in which awards are decided."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application, ApplicationVersion, BudgetLine, ProposedProject
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.people import Actor, Role
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.states import AdditionState, ApplicationState, AwardState, LineDecision
from grants.services import accept, decide, letters, recommending, release
from tests import build

FUND = "adult"
VERIFY = "https://grants.example.org/letters/check"
CONTACT = {("contact_name", ""): "Mòrag NicLeòid (fictional)"}


@dataclass
class Scene:
    """A round with its people, as actors, and its applications, as ids."""

    round_id: int
    round_key: uuid.UUID
    reference: str
    definition_id: int
    manager: Actor
    approver: Actor
    second: Actor
    applicant: Actor
    emails: dict[str, str]
    applications: list[uuid.UUID] = field(default_factory=list)
    awards: list[uuid.UUID] = field(default_factory=list)


def scene(
    *,
    count: int = 1,
    fund: str = FUND,
    state: ApplicationState = ApplicationState.MODERATION,
    lines: tuple[tuple[int, int], ...] = ((500_000, 300_000), (400_000, 200_000)),
    own_costs: int = 50_000,
    limits: tuple[int, int] = (10**12, 10**12),
    areas: tuple[tuple[str, int, tuple[str, ...]], ...] | None = None,
) -> Scene:
    """A round of this fund with so many applications in this state. Call it in an app context."""
    funder, partnership = build.programme(), build.organisation()
    extra = {} if areas is None else {"areas": areas}
    record = build.round_(fund, funder, **extra)
    people = {
        "manager": build.person(Role.FUND_MANAGER, at=funder),
        "approver": build.person(Role.APPROVER, at=funder),
        "second": build.person(Role.APPROVER, at=funder),
        "applicant": build.person(Role.APPLICANT_SUBMITTER, at=partnership),
    }
    for name in ("approver", "second"):
        build.delegation(people[name], fund, most=limits[0], in_all=limits[1])
    made = Scene(
        round_id=record.id,
        round_key=record.key,
        reference=record.reference,
        definition_id=record.definition_id,
        emails={name: person.email for name, person in people.items()},
        **{name: build.actor_of(person) for name, person in people.items()},
    )
    for _ in range(count):
        add(made, record, partnership, people["applicant"], state, lines, own_costs)
    return made


def crowd(made: Scene, count: int) -> None:
    """So many more like the first application, in a few statements."""
    first = db.session.query(Application).filter_by(key=made.applications[0]).one()
    kinds = ((Application, first.id), (ApplicationVersion, None), (ProposedProject, None))
    sources = {
        kind: [
            row
            for row in db.session.execute(sa.select(kind.__table__)).mappings()
            if (row["id"] if key else row["application_id"]) == first.id
        ]
        for kind, key in (*kinds, (Award, None))
    }
    for number in range(count):
        application = uuid.uuid4()
        made.applications.append(application)
        new_id = db.session.execute(
            sa.insert(Application).values(
                {
                    **_copied(sources[Application][0]),
                    "key": application,
                    "reference": f"{first.reference}-{number}",
                }
            )
        ).inserted_primary_key[0]
        for kind in (ApplicationVersion, ProposedProject, Award):
            for row in sources[kind]:
                values = {**_copied(row), "application_id": new_id}
                if "key" in values:
                    values["key"] = uuid.uuid4()
                if "reference" in values:
                    values["reference"] = f"{row['reference']}-{number}"
                db.session.execute(sa.insert(kind).values(values))
    db.session.commit()


def _copied(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def add(
    made: Scene,
    record: Round,
    partnership: Organisation,
    by: Person,
    state: ApplicationState,
    lines: tuple[tuple[int, int], ...],
    own_costs: int,
) -> None:
    application = build.application(
        record, partnership, by, state=state, lines=lines, own_costs=own_costs, answers=CONTACT
    )
    made.applications.append(application.key)
    if state == ApplicationState.MODERATION:
        made.awards.append(build.award(application).key)


def award(key: uuid.UUID) -> Award:
    """The award as it is in the database now."""
    return db.session.scalars(
        sa.select(Award).where(Award.key == key).execution_options(populate_existing=True)
    ).one()


def lines_of(key: uuid.UUID) -> list[ProposedProject]:
    return list(
        db.session.scalars(
            sa.select(ProposedProject)
            .join(Award, Award.application_id == ProposedProject.application_id)
            .where(Award.key == key)
            .order_by(ProposedProject.line)
            .execution_options(populate_existing=True)
        )
    )


def in_full(key: uuid.UUID, **changes: object) -> Recommendation:
    """Everything that was asked for."""
    lines = tuple(
        LineChoice(row=line.row, decision=LineDecision.FULL, amount=line.asked)
        for line in lines_of(key)
    )
    own = db.session.query(BudgetLine).filter_by(
        application_id=award(key).application_id, is_onward=False
    )
    values = {"own_costs": sum(line.amount for line in own), "lines": lines, **changes}
    return Recommendation(is_award=True, **values)


def recommend(made: Scene, key: uuid.UUID, wanted: Recommendation | None = None) -> str:
    """Recommend it (in full unless told otherwise) and give back what an approver would have seen."""
    recommending.recommend(made.manager, key, wanted or in_full(key), now=build.NOW)
    return award(key).recommended_sha256 or ""


def approve(made: Scene, key: uuid.UUID, wanted: Recommendation | None = None) -> None:
    """Recommended by the manager, approved by the approver."""
    seen = recommend(made, key, wanted)
    decide.approve(made.approver, key, seen=seen, now=build.NOW)


def refuse(made: Scene, key: uuid.UUID) -> None:
    """A refusal recommended by the manager, confirmed by the approver."""
    recommending.recommend(
        made.manager, key, Recommendation(is_award=False, reason="out_of_scope"), now=build.NOW
    )
    decide.refuse(made.approver, key, reason="out_of_scope", now=build.NOW)


def states(made: Scene) -> list[AwardState]:
    return [award(key).state for key in made.awards]


def offer(made: Scene, *keys: uuid.UUID) -> None:
    """All that is decided is released, and the letters of these awards are issued."""
    waiting = db.session.query(Award).filter(
        Award.round_id == made.round_id,
        Award.state.in_([AwardState.APPROVED, AwardState.REFUSED]),
    )
    joining = (
        db.session.query(Addition)
        .join(Award, Award.id == Addition.award_id)
        .filter(Award.round_id == made.round_id, Addition.state == AdditionState.APPROVED)
    )
    typed = str(waiting.count() + joining.count())
    release.release(made.approver, made.round_key, typed=typed, now=build.NOW)
    for key in keys:
        letter(made, key)


def letter(made: Scene, key: uuid.UUID) -> None:
    """The letter of a released award, drafted by one and issued by another."""
    drafted = letters.draft(made.manager, key, verify_address=VERIFY, now=build.NOW)
    letters.issue(made.approver, drafted, now=build.NOW)


def accept_offer(made: Scene, *keys: uuid.UUID) -> None:
    """The applicant accepts these, once they were offered."""
    for key in keys:
        accept.accept(
            made.applicant, key, typed_name=made.applicant.name, agrees=True, now=build.NOW
        )
