"""Reminding people of a day that comes near: of an unsent draft, of the fund's query. The clock's work."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.application_query import ApplicationQuery
from grants.models.person import Person
from grants.models.round import Round
from grants.notifications import outbox
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.people import APPLICANTS, CLOCK
from grants.rules.states import ApplicationState, RoundState
from grants.services import telling
from grants.services.transaction import transaction

JUST_BEGUN = dt.timedelta(days=1)
PASSED_FOR = dt.timedelta(days=14)  # a day that passed longer ago is told to nobody any more
Waiting = tuple[ApplicationQuery, Application, Round]


def remind_drafts(*, now: dt.datetime) -> int:
    """Remind the holders of every draft whose round closes within its fund's days, each once.

    Who began within a day needs no reminder yet. Returns how many drafts were near their deadline.
    """
    with transaction():
        near = [record for record in _open_rounds(now) if _is_near(record, now)]
        drafts = [(record, draft) for record in near for draft in _drafts(record, now)]
        for record, draft in drafts:
            _remind(record, draft, now)
    return len(drafts)


def _open_rounds(now: dt.datetime) -> list[Round]:
    open_now = (
        Round.state == RoundState.OPEN,
        Round.closes_at > now,
        Round.rehearsal_id.is_(None),
    )
    return list(db.session.scalars(sa.select(Round).where(*open_now).order_by(Round.id)))


def _is_near(record: Round, now: dt.datetime) -> bool:
    days = fund_of(CLOCK, record.definition_id or 0).settings.reminder_days
    return record.closes_at - now <= dt.timedelta(days=days)


def _drafts(record: Round, now: dt.datetime) -> list[Application]:
    return list(
        db.session.scalars(
            sa.select(Application)
            .where(
                Application.round_id == record.id,
                Application.state == ApplicationState.DRAFT,
                Application.created_at <= now - JUST_BEGUN,
            )
            .order_by(Application.id)
        )
    )


def _remind(record: Round, draft: Application, now: dt.datetime) -> None:
    for person in telling.members(draft.organisation_id, APPLICANTS, record.fund, now):
        outbox.queue(
            "reminder",
            person.email,
            now=now,
            values={
                "name": person.name,
                "reference": draft.reference,
                "title": draft.title,
                "round_title": record.title,
                "deadline": dates.describe_deadline(record.closes_at, now),
            },
            once=f"reminder:{draft.id}:{person.id}",
            round_id=record.id,
        )


def remind_queries(*, now: dt.datetime) -> int:
    """Remind of every query whose day is near, and tell once it has passed; each person once of each.

    Who was asked within a day needs no reminder yet. Returns how many queries were near or past.
    """
    today = dates.today(now)
    with transaction():
        told = 0
        for query, about, record in _open_queries(today):
            if query.answer_by is None:
                continue
            if query.answer_by < today:
                _tell(query, about, record, "query_passed", now)
                _tell_asker(query, about, record, now)
            elif _is_due(query, about, now):
                _tell(query, about, record, "query_near", now)
            else:
                continue
            told += 1
    return told


def _open_queries(today: dt.date) -> list[Waiting]:
    rows = db.session.execute(
        sa.select(ApplicationQuery, Application, Round)
        .join(Application, Application.id == ApplicationQuery.application_id)
        .join(Round, Round.id == Application.round_id)
        .where(
            ApplicationQuery.closed_at.is_(None),
            ApplicationQuery.answer_by >= today - PASSED_FOR,
            Application.state == ApplicationState.RETURNED,
            Round.rehearsal_id.is_(None),
        )
        .order_by(ApplicationQuery.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _is_due(query: ApplicationQuery, about: Application, now: dt.datetime) -> bool:
    days = fund_of(CLOCK, about.definition_id).settings.query_reminder_days
    is_near = (query.answer_by or dt.date.max) - dates.today(now) <= dt.timedelta(days=days)
    return is_near and query.asked_at <= now - JUST_BEGUN


def _tell(
    query: ApplicationQuery, about: Application, record: Round, kind: str, now: dt.datetime
) -> None:
    for person in telling.writers(about, record, now):
        _queue(query, about, record, kind, person, now)


def _tell_asker(
    query: ApplicationQuery, about: Application, record: Round, now: dt.datetime
) -> None:
    """Whoever asked, while they still run the round and have no interest in the application."""
    roles = telling.managers(record)
    for person in telling.members(record.organisation_id, roles, record.fund, now, about=about):
        if person.id == query.asked_by:
            _queue(query, about, record, "query_unanswered", person, now)


def _queue(
    query: ApplicationQuery,
    about: Application,
    record: Round,
    kind: str,
    person: Person,
    now: dt.datetime,
) -> None:
    outbox.queue(
        kind,
        person.email,
        now=now,
        values={
            "name": person.name,
            "reference": about.reference,
            "title": about.title,
            "round_title": record.title,
            "day": dates.describe_day(query.answer_by) if query.answer_by else "",
        },
        once=f"{kind}:{query.id}:{person.id}",
        round_id=record.id,
    )
