"""Returns: what a project reports, sends, is asked about, and has accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.outcome_return import OutcomeReturn, ReturnAnswer, ReturnQuery
from grants.queries.definitions import fund_of
from grants.queries.return_facts import content_of_then, is_final, told
from grants.rules import dates, return_check
from grants.rules.actions import Action
from grants.rules.answers import is_blank, unfit
from grants.rules.eligibility import Answers
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason
from grants.rules.return_check import (
    PERIOD,
    REASON,
    REPLY,
    THE_WHOLE,
    Checked,
    Promise,
    reply_place,
)
from grants.rules.states import ReturnState
from grants.services import access, moving, return_rows
from grants.services.access import Found
from grants.services.answer_sheet import LONGEST_ROW_KEY, Place, Saved, Sent, Sheet, asked_texts
from grants.services.transaction import transaction

LONGEST_QUERY = 10_000  # characters
NO_REASON = "give a reason, or put it right."


@dataclass(frozen=True, slots=True)
class _Read:
    """A return that is about to be sent, with what it is held against."""

    fund: Fund
    answers: Answers
    checked: Checked
    queries: tuple[ReturnQuery, ...]


def save(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep these answers, reasons and replies; the rest is kept when one clashes. Four statements.

    Raises NotFound, Forbidden, or MoveNotAllowed once it is sent.
    """
    with transaction():
        found = access.outcome_return(actor, key, Action.EDIT_RETURN, lock=True)
        record = found.thing
        saved = _keep(actor, record, sent, now)
        if sent.section and saved.written:
            audit.record(
                actor,
                Action.EDIT_RETURN,
                _thing(record),
                now=now,
                after={"section": sent.section, "answers": saved.written},
            )
        return saved


def submit(actor: Actor, key: uuid.UUID, reasons: Mapping[Place, str], *, now: dt.datetime) -> None:
    """Send the return: its figures become rows, in place of those sent before. Twice is once.

    ``reasons`` are texts typed on the page it is sent from (reasons and replies), kept with it.
    Raises Blocked with everything that stands in the way, and then keeps nothing.
    """
    with transaction():
        found = access.outcome_return(actor, key, Action.SUBMIT_RETURN, lock=True)
        record = found.thing
        if record.state == ReturnState.SUBMITTED:
            return
        if reasons:
            _refuse_unkept(_keep(actor, record, Sent(texts=reasons), now))
        read = _read(actor, found, now)
        frozen = return_rows.freeze(read.fund, read.answers, read.checked, _content(record))
        record.content, record.sha256 = frozen.content, frozen.sha256
        is_first = record.submitted_at is None
        record.submitted_at, record.submitted_by, record.changed_at = now, actor.person_id, now
        moving.move(
            record,
            Action.SUBMIT_RETURN,
            actor=actor,
            case=found.case,
            now=now,
            checks={"return_incomplete": lambda: tuple(_incomplete(read))},
            after={"sha256": frozen.sha256, "changed": frozen.content["changed"]},
            about=found.application,
        )
        return_rows.put(record, frozen, is_first=is_first)
        _answer_queries(record, read, now)


def query(actor: Actor, key: uuid.UUID, asked: Mapping[str, str], *, now: dt.datetime) -> None:
    """Ask about answers, each by its question ('' is the whole): the return goes back to its people.

    Raises Blocked where nothing is asked, or where a text cannot be kept.
    """
    texts = {question: text for question, text in asked.items() if not is_blank(text)}
    with transaction():
        found = access.outcome_return(actor, key, Action.QUERY_RETURN, lock=True)
        record = found.thing
        if record.state == ReturnState.QUERIED and _is_queried(actor, record, texts):
            return
        form = return_check.as_form(fund_of(actor, record.definition_id))
        known = {"", *(question.key for question in form.questions())}
        moving.move(
            record,
            Action.QUERY_RETURN,
            actor=actor,
            case=found.case,
            now=now,
            checks={"nothing_asked": lambda: tuple(_unaskable(texts, known))},
            after={"asked": sorted(texts)},
            about=found.application,
        )
        db.session.add_all(
            ReturnQuery(
                return_id=record.id,
                question=question,
                text=text.strip(),
                asked_by=actor.person_id,
                asked_at=now,
            )
            for question, text in texts.items()
        )


def _is_queried(actor: Actor, record: OutcomeReturn, texts: Mapping[str, str]) -> bool:
    """Whether just this was the last that this person asked of it: sent twice, it is asked once."""
    last = sa.select(sa.func.max(ReturnQuery.asked_at)).where(ReturnQuery.return_id == record.id)
    asked = db.session.scalars(
        sa.select(ReturnQuery).where(
            ReturnQuery.return_id == record.id,
            ReturnQuery.asked_by == actor.person_id,
            ReturnQuery.asked_at == last.scalar_subquery(),
        )
    )
    return {one.question: one.text for one in asked} == {
        question: text.strip() for question, text in texts.items()
    }


