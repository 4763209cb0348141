"""The fund's queries: give an application back with what is asked of named answers, and hear back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application, ApplicationVersion
from grants.models.application_query import ApplicationQuery, QueryPoint
from grants.queries.asked import QueryText, open_query
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.answers import LONGEST_TEXT, is_blank, unfit
from grants.rules.eligibility import filled_rows
from grants.rules.opening import WHOLE, Opening, Place, is_askable, is_changed, label_of
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason, Stale
from grants.rules.states import ApplicationState
from grants.services import access, moving
from grants.services.access import Found
from grants.services.transaction import transaction
from grants.services.versions import Sources

Reasons = Sequence[Reason]
NOTHING = "Ask about at least one answer, or send the whole form back."
ABOUT_SOME = "Asked about named answers"
MOST_POINTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One query: what is asked of which answers of which version, and by when."""

    points: Mapping[Place, str]
    number: int
    answer_by: dt.date | None
    words: str = ""


def ask(actor: Actor, key: uuid.UUID, wanted: Wanted, *, now: dt.datetime) -> None:
    """Give the application back with what is asked of named answers. Its people are told.

    Sent twice, it is asked once. Raises Blocked with a reason for each place that cannot be asked about (its key is the place's
    name), Stale where another version came in since the page was made.
    """
    points = {place: text.strip() for place, text in wanted.points.items() if not is_blank(text)}
    with transaction():
        found = access.application(actor, key, Action.RETURN, lock=True)
        if _is_asked(actor, found.thing, wanted, points):
            return
        if found.thing.number != wanted.number:
            raise Stale("Another version has come in since you opened it. Read it, then ask.")
        fund = fund_of(actor, found.thing.definition_id)
        faults = (*_faults(points, wanted, now), *_unasked(found.thing, fund, points))
        if faults:
            raise Blocked(*faults)
        after = _told(fund, points, wanted)
        record = _give_back(actor, found, wanted.words.strip(), now, after=after)
        record.answer_by, record.is_whole = wanted.answer_by, False
        db.session.add(record)
        db.session.flush()
        db.session.add_all(
            QueryPoint(query_id=record.id, question=place[0], row=place[1], text=text)
            for place, text in points.items()
        )


def return_for_correction(actor: Actor, key: uuid.UUID, reason: str, *, now: dt.datetime) -> None:
    """Give the whole form back with what is to be put right: every answer may be changed."""
    with transaction():
        found = access.application(actor, key, Action.RETURN, lock=True)
        if _is_given_back(actor, found.thing, reason):
            return
        db.session.add(_give_back(actor, found, reason.strip(), now))


def opening(record: Application, fund: Fund) -> Opening:
    """Which answers its people may change now. One statement while it is returned, else none."""
    if record.state != ApplicationState.RETURNED:
        return WHOLE
    query = open_query(record.id)
    return query.opening(fund) if query else WHOLE


def unanswered(record: Application, fund: Fund, sources: Sources) -> Reasons:
    """The named answers that were neither changed nor answered in words."""
    query = open_query(record.id) if record.state == ApplicationState.RETURNED else None
    if query is None or query.is_whole:
        return ()
    before, files = _sent(record, query)
    now_there = {(question, name, sha256) for question, name, sha256 in sources.files}
    texts = {**before, **sources.answers}
    return tuple(
        Reason(
            f"{label_of(fund, point.place, texts)}: change it, or answer in words.", point.place[0]
        )
        for point in query.points
        if is_blank(point.reply)
        and not is_changed(point.place, before, sources.answers)
        and {file for file in files ^ now_there if file[0] == point.place[0]} == set()
    )


def close(record: Application, actor: Actor, *, now: dt.datetime) -> None:
    """The application was sent again: its query is answered by this version."""
    db.session.execute(
        sa.update(ApplicationQuery)
        .where(ApplicationQuery.application_id == record.id, ApplicationQuery.closed_at.is_(None))
        .values(closed_at=now, closed_by=actor.person_id, answered_number=record.number)
        .execution_options(synchronize_session=False)
    )


