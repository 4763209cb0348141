"""Suggested interests: one's own, and those of one assessor in one application."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.person import Membership
from grants.models.round import Round
from grants.queries.assessors import assessors_of
from grants.queries.ties import parties_of, ways_by_person
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.conflicts import (
    Candidate,
    certainly,
    folded,
    suggestions,
)
from grants.rules.interests import Suggestion
from grants.rules.people import Actor, Role
from grants.rules.refusals import NotFound

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPair:
    """What stands between one person and one application."""

    certain: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    is_overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage:
    """One assessor and one application, for who might set a suggestion aside."""

    round_key: uuid.UUID
    round_title: str
    round_reference: str
    person_key: uuid.UUID
    name: str
    key: uuid.UUID
    reference: str
    organisation: str
    found: OfPair
    is_own: bool


def reasons_for(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> tuple[str, ...]:
    """What suggests that one has an interest oneself: for the page where one declares."""
    row = db.session.execute(
        applications_of(Application.id, Application.organisation_id, Organisation.name)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.key == key, visible(actor, Action.DECLARE))
    ).one_or_none()
    if row is None:
        return ()
    parties = parties_of([(row.id, row.organisation_id, row.name)])[row.id]
    found = suggestions(_candidate(actor, now), parties)
    return tuple(one.of_you for one in found)


def pair(actor: Actor, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> PairPage:
    """What stands between an assessor and an application. Raises NotFound for who is no assessor."""
    row: Any = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.organisation_id,
            Organisation.name,
            Round,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.key == key, visible(actor, Action.OVERRIDE_CONFLICT))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    people = assessors_of(row.Round, now)
    person = next((one for one in people.values() if one.key == person_key), None)
    if person is None:
        raise NotFound(NO_SUCH)
    parties = parties_of([(row.id, row.organisation_id, row.name)])[row.id]
    number = person.candidate.person_id
    return PairPage(
        round_key=row.Round.key,
        round_title=row.Round.title,
        round_reference=row.Round.reference,
        person_key=person_key,
        name=person.name,
        key=row.key,
        reference=row.reference,
        organisation=row.name,
        is_own=number == actor.person_id,
        found=OfPair(
            certain=certainly(person.candidate, parties, 0),
            suggestions=suggestions(person.candidate, parties),
            is_overridden=number in parties.overridden,
        ),
    )


def _candidate(actor: Actor, now: dt.datetime) -> Candidate:
    """Oneself, with the names of what one belongs to; the funders one assesses for left out."""
    seats = {held.organisation_id for held in actor.held if held.role != Role.ASSESSOR}
    names = db.session.scalars(
        sa.select(Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == actor.person_id, Organisation.id.in_(sorted(seats)))
    )
    ways = ways_by_person([actor.person_id], now=now)
    return Candidate(
        actor.person_id,
        frozenset(seats),
        frozenset(folded(name) for name in names),
        ways.get(actor.person_id, {}),
    )
