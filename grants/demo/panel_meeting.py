"""A meeting of the panel in the first open round, held: its minute waits for the chair."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from grants.demo.kit import Kit
from grants.demo.rounds import Made
from grants.demo.running import Life
from grants.extensions import db
from grants.models.application import Application
from grants.models.meeting import Meeting, MeetingItem
from grants.models.round import Round
from grants.rules import dates
from grants.rules.people import Actor
from grants.services import meetings, recording
from grants.services.acting import actor_with_id
from grants.services.meetings import Attended, Plan
from grants.services.recording import Agreement, Recorded

SEATS = ("assessor", "assessor2", "assessor3", "manager2")
QUORUM = 3
ASKED = "Who holds the key of the hall, and may it be used in the evenings? (fictional)"
WHY = "The panel read the plan again and found its steps clear. (fictional)"
NOTE = "The panel thanked the assessors."


def hold(kit: Kit, lives: Iterable[Life]) -> None:
    """As the fund manager would, who writes the minute. The last to come is late."""
    life = next((one for one in lives if one.made.fund.stages.moderation), None)
    if life is None:
        return
    made, cast, now = life.made, life.cast, kit.now
    manager = actor_with_id(cast.staff["manager"], now=now)
    record = db.session.get_one(Round, made.id, populate_existing=True)
    plan = Plan(
        held_on=dates.today(now),
        place="The small hall, and by video (fictional)",
        quorum=QUORUM,
        chair=cast.staff["chair"],
        secretary=cast.staff["manager"],
        members=frozenset(cast.staff[seat] for seat in SEATS),
    )
    key = meetings.plan(manager, record.key, plan, now=now)
    db.session.execute(sa.update(Meeting).where(Meeting.key == key).values(key=kit.key()))
    meeting = db.session.scalars(
        sa.select(Meeting)
        .where(Meeting.round_id == made.id)
        .execution_options(populate_existing=True)
    ).one()
    present = {one: Attended(presence="present") for one in (*plan.members, plan.chair or 0)}
    present[cast.staff["manager"]] = Attended(presence="present")
    present[cast.staff["assessor3"]] = Attended(presence="present", arrived="10:15")
    present[cast.staff["manager2"]] = Attended(presence="apologies")
    meetings.attend(manager, meeting.key, present, seen=meeting.version, now=now)
    _take(manager, made, meeting, now)


def _take(manager: Actor, made: Made, meeting: Meeting, now: dt.datetime) -> None:
    """The first is talked about and a mark agreed; the second is put off."""
    heaviest = max(made.fund.scoring.criteria, key=lambda one: one.weight)
    agreed = {heaviest.key: Agreement(mark=made.fund.scoring.highest - 1, reason=WHY)}
    outcomes = (
        {"outcome": "scored", "marks": agreed, "note": NOTE},
        {"outcome": "deferred", "asked": ASKED},
    )
    items = db.session.execute(
        sa.select(Application.key, MeetingItem.version)
        .join(MeetingItem, MeetingItem.application_id == Application.id)
        .where(MeetingItem.meeting_id == meeting.id)
        .order_by(MeetingItem.place)
    ).all()
    for item, came in zip(items, outcomes, strict=False):
        typed = Recorded(seen=item.version, **came)  # type: ignore[arg-type]  # words and marks
        recording.record(manager, meeting.key, item.key, typed, now=now)
