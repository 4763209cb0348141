"""Awards as staff decide on them and as applicants learn of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.award import Approval, Award, AwardCondition, AwardYear
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries import additions, balances, standings
from grants.queries.additions import AdditionRow
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, awards_of, visible
from grants.rules.actions import Action
from grants.rules.moves import Life, Move, moves_from
from grants.rules.people import Actor
from grants.rules.recommendation import approvals_needed
from grants.rules.refusals import NotFound
from grants.rules.states import (
    KNOWN,
    ApplicationState,
    AwardState,
    LineDecision,
)

NO_SUCH = "There is no such page."
DECIDED = (AwardState.APPROVED, AwardState.REFUSED)
OF_ADDITION = (Action.APPROVE, Action.REFUSE, Action.AMEND)
PAID = (AwardState.ACCEPTED, AwardState.CLOSED)
ASKED_OF_APPLICATION = (
    Action.RETURN,
    Action.OPEN_ASSESSING,
    Action.SET_ASIDE,
    Action.OPEN_MODERATION,
)
ASKED_OF_AWARD = (
    Action.RECOMMEND,
    Action.HOLD,
    Action.APPROVE,
    Action.REFUSE,
    Action.AMEND,
    Action.LAPSE,
    Action.CLOSE,
    Action.RECORD_RECOVERY,
    Action.READ_APPLICATION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one person may do with an application now, beside its text."""

    key: uuid.UUID
    reference: str
    title: str
    state: ApplicationState
    round_key: uuid.UUID
    round_reference: str
    award_key: uuid.UUID | None
    award: AwardState | None
    amount: int | None
    moves: tuple[Move, ...]
    scores_in: bool
    is_moderated: bool  # whether its round has that step


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A proposed project with what is decided for it. Pence."""

    id: int
    row: str
    line: int
    title: str
    group: str
    people: int | None
    asked: int
    minimum: int
    decision: LineDecision
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """A special condition."""

    text: str
    due_on: dt.date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """Who approved, and when."""

    name: str
    approved_at: dt.datetime
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that a decision on one application is made from. Pence."""

    key: uuid.UUID
    reference: str
    state: AwardState
    application_key: uuid.UUID
    application: str
    title: str
    organisation: str
    round_key: uuid.UUID
    round_reference: str
    area: str
    area_amount: int
    area_committed: int
    area_promised: int  # recommended to other applications, not committed yet
    pot: int
    pot_committed: int
    asked: int
    own_asked: int
    is_award: bool
    own_costs: int
    amount: int
    reason: str
    feedback: str
    departure: str
    below: tuple[str, ...]  # criteria below a minimum, in words; for who may recommend
    recommended_by: str
    recommended_at: dt.datetime | None
    sha256: str
    decided_by: str
    decided_at: dt.datetime | None
    accept_by: dt.date | None
    fund: Fund
    lines: tuple[LineRow, ...]
    conditions: tuple[ConditionRow, ...]
    approvals: tuple[ApprovalRow, ...]
    years: tuple[tuple[str, int], ...]
    moves: tuple[Move, ...]
    additions: tuple[AdditionRow, ...]  # in reserve before, joining it after release
    may_decide_addition: frozenset[Action]
    recovered: int  # what of it came back
    may_recover: bool
    may_read: bool  # the application's own text
    is_own: bool  # recommended by the person who looks
    has_interest: bool  # the person who looks declared one in the area, so others approve in it

    @property
    def left(self) -> int:
        """What this application may be given in its area."""
        return self.area_amount - self.area_committed - self.area_promised

    @property
    def needed(self) -> int:
        """How many people must approve."""
        return approvals_needed(self.fund.settings, self.amount)

    def may(self, *actions: Action) -> bool:
        """Whether any of these can be done now by this person."""
        return any(move.action in actions for move in self.moves)


