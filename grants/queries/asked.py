"""The fund's queries about an application: the one that is open, and all there ever were."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.application_query import ApplicationQuery, QueryPoint
from grants.models.person import Person
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.opening import WHOLE, Opening, Place, opening_of
from grants.rules.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class PointText:
    """What is asked of one answer, and what was said to it in words."""

    id: int
    place: Place
    text: str
    reply: str
    replied_by: str = ""
    replier_id: int | None = None
    replied_at: dt.datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryText:
    """One query. ``closed_at`` is None while the application is with its people."""

    id: int
    number: int
    is_whole: bool
    words: str
    answer_by: dt.date | None
    about_number: int
    asked_at: dt.datetime
    asked_by: str
    asker_id: int
    closed_at: dt.datetime | None
    answered_number: int | None
    points: tuple[PointText, ...]

    def opening(self, fund: Fund) -> Opening:
        """Which answers it opens."""
        if self.is_whole:
            return WHOLE
        return opening_of(fund, (point.place for point in self.points))


def open_query(application_id: int) -> QueryText | None:
    """The query that this returned application is to answer. One statement."""
    found = _queries(
        _columns().where(
            ApplicationQuery.application_id == application_id,
            ApplicationQuery.closed_at.is_(None),
        )
    )
    return found[-1] if found else None


def history(actor: Actor, key: uuid.UUID) -> tuple[QueryText, ...]:
    """Every query about an application, for the fund's people; assessors never learn who asked."""
    readable = applications_of(Application.id).where(
        Application.key == key, visible(actor, Action.READ_QUERIES)
    )
    return _queries(_columns().where(ApplicationQuery.application_id.in_(readable)))


_replier = sa.orm.aliased(Person)


def _columns() -> sa.Select[Any]:
    statement: Any = (
        sa.select(ApplicationQuery, Person.name, QueryPoint, _replier.name.label("replied_by"))
        .join(Person, Person.id == ApplicationQuery.asked_by)
        .outerjoin(QueryPoint, QueryPoint.query_id == ApplicationQuery.id)
        .outerjoin(_replier, _replier.id == QueryPoint.replied_by)
        .order_by(ApplicationQuery.number, QueryPoint.id)
    )
    return statement  # type: ignore[no-any-return]  # a Select of rows of several kinds


def _queries(statement: sa.Select[Any]) -> tuple[QueryText, ...]:
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row[0].id, []).append(row)
    return tuple(_query(rows) for rows in found.values())


def _query(rows: list[Any]) -> QueryText:
    record, asker = rows[0][0], rows[0][1]
    return QueryText(
        id=record.id,
        number=record.number,
        is_whole=record.is_whole,
        words=record.words,
        answer_by=record.answer_by,
        about_number=record.about_number,
        asked_at=record.asked_at,
        asked_by=asker,
        asker_id=record.asked_by,
        closed_at=record.closed_at,
        answered_number=record.answered_number,
        points=tuple(_points(rows)),
    )


def _points(rows: list[Any]) -> Iterable[PointText]:
    for _, _, point, replied_by in rows:
        if point is not None:
            yield PointText(
                id=point.id,
                place=(point.question, point.row),
                text=point.text,
                reply=point.reply,
                replied_by=replied_by or "",
                replier_id=point.replied_by,
                replied_at=point.replied_at,
                version=point.version,
            )
