"""Applications as their people see them: lists, the draft that is being written, the text as sent."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Answer, Application, ApplicationVersion
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.person import Membership, Person
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.answer_words import FileText, SectionText, sections_in_words
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, places, visible
from grants.rules import dates, eligibility
from grants.rules.actions import Action
from grants.rules.eligibility import Given, Problem, SectionStatus, Totals
from grants.rules.money import Pence
from grants.rules.people import APPLICANTS, CLOCK, Actor, Role
from grants.rules.refusals import NotFound
from grants.rules.states import KNOWN, ApplicationState, RoundState

NO_SUCH = "There is no such page."
PAGE = 60
EDITORS = (Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER)
EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})


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
    places: tuple[OpenPlace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An application as its own people write it: live answers, for nobody else."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    state: ApplicationState
    number: int | None
    organisation_id: int
    organisation: str
    area: str
    most: Pence
    round_title: str
    round_reference: str
    round_is_open: bool
    opens_at: dt.datetime
    closes_at: dt.datetime
    grace_minutes: int
    changed_at: dt.datetime
    submitted_at: dt.datetime | None
    returned_reason: str
    award_key: uuid.UUID | None
    fund: Fund
    is_editor: bool
    is_sender: bool
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    files: tuple[FileText, ...] = ()

    @property
    def given(self) -> Given:
        """The answers and how many files, as the rules ask for them."""
        counts: dict[str, int] = {}
        for file in self.files:
            counts[file.question] = counts.get(file.question, 0) + 1
        return Given(self.answers, counts)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that keeps it from being sent."""
        given = self.given
        return eligibility.problems(
            self.fund, given.answers, attachments=given.attachments, most=self.most
        )

    @property
    def statuses(self) -> dict[str, SectionStatus]:
        """How far each section is."""
        return eligibility.section_statuses(self.fund.sections, self.problems, self.given)

    @property
    def totals(self) -> Totals:
        """What it asks for so far."""
        return eligibility.totals(self.fund, self.answers)

    def may_be_written(self, now: dt.datetime) -> bool:
        """Whether this person may change it now: a returned one also after the round closed."""
        return self.is_editor and self.state in EDITABLE and self.takes(now)

    def takes(self, now: dt.datetime) -> bool:
        """Whether the fund takes it now, by the server's clock."""
        grace = dt.timedelta(minutes=self.grace_minutes)
        return self.state == ApplicationState.RETURNED or (
            self.round_is_open and dates.is_open(self.opens_at, self.closes_at, now, grace)
        )

    def in_words(self) -> tuple[SectionText, ...]:
        """Every section with its answers as people read them."""
        return sections_in_words(self.fund, self.answers, self.files)


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
    asked: Pence
    projects_count: int
    returned_reason: str
    answers: Mapping[tuple[str, str], str]
    sections: tuple[SectionText, ...]


def own(actor: Actor, *, page: int = 1) -> OwnList:
    """The applications of one's own organisations, the latest first. Two statements."""
    condition = _is_own(actor)
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
            _released(),
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
        )
        .distinct()
        .order_by(Round.closes_at, Round.key, Organisation.name, AllocationArea.name)
    )
    found: dict[uuid.UUID, OpenRound] = {}
    for key, reference, title, closes_at, *place in rows:
        known = found.get(key) or OpenRound(key, reference, title, closes_at)
        found[key] = replace(known, places=(*known.places, OpenPlace(*place)))
    return tuple(found.values())


