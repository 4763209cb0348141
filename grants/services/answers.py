"""Saving answers: field by field as people type, and a section at a time. Nothing is lost silently."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund, Question, QuestionKind
from grants.models.application import Answer, Application
from grants.models.person import Person
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.answers import LONGEST_TEXT, join_codes, parse, split_codes, unfit
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import ApplicationState, RoundState
from grants.services import access
from grants.services.transaction import transaction

Place = tuple[str, str]  # question key (or "table.column") and row key
LONGEST_ROW_KEY = 60
TOO_LONG = f"This is too long to keep. Use {LONGEST_TEXT:,} characters or fewer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came from a page. ``seen`` are the versions that the page was made with (0: none was
    there); None where the page knows none, then the last to write wins."""

    texts: Mapping[Place, str]
    seen: Mapping[Place, int] | None = None
    section: str = ""
    """Names the section when it is saved by button: that is audited, single autosaves are not."""


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that somebody else changed since the page was made. Neither text is lost."""

    question: str
    row: str
    yours: str
    theirs: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that cannot be kept, with the sentence that says why."""

    question: str
    row: str
    text: str

    @property
    def sentence(self) -> str:
        """The same sentence where it stands away from its field."""
        return self.text


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: the versions as they are now, and what was not saved."""

    versions: Mapping[Place, int] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    refused: tuple[Refused, ...] = ()


def save(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep these answers. Four statements, whatever their number; the rest is kept when one clashes.

    Raises NotFound, Forbidden or MoveNotAllowed, and Blocked once the round takes no more.
    """
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        fund = fund_of(actor, found.thing.definition_id)
        texts = {
            place: _as_kept(asked, text)
            for place, text in sent.texts.items()
            if (asked := _asked(fund, place)) is not None
        }
        refused = tuple(_unkept(texts))
        before = _before(found.thing.id, texts)
        changed = {
            place: text
            for place, text in texts.items()
            if place not in {(r.question, r.row) for r in refused} and _differs(before, place, text)
        }
        stale = {p: before[p] for p in changed if _is_stale(sent, p, before.get(p))}
        fresh = {place: text for place, text in changed.items() if place not in stale}
        _write(found.thing, fresh, actor, now)
        if sent.section and fresh:
            audit.record(
                actor,
                Action.EDIT_APPLICATION,
                ("application", found.thing.id, found.thing.reference),
                now=now,
                after={"section": sent.section, "answers": len(fresh)},
            )
        return Saved(_versions(texts, before, fresh), _clashes(stale, texts), refused)


def remove_row(actor: Actor, key: uuid.UUID, table: str, row: str, *, now: dt.datetime) -> None:
    """Take a row out of a table of the form. What stood in it is gone from the draft."""
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        question = fund_of(actor, found.thing.definition_id).question(table)
        columns = [f"{table}.{column.key}" for column in question.columns] if question else []
        db.session.execute(
            sa.delete(Answer).where(
                Answer.application_id == found.thing.id,
                Answer.question.in_(columns),
                Answer.row == row,
            )
        )
        _touch(found.thing, now)
        audit.record(
            actor,
            Action.EDIT_APPLICATION,
            ("application", found.thing.id, found.thing.reference),
            now=now,
            after={"removed": f"{table}, row {row}"[:200]},
        )


def refuse_late(record: Application, round_record: Round, now: dt.datetime) -> None:
    """Raises Blocked once the round takes no more. A returned application may still be put right."""
    if not is_in_time(record, round_record, now):
        raise Blocked(late_sentence(round_record, now))


def is_in_time(record: Application, round_record: Round, now: dt.datetime) -> bool:
    """Whether the fund takes this application now; ``now`` is when the request arrived."""
    grace = dt.timedelta(minutes=round_record.grace_minutes)
    return record.state == ApplicationState.RETURNED or (
        round_record.state == RoundState.OPEN
        and dates.is_open(round_record.opens_at, round_record.closes_at, now, grace)
    )


