"""Meetings of a panel: planned, who is there, the order of business. What came of it: recording.py."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.meeting import Meeting, MeetingItem, MeetingMember
from grants.models.round import Round
from grants.queries import agenda, rounds
from grants.queries import meetings as queries
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_seen
from grants.rules import meetings as rule
from grants.rules.actions import Action
from grants.rules.meetings import Presence
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason, Stale
from grants.services import access
from grants.services.transaction import transaction

MOST_QUORUM = 99
LONGEST = 300  # characters of a place
SIGNED = "The minute of this meeting is signed. Nothing in it can change."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A meeting as it was typed. What could not be read is None."""

    held_on: dt.date | None
    place: str
    quorum: int | None
    chair: int | None
    secretary: int | None
    members: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """Who was there, and the times by the clock in the room, as they were typed."""

    presence: str
    arrived: str = ""
    went: str = ""


def plan(actor: Actor, round_key: uuid.UUID, wanted: Plan, *, now: dt.datetime) -> uuid.UUID:
    """Plan a meeting, with the order of business proposed. Raises Blocked with every fault."""
    with transaction():
        record = access.round_(actor, round_key, Action.HOLD_MEETING, lock=True)
        row = rounds.one(actor, round_key, Action.HOLD_MEETING)
        if not fund_of(actor, row.definition_id).stages.moderation:
            raise Blocked("This round has no panel discussion: the mean of the scores decides.")
        may_sit = {key for key, _ in queries.may_be_of(actor, row, now=now)}
        faults = _faults(wanted, may_sit)
        if faults or wanted.held_on is None or wanted.quorum is None:
            raise Blocked(*faults)
        if same := _planned(actor, record, wanted):
            return same
        meeting = Meeting(
            key=uuid.uuid4(),
            round_id=record.id,
            held_on=wanted.held_on,
            place=wanted.place.strip(),
            quorum=wanted.quorum,
            chair_id=wanted.chair,
            secretary_id=wanted.secretary,
            planned_by=actor.person_id,
            planned_at=now,
        )
        db.session.add(meeting)
        db.session.flush()
        people = {*wanted.members, wanted.chair, wanted.secretary} - {None}
        db.session.add_all(
            MeetingMember(meeting_id=meeting.id, person_id=person)
            for person in sorted(one for one in people if one is not None)
        )
        _list(actor, record, meeting)
        _record(actor, "plan-meeting", meeting, record, now, {"people": len(people)})
        return meeting.key


def _planned(actor: Actor, record: Round, wanted: Plan) -> uuid.UUID | None:
    """The meeting that this person planned just so: sent twice, it is planned once."""
    return db.session.scalar(
        sa.select(Meeting.key).where(
            Meeting.round_id == record.id,
            Meeting.planned_by == actor.person_id,
            Meeting.held_on == wanted.held_on,
            Meeting.place == wanted.place.strip(),
            Meeting.chair_id == wanted.chair,
        )
    )


def _faults(wanted: Plan, may_sit: set[int]) -> list[Reason]:
    faults = []
    if wanted.held_on is None:
        faults.append(Reason("Enter the day of the meeting, such as 31 3 2027.", "held_on"))
    if not wanted.place.strip() or len(wanted.place) > LONGEST:
        faults.append(Reason(f"Say where it is held, in {LONGEST} characters or fewer.", "place"))
    if wanted.quorum is None or not 0 < wanted.quorum <= MOST_QUORUM:
        faults.append(Reason("Enter how many must be there, from 1.", "quorum"))
    if wanted.chair not in may_sit:
        faults.append(Reason("Choose who chairs the meeting.", "chair"))
    if wanted.secretary not in may_sit:
        faults.append(Reason("Choose who writes the minute.", "secretary"))
    if not wanted.members <= may_sit:
        faults.append(Reason("Choose people of this fund.", "members"))
    return faults


