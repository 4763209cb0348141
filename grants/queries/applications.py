"""Applications as their people see them: lists, the draft that is being written, the text as sent."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application, ApplicationVersion
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.helped_entry import HelpedEntry
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.person import Person
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.answer_words import FileText, SectionText, sections_in_words
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, places, takes, visible
from grants.rules import duties
from grants.rules.actions import Action
from grants.rules.blind import blind_name, without_names
from grants.rules.eligibility import Answers
from grants.rules.helping import CHANNELS, Channel
from grants.rules.money import Pence
from grants.rules.people import APPLICANTS, CLOCK, Actor, Right, Role
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, RoundState

NO_SUCH = "There is no such page."
PAGE = 60
EDITORS = (Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One application in the list of those who wrote it."""

    key: uuid.UUID
    reference: str
    title: str
    state: ApplicationState
    organisation: str
    area: str
    round_title: str
    closes_at: dt.datetime
    changed_at: dt.datetime
    submitted_at: dt.datetime | None
    award_key: uuid.UUID | None
    """Of an outcome that is released; None until then."""
    is_own: bool
    """Of one's own organisation; otherwise it was shared."""


@dataclass(frozen=True, slots=True)
class OwnList:
    """One page of one's own applications."""

    rows: tuple[OwnRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """One organisation of the person's in one share of a round."""

    organisation_key: uuid.UUID
    organisation: str
    area: str
    most: Pence
    begun: uuid.UUID | None
    """The application that is there already."""


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that takes applications now."""

    key: uuid.UUID
    reference: str
    title: str
    closes_at: dt.datetime
    must_differ: tuple[str, ...] = ()
    may_be_one: str = ""
    places: tuple[OpenPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who confirmed a version before it was sent."""

    kind: str
    what: str  # the partner; empty for a sign-off
    name: str
    role: str
    at: dt.datetime

    @property
    def who(self) -> str:
        """The name, and what they are."""
        return f"{self.name}, {self.role}" if self.role else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationText:
    """An application as it was sent: one frozen version, in words."""

    key: uuid.UUID
    reference: str
    title: str
    state: ApplicationState
    organisation: str
    area: str
    routing_council: str
    round_key: uuid.UUID
    round_reference: str
    round_title: str
    round_note: str
    fund: Fund
    number: int
    sha256: str
    submitted_at: dt.datetime
    submitted_by: str
    confirmed: tuple[Confirmed, ...]
    asked: Pence
    projects_count: int
    returned_reason: str
    channel: Channel | None
    """How its group gave it, where the fund's people typed it."""
    answers: Mapping[tuple[str, str], str]
    sections: tuple[SectionText, ...]


def own(actor: Actor, *, page: int = 1) -> OwnList:
    """The applications of one's own organisations, the latest first. Two statements."""
    condition = is_own(actor)
    total = db.session.scalar(applications_of(sa.func.count()).where(condition)) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Application.title,
            Application.state,
            Organisation.name,
            AllocationArea.name,
            Round.title,
            Round.closes_at,
            Application.changed_at,
            Application.submitted_at,
            released(actor),
            is_of_own_organisation(actor),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(condition)
        .order_by(Application.changed_at.desc(), Application.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return OwnList(tuple(OwnRow(*row) for row in rows), total, page)


def open_rounds(actor: Actor, *, now: dt.datetime) -> tuple[OpenRound, ...]:
    """The rounds in which this person may begin, with the places that fit. One statement."""
    rows: Any = db.session.execute(
        sa.select(
            Round.key,
            Round.reference,
            Round.title,
            Round.closes_at,
            Round.definition_id,
            Organisation.key,
            Organisation.name,
            AllocationArea.name,
            AllocationArea.amount,
            Application.key,
        )
        .join(AllocationArea, AllocationArea.round_id == Round.id)
        .join(AllocationAreaCouncil, AllocationAreaCouncil.allocation_area_id == AllocationArea.id)
        .join(OrganisationArea, OrganisationArea.area_code == AllocationAreaCouncil.area_code)
        .join(Organisation, Organisation.id == OrganisationArea.organisation_id)
        .outerjoin(
            Application,
            sa.and_(
                Application.round_id == Round.id,
                Application.organisation_id == Organisation.id,
                Application.allocation_area_id == AllocationArea.id,
                Application.state != ApplicationState.WITHDRAWN,
            ),
        )
        .where(
            Round.state == RoundState.OPEN,
            Round.opens_at <= now,
            Round.closes_at > now,
            places(actor, EDITORS, Organisation.id),
            takes(),
        )
        .distinct()
        .order_by(Round.closes_at, Round.key, Organisation.name, AllocationArea.name)
    )
    found: dict[uuid.UUID, OpenRound] = {}
    for key, reference, title, closes_at, definition_id, *place in rows:
        known = found.get(key)
        if known is None:
            fund = fund_of(actor, definition_id)
            differ, may_be_one = duties.must_differ(fund), duties.may_be_one(fund)
            known = OpenRound(key, reference, title, closes_at, differ, may_be_one)
        found[key] = replace(known, places=(*known.places, OpenPlace(*place)))
    return tuple(found.values())


def content(
    actor: Actor, key: uuid.UUID, *, number: int | None = None, hide_identifying: bool = False
) -> ApplicationText:
    """An application as it was sent, for whoever may read it: its latest version, or that number.

    Raises NotFound where it was never sent or is not theirs to read. Two statements.
    ``hide_identifying`` leaves out the names and every question that says who applies: so much an
    assessor of a blind round may read too.
    """
    row: Any = db.session.execute(
        applications_of(
            Application, Round, ApplicationVersion, Organisation.name, AllocationArea.name
        )
        .add_columns(Person.name.label("submitted_by"), HelpedEntry.channel)
        .outerjoin(HelpedEntry, HelpedEntry.application_id == Application.id)
        .join(
            ApplicationVersion,
            sa.and_(
                ApplicationVersion.application_id == Application.id,
                ApplicationVersion.number == (number or Application.number),
            ),
        )
        .join(Person, Person.id == ApplicationVersion.submitted_by)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.key == key, _may_read(actor, hide_identifying=hide_identifying))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, round_record, version, organisation, area, sender, channel = row
    fund = fund_of(actor, record.definition_id)
    answers = {(question, line): text for question, line, text in version.content["answers"]}
    files = _sent_files(record.id, version.content.get("attachments", []))
    if hide_identifying:
        files = tuple(
            replace(file, name=blind_name(file.name, n)) for n, file in enumerate(files, 1)
        )
    return ApplicationText(
        key=record.key,
        reference=record.reference,
        title=record.reference if hide_identifying else record.title,
        state=record.state,
        organisation="" if hide_identifying else organisation,
        area="" if hide_identifying else area,
        routing_council="" if hide_identifying else _council(fund, record.routing_council),
        round_key=round_record.key,
        round_reference=round_record.reference,
        round_title=round_record.title,
        round_note=round_record.note,
        fund=without_names(fund) if hide_identifying else fund,
        number=version.number,
        sha256=version.sha256,
        submitted_at=version.submitted_at,
        submitted_by="" if hide_identifying else _sender(sender, organisation, channel),
        channel=channel,
        confirmed=() if hide_identifying else _confirmed(version),
        asked=record.asked,
        projects_count=record.projects_count,
        returned_reason=record.returned_reason,
        answers=_told(fund, answers) if hide_identifying else answers,
        sections=sections_in_words(fund, answers, files, hide_identifying=hide_identifying),
    )


def _confirmed(version: ApplicationVersion) -> tuple[Confirmed, ...]:
    return tuple(
        Confirmed(
            one["kind"],
            one["what"],
            one["name"],
            one["role"],
            dt.datetime.fromisoformat(one["at"]),
        )
        for one in version.confirmed or ()
    )


def is_own(actor: Actor) -> sa.ColumnElement[bool]:
    """Written by an organisation in which this person applies, or shared with them; theirs to read."""
    mine = sa.or_(is_of_own_organisation(actor), Application.id.in_(sorted(actor.shared(*Right))))
    return sa.and_(mine, visible(actor, Action.READ_APPLICATION))


def is_of_own_organisation(actor: Actor) -> sa.ColumnElement[bool]:
    """Written by an organisation in which this person applies."""
    return places(actor, APPLICANTS, Application.organisation_id)


def _told(fund: Fund, answers: Answers) -> dict[tuple[str, str], str]:
    """The answers that do not tell who applies."""
    shown = {question.key: question for question in without_names(fund).questions()}
    places = {*shown, *(f"{key}.{column.key}" for key in shown for column in shown[key].columns)}
    return {place: text for place, text in answers.items() if place[0] in places}


def _may_read(actor: Actor, *, hide_identifying: bool = False) -> sa.ColumnElement[bool]:
    """The clock reads what it sends copies of; people read what the table of permissions says."""
    if actor is CLOCK:
        return sa.true()
    if hide_identifying:
        return sa.or_(
            visible(actor, Action.READ_APPLICATION), visible(actor, Action.READ_OWN_SCORE)
        )
    return visible(actor, Action.READ_APPLICATION)


def released(actor: Actor) -> sa.ColumnElement[uuid.UUID | None]:
    """The award's key once its outcome is released, so that nothing can be guessed before; never for
    those who were invited to the application alone."""
    return sa.case((visible(actor, Action.READ_OUTCOME), Award.key), else_=None)


def _sender(name: str, organisation: str, channel: Channel | None) -> str:
    """Who sent it; where it was typed for the group, for whom and how they gave it."""
    if channel is None:
        return name
    return f"{name}, for {organisation} (given to the fund {CHANNELS[channel].lower()})"


def files_of(application_id: int) -> tuple[FileText, ...]:
    """The files that are there now, in the order they came."""
    rows = db.session.scalars(
        sa.select(Attachment)
        .where(Attachment.application_id == application_id, Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
    )
    return tuple(
        FileText(
            key=row.key,
            question=row.question,
            name=row.name,
            sha256=row.sha256,
            media_type=row.media_type,
            size=row.size,
            scan=row.scan,
        )
        for row in rows
    )


def _sent_files(application_id: int, listed: list[Any]) -> tuple[FileText, ...]:
    """The files of a version; one that was taken away since has no key."""
    there = {(file.question, file.name, file.sha256): file for file in files_of(application_id)}
    return tuple(
        there.get(
            (question, name, sha256),
            FileText(key=None, question=question, name=name, sha256=sha256),
        )
        for question, name, sha256 in listed
    )


def _council(fund: Fund, code: str | None) -> str:
    question = fund.question("routing_council")
    listed = fund.code_lists.get(question.choices or "") if question else None
    return listed.label(code) if listed and code else code or ""
