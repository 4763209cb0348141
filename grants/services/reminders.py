"""Reminding those who hold an unsent draft that its deadline comes near: the clock's work."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.round import Round
from grants.notifications import outbox
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.people import APPLICANTS, CLOCK
from grants.rules.states import ApplicationState, RoundState
from grants.services import telling
from grants.services.transaction import transaction

JUST_BEGUN = dt.timedelta(days=1)


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
