"""Answering in words what the fund asks, as it is typed: nobody overwrites another's words unseen."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application_query import QueryPoint
from grants.queries.asked import PointText, QueryText, open_query
from grants.rules.actions import Action
from grants.rules.answers import LONGEST_TEXT, unfit
from grants.rules.people import Actor
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.services import access
from grants.services.answer_sheet import Place, Refused, Saved, Sent, Standing, weigh
from grants.services.transaction import transaction

REPLY = "reply-"  # and the id of what is asked: the name of its field
ANSWERED = "This query has been answered since you opened it."


def name_of(point: int) -> str:
    """The field in which this is answered."""
    return f"{REPLY}{point}"


def keep(actor: Actor, key: uuid.UUID, sent: Sent, *, now: dt.datetime) -> Saved:
    """Keep what is said to what the fund asks; blank takes it back. What clashes is told apart.

    Saved by button (``sent.section``) it is in the trail, as single autosaves are not. Raises
    MoveNotAllowed once the query is answered, NotFound for what was not asked.
    """
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        query = open_query(found.thing.id)
        if query is None or query.is_whole:
            raise MoveNotAllowed(ANSWERED)
        points = {(name_of(point.id), ""): point for point in query.points}
        if not set(sent.texts) <= set(points):
            raise NotFound(access.NO_SUCH)
        before = {place: _standing(query, points[place]) for place in sent.texts}
        weighed = weigh(sent.texts, before, sent, actor, tuple(_unkept(sent.texts)))
        for place, text in weighed.fresh.items():
            _write(points[place].id, text, actor, now)
        if weighed.fresh:
            found.thing.changed_at = now
        if sent.section:
            for place in weighed.fresh:
                thing = ("query-point", points[place].id, found.thing.reference)
                audit.record(actor, "answer-query", thing, now=now)
        return weighed.saved


def _standing(query: QueryText, point: PointText) -> Standing:
    by, when = point.replier_id or 0, point.replied_at or query.asked_at
    return Standing(point.reply, point.version, by, when)


def _unkept(texts: Mapping[Place, str]) -> Iterable[Refused]:
    for place, text in texts.items():
        if len(text) > LONGEST_TEXT:
            sentence = f"This is too long to keep. Use {LONGEST_TEXT:,} characters or fewer."
            yield Refused(*place, sentence)
        elif sentence := unfit(text):
            yield Refused(*place, sentence)


def _write(point: int, text: str, actor: Actor, now: dt.datetime) -> None:
    db.session.execute(
        sa.update(QueryPoint)
        .where(QueryPoint.id == point)
        .values(
            reply=text,
            replied_at=now,
            replied_by=actor.person_id,
            version=QueryPoint.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
