"""The assessors of a round: where they belong, what they hold, and what they are kept from."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.interest import InterestAnswer
from grants.models.organisation import Organisation
from grants.models.panel import PanelReader
from grants.models.paper_scores import PaperHand
from grants.models.person import Membership, Person
from grants.models.round import Round
from grants.models.triage import Triage
from grants.queries import balances, places
from grants.queries.definitions import fund_of
from grants.queries.places import Placed
from grants.queries.ties import parties_of, ways_by_person
from grants.queries.triages import stands
from grants.queries.visible import applications_of, rounds_of, visible
from grants.rules.actions import Action
from grants.rules.conflicts import Candidate, bar, barred_pairs, folded
from grants.rules.money import Pence
from grants.rules.people import Actor, Role
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState, AssessmentState, RoundState, Tier

NO_SUCH = "There is no such page."
STOOD_DOWN = "Has stood down from this round"
TYPED = "Has typed or checked another assessor's scores in this round"
UNASKED = "Has not said yet which bodies of this round they have to do with"
OPEN = (ApplicationState.SUBMITTED, ApplicationState.ASSESSING)
SHOWN = (*OPEN, ApplicationState.MODERATION)
COLUMNS = (
    "id key reference title fund organisation_id state closes_at pot note tier is_blind"
).split()
ASKED = ("committed", "has_balance", "above_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHead(Placed):
    """The round whose applications are handed out."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    fund: str
    organisation_id: int
    state: RoundState
    closes_at: dt.datetime
    pot: Pence
    committed: Pence
    note: str
    tier: Tier
    is_blind: bool
    has_balance: bool
    above_id: int | None
    definition_id: int
    readers: int  # wanted for each application
    is_checked_first: bool  # a check comes before scoring


@dataclass(slots=True)
class Assessor:
    """An assessor, and where they belong."""

    key: uuid.UUID
    name: str
    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """All that an allocation is worked out from."""

    round: RoundHead
    applications: tuple[tuple[int, uuid.UUID, str, str], ...]  # id, key, reference, title
    areas: Mapping[int, int]  # the allocation area of each application
    people: Mapping[int, tuple[uuid.UUID, str]]  # key and name
    barred: frozenset[tuple[int, int]]  # (person, application)
    held: frozenset[tuple[int, int]]  # (application, person) in the whole round, conflicts left out


def head_of(actor: Actor, key: uuid.UUID) -> RoundHead:
    """The round, for its fund managers. Raises NotFound. One statement."""
    row = (
        db.session.execute(
            rounds_of(
                *(getattr(Round, name) for name in COLUMNS),
                balances.committed(actor, Round),
                *places.columns(actor),
                Round.definition_id,
            ).where(Round.key == key, visible(actor, Action.SET_UP_ROUND))
        )
        .mappings()
        .one_or_none()
    )
    if row is None or row["definition_id"] is None:
        raise NotFound(NO_SUCH)
    fund = fund_of(actor, row["definition_id"])
    return RoundHead(
        **{name: row[name] for name in (*COLUMNS, *ASKED, "definition_id")},
        readers=fund.scoring.readers,
        is_checked_first=fund.stages.triage,
    )


