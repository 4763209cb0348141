"""Applications that a funder's people typed for groups: the list of a round, and one of them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.attachment import Attachment
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.person import Person
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.paging import Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_of, helping, takes, visible
from grants.rules.actions import Action
from grants.rules.helping import EVIDENCE, Channel
from grants.rules.identity import Kind, Mark, fold_name, fold_number, telling
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, ScanState

NO_SUCH = "There is no such page."
PAGE = 60
MOST_ALIKE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredRow:
    """One application that was typed for its group."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    state: ApplicationState
    channel: Channel
    given_by: str
    entered_by: str
    entered_at: dt.datetime
    is_mine: bool  # this person types for it, and it was not taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one application came, who typed it, and the scan of the form."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    state: ApplicationState
    round_key: uuid.UUID
    round_reference: str
    channel: Channel
    given_by: str
    email: str
    phone: str
    received_on: dt.date
    consent_on: dt.date
    consent_how: str
    entered_by: str
    entered_at: dt.datetime
    taken_over_at: dt.datetime | None
    is_helper: bool
    helpers: tuple[str, ...]
    evidence: tuple[tuple[uuid.UUID, str, ScanState], ...]
    """(key, name, whether it was scanned) of each file."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An organisation that may be the one that is meant."""

    key: uuid.UUID
    name: str
    postcode: str
    charity_number: str
    why: str


def of_round(actor: Actor, record: RoundRow, *, page: int = 1) -> Page[EnteredRow]:
    """What was typed for groups in a round, for those who may type there. Two statements."""
    mine = helping(actor)
    condition = sa.and_(Round.id == record.id, visible(actor, Action.ENTER_FOR_GROUP))
    statement: Any = (
        applications_of()
        .join(HelpedEntry, HelpedEntry.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Person, Person.id == HelpedEntry.entered_by)
        .where(condition)
    )
    total = db.session.scalar(statement.add_columns(sa.func.count())) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows = db.session.execute(
        statement.add_columns(
            Application.key,
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            Application.state,
            HelpedEntry.channel,
            HelpedEntry.given_by,
            Person.name.label("entered_by"),
            HelpedEntry.entered_at,
            mine.label("is_mine"),
        )
        .order_by(HelpedEntry.entered_at.desc(), Application.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).mappings()
    return Page(tuple(EnteredRow(**row) for row in rows), total, page)


def entry_of(actor: Actor, key: uuid.UUID) -> Entry | None:
    """How an application came, for its helpers and the fund's people; None where it came by itself.

    Three statements.
    """
    row: Any = db.session.execute(
        applications_of(HelpedEntry, Application, Round, Organisation.name, Person.name)
        .add_columns(helping(actor).label("is_helper"))
        .join(HelpedEntry, HelpedEntry.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Person, Person.id == HelpedEntry.entered_by)
        .where(
            Application.key == key,
            sa.or_(visible(actor, Action.READ_QUERIES), helping(actor)),
        )
    ).one_or_none()
    if row is None:
        return None
    found, record, round_record, organisation, entered_by, is_helper = row
    return Entry(
        key=record.key,
        reference=record.reference,
        title=record.title,
        organisation=organisation,
        state=record.state,
        round_key=round_record.key,
        round_reference=round_record.reference,
        channel=found.channel,
        given_by=found.given_by,
        email=found.email or "",
        phone=found.phone or "",
        received_on=found.received_on,
        consent_on=found.consent_on,
        consent_how=found.consent_how,
        entered_by=entered_by,
        entered_at=found.entered_at,
        taken_over_at=found.taken_over_at,
        is_helper=bool(is_helper),
        helpers=_helpers(record.id),
        evidence=_evidence(record.id),
    )


def own_entry(actor: Actor, key: uuid.UUID) -> Entry:
    """The same for one who types it. Raises NotFound for everybody else."""
    found = entry_of(actor, key)
    if found is None or not found.is_helper:
        raise NotFound(NO_SUCH)
    return found


def places_for(actor: Actor, record: RoundRow) -> tuple[tuple[str, str], ...]:
    """The shares of a round's pot, as a choice. One statement."""
    names = db.session.scalars(
        sa.select(AllocationArea.name)
        .join(Round, Round.id == AllocationArea.round_id)
        .where(Round.id == record.id, visible(actor, Action.ENTER_FOR_GROUP))
        .order_by(AllocationArea.name)
    )
    return tuple((name, name) for name in names)


def alike(actor: Actor, record: RoundRow, area: str, name: str, number: str) -> tuple[Alike, ...]:
    """Organisations of this share's places that may be the one that is meant. One statement.

    Those that apply in rounds like this one, whose name has a telling word in common or whose
    number is the same.
    """
    words = sorted(telling(fold_name(name)))
    wanted = [Organisation.name.icontains(word, autoescape=True) for word in words[:6]]
    if number.strip():
        wanted += [
            Organisation.charity_number == number.strip(),
            Organisation.company_number == number.strip(),
        ]
    rows: Any = db.session.execute(
        sa.select(Organisation)
        .join(OrganisationArea, OrganisationArea.organisation_id == Organisation.id)
        .join(AllocationAreaCouncil, AllocationAreaCouncil.area_code == OrganisationArea.area_code)
        .join(AllocationArea, AllocationArea.id == AllocationAreaCouncil.allocation_area_id)
        .join(Round, Round.id == AllocationArea.round_id)
        .where(
            Round.id == record.id,
            AllocationArea.name == area,
            visible(actor, Action.ENTER_FOR_GROUP),
            takes(),
            sa.or_(sa.false(), *wanted),
        )
        .distinct()
        .order_by(Organisation.name)
        .limit(MOST_ALIKE)
    ).scalars()
    folded = {Mark(Kind.NAME, fold_name(name)), Mark(Kind.CHARITY, fold_number(number))}
    return tuple(
        Alike(
            found.key,
            found.name,
            found.postcode or "",
            found.charity_number or "",
            "Same name" if Mark(Kind.NAME, fold_name(found.name)) in folded else "Like name",
        )
        for found in rows
    )


def _helpers(application_id: int) -> tuple[str, ...]:
    return tuple(
        db.session.scalars(
            sa.select(Person.name)
            .join(ApplicationHelper, ApplicationHelper.person_id == Person.id)
            .where(ApplicationHelper.application_id == application_id)
            .order_by(ApplicationHelper.id)
        )
    )


def _evidence(application_id: int) -> tuple[tuple[uuid.UUID, str, ScanState], ...]:
    rows = db.session.execute(
        sa.select(Attachment.key, Attachment.name, Attachment.scan)
        .where(
            Attachment.application_id == application_id,
            Attachment.question == EVIDENCE,
            Attachment.removed_at.is_(None),
        )
        .order_by(Attachment.id)
    )
    return tuple((row.key, row.name, row.scan) for row in rows)
