"""Saving answers: field by field as people type, and a section at a time. Nothing is lost silently."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import UTCDateTime, db
from grants.models.application import Answer, Application
from grants.models.earlier_text import EarlierText
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.opening import LOCKED
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import ApplicationState, RoundState
from grants.services import access, asking
from grants.services.answer_sheet import Saved, Sent, Sheet, asked_texts
from grants.services.transaction import transaction


def save(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep these answers. Four statements, whatever their number; the rest is kept when one clashes.

    While the fund asks about named answers the others are told apart as refused. Raises NotFound, Forbidden or MoveNotAllowed, and Blocked once the round takes no more.
    """
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        fund = fund_of(actor, found.thing.definition_id)
        texts = asked_texts(fund, sent.texts)
        sheet = Sheet(Answer, "application_id", found.thing.id)
        saved = sheet.keep(texts, sent, actor, now=now, opening=asking.opening(found.thing, fund))
        if saved.written:
            touch(found.thing, now)
        if sent.section and saved.written:
            audit.record(
                actor,
                Action.EDIT_APPLICATION,
                ("application", found.thing.id, found.thing.reference),
                now=now,
                after={"section": sent.section, "answers": saved.written},
            )
        return saved


def remove_row(actor: Actor, key: uuid.UUID, table: str, row: str, *, now: dt.datetime) -> None:
    """Take a row out of a table of the form. Its texts are put aside, and its cells count on: who
    still writes in one of them is told."""
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        fund = fund_of(actor, found.thing.definition_id)
        if not asking.opening(found.thing, fund).takes_row(table, row):
            raise Blocked(Reason(LOCKED, table))
        question = fund.question(table)
        columns = [f"{table}.{column.key}" for column in question.columns] if question else []
        cells = sa.and_(
            Answer.application_id == found.thing.id,
            Answer.question.in_(columns),
            Answer.row == row,
            Answer.text != "",
        )
        _put_aside(cells, actor, now)
        db.session.execute(
            sa.update(Answer)
            .where(cells)
            .values(text="", version=Answer.version + 1, changed_at=now, changed_by=actor.person_id)
            .execution_options(synchronize_session=False)
        )
        touch(found.thing, now)
        audit.record(
            actor,
            Action.EDIT_APPLICATION,
            ("application", found.thing.id, found.thing.reference),
            now=now,
            after={"removed": f"{table}, row {row}"[:200]},
        )


def _put_aside(cells: sa.ColumnElement[bool], actor: Actor, now: dt.datetime) -> None:
    """Keep what stands in these cells among the earlier texts."""
    db.session.execute(
        sa.insert(EarlierText).from_select(
            [*(name for name, _ in _ASIDE), "replaced_at", "replaced_by"],
            sa.select(
                *(column for _, column in _ASIDE),
                sa.literal(now, UTCDateTime()),
                sa.literal(actor.person_id),
            ).where(cells),
        )
    )


_ASIDE: tuple[tuple[str, Any], ...] = (
    ("application_id", Answer.application_id),
    ("question", Answer.question),
    ("row", Answer.row),
    ("text", Answer.text),
    ("written_at", Answer.changed_at),
    ("written_by", Answer.changed_by),
)


def refuse_late(record: Application, round_record: Round, now: dt.datetime) -> None:
    """Raises Blocked once the round takes no more. A returned application may still be put right."""
    if not is_in_time(record, round_record, now):
        raise Blocked(late_sentence(round_record, now))


def is_in_time(record: Application, round_record: Round, now: dt.datetime) -> bool:
    """Whether the fund takes this application now; ``now`` is when the request arrived."""
    grace = dt.timedelta(minutes=round_record.grace_minutes)
    is_late = record.late_until is not None and now < record.late_until
    return (
        is_late
        or record.state == ApplicationState.RETURNED
        or (
            round_record.state == RoundState.OPEN
            and dates.is_open(round_record.opens_at, round_record.closes_at, now, grace)
        )
    )


def late_sentence(round_record: Round, now: dt.datetime) -> Reason:
    """Says that it is too late, when it closed, and that nothing is lost."""
    when = dates.describe_deadline(round_record.closes_at, max(now, round_record.closes_at))
    return Reason(
        f"{when} The fund takes no more now. Everything you saved before is kept; "
        "write to the fund if something stopped you.",
        "closed",
    )


def touch(record: Application, now: dt.datetime) -> None:
    """When the draft was last written in. Not a change of the application's own version."""
    db.session.execute(
        sa.update(Application)
        .where(Application.id == record.id)
        .values(changed_at=now)
        .execution_options(synchronize_session=False)
    )
