"""A round's letters: whose are missing, drafted, in force or replaced."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.queries import paging, rounds
from grants.queries.paging import Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import awards_of, letters_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import KNOWN, AwardState, LetterState

WANTED = (AwardState.RELEASED, AwardState.DECLINED, AwardState.ACCEPTED)
STANDING = (LetterState.DRAFTED, LetterState.ISSUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """One released award and one letter of it, if there is one."""

    award_key: uuid.UUID
    award: str
    organisation: str
    award_state: AwardState
    amount: int
    key: uuid.UUID | None
    number: str
    kind: str
    state: LetterState | None
    code: str
    sha256: str
    drafted_by: str
    drafted_at: dt.datetime | None
    issued_at: dt.datetime | None
    superseded_reason: str
    may_read: bool
    may_issue: bool
    may_replace: bool
    may_draft: bool


@dataclass(frozen=True, slots=True)
class LetterList:
    """One page of a round's letters, and what can be done with many at once."""

    round: RoundRow
    page: Page[LetterRow]
    missing: int  # to be drafted by this person
    drafted: int  # to be issued by this person
    waiting: int  # drafted, by whomever


def of_round(actor: Actor, key: uuid.UUID, *, state: str = "", page: int = 1) -> LetterList:
    """Letters of released outcomes, sixty at a time. Four statements. Raises NotFound."""
    record = rounds.one(actor, key)
    statement = _rows(actor).where(Award.round_id == record.id)
    if state == "missing":
        statement = statement.where(Letter.id.is_(None))
    elif state:
        statement = statement.where(Letter.state == state)
    found = paging.fetch(statement.order_by(Award.reference, Letter.id), page)
    counts = _counts(actor, record)
    rows = tuple(_row(row) for row in found.rows)
    return LetterList(record, Page(rows, found.total, found.number), *counts)


def _with_letters(*columns: Any) -> Any:
    return awards_of(*columns).outerjoin(Letter, Letter.award_id == Award.id)


def _rows(actor: Actor) -> Any:
    drafter = sa.orm.aliased(Person)
    return (
        _with_letters(Award.key.label("award_key"), Award.reference, Award.state.label("award"))
        .add_columns(
            Award.amount,
            Organisation.name.label("organisation"),
            Letter.key,
            Letter.number,
            Letter.kind,
            Letter.state,
            Letter.code,
            Letter.sha256,
            drafter.name.label("drafter"),
            Letter.drafted_at,
            Letter.issued_at,
            Letter.superseded_reason,
            visible(actor, Action.READ_LETTER).label("may_read"),
            visible(actor, Action.ISSUE_LETTER).label("may_issue"),
            visible(actor, Action.SUPERSEDE_LETTER).label("may_replace"),
            visible(actor, Action.DRAFT_LETTER).label("may_draft"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(drafter, drafter.id == Letter.drafted_by)
        .where(Award.state.in_(sorted(KNOWN)), visible(actor, Action.READ_DECISION))
    )


def _row(row: Any) -> LetterRow:
    return LetterRow(
        award_key=row.award_key,
        award=row.reference,
        organisation=row.organisation,
        award_state=row.award,
        amount=row.amount,
        key=row.key,
        number=row.number or "",
        kind=row.kind or "",
        state=row.state,
        code=row.code or "",
        sha256=row.sha256 or "",
        drafted_by=row.drafter or "",
        drafted_at=row.drafted_at,
        issued_at=row.issued_at,
        superseded_reason=row.superseded_reason or "",
        may_read=bool(row.may_read),
        may_issue=bool(row.may_issue) and row.state == LetterState.DRAFTED,
        may_replace=bool(row.may_replace) and row.state in STANDING,
        may_draft=bool(row.may_draft) and row.key is None and row.award in WANTED,
    )


def _counts(actor: Actor, record: RoundRow) -> tuple[int, int, int]:
    here = Award.round_id == record.id
    standing = (
        sa.exists().where(Letter.award_id == Award.id, Letter.state.in_(STANDING)).correlate(Award)
    )
    missing = awards_of(sa.func.count()).where(
        here, Award.state.in_(WANTED), ~standing, visible(actor, Action.DRAFT_LETTER)
    )
    drafted = _with_letters(sa.func.count()).where(here, Letter.state == LetterState.DRAFTED)
    row = db.session.execute(
        sa.select(
            missing.scalar_subquery(),
            drafted.where(visible(actor, Action.ISSUE_LETTER)).scalar_subquery(),
            drafted.where(visible(actor, Action.READ_DECISION)).scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLetter:
    """A letter that is about to be replaced."""

    key: uuid.UUID
    number: str
    organisation: str
    issued_at: dt.datetime | None
    round_key: uuid.UUID


def one(actor: Actor, key: uuid.UUID) -> OneLetter:
    """A letter that this person may replace. Raises NotFound."""
    row: Any = db.session.execute(
        letters_of(
            Letter.key, Letter.number, Organisation.name, Letter.issued_at, Round.key.label("round")
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Letter.key == key, visible(actor, Action.SUPERSEDE_LETTER))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return OneLetter(
        key=row[0], number=row[1], organisation=row[2], issued_at=row[3], round_key=row[4]
    )
