"""What is asked before a blind round is handed out: which of its bodies one has to do with.

The bodies stand in the order of their names and belong to no application here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application, ApplicationPartner, ProposedProject
from grants.models.interest import InterestAnswer, PersonInterest
from grants.models.organisation import Organisation
from grants.models.round import Round
from grants.queries.visible import rounds_of, visible
from grants.rules.actions import Action
from grants.rules.identity import fold_name
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import RoundState

NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A blind round that asks this person."""

    key: uuid.UUID
    title: str
    is_closed: bool  # its applications are all in, so that the names can be shown
    is_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BodiesPage:
    """Every body of a round, and those that this person said they have to do with."""

    id: int
    key: uuid.UUID
    title: str
    is_closed: bool
    answered_at: dt.datetime | None
    bodies: tuple[str, ...]
    told: frozenset[str]


def asked(actor: Actor, *, now: dt.datetime) -> tuple[Asking, ...]:
    """The blind rounds in which this person may assess. One statement."""
    rows = db.session.execute(
        rounds_of(Round.key, Round.title, Round.closes_at, _answered(actor).label("answered_at"))
        .where(visible(actor, Action.ANSWER_BEFOREHAND), Round.state != RoundState.DRAFT)
        .order_by(Round.closes_at.desc(), Round.id)
    )
    return tuple(
        Asking(
            key=row.key,
            title=row.title,
            is_closed=row.closes_at <= now,
            is_answered=row.answered_at is not None,
        )
        for row in rows
    )


def bodies(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> BodiesPage:
    """The bodies behind what was sent, once the round has closed. Raises NotFound. Three statements."""
    row: Any = db.session.execute(
        rounds_of(
            Round.id,
            Round.key,
            Round.title,
            Round.closes_at,
            _answered(actor).label("answered_at"),
        ).where(Round.key == key, visible(actor, Action.ANSWER_BEFOREHAND))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    is_closed = row.closes_at <= now
    return BodiesPage(
        id=row.id,
        key=row.key,
        title=row.title,
        is_closed=is_closed,
        answered_at=row.answered_at,
        bodies=_names(row.id) if is_closed else (),
        told=frozenset(
            db.session.scalars(
                sa.select(PersonInterest.body).where(
                    PersonInterest.round_id == row.id,
                    PersonInterest.person_id == actor.person_id,
                )
            )
        ),
    )


def named(round_id: int) -> sa.CompoundSelect[Any]:
    """(application, name) of every body behind what was sent in a round."""
    sent = sa.and_(Application.round_id == round_id, Application.number.is_not(None))
    return sa.union(
        sa.select(Application.id, Organisation.name)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(sent),
        *(
            sa.select(Application.id, name)
            .join(table, table.application_id == Application.id)
            .where(sent, name.is_not(None))
            for table, name in (
                (ApplicationPartner, ApplicationPartner.name),
                (ProposedProject, ProposedProject.group_name),
            )
        ),
    )


def _names(round_id: int) -> tuple[str, ...]:
    """Each body once, by its name."""
    found: dict[str, str] = {}
    for name in sorted({" ".join(name.split()) for _, name in db.session.execute(named(round_id))}):
        if fold_name(name):
            found.setdefault(fold_name(name), name)
    return tuple(sorted(found.values(), key=str.casefold))


def _answered(actor: Actor) -> sa.ScalarSelect[dt.datetime]:
    return (
        sa.select(InterestAnswer.answered_at)
        .where(InterestAnswer.round_id == Round.id, InterestAnswer.person_id == actor.person_id)
        .correlate(Round)
        .scalar_subquery()
    )