def late_sentence(round_record: Round, now: dt.datetime) -> Reason:
    """Says that it is too late, when it closed, and that nothing is lost."""
    when = dates.describe_deadline(round_record.closes_at, max(now, round_record.closes_at))
    return Reason(
        f"{when} The fund takes no more now. Everything you saved before is kept; "
        "write to the fund if something stopped you.",
        "closed",
    )


def _asked(fund: Fund, place: Place) -> Question | None:
    """The question or column that this answers; None where the form asks no such thing."""
    table, _, column = place[0].partition(".")
    question = fund.question(table)
    if question is None or question.kind == QuestionKind.UPLOAD:
        return None
    if question.kind != QuestionKind.ROWS:
        return None if column or place[1] else question
    if not 0 < len(place[1]) <= LONGEST_ROW_KEY:
        return None
    return next((found for found in question.columns if found.key == column), None)


def _as_kept(question: Question, text: str) -> str:
    """As typed; a date that came in three parts is one text, and codes stand one a line."""
    if question.kind == QuestionKind.MANY:
        return join_codes(split_codes(text))
    if question.kind != QuestionKind.DATE:
        return text
    day = parse(question, text.replace("\n", " ")).value
    return day.isoformat() if isinstance(day, dt.date) else text.replace("\n", " ").rstrip()


def _unkept(texts: Mapping[Place, str]) -> Iterable[Refused]:
    for (question, row), text in texts.items():
        sentence = unfit(text) or (TOO_LONG if len(text) > LONGEST_TEXT else "")
        if sentence:
            yield Refused(question, row, sentence)


def _before(application_id: int, texts: Mapping[Place, str]) -> dict[Place, Any]:
    if not texts:
        return {}
    rows = db.session.execute(
        sa.select(
            Answer.question,
            Answer.row,
            Answer.text,
            Answer.version,
            Answer.changed_by,
            Answer.changed_at,
        ).where(
            Answer.application_id == application_id,
            Answer.question.in_(sorted({question for question, _ in texts})),
            Answer.row.in_(sorted({row for _, row in texts})),
        )
    )
    return {(row.question, row.row): row for row in rows}


def _differs(before: Mapping[Place, Any], place: Place, text: str) -> bool:
    return text != (before[place].text if place in before else "")


def _is_stale(sent: Sent, place: Place, kept: Any) -> bool:
    return sent.seen is not None and kept is not None and kept.version != sent.seen.get(place, 0)


def _write(record: Application, texts: Mapping[Place, str], actor: Actor, now: dt.datetime) -> None:
    if not texts:
        return
    maker: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = maker(Answer.__table__)
    statement = statement.on_conflict_do_update(
        index_elements=["application_id", "question", "row"],
        set_={
            "text": statement.excluded.text,
            "version": Answer.__table__.c.version + 1,
            "changed_at": statement.excluded.changed_at,
            "changed_by": statement.excluded.changed_by,
        },
    )
    rows = [
        {
            "application_id": record.id,
            "question": question,
            "row": row,
            "text": text,
            "version": 1,
            "changed_at": now,
            "changed_by": actor.person_id,
        }
        for (question, row), text in texts.items()
    ]
    db.session.execute(statement, rows)
    _touch(record, now)


def _touch(record: Application, now: dt.datetime) -> None:
    """When the draft was last written in. Not a change of the application's own version."""
    db.session.execute(
        sa.update(Application)
        .where(Application.id == record.id)
        .values(changed_at=now)
        .execution_options(synchronize_session=False)
    )


def _versions(
    texts: Mapping[Place, str], before: Mapping[Place, Any], fresh: Mapping[Place, str]
) -> dict[Place, int]:
    """What the page knows from now on. After a clash too: saving again is then a choice."""
    known = {place: before[place].version if place in before else 0 for place in texts}
    return {place: number + (place in fresh) for place, number in known.items()}


def _clashes(stale: Mapping[Place, Any], texts: Mapping[Place, str]) -> tuple[Clash, ...]:
    if not stale:
        return ()
    people = {row.changed_by for row in stale.values()}
    names = dict(
        db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(people)))
        .tuples()
        .all()
    )
    return tuple(
        Clash(place[0], place[1], texts[place], row.text, names[row.changed_by], row.changed_at)
        for place, row in stale.items()
    )
