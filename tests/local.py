"""A partnership with an accepted award, the people who run its local round, and a group that applies."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Actor, Role
from grants.services import accept, answers, apply, letters, local_rounds, release, rounds
from grants.services.answer_sheet import Sent
from grants.services.local_rounds import NewLocalRound
from tests import build, deciding, filled

AREA = "Shetland Islands"
POT = 800_000  # of the second line, which asks for a local round
VERIFY = "https://grants.example.org/letters/check"
SOON = build.NOW + dt.timedelta(days=30)


@dataclass
class Scene:
    """The national scene, and people of the partnership and the group as actors."""

    national: deciding.Scene
    partnership_id: int
    group_key: uuid.UUID
    people: dict[str, Actor] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)

    @property
    def award(self) -> uuid.UUID:
        return self.national.awards[0]


def scene(fund: str = "adult", pot: int = POT) -> Scene:
    """An award of which one line is a project and one is money for a local round; accepted."""
    national = deciding.scene(fund=fund, lines=((500_000, 300_000), (pot, 200_000)))
    deciding.lines_of(national.awards[0])[1].is_local_round = True
    db.session.commit()
    deciding.approve(national, national.awards[0])
    release.release(national.approver, national.round_key, typed="1", now=build.NOW)
    key = letters.draft(national.manager, national.awards[0], verify_address=VERIFY, now=build.NOW)
    letters.issue(national.approver, key, now=build.NOW)
    accept.accept(
        national.applicant,
        national.awards[0],
        typed_name=national.applicant.name,
        agrees=True,
        now=build.NOW,
    )
    return _with_people(national, fund)


def _with_people(national: deciding.Scene, fund: str) -> Scene:
    partnership = db.session.get_one(Organisation, national.applicant.held[0].organisation_id)
    build.kept(OrganisationArea(organisation_id=partnership.id, area_code="S12000027"))
    group = build.organisation("Unst Walkers (fictional)", OrganisationKind.GROUP, "S12000027")
    made = Scene(national, partnership.id, group.key)
    roles = {
        "officer": (Role.PARTNERSHIP_OFFICER, partnership),
        "approver": (Role.APPROVER, partnership),
        "reader": (Role.ASSESSOR, partnership),
        "group": (Role.APPLICANT_SUBMITTER, group),
    }
    for name, (role, place) in roles.items():
        person = build.person(role, at=place)
        made.people[name], made.emails[name] = build.actor_of(person), person.email
        if role == Role.APPROVER:
            build.delegation(person, fund)
    return made


def open_local(made: Scene, **changes: object) -> Round:
    """A local round of the whole pot, opened by the officer."""
    key = begin(made, **changes)
    rounds.open_round(made.people["officer"], key, now=build.NOW)
    return db.session.query(Round).filter_by(key=key).one()


def begin(made: Scene, **changes: object) -> uuid.UUID:
    """A local round in draft."""
    values = {"title": "Small grants", "opens_at": build.NOW, "closes_at": SOON, "pot": POT}
    new = NewLocalRound(**{**values, **changes})
    return local_rounds.create_local(made.people["officer"], made.award, new, now=build.NOW)


def apply_to(made: Scene, record: Round, area: str = AREA) -> uuid.UUID:
    """The group applies for the one thing that the form asks of it, and sends it."""
    choice = apply.Choice(record.key, made.group_key, area)
    key = apply.begin(made.people["group"], choice, now=build.NOW)
    fund = fund_of(NOBODY, record.definition_id or 0)
    sent = Sent(texts=filled.answers(fund, projects=1))
    answers.save(made.people["group"], key, sent, now=build.NOW)
    apply.submit(made.people["group"], key, now=build.NOW)
    return key


def line_of(application_id: int) -> ProposedProject:
    return db.session.scalars(
        sa.select(ProposedProject).where(ProposedProject.application_id == application_id)
    ).one()
