"""The draft that its own people are writing: live answers, for nobody else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Answer, Application
from grants.models.helped_entry import HelpedEntry
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.models.round import AllocationArea, Round
from grants.queries.answer_words import FileText, SectionText, sections_in_words
from grants.queries.applications import EDITORS, NO_SUCH, files_of, is_own, released
from grants.queries.asked import QueryText, open_query
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, helping, visible
from grants.rules import dates, eligibility
from grants.rules.actions import Action
from grants.rules.eligibility import Given, Problem, SectionStatus, Totals
from grants.rules.helping import Channel
from grants.rules.money import Pence
from grants.rules.opening import WHOLE, Opening
from grants.rules.people import APPLICANTS, Actor, Right, Role
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, RoundState

EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})


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
    late_until: dt.datetime | None
    changed_at: dt.datetime
    submitted_at: dt.datetime | None
    returned_reason: str
    award_key: uuid.UUID | None
    fund: Fund
    is_editor: bool
    is_sender: bool
    is_commenter: bool
    is_own: bool
    """Of one's own organisation; otherwise it was shared with this person."""
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    files: tuple[FileText, ...] = ()
    is_helper: bool = False
    """Whether this person types it for its group."""
    channel: Channel | None = None
    """How its group gave it, while the fund's people type it for them."""
    query: QueryText | None = None
    """What the fund asks, while the application is returned."""

    @property
    def opening(self) -> Opening:
        """Which answers may be changed."""
        return self.query.opening(self.fund) if self.query else WHOLE

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
        is_late = self.late_until is not None and now < self.late_until
        return (
            is_late
            or self.state == ApplicationState.RETURNED
            or (self.round_is_open and dates.is_open(self.opens_at, self.closes_at, now, grace))
        )

    def in_words(self) -> tuple[SectionText, ...]:
        """Every section with its answers as people read them."""
        return sections_in_words(self.fund, self.answers, self.files)


def draft(actor: Actor, key: uuid.UUID) -> Draft:
    """The live application, for its own people alone. Raises NotFound. Three statements, and one
    more while it is returned."""
    row: Any = db.session.execute(
        applications_of(Application, Round, AllocationArea, Organisation.name, released(actor))
        .add_columns(HelpedEntry.channel, HelpedEntry.taken_over_at, helping(actor).label("helps"))
        .outerjoin(HelpedEntry, HelpedEntry.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.key == key, _may_write(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, round_record, area, organisation, award_key, channel, taken_over_at, helps = row
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
        late_until=record.late_until,
        changed_at=record.changed_at,
        submitted_at=record.submitted_at,
        returned_reason=record.returned_reason,
        award_key=award_key,
        fund=fund_of(actor, record.definition_id),
        is_editor=_holds(actor, record, round_record, *EDITORS)
        or record.id in actor.shared(Right.EDIT)
        or bool(helps),
        is_sender=_holds(actor, record, round_record, Role.APPLICANT_SUBMITTER) or bool(helps),
        is_helper=bool(helps),
        channel=None if taken_over_at else channel,
        is_commenter=_holds(actor, record, round_record, *APPLICANTS)
        or record.id in actor.shared(Right.COMMENT, Right.EDIT),
        is_own=_holds(actor, record, round_record, *APPLICANTS),
        answers=answers,
        versions=versions,
        files=files_of(record.id),
        query=open_query(record.id) if record.state == ApplicationState.RETURNED else None,
    )


def senders(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> tuple[str, ...]:
    """The names of those who may send this application: shown to those who may not."""
    names = db.session.scalars(
        applications_of(Person.name)
        .join(Membership, Membership.organisation_id == Application.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Application.key == key,
            is_own(actor),
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


def _may_write(actor: Actor) -> sa.ColumnElement[bool]:
    """Its own people, and those who type it for them."""
    typed_for = sa.and_(helping(actor), visible(actor, Action.READ_APPLICATION))
    return sa.or_(is_own(actor), typed_for)


def _holds(actor: Actor, record: Application, round_record: Round, *roles: Role) -> bool:
    return any(
        actor.holds(role, organisation_id=record.organisation_id, fund=round_record.fund)
        for role in roles
    )


def _answers(
    application_id: int,
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], int]]:
    """Texts and versions, in the order of the rows. A row that was removed has versions alone."""
    rows = db.session.execute(
        sa.select(Answer.question, Answer.row, Answer.text, Answer.version).where(
            Answer.application_id == application_id
        )
    )
    kept = sorted(rows, key=lambda found: (found.row, found.question))
    rows_in_use = {(found.question.partition(".")[0], found.row) for found in kept if found.text}
    texts = {
        (found.question, found.row): found.text
        for found in kept
        if not found.row or (found.question.partition(".")[0], found.row) in rows_in_use
    }
    return texts, {(found.question, found.row): found.version for found in kept}
