"""Organisations' profiles: one's own, every one for administrators, and what applications took."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.reference import council_areas
from grants.models.application import Answer, AnswerOrigin, Application
from grants.models.organisation import (
    Organisation,
    OrganisationArea,
    OrganisationKind,
    OrganisationPartner,
    OrganisationPerson,
)
from grants.models.person import Person
from grants.queries import paging
from grants.queries.drafts import Draft
from grants.queries.paging import Page
from grants.queries.visible import organisations_seen
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.profile import PARTNERS, PEOPLE, SIMPLE
from grants.rules.refusals import NotFound

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRow:
    """One line of a list of organisations."""

    key: uuid.UUID
    reference: str
    name: str
    kind: OrganisationKind
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an organisation says of itself, as texts by place."""

    id: int
    key: uuid.UUID
    reference: str
    name: str
    kind: OrganisationKind
    texts: Mapping[tuple[str, str], str]
    area_codes: tuple[str, ...]
    areas: tuple[str, ...]
    version: int
    changed_at: dt.datetime | None
    changed_by: str
    may_edit: bool
    may_move: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRow:
    """An answer that still stands as it was taken."""

    question: str
    row: str
    reference: str  # of the application it came from; empty for the profile
    key: uuid.UUID | None


def own(actor: Actor) -> tuple[OrganisationRow, ...]:
    """The organisations whose profile this person reads as one of their people. Two statements."""
    ids = {held.organisation_id for held in actor.held}
    records = db.session.scalars(
        sa.select(Organisation)
        .where(
            Organisation.id.in_(sorted(ids)),
            organisations_seen(actor, Action.READ_PROFILE),
            Organisation.kind != OrganisationKind.PROGRAMME,
        )
        .order_by(Organisation.name)
    ).all()
    return _listed(records)


def all_of_them(actor: Actor, *, search: str, number: int) -> Page[OrganisationRow]:
    """Every organisation by name, for administrators. Three statements."""
    statement = (
        sa.select(Organisation)
        .where(organisations_seen(actor, Action.MANAGE_ORGANISATIONS))
        .order_by(Organisation.name, Organisation.id)
    )
    if search:
        columns = (
            Organisation.name,
            Organisation.reference,
            Organisation.charity_number,
            Organisation.company_number,
        )
        statement = statement.where(
            sa.or_(*(column.icontains(search, autoescape=True) for column in columns))
        )
    page = paging.fetch(statement, number)
    return Page(_listed([row[0] for row in page.rows]), page.total, page.number)


def profile(actor: Actor, key: uuid.UUID) -> Profile:
    """One organisation's profile, for its people and administrators. Raises NotFound. Four statements."""
    row: Any = db.session.execute(
        sa.select(
            Organisation,
            Person.name.label("changed_by"),
            organisations_seen(actor, Action.EDIT_PROFILE).label("may_edit"),
            organisations_seen(actor, Action.MANAGE_ORGANISATIONS).label("may_move"),
        )
        .outerjoin(Person, Person.id == Organisation.profile_changed_by)
        .where(Organisation.key == key, organisations_seen(actor, Action.READ_PROFILE))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record: Organisation = row[0]
    codes = _areas([record.id]).get(record.id, ())
    return Profile(
        id=record.id,
        key=record.key,
        reference=record.reference,
        name=record.name,
        kind=record.kind,
        texts=texts_of(actor, record),
        area_codes=codes,
        areas=_names(codes),
        version=record.profile_version,
        changed_at=record.profile_changed_at,
        changed_by=row.changed_by or "",
        may_edit=bool(row.may_edit),
        may_move=bool(row.may_move),
    )


def texts_of(actor: Actor, record: Organisation) -> dict[tuple[str, str], str]:
    """The texts of a profile by place, empty ones left out: ``record`` was fetched for ``actor``."""
    del actor  # who may read it was asked where the record was fetched
    texts = {(q.key, ""): getattr(record, q.key) or "" for q in SIMPLE}
    people = db.session.scalars(
        sa.select(OrganisationPerson).where(OrganisationPerson.organisation_id == record.id)
    )
    for person in people:
        texts[f"{PEOPLE}.name", f"{person.place:04d}"] = person.name
        texts[f"{PEOPLE}.role", f"{person.place:04d}"] = person.role
    partners = db.session.scalars(
        sa.select(OrganisationPartner).where(OrganisationPartner.organisation_id == record.id)
    )
    for partner in partners:
        for column in ("name", "partner_type", "part"):
            texts[f"{PARTNERS}.{column}", f"{partner.place:04d}"] = getattr(partner, column)
    return {place: text for place, text in sorted(texts.items()) if text}


def taken(actor: Actor, draft: Draft) -> tuple[TakenRow, ...]:
    """The answers of a draft that stand as they were taken from profile or application."""
    del actor  # the draft was fetched for them
    rows = db.session.execute(
        sa.select(AnswerOrigin.question, AnswerOrigin.row, Application.reference, Application.key)
        .join(
            Answer,
            sa.and_(
                Answer.application_id == AnswerOrigin.application_id,
                Answer.question == AnswerOrigin.question,
                Answer.row == AnswerOrigin.row,
                Answer.version == AnswerOrigin.version,
            ),
        )
        .outerjoin(Application, Application.id == AnswerOrigin.from_application_id)
        .where(AnswerOrigin.application_id == draft.id)
        .order_by(AnswerOrigin.id)
    )
    return tuple(
        TakenRow(question=r.question, row=r.row, reference=r.reference or "", key=r.key)
        for r in rows
    )


def _listed(records: Iterable[Organisation]) -> tuple[OrganisationRow, ...]:
    found = tuple(records)
    areas = _areas([record.id for record in found])
    return tuple(
        OrganisationRow(
            key=record.key,
            reference=record.reference,
            name=record.name,
            kind=record.kind,
            areas=_names(areas.get(record.id, ())),
        )
        for record in found
    )


def _areas(ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = db.session.execute(
        sa.select(OrganisationArea.organisation_id, OrganisationArea.area_code)
        .where(OrganisationArea.organisation_id.in_(ids))
        .order_by(OrganisationArea.area_code)
    )
    for row in rows:
        found[row.organisation_id] = (*found.get(row.organisation_id, ()), row.area_code)
    return found


def _names(codes: Iterable[str]) -> tuple[str, ...]:
    names = {area.code: area.name for area in council_areas()}
    return tuple(names.get(code, code) for code in codes)
