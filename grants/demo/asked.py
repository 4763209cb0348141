"""What is under way beside the judging: a query on named answers, a bid typed for a group, and two
applications that are alike."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.demo.kit import Kit
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.application_query import ApplicationQuery, QueryPoint
from grants.models.assessment import Conflict
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.organisation import Organisation
from grants.rules import dates
from grants.rules.conflicts import Interest
from grants.rules.helping import Channel
from grants.rules.states import ApplicationState
from grants.services import duplicates, entering

PHONE = "01632 960 001"  # of the range that is kept for made-up people
ASKED = {
    "plan_summary": "Which places will this reach that last year did not?",
    "projects": "Please say for each project who runs it from day to day.",
}
BY = dt.timedelta(days=10)


def go_on(kit: Kit, made: Made, cast: Cast) -> None:
    """One of each in an open round. Inside the transaction that fills."""
    db.session.flush()
    db.session.expire_all()
    _ask(kit, made, cast)
    _type(made, cast)
    _be_alike(made)
    duplicates.mark_waiting(now=kit.now)


def _ask(kit: Kit, made: Made, cast: Cast) -> None:
    """What the fund asks of the application that is with its people."""
    record = db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == made.id, Application.state == ApplicationState.RETURNED)
        .order_by(Application.id)
    ).first()
    if record is None or record.number is None:
        return
    record.returned_reason = "Two small things before the assessors read it."
    query = ApplicationQuery(
        key=kit.key(),
        application_id=record.id,
        number=1,
        words=record.returned_reason,
        answer_by=dates.today(kit.now) + BY,
        about_number=record.number,
        asked_at=record.changed_at,
        asked_by=cast.staff["manager"],
    )
    db.session.add(query)
    db.session.flush()
    db.session.add_all(
        QueryPoint(query_id=query.id, question=question, text=text)
        for question, text in ASKED.items()
        if made.fund.question(question) is not None
    )


def _type(made: Made, cast: Cast) -> None:
    """A body gave its form by post; who typed it has no part in judging it."""
    helper = cast.staff["manager2"]
    record = db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == made.id, Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.id)
    ).first()
    if record is None:
        return
    day = dates.today(record.created_at)
    db.session.add_all(
        (
            HelpedEntry(
                application_id=record.id,
                channel=Channel.PAPER,
                given_by="Ceit NicLeòid (fictional)",
                received_on=day,
                consent_on=day,
                consent_how="Signed at the foot of the paper form.",
                entered_by=helper,
                entered_at=record.created_at,
            ),
            ApplicationHelper(application_id=record.id, person_id=helper, since=record.created_at),
            Conflict(
                application_id=record.id,
                person_id=helper,
                kind=Interest.HELPED,
                detail=entering.WHY,
                declared_at=record.created_at,
            ),
        )
    )
    record.submitted_by = helper
    db.session.execute(
        sa.update(ApplicationVersion)
        .where(ApplicationVersion.application_id == record.id)
        .values(submitted_by=helper)
        .execution_options(synchronize_session=False)
    )


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