def work(actor: Actor, key: uuid.UUID) -> Work:
    """The state of an application and the moves open to this person. One statement."""
    actions = (*ASKED_OF_APPLICATION, Action.READ_DECISION, Action.READ_ALL_SCORES)
    row: Any = db.session.execute(
        applications_of(Application, Round, Award, *_allowed(actor, actions)).where(
            Application.key == key, visible(actor, Action.READ_APPLICATION)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    record, round_record, award, *allowed = row
    may = dict(zip(actions, allowed, strict=True))
    known = award if may[Action.READ_DECISION] else None
    return Work(
        key=record.key,
        reference=record.reference,
        title=record.title,
        state=record.state,
        round_key=round_record.key,
        round_reference=round_record.reference,
        award_key=known.key if known else None,
        award=known.state if known else None,
        amount=known.amount if known and known.state != AwardState.NONE else None,
        moves=tuple(
            move
            for move in moves_from(Life.APPLICATION, record.state)
            if may.get(move.action, False)
        ),
        scores_in=bool(may[Action.READ_ALL_SCORES]),
        is_moderated=fund_of(actor, record.definition_id).stages.moderation,
    )


def decision(actor: Actor, key: uuid.UUID) -> Decision:
    """The decision of one award, for those who may know it. Eight statements, ten once released. Raises NotFound."""
    asked = _allowed(actor, ASKED_OF_AWARD)
    decider, recommender = sa.orm.aliased(Person), sa.orm.aliased(Person)
    row: Any = db.session.execute(
        awards_of(Award, Application, Round, AllocationArea, Organisation.name)
        .add_columns(recommender.name.label("a"), decider.name.label("b"), *_money(actor), *asked)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(recommender, recommender.id == Award.recommended_by)
        .outerjoin(decider, decider.id == Award.decided_by)
        .where(Award.key == key, visible(actor, Action.READ_DECISION))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    award, record, round_record, area, organisation, recommended_by, decided_by = row[:7]
    may = dict(zip(ASKED_OF_AWARD, row[11:], strict=True))
    fund = fund_of(actor, record.definition_id)
    promised, in_area, in_round, has_interest = row[7:11]
    if has_interest:
        may[Action.APPROVE] = False
    moves = moves_from(Life.AWARD, award.state)
    return Decision(
        key=award.key,
        reference=award.reference,
        state=award.state,
        application_key=record.key,
        application=record.reference,
        title=record.title,
        organisation=organisation,
        round_key=round_record.key,
        round_reference=round_record.reference,
        area=area.name,
        area_amount=area.amount,
        area_committed=in_area,
        area_promised=int(promised),
        pot=round_record.pot,
        pot_committed=in_round,
        asked=record.asked,
        own_asked=_own_asked(record.id),
        is_award=award.is_award,
        own_costs=award.own_costs,
        amount=award.amount,
        reason=award.reason,
        feedback=award.feedback,
        departure=award.departure,
        below=_below(actor, record.id, fund) if may[Action.RECOMMEND] else (),
        recommended_by=recommended_by or "",
        recommended_at=award.recommended_at,
        sha256=award.recommended_sha256 or "",
        decided_by=decided_by or "",
        decided_at=award.decided_at,
        accept_by=award.accept_by,
        fund=fund,
        lines=lines_of(actor, record.id),
        conditions=conditions_of(actor, award.id),
        approvals=_approvals(award),
        years=_years(award.id),
        moves=tuple(move for move in moves if may.get(move.action, False)),
        additions=additions.of_award(actor, award.id) if award.state in KNOWN else (),
        may_decide_addition=frozenset(action for action in OF_ADDITION if may[action]),
        recovered=award.recovered,
        may_recover=award.state in PAID and bool(may[Action.RECORD_RECOVERY]),
        may_read=bool(may[Action.READ_APPLICATION]),
        is_own=award.recommended_by == actor.person_id,
        has_interest=has_interest,
    )


def _below(actor: Actor, application_id: int, fund: Fund) -> tuple[str, ...]:
    below = standings.below_minimum(actor, application_id, fund.scoring)
    return tuple(one.title for one in fund.scoring.criteria if one.key in below)


def _allowed(actor: Actor, actions: Iterable[Action]) -> list[Any]:
    """A column for each action: whether this person may do it with the row."""
    return [visible(actor, action).label(f"may_{action.name.lower()}") for action in actions]


def _money(actor: Actor) -> tuple[Any, ...]:
    """Recommended to others in the area, set aside in it and in the round; an interest in the area."""
    return (
        balances.promised(actor, Award),
        balances.committed(actor, AllocationArea),
        balances.committed(actor, Round),
        balances.keeps_from_approving(actor, Award.allocation_area_id, Award.round_id),
    )


def _own_asked(application_id: int) -> int:
    own = sa.select(sa.func.coalesce(sa.func.sum(BudgetLine.amount), 0)).where(
        BudgetLine.application_id == application_id, BudgetLine.is_onward.is_(False)
    )
    return int(db.session.scalar(own) or 0)


def lines_of(actor: Actor, application_id: int) -> tuple[LineRow, ...]:
    """The lines of an application that this person was shown to be allowed to read."""
    del actor
    rows: Any = db.session.execute(
        sa.select(
            ProposedProject.id,
            ProposedProject.row,
            ProposedProject.line,
            ProposedProject.title,
            ProposedProject.group_name,
            ProposedProject.people,
            ProposedProject.asked,
            ProposedProject.minimum,
            ProposedProject.decision,
            ProposedProject.amount,
            ProposedProject.reason,
        )
        .where(ProposedProject.application_id == application_id)
        .order_by(ProposedProject.line, ProposedProject.id)
    )
    names = LineRow.__dataclass_fields__
    return tuple(LineRow(**dict(zip(names, row, strict=True))) for row in rows)


def conditions_of(actor: Actor, award_id: int) -> tuple[ConditionRow, ...]:
    """The special conditions of an award that this person was shown to be allowed to read."""
    del actor
    rows = db.session.execute(
        sa.select(AwardCondition.text, AwardCondition.due_on, AwardCondition.evidence)
        .where(AwardCondition.award_id == award_id)
        .order_by(AwardCondition.place, AwardCondition.id)
    )
    return tuple(
        ConditionRow(text=row.text, due_on=row.due_on, evidence=row.evidence) for row in rows
    )


def _approvals(award: Award) -> tuple[ApprovalRow, ...]:
    rows = db.session.execute(
        sa.select(Person.name, Approval.approved_at, Approval.amount)
        .join(Person, Person.id == Approval.person_id)
        .where(
            Approval.award_id == award.id,
            Approval.addition_id.is_(None),
            Approval.voided_at.is_(None),
            # what was added since has changed the fingerprint: the approvals of the award stand
            sa.true() if award.state in KNOWN else Approval.sha256 == award.recommended_sha256,
        )
        .order_by(Approval.approved_at, Approval.id)
    )
    return tuple(ApprovalRow(*row) for row in rows)


def _years(award_id: int) -> tuple[tuple[str, int], ...]:
    rows = db.session.execute(
        sa.select(AwardYear.financial_year, AwardYear.amount)
        .where(AwardYear.award_id == award_id)
        .order_by(AwardYear.financial_year)
    )
    return tuple((year, amount) for year, amount in rows)
