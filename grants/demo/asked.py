"""What is under way beside the judging: a query on named answers, a bid typed for a group, and two
applications that are alike."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea, Round
from grants.rules import dates
from grants.rules.states import ApplicationState
from grants.services import acting, asking, duplicates, entering
from grants.services.asking import Wanted
from grants.services.entering import Given, NewGroup

PHONE = "01632 960 001"  # of the range that is kept for made-up people
ASKED = {
    "plan_summary": "Which places will this reach that last year did not?",
    "projects": "Please say for each project who runs it from day to day.",
}
BY = dt.timedelta(days=10)
GROUP = NewGroup(
    name="Carers at the Pier (fictional)", address="3 Made-up Pier", postcode="ZE1 0AA"
)


def go_on(made: Made, cast: Cast, now: dt.datetime) -> None:
    """One of each in an open round. Inside the transaction that fills."""
    db.session.flush()
    db.session.expire_all()
    _ask(made, cast, now)
    _type(made, cast, now)
    _be_alike(made)
    duplicates.mark_waiting(now=now)


def _ask(made: Made, cast: Cast, now: dt.datetime) -> None:
    """The fund asks about what this application said, where it said anything."""
    manager = acting.actor_with_id(cast.staff["manager"], now=now)
    record = db.session.scalars(_sent(made)).first()
    if record is None or record.number is None:
        return
    there = set(
        db.session.scalars(sa.select(Answer.question).where(Answer.application_id == record.id))
    )
    tables = {question.partition(".")[0] for question in there}
    points = {(key, ""): text for key, text in ASKED.items() if key in tables}
    wanted = Wanted(
        points=points,
        number=record.number,
        answer_by=dates.today(now) + BY,
        words="Two small things before the assessors read it.",
    )
    asking.ask(manager, record.key, wanted, now=now)


def _type(made: Made, cast: Cast, now: dt.datetime) -> None:
    """A body without a computer gave its form by post."""
    manager = acting.actor_with_id(cast.staff["manager2"], now=now)
    round_record = db.session.get_one(Round, made.id)
    area = db.session.scalars(
        sa.select(AllocationArea.name)
        .where(AllocationArea.round_id == made.id)
        .order_by(AllocationArea.id)
    ).first()
    given = Given(
        channel="paper",
        given_by="Ceit NicLeòid (fictional)",
        received_on=dates.today(now) - dt.timedelta(days=2),
        consent_on=dates.today(now) - dt.timedelta(days=2),
        consent_how="Signed at the foot of the paper form.",
    )
    entering.begin(manager, round_record.key, area or "", GROUP, given, now=now)


def _be_alike(made: Made) -> None:
    """Two bodies that may be reached by one telephone."""
    two = (
        sa.select(Application.organisation_id)
        .where(Application.round_id == made.id, Application.state == ApplicationState.MODERATION)
        .order_by(Application.id)
        .limit(2)
    )
    db.session.execute(
        sa.update(Organisation)
        .where(Organisation.id.in_(two))
        .values(phone=PHONE)
        .execution_options(synchronize_session=False)
    )


def _sent(made: Made) -> sa.Select[Application]:
    return (
        sa.select(Application)
        .where(Application.round_id == made.id, Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.id)
    )
