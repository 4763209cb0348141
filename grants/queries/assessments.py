"""An assessor's own work: the list of what is assigned to them, and one application to score."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import (
    Application,
    ApplicationPartner,
    ApplicationVersion,
)
from grants.models.assessment import Assessment, Score
from grants.models.earlier_text import EarlierText
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea, Round
from grants.queries import applications, rescoring, scores
from grants.queries.applications import ApplicationText
from grants.queries.compared import Compared, compare
from grants.queries.definitions import fund_of
from grants.queries.paper_scores import Typed, is_paper, typed_columns, typed_of, with_paper
from grants.queries.rescoring import Asked, Earlier
from grants.queries.scores import ScoresOfApplication
from grants.queries.sheets import written
from grants.queries.visible import assessments_of, unless_blind, visible
from grants.rules.actions import Action
from grants.rules.blind import lines_shown
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.score_sheet import Line, Sheet
from grants.rules.states import AssessmentState

NO_SUCH = "There is no such page."
PAGE = 60
ORDER = {AssessmentState.ASSIGNED: 0, AssessmentState.SCORING: 1, AssessmentState.SUBMITTED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """One application that this person is asked to assess."""

    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    asked: Pence
    round_title: str
    round_key: uuid.UUID
    state: AssessmentState
    due_on: dt.date | None
    assigned_at: dt.datetime
    submitted_at: dt.datetime | None
    total: Decimal | None  # one's own
    marked: int  # criteria that have a mark
    is_typed: bool  # came on paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """One page of one's own assessments, grouped by what is to be done."""

    rows: tuple[DutyRow, ...]
    counts: Mapping[AssessmentState, int]
    next_due: dt.date | None
    page: int

    @property
    def total(self) -> int:
        """How many there are on all pages."""
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))

    def of(self, state: AssessmentState) -> tuple[DutyRow, ...]:
        """The rows of this page in one group."""
        return tuple(row for row in self.rows if row.state == state)

    def count(self, state: AssessmentState) -> int:
        """How many are in one group, on all pages."""
        return self.counts.get(state, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentPage:
    """One's own assessment. ``text`` and ``sheet`` are empty until the declaration is made."""

    key: uuid.UUID
    state: AssessmentState
    due_on: dt.date | None
    submitted_at: dt.datetime | None
    total: Decimal | None
    application_key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    asked: Pence
    round_key: uuid.UUID
    round_title: str
    round_reference: str
    fund: Fund
    may_score: bool
    partners: tuple[str, ...] = ()
    text: ApplicationText | None = None
    lines: tuple[Line, ...] = ()
    sheet: Sheet = field(default_factory=Sheet)
    panel: ScoresOfApplication | None = None
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Of the fields of the sheet that were typed in, by kind and row."""
    was_replaced: bool = False
    """Whether earlier texts of this sheet are kept."""
    number: int = 0
    """The version that this person reads and scores."""
    newest: int = 0
    compared: Compared | None = None
    """What changed since, where a newer version came in. Never who asked for it."""
    earlier: tuple[Earlier, ...] = ()
    """One's own scores as they stood before they were opened again."""
    wish: Asked | None = None
    """That one asked for them to be opened again."""
    may_ask: bool = False
    typed: Typed | None = None
    """That one's scores came on paper, and who typed them."""


def mine(actor: Actor, *, page: int = 1) -> Duties:
    """What is assigned to this person, what comes first at the top. Two statements."""
    condition = _is_own(actor)
    found: Any = db.session.execute(
        assessments_of(Assessment.state, sa.func.count(), sa.func.min(Assessment.due_on))
        .where(condition)
        .group_by(Assessment.state)
    ).all()
    counts = {state: count for state, count, _ in found}
    due = [day for state, _, day in found if day is not None and state != AssessmentState.SUBMITTED]
    page = min(max(page, 1), max(1, -(-sum(counts.values()) // PAGE)))
    return Duties(
        rows=_duty_rows(condition, page),
        counts=counts,
        next_due=min(due, default=None),
        page=page,
    )


def _duty_rows(condition: sa.ColumnElement[bool], page: int) -> tuple[DutyRow, ...]:
    marked = (
        sa.select(sa.func.count(Score.mark))
        .where(Score.assessment_id == Assessment.id)
        .correlate(Assessment)
        .scalar_subquery()
    )
    rows: Any = db.session.execute(
        assessments_of(
            Assessment.key,
            Application.reference,
            unless_blind(Application.title, Application.reference).label("title"),
            unless_blind(Organisation.name).label("organisation"),
            unless_blind(AllocationArea.name).label("area"),
            Application.asked,
            Round.title.label("round_title"),
            Round.key.label("round_key"),
            Assessment.state,
            Assessment.due_on,
            Assessment.assigned_at,
            Assessment.submitted_at,
            Assessment.total,
            marked.label("marked"),
            is_paper().label("is_typed"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(condition)
        .order_by(
            sa.case(ORDER, value=Assessment.state, else_=len(ORDER)),
            Assessment.due_on.is_(None),
            Assessment.due_on,
            Application.reference,
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).mappings()
    return tuple(DutyRow(**row) for row in rows)


def page_of(actor: Actor, key: uuid.UUID) -> AssessmentPage:
    """One's own assessment: the summary alone before the declaration, after it everything.

    Raises NotFound where it is not one's own, is conflicted, or is no longer being assessed.
    """
    row = _head(actor, key)
    fund = fund_of(actor, row.definition_id)
    head = {name: getattr(row, name) for name in HEAD}
    is_blind = fund.stages.blind
    if not row.may_read:
        partners = () if is_blind else _partners(row.application_id)
        return AssessmentPage(**head, fund=fund, partners=partners)
    found = written(row.id, row.application_id, row.comment)
    number, newest = row.number, row.newest
    return AssessmentPage(
        **head,
        fund=fund,
        text=applications.content(
            actor, row.application_key, number=number, hide_identifying=is_blind
        ),
        lines=lines_shown(fund, found.lines),
        sheet=found.sheet,
        versions=found.versions,
        was_replaced=row.was_replaced,
        panel=scores.of_panel(actor, row.application_key) if row.may_compare else None,
        number=number,
        newest=newest,
        earlier=_earlier(actor, row.application_id) if row.was_opened else (),
        wish=rescoring.asked_by(row.application_id, actor.person_id) if row.may_ask else None,
        may_ask=row.may_ask,
        typed=typed_of(row),
        compared=compare(actor, row.application_key, number, newest, hide_identifying=is_blind)
        if number < newest
        else None,
    )


def assessed_number(actor: Actor, key: uuid.UUID) -> int | None:
    """The number of the version that this person assesses; None for who is no assessor of it."""
    number: int | None = db.session.scalar(
        assessments_of(ApplicationVersion.number)
        .join(ApplicationVersion, ApplicationVersion.id == Assessment.version_id)
        .where(Application.key == key, _is_own(actor))
    )
    return number


HEAD = (
    "key state due_on submitted_at total application_key reference title organisation area asked "
    "round_key round_title round_reference may_score"
).split()


def _head(actor: Actor, key: uuid.UUID) -> Any:
    row = db.session.execute(
        with_paper(assessments_of(*_head_columns(actor)))
        .join(ApplicationVersion, ApplicationVersion.id == Assessment.version_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Assessment.key == key, _is_own(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _head_columns(actor: Actor) -> tuple[Any, ...]:
    return (
        Assessment.id,
        Assessment.key,
        Assessment.state,
        Assessment.due_on,
        Assessment.submitted_at,
        Assessment.total,
        Assessment.comment,
        Application.id.label("application_id"),
        Application.key.label("application_key"),
        Application.reference,
        unless_blind(Application.title, Application.reference).label("title"),
        Application.asked,
        Application.definition_id,
        ApplicationVersion.number,
        Application.number.label("newest"),
        unless_blind(Organisation.name).label("organisation"),
        unless_blind(AllocationArea.name).label("area"),
        Round.key.label("round_key"),
        Round.title.label("round_title"),
        Round.reference.label("round_reference"),
        visible(actor, Action.READ_OWN_SCORE).label("may_read"),
        sa.and_(visible(actor, Action.SCORE), Assessment.state == AssessmentState.SCORING).label(
            "may_score"
        ),
        visible(actor, Action.READ_OTHER_SCORES).label("may_compare"),
        visible(actor, Action.ASK_TO_REOPEN).label("may_ask"),
        rescoring.was_opened().label("was_opened"),
        _was_replaced().label("was_replaced"),
        *typed_columns(),
    )


def _was_replaced() -> sa.ColumnElement[bool]:
    """Whether a text of this sheet ever took the place of another."""
    return sa.exists().where(EarlierText.assessment_id == Assessment.id).correlate(Assessment)


def _earlier(actor: Actor, application_id: int) -> tuple[Earlier, ...]:
    return rescoring.earlier_of(application_id, [actor.person_id]).get(actor.person_id, ())


def _is_own(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(Assessment.person_id == actor.person_id, visible(actor, Action.DECLARE))


def _partners(application_id: int) -> tuple[str, ...]:
    return tuple(
        db.session.scalars(
            sa.select(ApplicationPartner.name)
            .where(ApplicationPartner.application_id == application_id)
            .order_by(ApplicationPartner.row)
        )
    )
