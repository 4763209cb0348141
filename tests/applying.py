"""Two rival partnerships and the people around them, for the tests of applying."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.confirmation import Confirmation
from grants.models.person import Person
from grants.queries.definitions import fund_of
from grants.rules.confirmations import Kind, Reply, partners
from grants.rules.frozen import content_of, fingerprint
from grants.rules.people import NOBODY, Actor, Role
from grants.rules.states import ApplicationState
from grants.services import versions
from tests import build, filled


@dataclass(frozen=True)
class Place:
    """One round with its people, as keys and e-mails that outlive the context."""

    fund: str
    round_key: uuid.UUID
    round_id: int
    organisation_key: uuid.UUID
    organisation_id: int
    people: dict[str, str]  # who -> e-mail

    def choice(self) -> dict[str, str]:
        """What the form on the list of applications sends."""
        return {"round": str(self.round_key), "place": f"{self.organisation_key} Shetland Islands"}


def place(fund: str) -> Place:
    """An open round; a partnership of Shetland with three people; a rival; the funder's people."""
    funder = build.programme()
    here = build.organisation(
        "Comann Shealtainn (fictional)", build.OrganisationKind.PARTNERSHIP, "S12000027"
    )
    rival = build.organisation("Rival (fictional)", build.OrganisationKind.PARTNERSHIP, "S12000023")
    record = build.round_(fund, funder)
    people = {
        "editor": build.person(Role.APPLICANT_EDITOR, at=here, name="Eilidh Editor"),
        "sender": build.person(Role.APPLICANT_SUBMITTER, at=here, name="Seonaidh Sender"),
        "signatory": build.person(Role.SIGNATORY, at=here, name="Sìne Signatory"),
        "rival": build.person(Role.APPLICANT_SUBMITTER, at=rival, name="Raghnall Rival"),
        "assessor": build.person(Role.ASSESSOR, at=funder),
        "manager": build.person(Role.FUND_MANAGER, at=funder),
    }
    return Place(
        fund,
        record.key,
        record.id,
        here.key,
        here.id,
        {who: person.email for who, person in people.items()},
    )


def actor(at: Place, who: str) -> Actor:
    """This person as the gate would make them."""
    return build.actor_of(db.session.query(Person).filter_by(email=at.people[who]).one())


def drafted(
    at: Place,
    *,
    projects: int = 2,
    state: ApplicationState = ApplicationState.DRAFT,
    full: bool = True,
) -> uuid.UUID:
    """An application of the partnership, filled in where it is full."""
    record = db.session.get_one(build.Round, at.round_id)
    by = db.session.query(Person).filter_by(email=at.people["editor"]).one()
    applicant = db.session.get_one(build.Organisation, at.organisation_id)
    fund = fund_of(NOBODY, record.definition_id or 0)
    answers = filled.answers(fund, projects=projects) if full else {}
    made = build.application(record, applicant, by, state=state, answers=answers)
    if full:
        confirmed(made.key)
    return made.key


def confirmed(key: uuid.UUID) -> None:
    """Everybody whom the round asks for has confirmed the application as it stands."""
    made = db.session.query(Application).filter_by(key=key).one()
    fund = fund_of(NOBODY, made.definition_id)
    sources = versions.read(made)
    whole = fingerprint(content_of(fund, sources.answers, sources.files))
    wanted = [(Kind.SIGN_OFF, "", whole)] if fund.stages.sign_off else []
    if fund.stages.partners_confirm:
        found = partners(fund, sources.answers)
        wanted += [(Kind.PARTNER, partner.row, partner.sha256) for partner in found]
    db.session.query(Confirmation).filter_by(application_id=made.id).delete()
    for number, (kind, row, sha256) in enumerate(wanted):
        record = Confirmation(
            application_id=made.id,
            kind=kind,
            row=row,
            name="Beathag Board" if kind == Kind.SIGN_OFF else "Pàdraig Partner",
            role="Chair of the board",
            email=f"confirms{number}@example.org",
            token_sha256=hashlib.sha256(f"{key} {number}".encode()).hexdigest(),
            asked_at=build.NOW - dt.timedelta(days=1),
            asked_by=made.created_by,
            expires_at=build.NOW + dt.timedelta(days=13),
            reply=Reply.CONFIRMED,
            decided_at=build.NOW,
            content_sha256=sha256,
        )
        db.session.add(record)
    db.session.commit()


def answers_of(key: uuid.UUID) -> dict[tuple[str, str], str]:
    """What is kept now. A cell that was emptied with its row is not there."""
    rows = db.session.query(Answer).join(Application).filter(Application.key == key)
    return {(row.question, row.row): row.text for row in rows if row.text or not row.row}


Enter = Callable[[FlaskClient, str], FlaskClient]


def entered(app: Flask, sign_in: Enter, at: Place, who: str) -> FlaskClient:
    """A browser in which this person is signed in."""
    return sign_in(app.test_client(), at.people[who])
