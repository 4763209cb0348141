"""Outcomes: those of a round that wait to be released, and one as its applicant reads it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries import additions, balances, rounds
from grants.queries.additions import AdditionRow, RoundAddition
from grants.queries.awards import NO_SUCH, ConditionRow, conditions_of, lines_of
from grants.queries.definitions import fund_of
from grants.queries.rounds import RoundRow
from grants.queries.visible import awards_of, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import AdditionState, AwardState, LetterState, LineDecision

DECIDED = (AwardState.APPROVED, AwardState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One outcome that waits to be released."""

    key: uuid.UUID
    reference: str
    organisation: str
    area: str
    state: AwardState
    asked: int
    amount: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The outcomes of a round that wait to be released."""

    round: RoundRow
    rows: tuple[ReleaseRow, ...]
    added: tuple[RoundAddition, ...]  # to awards that are released already
    undecided: int
    has_interest: bool  # the person who looks declared one in the round, so others release it

    @property
    def amount(self) -> int:
        """All that would be offered, in pence."""
        offers = sum(row.amount for row in self.rows if row.state == AwardState.APPROVED)
        return offers + sum(row.amount for row in self.added)

    @property
    def count(self) -> int:
        """How many outcomes would be released."""
        return len(self.rows) + len(self.added)

    @property
    def is_own(self) -> bool:
        """Whether the person who looks recommended one of them."""
        return any([*(row.is_own for row in self.rows), *(row.is_own for row in self.added)])


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingRow:
    """A recommendation that this person may decide on. Pence."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    is_award: bool
    asked: int
    amount: int
    reason: str
    recommended_by: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The recommendations of a round that this person may decide on."""

    round: RoundRow
    rows: tuple[AwaitingRow, ...]
    added: tuple[RoundAddition, ...]  # each is decided on the page of its award

    @property
    def amount(self) -> int:
        """All that is recommended, in pence."""
        return sum(row.amount for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """What was decided for one proposed project, for those who proposed it."""

    title: str
    group: str
    asked: int
    decision: LineDecision
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A released outcome, as the applicant reads it."""

    key: uuid.UUID
    application_key: uuid.UUID
    application: str
    title: str
    organisation: str
    round_title: str
    state: AwardState
    asked: int
    amount: int
    own_costs: int
    reason: str
    feedback: str
    released_at: dt.datetime | None
    accept_by: dt.date | None
    answered_by: str
    answered_at: dt.datetime | None
    letter_key: uuid.UUID | None
    letter_number: str
    fund: Fund
    lines: tuple[OutcomeLine, ...]
    conditions: tuple[ConditionRow, ...]
    may_answer: bool
    additions: tuple[AdditionRow, ...]  # what joined it after its release
    may_answer_additions: bool


def to_release(actor: Actor, key: uuid.UUID) -> Waiting:
    """Every decided outcome of a round that is not released yet. Five statements."""
    record = rounds.one(actor, key)
    here = sa.and_(Award.round_id == record.id, visible(actor, Action.READ_DECISION))
    rows: Any = db.session.execute(
        awards_of(
            Award.key,
            Award.reference,
            Organisation.name,
            AllocationArea.name,
            Award.state,
            Application.asked,
            Award.amount,
            Award.recommended_by,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .where(here, Award.state.in_(DECIDED))
        .order_by(AllocationArea.name, Award.reference)
    )
    undecided = db.session.scalar(
        awards_of(sa.func.count()).where(
            here, Award.state.in_([AwardState.NONE, AwardState.RECOMMENDED])
        )
    )
    return Waiting(
        record,
        tuple(
            ReleaseRow(
                key=row[0],
                reference=row[1],
                organisation=row[2],
                area=row[3],
                state=row[4],
                asked=row[5],
                amount=row[6],
                is_own=row[7] == actor.person_id,
            )
            for row in rows
        ),
        additions.of_round(actor, record.id, AdditionState.APPROVED, Action.READ_DECISION),
        undecided or 0,
        bool(db.session.scalar(sa.select(balances.has_interest_in_round(actor, record.id)))),
    )


def awaiting(actor: Actor, key: uuid.UUID) -> Awaiting:
    """Every recommendation of a round that waits for this person. Three statements."""
    record = rounds.one(actor, key)
    recommender = sa.orm.aliased(Person)
    rows: Any = db.session.execute(
        awards_of(
            Award.key,
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Award.is_award,
            Application.asked,
            Award.amount,
            Award.reason,
            recommender.name.label("recommended_by"),
            sa.func.coalesce(Award.recommended_sha256, "").label("sha256"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .join(recommender, recommender.id == Award.recommended_by)
        .where(
            Award.round_id == record.id,
            Award.state == AwardState.RECOMMENDED,
            visible(actor, Action.APPROVE),
        )
        .order_by(AllocationArea.name, Application.reference)
    )
    added = additions.of_round(actor, record.id, AdditionState.RECOMMENDED, Action.APPROVE)
    return Awaiting(record, tuple(AwaitingRow(**row) for row in rows.mappings()), added)


def outcome(actor: Actor, key: uuid.UUID) -> Outcome:
    """A released outcome, for the applicant's own people; for everybody else there is none.

    Five statements. Raises NotFound, the same before release as where there is no award at all.
    """
    answerer = sa.orm.aliased(Person)
    row: Any = db.session.execute(
        awards_of(Award, Application, Round, Organisation.name)
        .add_columns(answerer.name.label("a"), Letter.key, Letter.number)
        .add_columns(visible(actor, Action.ACCEPT).label("b"))
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(answerer, answerer.id == Award.answered_by)
        .outerjoin(Letter, sa.and_(Letter.award_id == Award.id, Letter.state == LetterState.ISSUED))
        .where(Award.key == key, visible(actor, Action.READ_OUTCOME))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    award, record, round_record, organisation, answered_by, letter_key, number, may_sign = row
    return Outcome(
        key=award.key,
        application_key=record.key,
        application=record.reference,
        title=record.title,
        organisation=organisation,
        round_title=round_record.title,
        state=award.state,
        asked=record.asked,
        amount=award.amount,
        own_costs=award.own_costs,
        reason=award.reason,
        feedback=award.feedback,
        released_at=award.released_at,
        accept_by=award.accept_by,
        answered_by=answered_by or "",
        answered_at=award.answered_at,
        letter_key=letter_key,
        letter_number=number or "",
        fund=fund_of(actor, record.definition_id),
        lines=tuple(
            OutcomeLine(
                title=line.title,
                group=line.group,
                asked=line.asked,
                decision=line.decision,
                amount=line.amount,
                reason=line.reason,
            )
            for line in lines_of(actor, record.id)
        ),
        conditions=conditions_of(actor, award.id),
        may_answer=bool(may_sign) and award.state == AwardState.RELEASED,
        additions=additions.offered(actor, award.id),
        may_answer_additions=bool(may_sign) and award.state == AwardState.ACCEPTED,
    )
