"""What suggests a conflict of interest: the ties of people, and who stands behind applications.

For the rooms that hand out and that show why: they ask who may know before they call.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ApplicationPartner, ProposedProject
from grants.models.assessment import Conflict
from grants.models.confirmation import Confirmation
from grants.models.interest import ConflictOverride, PersonInterest
from grants.models.organisation import Organisation, OrganisationPerson
from grants.models.person import Person
from grants.models.share import Comment, Share
from grants.rules.conflicts import Parties, fold_all
from grants.rules.interests import (
    APPLICANT,
    PARTNER,
    RUNNER,
    Body,
    Parts,
    Told,
    Ways,
    counts_since,
    parts_of,
    ways_of,
)

Pairs = dict[int, set[int]]
T = TypeVar("T")


def stands(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Told and not taken back, and not over for long."""
    return sa.and_(
        PersonInterest.taken_back_at.is_(None),
        sa.or_(
            PersonInterest.ends_on.is_(None), PersonInterest.ends_on >= counts_since(now.date())
        ),
    )


def ways_by_person(people: Collection[int], *, now: dt.datetime) -> dict[int, Ways]:
    """The marks of these people. Two statements for each batch."""
    told: dict[int, list[Told]] = defaultdict(list)
    found: dict[int, Ways] = {}
    for batch in batches(sorted(people)):
        rows: Any = db.session.execute(
            sa.select(
                PersonInterest.person_id,
                PersonInterest.tie,
                PersonInterest.body,
                PersonInterest.number,
                PersonInterest.postcode,
            )
            .where(PersonInterest.person_id.in_(batch), stands(now))
            .order_by(PersonInterest.id)
        )
        for person, *one in rows:
            told[person].append(Told(*one))
        names = sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(batch))
        for person, name, email in db.session.execute(names):
            found[person] = ways_of(name, email, told[person])
    return found


def parties_of(applications: Sequence[tuple[int, int, str]]) -> dict[int, Parties]:
    """Who stands behind each application (id, organisation id and name), who declared and who helped.

    Five statements for each batch.
    """
    ids = [application[0] for application in applications]
    names: dict[int, list[str]] = defaultdict(list)
    people: dict[str, Pairs] = {
        kind: defaultdict(set) for kind in ("declared", "helped", "cleared")
    }
    parts: dict[int, Parts] = {}
    for batch in batches(ids):
        for application, name in _partners(batch):
            names[application].append(name)
        for kind, application, person in _people(batch):
            people[kind][application].add(person)
        parts |= _parts(batch, names)
    return {
        application: Parties(
            organisation_id,
            fold_all((name, *names[application])),
            frozenset(people["declared"][application]),
            frozenset(people["helped"][application]),
            parts.get(application, {}),
            frozenset(people["cleared"][application]),
        )
        for application, organisation_id, name in applications
    }


def _partners(batch: Sequence[int]) -> Iterable[Any]:
    partner = ApplicationPartner.application_id
    return db.session.execute(
        sa.select(partner, ApplicationPartner.name).where(partner.in_(batch))
    ).all()


def _people(batch: Sequence[int]) -> Iterable[Any]:
    """(what of, application, person): who declared, who helped to write it, who was cleared."""

    def pairs(kind: str, table: Any, person: Any) -> Any:
        return sa.select(sa.literal(kind), table.application_id, person).where(
            table.application_id.in_(batch), person.is_not(None)
        )

    confirmed = (
        pairs("helped", Confirmation, Person.id)
        .join(Person, Person.email == Confirmation.email)
        .where(Confirmation.decided_at.is_not(None))
    )
    return db.session.execute(
        sa.union(
            pairs("declared", Conflict, Conflict.person_id),
            pairs("helped", Share, Share.person_id),
            pairs("helped", Comment, Comment.written_by),
            confirmed,
            pairs("cleared", ConflictOverride, ConflictOverride.person_id),
        )
    ).all()


def _parts(batch: Sequence[int], partners: dict[int, list[str]]) -> dict[int, Parts]:
    """The marks of applicants, their office-bearers, partners and groups. Three statements."""
    bearers: dict[int, list[str]] = defaultdict(list)
    of_batch = sa.select(Application.organisation_id).where(Application.id.in_(batch))
    for organisation, name in db.session.execute(
        sa.select(OrganisationPerson.organisation_id, OrganisationPerson.name).where(
            OrganisationPerson.organisation_id.in_(of_batch)
        )
    ):
        bearers[organisation].append(name)
    groups: dict[int, list[str]] = defaultdict(list)
    runs = ProposedProject.application_id
    for application, name in db.session.execute(
        sa.select(runs, ProposedProject.group_name).where(runs.in_(batch))
    ):
        groups[application].append(name)
    rows = db.session.execute(
        sa.select(Application.id, Organisation)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.id.in_(batch))
    )
    return {
        application: parts_of(
            [
                _applicant(organisation, bearers[organisation.id]),
                *(Body(PARTNER, name) for name in partners[application]),
                *(Body(RUNNER, name or "") for name in groups[application]),
            ]
        )
        for application, organisation in rows
    }


def _applicant(record: Organisation, bearers: Sequence[str]) -> Body:
    return Body(
        part=APPLICANT,
        name=record.name,
        numbers=(record.charity_number or "", record.company_number or ""),
        postcode=record.postcode or "",
        email=record.email or "",
        people=tuple(bearers),
    )


def batches(ids: Sequence[T], size: int = 5_000) -> Iterable[Sequence[T]]:
    """So many at a time that no database has too many parameters."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