def draft(actor: Actor, key: uuid.UUID) -> Draft:
    """The live application, for its own people alone. Raises NotFound. Three statements."""
    row: Any = db.session.execute(
        applications_of(Application, Round, AllocationArea, Organisation.name, _released())
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.key == key, _is_own(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, round_record, area, organisation, award_key = row
    answers, versions = _answers(record.id)
    return Draft(
        id=record.id,
        key=record.key,
        reference=record.reference,
        title=record.title,
        state=record.state,
        number=record.number,
        organisation_id=record.organisation_id,
        organisation=organisation,
        area=area.name,
        most=area.amount,
        round_title=round_record.title,
        round_reference=round_record.reference,
        round_is_open=round_record.state == RoundState.OPEN,
        opens_at=round_record.opens_at,
        closes_at=round_record.closes_at,
        grace_minutes=round_record.grace_minutes,
        changed_at=record.changed_at,
        submitted_at=record.submitted_at,
        returned_reason=record.returned_reason,
        award_key=award_key,
        fund=fund_of(actor, record.definition_id),
        is_editor=_holds(actor, record, round_record, *EDITORS),
        is_sender=_holds(actor, record, round_record, Role.APPLICANT_SUBMITTER),
        answers=answers,
        versions=versions,
        files=_files(record.id),
    )


def content(
    actor: Actor, key: uuid.UUID, *, number: int | None = None, hide_identifying: bool = False
) -> ApplicationText:
    """An application as it was sent, for whoever may read it: its latest version, or that number.

    Raises NotFound where it was never sent or is not theirs to read. Two statements.
    ``hide_identifying`` leaves out the names and every question that says who applies.
    """
    row: Any = db.session.execute(
        applications_of(
            Application, Round, ApplicationVersion, Organisation.name, AllocationArea.name
        )
        .add_columns(Person.name.label("submitted_by"))
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
        .where(Application.key == key, _may_read(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, round_record, version, organisation, area, sender = row
    fund = fund_of(actor, record.definition_id)
    answers = {(question, line): text for question, line, text in version.content["answers"]}
    files = _sent_files(record.id, version.content.get("attachments", []))
    return ApplicationText(
        key=record.key,
        reference=record.reference,
        title=record.title,
        state=record.state,
        organisation="" if hide_identifying else organisation,
        area=area,
        routing_council=_council(fund, record.routing_council),
        round_key=round_record.key,
        round_reference=round_record.reference,
        round_title=round_record.title,
        round_note=round_record.note,
        fund=fund,
        number=version.number,
        sha256=version.sha256,
        submitted_at=version.submitted_at,
        submitted_by="" if hide_identifying else sender,
        asked=record.asked,
        projects_count=record.projects_count,
        returned_reason=record.returned_reason,
        answers=answers,
        sections=sections_in_words(fund, answers, files, hide_identifying=hide_identifying),
    )


def senders(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> tuple[str, ...]:
    """The names of those who may send this application: shown to those who may not."""
    names = db.session.scalars(
        applications_of(Person.name)
        .join(Membership, Membership.organisation_id == Application.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Application.key == key,
            _is_own(actor),
            Membership.role == Role.APPLICANT_SUBMITTER,
            sa.or_(Membership.fund.is_(None), Membership.fund == Round.fund),
            Membership.starts_at <= now,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
            Person.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Person.name)
    )
    return tuple(names)


def _is_own(actor: Actor) -> sa.ColumnElement[bool]:
    """Written by an organisation in which this person applies, and theirs to read."""
    mine = places(actor, APPLICANTS, Application.organisation_id)
    return sa.and_(mine, visible(actor, Action.READ_APPLICATION))


def _may_read(actor: Actor) -> sa.ColumnElement[bool]:
    """The clock reads what it sends copies of; people read what the table of permissions says."""
    return sa.true() if actor is CLOCK else visible(actor, Action.READ_APPLICATION)


def _released() -> sa.ColumnElement[uuid.UUID | None]:
    """The award's key once its outcome is released, so that nothing can be guessed before."""
    return sa.case((Award.state.in_(sorted(KNOWN)), Award.key), else_=None)


def _holds(actor: Actor, record: Application, round_record: Round, *roles: Role) -> bool:
    return any(
        actor.holds(role, organisation_id=record.organisation_id, fund=round_record.fund)
        for role in roles
    )


def _answers(
    application_id: int,
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], int]]:
    """Texts and versions, in the order of the rows."""
    rows = db.session.execute(
        sa.select(Answer.question, Answer.row, Answer.text, Answer.version).where(
            Answer.application_id == application_id
        )
    )
    kept = sorted(rows, key=lambda found: (found.row, found.question))
    texts = {(found.question, found.row): found.text for found in kept}
    return texts, {(found.question, found.row): found.version for found in kept}


def _files(application_id: int) -> tuple[FileText, ...]:
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
    there = {(file.question, file.name, file.sha256): file for file in _files(application_id)}
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