def _is_asked(
    actor: Actor, record: Application, wanted: Wanted, points: Mapping[Place, str]
) -> bool:
    """Whether just this was asked by this person and waits for its answer."""
    query = _open_of(actor, record)
    return query is not None and (
        query.words,
        query.answer_by,
        query.about_number,
        {point.place: point.text for point in query.points},
    ) == (wanted.words.strip(), wanted.answer_by, wanted.number, points)


def _is_given_back(actor: Actor, record: Application, reason: str) -> bool:
    """Whether the whole form is with its people for just this reason."""
    query = _open_of(actor, record)
    return query is not None and query.is_whole and query.words == reason.strip()


def _open_of(actor: Actor, record: Application) -> QueryText | None:
    """This person's own query while the application is with its people."""
    if record.state != ApplicationState.RETURNED:
        return None
    query = open_query(record.id)
    return query if query is not None and query.asker_id == actor.person_id else None


def _give_back(
    actor: Actor,
    found: Found[Application],
    words: str,
    now: dt.datetime,
    *,
    after: dict[str, Any] | None = None,
) -> ApplicationQuery:
    record = found.thing
    moving.move(
        record,
        Action.RETURN,
        actor=actor,
        case=found.case,
        now=now,
        reason=words or (ABOUT_SOME if after else ""),
        after=after,
        about=found.application,
    )
    record.returned_reason = words
    record.changed_at = now
    return ApplicationQuery(
        application_id=record.id,
        number=_next(record),
        is_whole=True,
        words=words,
        about_number=record.number or 0,
        asked_at=now,
        asked_by=actor.person_id,
    )


def _told(fund: Fund, points: Mapping[Place, str], wanted: Wanted) -> dict[str, Any]:
    """What the trail says of a query: what was asked of which answer, and by when."""
    told = {
        f"{label_of(fund, place, {})} ({' '.join(place).strip()})": text
        for place, text in points.items()
    }
    return {
        "asked": told,
        "answer_by": wanted.answer_by.isoformat() if wanted.answer_by else "",
        "about_version": wanted.number,
    }


def _next(record: Application) -> int:
    last = db.session.scalar(
        sa.select(sa.func.max(ApplicationQuery.number)).where(
            ApplicationQuery.application_id == record.id
        )
    )
    return (last or 0) + 1


def _faults(points: Mapping[Place, str], wanted: Wanted, now: dt.datetime) -> Iterable[Reason]:
    if not points:
        yield Reason(NOTHING, "")
    if len(points) > MOST_POINTS:
        yield Reason(f"Ask about {MOST_POINTS} answers at most, or send the whole form back.", "")
    for place, text in points.items():
        if sentence := _unkept(text):
            yield Reason(sentence, "|".join(place))
    if wanted.answer_by is None or wanted.answer_by <= dates.today(now):
        yield Reason("Give a date after today by which you ask for an answer.", "answer_by")
    if sentence := _unkept(wanted.words):
        yield Reason(sentence, "words")


def _unasked(record: Application, fund: Fund, points: Mapping[Place, str]) -> Iterable[Reason]:
    """Places that this version does not have: a page that was tampered with, or a removed row."""
    content: Any = db.session.scalar(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == record.id,
            ApplicationVersion.number == record.number,
        )
    )
    texts = {(question, row): text for question, row, text in content["answers"]}
    for place in points:
        table = fund.question(place[0].partition(".")[0])
        rows = filled_rows(table, texts) if table is not None and table.columns else ()
        if not is_askable(fund, place, rows):
            yield Reason("There is no such answer in this version.", "|".join(place))


def _sent(record: Application, query: QueryText) -> tuple[dict[Place, str], set[Any]]:
    """The answers and files of the version that was asked about."""
    content: Any = db.session.scalar(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == record.id,
            ApplicationVersion.number == query.about_number,
        )
    )
    answers = {(question, row): text for question, row, text in content["answers"]}
    return answers, {tuple(file) for file in content.get("attachments", [])}


def _unkept(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        return f"This is too long to keep. Use {LONGEST_TEXT:,} characters or fewer."
    return unfit(text)
