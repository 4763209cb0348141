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
from grants.rules.frozen import fingerprint
from grants.rules.helping import Channel
from grants.rules.states import ApplicationState
from grants.services import entering

PHONE = "01632 9600{place:02d}"  # of the range that is kept for made-up people
HELPED_PHONE = "01632 960099"
ASKED = {
    "plan_summary": "Which places will this reach that last year did not?",
    "projects": "Please say for each project who runs it from day to day.",
}
CHANGED = "plan_summary"
FIRST = "More people find company close to home. (Fictional.)"
BY = dt.timedelta(days=10)


def go_on(kit: Kit, made: Made, cast: Cast, place: int) -> None:
    """One of each in the open round at this place. Inside the transaction that fills."""
    db.session.flush()
    db.session.expire_all()
    _ask(kit, made, cast)
    _answer(kit, made, cast)
    _type(made, cast)
    _be_alike(made, PHONE.format(place=place))


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


def _answer(kit: Kit, made: Made, cast: Cast) -> None:
    """What was asked of one that is read now, and what its people said: it came a second time."""
    record = db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == made.id, Application.state == ApplicationState.ASSESSING)
        .order_by(Application.id)
    ).first()
    if record is None or record.submitted_at is None or record.submitted_by is None:
        return
    asked_at = record.submitted_at
    answered_at = asked_at + dt.timedelta(days=1)
    _come_again(record, answered_at)
    query = ApplicationQuery(
        key=kit.key(),
        application_id=record.id,
        number=1,
        words="",
        answer_by=dates.today(asked_at) + BY,
        about_number=1,
        asked_at=asked_at + dt.timedelta(hours=4),
        asked_by=cast.staff["manager"],
        closed_at=answered_at,
        closed_by=record.submitted_by,
        answered_number=2,
    )
    db.session.add(query)
    db.session.flush()
    db.session.add(
        QueryPoint(
            query_id=query.id,
            question=CHANGED,
            text=ASKED[CHANGED],
            reply="The two villages at the end of the bus line. We have written that in. (Fictional.)",
            replied_at=answered_at,
            replied_by=record.submitted_by,
        )
    )


def _come_again(record: Application, at: dt.datetime) -> None:
    """What stands is the second version; the first said less."""
    second = db.session.scalars(
        sa.select(ApplicationVersion).where(ApplicationVersion.application_id == record.id)
    ).one()
    first = {
        **second.content,
        "answers": [
            [question, row, FIRST if question == CHANGED else text]
            for question, row, text in second.content["answers"]
        ],
    }
    second.number = record.number = 2
    db.session.flush()
    db.session.add(
        ApplicationVersion(
            application_id=record.id,
            number=1,
            content=first,
            sha256=fingerprint(first),
            submitted_at=second.submitted_at,
            submitted_by=second.submitted_by,
            confirmed=second.confirmed,
        )
    )
    second.submitted_at = record.submitted_at = record.changed_at = at


def _type(made: Made, cast: Cast) -> None:
    """A body gave its answers by phone; who typed them has no part in judging them."""
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
                channel=Channel.PHONE,
                phone=HELPED_PHONE,
                given_by="Ceit NicLeòid (fictional)",
                received_on=day,
                consent_on=day,
                consent_how="Read back to them on the phone, and they agreed.",
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


def _be_alike(made: Made, phone: str) -> None:
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
        .values(phone=phone)
        .execution_options(synchronize_session=False)
    )
