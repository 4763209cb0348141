"""What is worked out of a round's scores and awards, kept in memory while they stay as they are.

Reading it takes some statements over thousands of rows, and people look many times between two
scores. So it is kept for each person, and with it a stamp of the database: the head of the audit
trail, which every verb moves, and sums over the round's own rows. Another stamp, and it is read anew.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.audit import AuditHead
from grants.models.award import Award
from grants.models.share import Share
from grants.queries.rounds import RoundRow
from grants.rules.people import Actor

T = TypeVar("T")


class Kept(Generic[T]):
    """So many of a kind, the oldest forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[tuple[Any, ...], tuple[Any, T]] = {}
        _all.add(self)

    def get(self, actor: Actor, record: RoundRow, *by: str, make: Callable[[], T]) -> T:
        """What was made for this person, or made now. One statement while nothing changes."""
        place = (str(db.engine.url), record.id, actor, *by)
        stamp = (record.definition_id, *_stamp(actor, record))
        if place in self._made and self._made[place][0] == stamp:
            return self._made[place][1]
        found = make()
        while len(self._made) >= self._most:
            self._made.pop(next(iter(self._made)), None)
        self._made[place] = (stamp, found)
        return found

    def forget(self) -> None:
        """All of it."""
        self._made.clear()


_all: weakref.WeakSet[Kept[Any]] = weakref.WeakSet()


@sa.event.listens_for(sa.Engine, "engine_disposed")
def _forget(_engine: Any) -> None:
    """When the connections are thrown away, the database behind them may be another."""
    for one in _all:
        one.forget()


def _stamp(actor: Actor, record: RoundRow) -> tuple[Any, ...]:
    ids = sa.select(Application.id).where(Application.round_id == record.id)
    count, whole = sa.func.count(), sa.func.sum
    sums: tuple[Any, ...] = (
        sa.select(AuditHead.hash).where(AuditHead.id == 1),
        sa.select(count).where(Application.round_id == record.id),
        sa.select(whole(Application.version)).where(Application.round_id == record.id),
        sa.select(whole(Application.asked)).where(Application.round_id == record.id),
        sa.select(whole(Award.version)).where(Award.round_id == record.id),
        sa.select(whole(Award.amount)).where(Award.round_id == record.id),
        sa.select(whole(Assessment.version)).where(Assessment.application_id.in_(ids)),
        sa.select(whole(Assessment.total)).where(Assessment.application_id.in_(ids)),
        sa.select(count).where(Conflict.person_id == actor.person_id),
        sa.select(count).where(Share.person_id == actor.person_id),
    )
    return tuple(db.session.execute(sa.select(*(one.scalar_subquery() for one in sums))).one())
