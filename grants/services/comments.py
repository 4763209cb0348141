"""What an application's people say to each other about its questions. Never the funder's to read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.person import Person
from grants.models.round import Round
from grants.models.share import Comment, Share
from grants.notifications import outbox
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.answers import unfit
from grants.rules.people import APPLICANTS, Actor, Right
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access, telling
from grants.services.answer_sheet import LONGEST_ROW_KEY, Place
from grants.services.transaction import transaction

LONGEST = 5_000
MOST = 2_000  # of one application
EVERY = dt.timedelta(hours=1)
TWICE = dt.timedelta(minutes=10)  # the same again within so long is a second click


def add(
    actor: Actor,
    key: uuid.UUID,
    place: Place,
    text: str,
    *,
    answers_to: uuid.UUID | None = None,
    now: dt.datetime,
) -> None:
    """Say something about a question, or a row of a table; or answer in a thread, which opens again.

    Said twice in a row, it is said once. Raises Blocked for nothing, or too much, said.
    """
    with transaction():
        found = access.application(actor, key, Action.COMMENT, lock=True)
        _check(text)
        thread = None if answers_to is None else _thread(found.thing, answers_to)
        if thread is not None:
            place = (thread.question, thread.row)
        elif not _is_asked(actor, found.thing, place):
            raise NotFound(access.NO_SUCH)
        if _is_said(actor, found.thing, place, thread, text.strip(), now):
            return
        _refuse_too_many(found.thing)
        if thread is not None:
            thread.resolved_at = thread.resolved_by = None
        db.session.add(
            Comment(
                application_id=found.thing.id,
                thread_id=thread.id if thread else None,
                question=place[0],
                row=place[1],
                text=text.strip(),
                written_at=now,
                written_by=actor.person_id,
            )
        )
        _audit(actor, "comment", found.thing, place, now)


def resolve(actor: Actor, key: uuid.UUID, thread: uuid.UUID, *, now: dt.datetime) -> None:
    """Say that a thread is dealt with. Said twice, it is dealt with once; an answer opens it again."""
    with transaction():
        found = access.application(actor, key, Action.COMMENT, lock=True)
        record = _thread(found.thing, thread)
        if record.resolved_at is not None:
            return
        record.resolved_at, record.resolved_by = now, actor.person_id
        _audit(actor, "resolve-comment", found.thing, (record.question, record.row), now)


def tell(*, now: dt.datetime) -> int:
    """Tell the others of new comments, once an hour at most for one application. Returns how many
    applications had something new."""
    with transaction():
        new: dict[int, list[Comment]] = defaultdict(list)
        for comment in db.session.scalars(
            sa.select(Comment).where(Comment.told_at.is_(None)).order_by(Comment.id)
        ):
            new[comment.application_id].append(comment)
        due = [key for key in new if not _told_since(key, now - EVERY)]
        for application_id in due:
            _tell_one(application_id, new[application_id], now)
    return len(due)


def _tell_one(application_id: int, new: list[Comment], now: dt.datetime) -> None:
    application = db.session.get_one(Application, application_id)
    for person in _people(application, now):
        count = sum(comment.written_by != person.id for comment in new)
        if count:
            outbox.queue(
                "comments",
                person.email,
                now=now,
                values={
                    "name": person.name,
                    "reference": application.reference,
                    "title": application.title,
                    "count": "1 new comment" if count == 1 else f"{count} new comments",
                },
                once=f"comments:{application_id}:{new[-1].id}:{person.id}",
                round_id=application.round_id,
            )
    for comment in new:
        comment.told_at = now


def _people(application: Application, now: dt.datetime) -> Iterable[Person]:
    """The applicant's people, and those invited who may comment, each once."""
    round_record = db.session.get_one(Round, application.round_id)
    members = telling.members(application.organisation_id, APPLICANTS, round_record.fund, now)
    invited = db.session.scalars(
        sa.select(Person)
        .join(Share, Share.person_id == Person.id)
        .where(
            Share.application_id == application.id,
            Share.may.in_([Right.COMMENT, Right.EDIT]),
            Share.ended_at.is_(None),
            Share.ends_at > now,
            Person.disabled_at.is_(None),
        )
    )
    return {person.id: person for person in (*members, *invited)}.values()


def _told_since(application_id: int, since: dt.datetime) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(Comment.application_id == application_id, Comment.told_at > since)
            )
        )
    )


def _check(text: str) -> None:
    if not text.strip():
        raise Blocked(Reason("Write something first.", "text"))
    if len(text) > LONGEST:
        raise Blocked(Reason(f"Use {LONGEST:,} characters or fewer.", "text"))
    sentence = unfit(text)
    if sentence:
        raise Blocked(Reason(sentence, "text"))


def _is_said(
    actor: Actor,
    application: Application,
    place: Place,
    thread: Comment | None,
    text: str,
    now: dt.datetime,
) -> bool:
    """Whether this person has just said the same in this place."""
    there = (
        (Comment.thread_id.is_(None), Comment.question == place[0], Comment.row == place[1])
        if thread is None
        else (Comment.thread_id == thread.id,)
    )
    last = db.session.scalar(
        sa.select(Comment)
        .where(Comment.application_id == application.id, *there)
        .order_by(Comment.id.desc())
        .limit(1)
    )
    return (
        last is not None
        and (last.written_by, last.text) == (actor.person_id, text)
        and now - last.written_at < TWICE
    )


def _is_asked(actor: Actor, application: Application, place: Place) -> bool:
    question = fund_of(actor, application.definition_id).question(place[0])
    return question is not None and len(place[1]) <= LONGEST_ROW_KEY


def _refuse_too_many(application: Application) -> None:
    count = db.session.scalar(
        sa.select(sa.func.count()).where(Comment.application_id == application.id)
    )
    if (count or 0) >= MOST:
        raise Blocked(Reason(f"There are {MOST:,} comments already. That is the most.", "text"))


def _thread(application: Application, key: uuid.UUID) -> Comment:
    record = db.session.scalar(
        sa.select(Comment).where(
            Comment.application_id == application.id,
            Comment.key == key,
            Comment.thread_id.is_(None),
        )
    )
    if record is None:
        raise NotFound(access.NO_SUCH)
    return record


def _audit(
    actor: Actor, action: str, application: Application, place: Place, now: dt.datetime
) -> None:
    """That something was said, and where: never what."""
    audit.record(
        actor,
        action,
        ("application", application.id, application.reference),
        now=now,
        after={"question": place[0], "row": place[1]},
    )