def accept(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Take the return as it was sent: from now on its figures count. Twice is once."""
    with transaction():
        found = access.outcome_return(actor, key, Action.ACCEPT_RETURN, lock=True)
        record = found.thing
        if record.state == ReturnState.ACCEPTED:
            return
        record.accepted_at, record.accepted_by = now, actor.person_id
        moving.move(
            record,
            Action.ACCEPT_RETURN,
            actor=actor,
            case=found.case,
            now=now,
            after={"sha256": record.sha256},
            about=found.application,
        )


def _keep(actor: Actor, record: OutcomeReturn, sent: Sent, now: dt.datetime) -> Saved:
    form = return_check.as_form(fund_of(actor, record.definition_id))
    asked = asked_texts(form, sent.texts)
    texts = {
        **{place: text for place, text in asked.items() if return_check.is_there(form, place)},
        **_aside(form, sent.texts),
    }
    saved = Sheet(ReturnAnswer, "return_id", record.id).keep(texts, sent, actor, now=now)
    if saved.written:
        db.session.execute(
            sa.update(OutcomeReturn)
            .where(OutcomeReturn.id == record.id)
            .values(changed_at=now)
            .execution_options(synchronize_session=False)
        )
    return saved


def _aside(form: Fund, texts: Mapping[Place, str]) -> dict[Place, str]:
    """Reasons and replies that are about a question of the form, the period, or the whole."""
    known = {THE_WHOLE, PERIOD, *(question.key for question in form.questions())}
    return {
        (question, row): text
        for (question, row), text in texts.items()
        if question.startswith((REASON, REPLY))
        and question.partition(".")[2] in known
        and len(row) <= LONGEST_ROW_KEY
    }


def _refuse_unkept(saved: Saved) -> None:
    if saved.refused:
        raise Blocked(*(Reason(entry.text, entry.question) for entry in saved.refused))


def _read(actor: Actor, found: Found[OutcomeReturn], now: dt.datetime) -> _Read:
    record, owed = found.thing, found.thing.obligation
    fund = fund_of(actor, record.definition_id)
    answers, before = told(record.id, owed.project.id, owed.starts_on)
    promise = Promise(
        amount=owed.project.amount,
        people=owed.project.people_expected,
        ends_on=owed.ends_on,
        is_final=is_final(fund, owed.period),
        spent_before=before.spent,
        people_before=before.people,
    )
    return _Read(
        fund,
        answers,
        return_check.check(fund, answers, promise, dates.today(now)),
        _open_queries(record) if record.state == ReturnState.QUERIED else (),
    )


def _content(record: OutcomeReturn) -> dict[str, Any] | None:
    """What was sent last, if anything was. Made of the answers of that day where none was kept."""
    if record.submitted_at is None:
        return None
    return record.content or content_of_then(record.id, record.submitted_at)


def _open_queries(record: OutcomeReturn) -> tuple[ReturnQuery, ...]:
    return tuple(
        db.session.scalars(
            sa.select(ReturnQuery)
            .where(ReturnQuery.return_id == record.id, ReturnQuery.answered_at.is_(None))
            .order_by(ReturnQuery.id)
        )
    )


def _incomplete(read: _Read) -> Iterable[Reason]:
    """Everything that keeps a return from being sent."""
    form = return_check.as_form(read.fund)
    for problem in read.checked.problems:
        yield Reason(problem.sentence, problem.question)
    for warning in read.checked.unexplained:
        label = return_check.label_of(form, warning.question, warning.row)
        yield Reason(f"{label}: {NO_REASON}", REASON + warning.question)
    for asked in read.queries:
        place = reply_place(asked.question)
        if is_blank(read.answers.get(place, "")):
            about = return_check.label_of(form, asked.question) or "The return as a whole"
            yield Reason(f"{about}: answer the fund's question.", place[0])


def _answer_queries(record: OutcomeReturn, read: _Read, now: dt.datetime) -> None:
    """Each query gets its reply, and the drafts of replies are done with."""
    if not read.queries:
        return
    for asked in read.queries:
        asked.reply, asked.answered_at = read.answers[reply_place(asked.question)].strip(), now
    db.session.execute(
        sa.delete(ReturnAnswer).where(
            ReturnAnswer.return_id == record.id,
            ReturnAnswer.question.startswith(REPLY, autoescape=True),
        )
    )


def _unaskable(texts: Mapping[str, str], known: set[str]) -> Iterable[Reason]:
    if not texts:
        yield Reason("Ask about at least one answer.", "")
    for question, text in texts.items():
        if question not in known:
            yield Reason("This return has no such question.", "")
        elif unfit(text):
            yield Reason(unfit(text), question)
        elif len(text) > LONGEST_QUERY:
            yield Reason(f"Use {LONGEST_QUERY:,} characters or fewer.", question)


def _thing(record: OutcomeReturn) -> tuple[str, int, str]:
    return "return", record.id, str(record.key)