def add_to_list(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> int:
    """Put on the list what has come to moderation since. Returns how many."""
    with transaction():
        meeting, record = held(actor, key)
        added = _list(actor, record, meeting)
        if added:
            _record(actor, "list-for-meeting", meeting, record, now, {})
        return added


def _list(actor: Actor, record: Round, meeting: Meeting) -> int:
    """Each at the end of the list, in the order that is proposed. What this person may not see stays
    for somebody who may."""
    there = set(
        db.session.scalars(
            sa.select(MeetingItem.application_id).where(MeetingItem.meeting_id == meeting.id)
        )
    )
    last = db.session.scalar(
        sa.select(sa.func.max(MeetingItem.place)).where(MeetingItem.meeting_id == meeting.id)
    )
    fresh = [one for one in rule.order(agenda.of_round(actor, record.key)) if one.id not in there]
    db.session.add_all(
        MeetingItem(meeting_id=meeting.id, application_id=one.id, place=place, why=one.why)
        for place, one in enumerate(fresh, start=(last or 0) + 1)
    )
    return len(fresh)


def move_item(
    actor: Actor,
    key: uuid.UUID,
    application: uuid.UUID,
    *,
    up: bool,
    past: uuid.UUID,
    now: dt.datetime,
) -> None:
    """Take an application one place earlier or later, past the one that stood there for this person.

    Sent twice, it is moved once: it is past it already. Raises Stale where others moved in between.
    """
    with transaction():
        meeting, record = held(actor, key)
        rows = _in_order(actor, meeting)
        places = {row.key: at for at, row in enumerate(rows)}
        if not {application, past} <= places.keys() or application == past:
            raise NotFound(access.NO_SUCH)
        ahead = places[application] - places[past] if up else places[past] - places[application]
        if ahead < 0:
            return
        if ahead > 1:
            raise Stale("Somebody else changed the order while you had it open.")
        mine, theirs = rows[places[application]][0], rows[places[past]][0]
        mine.place, theirs.place = theirs.place, mine.place
        _record(actor, "order-meeting", meeting, record, now, {})


def _in_order(actor: Actor, meeting: Meeting) -> list[Any]:
    """What this person may see of the list, in its order; locked."""
    return list(
        db.session.execute(
            applications_seen(actor, Action.READ_ITEM, MeetingItem, Application.key)
            .join(MeetingItem, MeetingItem.application_id == Application.id)
            .where(MeetingItem.meeting_id == meeting.id)
            .order_by(MeetingItem.place, MeetingItem.id)
            .with_for_update(of=MeetingItem)
            .execution_options(populate_existing=True)
        )
    )


def attend(
    actor: Actor,
    key: uuid.UUID,
    people: Mapping[int, Attended],
    *,
    seen: int,
    now: dt.datetime,
) -> None:
    """Record who is there. Raises Stale where another recorder was quicker, Blocked for no time."""
    with transaction():
        meeting, record = held(actor, key)
        members = db.session.scalars(
            sa.select(MeetingMember).where(MeetingMember.meeting_id == meeting.id)
        ).all()
        if meeting.version != seen:
            if all(_stands(one, people.get(one.person_id)) for one in members):
                return
            raise Stale("Somebody else recorded who is there while you had this open.")
        faults = [fault for one in members for fault in _attended(one, people.get(one.person_id))]
        if faults:
            raise Blocked(*faults)
        flag_modified(meeting, "place")  # who is there is of its version
        there = sum(one.presence == Presence.PRESENT for one in members)
        _record(actor, "record-attendance", meeting, record, now, {"present": there})


def _stands(member: MeetingMember, typed: Attended | None) -> bool:
    """Whether what was typed is what is kept."""
    if typed is None:
        return False
    times = (rule.clock(typed.arrived), rule.clock(typed.went))
    return (member.presence, member.arrived, member.went) == (typed.presence, *times)


def _attended(member: MeetingMember, typed: Attended | None) -> Sequence[Reason]:
    if typed is None:
        return ()
    if typed.presence not in set(Presence):
        return (Reason("Choose whether they were there.", f"presence-{member.person_id}"),)
    arrived, went = rule.clock(typed.arrived), rule.clock(typed.went)
    if arrived is None:
        return (Reason("Enter a time, such as 10:15.", f"arrived-{member.person_id}"),)
    if went is None:
        return (Reason("Enter a time, such as 12:40.", f"went-{member.person_id}"),)
    member.presence = Presence(typed.presence)
    is_here = member.presence == Presence.PRESENT
    member.arrived, member.went = (arrived, went) if is_here else ("", "")
    return ()


def held(actor: Actor, key: uuid.UUID) -> tuple[Meeting, Round]:
    """The meeting, to be changed; locked. Raises MoveNotAllowed once its minute is signed."""
    meeting, record = access.meeting(actor, key, Action.HOLD_MEETING, lock=True)
    if meeting.signed_at is not None:
        raise MoveNotAllowed(SIGNED)
    return meeting, record


def _record(
    actor: Actor,
    action: str,
    meeting: Meeting,
    record: Round,
    now: dt.datetime,
    after: dict[str, object],
) -> None:
    about = {"meeting": str(meeting.key), **after}
    audit.record(actor, action, ("round", record.id, record.reference), now=now, after=about)
