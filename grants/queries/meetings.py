"""Meetings of a round's panel, as each person may know them: what they may not see is not on the list."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.meeting import Meeting, MeetingItem, MeetingMember
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.models.round import AllocationArea, Round
from grants.queries import rounds
from grants.queries.rounds import RoundRow
from grants.queries.visible import Condition, applications_of, names_shown, visible
from grants.rules import meetings as rule
from grants.rules.actions import Action
from grants.rules.meetings import Attendance, Outcome, Paragraph, Presence, Why
from grants.rules.people import Actor, Role
from grants.rules.permissions import may
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState

SEATED = (Role.ASSESSOR, Role.FUND_MANAGER, Role.APPROVER, Role.PARTNERSHIP_OFFICER)
MOST = 100  # meetings of a round that are listed, the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """One meeting of a round. ``is_own``: the person who looks chairs it."""

    id: int
    key: uuid.UUID
    held_on: dt.date
    place: str
    quorum: int
    chair: str
    secretary: str
    signed_at: dt.datetime | None
    signed_by: str
    is_own: bool
    version: int
    opening: str | None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One who is of a meeting."""

    id: int
    person_id: int
    name: str
    presence: Presence
    arrived: str
    went: str

    @property
    def attendance(self) -> Attendance:
        """For the minute."""
        return Attendance(
            name=self.name, presence=self.presence, arrived=self.arrived, went=self.went
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One application on the list, with its number among those this person may see. Pence."""

    number: int
    application_id: int
    key: uuid.UUID
    award_key: uuid.UUID | None
    reference: str
    title: str
    organisation: str
    area: str
    asked: int
    state: ApplicationState
    why: Why
    outcome: Outcome
    put_off: str
    votes: str
    note: str
    recorded: str
    corrected: str | None
    corrected_by: str
    recorded_by: str
    recorded_at: dt.datetime | None
    version: int
    shows_names: bool  # not to who sits in a round that is read blind

    @property
    def heading(self) -> str:
        """What stands over it in the minute."""
        if not self.shows_names:
            return self.reference
        return f"{self.reference}: {self.title} ({self.organisation})"

    @property
    def paragraph(self) -> Paragraph:
        """Its part of the minute as it is now."""
        return Paragraph(
            of=self.application_id,
            title=self.heading,
            recorded=self.recorded or "Not taken at this meeting.",
            corrected=self.corrected or "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """A meeting with its people and the order of its business."""

    round: RoundRow
    meeting: MeetingRow
    members: tuple[MemberRow, ...]
    items: tuple[ItemRow, ...]
    may_hold: bool

    @property
    def present(self) -> int:
        """How many are in the room: here, and not gone."""
        return sum(one.presence == Presence.PRESENT and not one.went for one in self.members)

    @property
    def taken(self) -> int:
        """How many are dealt with."""
        return sum(one.outcome != Outcome.WAITING for one in self.items)

    @property
    def next(self) -> ItemRow | None:
        """The first that waits."""
        return next((one for one in self.items if one.outcome == Outcome.WAITING), None)

    @property
    def opening(self) -> Paragraph:
        """What the minute says of the meeting itself."""
        return Paragraph(
            of=0,
            title="The meeting",
            recorded=rule.opening(
                held_on=self.meeting.held_on,
                place=self.meeting.place,
                chair=self.meeting.chair,
                secretary=self.meeting.secretary,
                quorum=self.meeting.quorum,
                people=[one.attendance for one in self.members],
            ),
            corrected=self.meeting.opening or "",
        )


def meetings_seen(actor: Actor) -> Condition:
    """Meetings of rounds that this person works on; as an assessor, those they are of."""
    of_it = sa.exists().where(
        MeetingMember.meeting_id == Meeting.id, MeetingMember.person_id == actor.person_id
    )
    whole = visible(actor, Action.READ_SCENARIO)
    return sa.and_(visible(actor, Action.READ_MEETING), sa.or_(whole, of_it.correlate(Meeting)))


_chair, _secretary, _signer = (sa.orm.aliased(Person) for _ in range(3))


def _meetings(actor: Actor) -> Any:
    return (
        sa.select(
            Meeting,
            Round.key.label("round_key"),
            _chair.name.label("chair"),
            _secretary.name.label("secretary"),
            _signer.name.label("signer"),
        )
        .join(Round, Round.id == Meeting.round_id)
        .join(_chair, _chair.id == Meeting.chair_id)
        .join(_secretary, _secretary.id == Meeting.secretary_id)
        .outerjoin(_signer, _signer.id == Meeting.signed_by)
        .where(meetings_seen(actor))
    )


def _meeting(actor: Actor, row: Any) -> MeetingRow:
    record = row[0]
    return MeetingRow(
        id=record.id,
        key=record.key,
        held_on=record.held_on,
        place=record.place,
        quorum=record.quorum,
        chair=row.chair,
        secretary=row.secretary,
        signed_at=record.signed_at,
        signed_by=row.signer or "",
        is_own=record.chair_id == actor.person_id,
        version=record.version,
        opening=record.opening,
        sha256=record.sha256 or "",
    )


def of_round(actor: Actor, key: uuid.UUID) -> tuple[RoundRow, tuple[MeetingRow, ...]]:
    """The meetings of a round, the latest first. Two statements."""
    record = rounds.one(actor, key, Action.READ_MEETING)
    statement = _meetings(actor).where(Meeting.round_id == record.id)
    rows = db.session.execute(
        statement.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(MOST)
    )
    return record, tuple(_meeting(actor, row) for row in rows)


def may_be_of(actor: Actor, record: RoundRow, *, now: dt.datetime) -> tuple[tuple[int, str], ...]:
    """(id, name) of whoever may sit: those who assess, manage and approve. One statement."""
    del actor
    rows = db.session.execute(
        sa.select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == record.organisation_id,
            sa.or_(Membership.fund.is_(None), Membership.fund == record.fund),
            Membership.role.in_(SEATED),
            Membership.starts_at <= now,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
            Person.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return tuple((row.id, row.name) for row in rows)


def one(actor: Actor, key: uuid.UUID) -> MeetingPage:
    """The meeting. Raises NotFound. Four statements."""
    row: Any = db.session.execute(_meetings(actor).where(Meeting.key == key)).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    record = rounds.one(actor, row.round_key, Action.READ_MEETING)
    found = _meeting(actor, row)
    return MeetingPage(
        round=record,
        meeting=found,
        members=members_of(found.id),
        items=_items(actor, found.id),
        may_hold=found.signed_at is None and may(actor, Action.HOLD_MEETING, record.place),
    )


def members_of(meeting_id: int) -> tuple[MemberRow, ...]:
    rows = db.session.execute(
        sa.select(
            MeetingMember.id,
            MeetingMember.person_id,
            Person.name,
            MeetingMember.presence,
            MeetingMember.arrived,
            MeetingMember.went,
        )
        .join(Person, Person.id == MeetingMember.person_id)
        .where(MeetingMember.meeting_id == meeting_id)
        .order_by(Person.name, Person.id)
    )
    return tuple(MemberRow(**row._mapping) for row in rows)  # noqa: SLF001 (SQLAlchemy's own name)


_recorder, _corrector = sa.orm.aliased(Person), sa.orm.aliased(Person)


def _items(actor: Actor, meeting_id: int) -> tuple[ItemRow, ...]:
    """What this person may see of the list, numbered as they see it."""
    rows: Any = db.session.execute(
        applications_of(
            MeetingItem,
            Application,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Award.key.label("award_key"),
            names_shown(actor).label("shows_names"),
            _recorder.name.label("recorder"),
            _corrector.name.label("corrector"),
        )
        .join(MeetingItem, MeetingItem.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .outerjoin(_recorder, _recorder.id == MeetingItem.recorded_by)
        .outerjoin(_corrector, _corrector.id == MeetingItem.corrected_by)
        .where(MeetingItem.meeting_id == meeting_id, visible(actor, Action.READ_ITEM))
        .order_by(MeetingItem.place, MeetingItem.id)
    )
    return tuple(_item(number, row) for number, row in enumerate(rows, start=1))


def _item(number: int, row: Any) -> ItemRow:
    item, record = row[0], row[1]
    return ItemRow(
        number=number,
        application_id=record.id,
        key=record.key,
        award_key=row.award_key,
        reference=record.reference,
        title=record.title if row.shows_names else record.reference,
        organisation=row.organisation if row.shows_names else "",
        area=row.area if row.shows_names else "",
        asked=record.asked,
        state=record.state,
        why=Why(item.why),
        outcome=item.outcome,
        put_off=item.asked,
        votes=item.votes,
        note=item.note,
        recorded=item.recorded,
        corrected=item.corrected,
        corrected_by=row.corrector or "",
        recorded_by=row.recorder or "",
        recorded_at=item.recorded_at,
        version=item.version,
        shows_names=row.shows_names,
    )