def size(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> tuple[RoundHead, int, int]:
    """The round, how many applications are ready for readers, and how many assessors there are."""
    head = head_of(actor, key)
    ready = applications_of(sa.func.count()).where(in_round(actor, head), _is_ready(head))
    people = assessors_of(head, now).keys()
    free = people - out(head).keys() - unasked(head, people)
    return head, db.session.execute(ready).scalar_one(), len(free)


def pool(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Pool:
    """What an allocation needs: open applications, assessors, and who is kept from what."""
    head = head_of(actor, key)
    rows = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Application.organisation_id,
            Application.allocation_area_id,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(in_round(actor, head), _is_ready(head))
        .order_by(Application.reference)
    ).all()
    everybody = assessors_of(head, now)
    gone = out(head).keys() | unasked(head, everybody)
    people = {key: row for key, row in everybody.items() if key not in gone}
    parties = parties_of([(row.id, row.organisation_id, row.name) for row in rows])
    return Pool(
        round=head,
        applications=tuple((row.id, row.key, row.reference, row.title) for row in rows),
        areas={row.id: row.allocation_area_id for row in rows},
        people={person: (row.key, row.name) for person, row in people.items()},
        barred=barred_pairs([row.candidate for row in people.values()], parties, actor.person_id),
        held=frozenset(_active(actor, head)),
    )


def barred(actor: Actor, application_id: int, person_id: int, *, now: dt.datetime) -> str:
    """Why this person may not assess this application: nothing where they may."""
    row = db.session.execute(
        applications_of(
            Application.organisation_id, Organisation.name, Round.key.label("round_key")
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.id == application_id, visible(actor, Action.ASSIGN))
    ).one()
    head = head_of(actor, row.round_key)
    found = assessors_of(head, now).get(person_id)
    if found is None:
        return "Is not an assessor of this fund"
    why_out = out(head).get(person_id)
    if why_out is not None:
        return why_out
    if person_id in unasked(head, (person_id,)):
        return UNASKED
    parties = parties_of([(application_id, row.organisation_id, row.name)])[application_id]
    return bar(found.candidate, parties, actor.person_id)


def in_round(actor: Actor, head: RoundHead) -> sa.ColumnElement[bool]:
    return sa.and_(
        Application.round_id == head.id,
        Application.state.in_(SHOWN),
        visible(actor, Action.ASSIGN),
    )


def _is_ready(head: RoundHead) -> sa.ColumnElement[bool]:
    """Can be given to readers now: being assessed, or sent and let through where that is checked."""
    is_open = Application.state.in_(OPEN)
    if not head.is_checked_first:
        return is_open
    passed = sa.exists().where(stands(), Triage.passes).correlate(Application)
    return sa.and_(is_open, sa.or_(Application.state == ApplicationState.ASSESSING, passed))


def assessors_of(head: RoundHead | Round, now: dt.datetime) -> dict[int, Assessor]:
    """The fund's assessors by id, in the order of their names, and all they belong to now."""
    seat, home = sa.orm.aliased(Membership), sa.orm.aliased(Membership)
    rows = db.session.execute(
        sa.select(Person.id, Person.key, Person.name, Organisation.id, Organisation.name)
        .join(seat, sa.and_(seat.person_id == Person.id, seat.role == Role.ASSESSOR))
        .join(home, home.person_id == Person.id)
        .join(Organisation, Organisation.id == home.organisation_id)
        .where(
            seat.organisation_id == head.organisation_id,
            sa.or_(seat.fund.is_(None), seat.fund == head.fund),
            _is_current(seat, now),
            _is_current(home, now),
            Person.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Person.name, Person.id, Organisation.id)
    ).all()
    ids: dict[int, set[int]] = defaultdict(set)
    names: dict[int, set[str]] = defaultdict(set)
    who: dict[int, tuple[uuid.UUID, str]] = {}
    for person, key, name, organisation_id, organisation in rows:
        who[person] = (key, name)
        if organisation_id != head.organisation_id:
            ids[person].add(organisation_id)
            names[person].add(folded(organisation))
    ways = ways_by_person(who, now=now)
    return {
        person: Assessor(
            key,
            name,
            Candidate(person, frozenset(ids[person]), frozenset(names[person]), ways[person]),
        )
        for person, (key, name) in who.items()
    }


@dataclass(frozen=True, slots=True)
class Reader:
    """One who may be given applications of a round."""

    id: int
    key: uuid.UUID
    name: str
    email: str


def free(head: RoundHead | Round, now: dt.datetime) -> tuple[Reader, ...]:
    """The fund's assessors who may still be given applications of this round, by name. One statement."""
    seat = sa.orm.aliased(Membership)
    gone = _out(head).subquery()
    rows = db.session.execute(
        sa.select(Person.id, Person.key, Person.name, Person.email)
        .join(seat, sa.and_(seat.person_id == Person.id, seat.role == Role.ASSESSOR))
        .where(
            seat.organisation_id == head.organisation_id,
            sa.or_(seat.fund.is_(None), seat.fund == head.fund),
            _is_current(seat, now),
            Person.disabled_at.is_(None),
            Person.id.not_in(sa.select(gone.c.person_id)),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return tuple(Reader(*row) for row in rows)


def out(head: RoundHead) -> dict[int, str]:
    """Those who take nothing more in this round, and why. One statement."""
    return {row.person_id: row.why for row in db.session.execute(_out(head))}


def _out(head: RoundHead | Round) -> sa.CompoundSelect[Any]:
    gone = sa.select(PanelReader.person_id, sa.literal(STOOD_DOWN).label("why")).where(
        PanelReader.round_id == head.id, PanelReader.stood_down_at.is_not(None)
    )
    typed = (
        sa.select(PaperHand.person_id, sa.literal(TYPED).label("why"))
        .join(Application, Application.id == PaperHand.application_id)
        .where(Application.round_id == head.id)
    )
    return sa.union_all(typed, gone)


def unasked(head: RoundHead, people: Iterable[int]) -> frozenset[int]:
    """Of these people, who was not asked yet about the bodies of a blind round. One statement."""
    if not head.is_blind:
        return frozenset()
    answered = sa.select(InterestAnswer.person_id).where(InterestAnswer.round_id == head.id)
    return frozenset(people) - frozenset(db.session.scalars(answered))


def _is_current(membership: Any, now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        membership.starts_at <= now,
        sa.or_(membership.ends_at.is_(None), membership.ends_at > now),
    )


def _active(actor: Actor, head: RoundHead) -> list[tuple[int, int]]:
    """(application, person) of every assessment of the round that has no conflict."""
    rows = db.session.execute(
        applications_of(Assessment.application_id, Assessment.person_id)
        .join(Assessment, Assessment.application_id == Application.id)
        .where(in_round(actor, head), Assessment.state != AssessmentState.CONFLICTED)
    )
    return [(row.application_id, row.person_id) for row in rows]
