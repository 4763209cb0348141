"""Equality monitoring: whether an application may still be asked, and the counts of a round."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.equality import EqualityAsked, EqualityCount
from grants.models.round import Round
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, visible
from grants.rules import equality
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whether this application is asked, and was asked already."""

    key: uuid.UUID
    reference: str
    round_title: str
    is_asked: bool
    is_done: bool

    @property
    def is_open(self) -> bool:
        """Whether the questions wait for an answer."""
        return self.is_asked and not self.is_done


def invitation(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Invitation:
    """For the application's own people, once it was sent. Raises NotFound."""
    done = sa.exists().where(EqualityAsked.application_id == Application.id)
    row: Any = db.session.execute(
        applications_of(
            Application.key,
            Application.reference,
            Application.definition_id,
            Round.title,
            Round.closes_at,
            done,
        ).where(Application.key == key, visible(actor, Action.ANSWER_EQUALITY))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    key, reference, definition_id, title, closes_at, is_done = row
    stages = fund_of(actor, definition_id).stages
    is_asked = stages.equality and equality.is_asked(closes_at, now)
    return Invitation(key, reference, title, is_asked, bool(is_done))


def waits(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> bool:
    """Whether this person can still answer the questions for this application."""
    try:
        return invitation(actor, key, now=now).is_open
    except NotFound:
        return False


def counts(actor: Actor, round_id: int) -> Mapping[tuple[str, str], int]:
    """How many gave each answer: for ``services/equality.py`` alone, which protects them."""
    rows = db.session.execute(
        sa.select(EqualityCount.question, EqualityCount.code, EqualityCount.people)
        .join(Round, Round.id == EqualityCount.round_id)
        .where(EqualityCount.round_id == round_id, visible(actor, Action.READ_EQUALITY))
    )
    return {(row.question, row.code): row.people for row in rows}
