"""What anybody may see: open rounds, a round's notice, released awards, whether a letter is genuine."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund
from grants.funds.loader import all_funds
from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.organisation import Organisation
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries import paging
from grants.queries.definitions import fund_of
from grants.queries.paging import Page
from grants.rules import dates
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import KNOWN, AwardState, LetterState, LineDecision, RoundState, Tier

# Awards that stand: an offer that was turned down or lapsed gave nothing.
PUBLISHED = (AwardState.RELEASED, AwardState.ACCEPTED, AwardState.CLOSED)
FUNDED = (LineDecision.FULL, LineDecision.PART)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A round as its notice says it."""

    key: uuid.UUID
    reference: str
    title: str
    fund: str
    year: str
    funder: str
    tier: Tier
    state: RoundState
    opens_at: dt.datetime
    closes_at: dt.datetime
    pot: int
    is_illustrative: bool
    note: str
    is_open: bool
    is_to_come: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """An area's share."""

    name: str
    amount: int
    is_fictional: bool


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A round's notice in full."""

    round: RoundRow
    fund: Fund
    areas: tuple[AreaRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRow:
    """One award of the register."""

    reference: str
    partnership: str
    area: str
    round_reference: str
    fund: str
    amount: int
    projects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Released awards, a page of them, with the totals of all."""

    page: Page[AwardRow]
    amount: int
    projects: int
    rounds: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def open_rounds(actor: Actor, number: int = 1, *, now: dt.datetime) -> Page[RoundRow]:
    """A page of the published rounds that take applications now or will, the nation's first, then
    the first to close. Two statements."""
    del actor  # for anybody
    page = paging.fetch(
        sa.select(Round, Organisation.name)
        .join(Organisation, Organisation.id == Round.organisation_id)
        .where(is_announced(now))
        .order_by(Round.tier != Tier.NATIONAL, Round.closes_at, Round.id),
        number,
    )
    rows = tuple(row_of(record, funder, now) for record, funder in page.rows)
    return Page(rows, page.total, page.number)


def is_announced(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Rounds that are published and not over, as anybody may see them."""
    return sa.and_(
        Round.state == RoundState.OPEN, Round.closes_at > now, Round.rehearsal_id.is_(None)
    )


def row_of(record: Round, funder: str, now: dt.datetime) -> RoundRow:
    """A round in its own words."""
    fund = all_funds().get(record.fund)
    is_open = record.state == RoundState.OPEN
    return RoundRow(
        key=record.key,
        reference=record.reference,
        title=record.title,
        fund=fund.name if fund else record.fund,
        year=record.fund_year,
        funder=funder,
        tier=record.tier,
        state=record.state,
        opens_at=record.opens_at,
        closes_at=record.closes_at,
        pot=record.pot,
        is_illustrative=record.is_illustrative,
        note=record.note,
        is_open=is_open and dates.is_open(record.opens_at, record.closes_at, now),
        is_to_come=is_open and record.opens_at > now,
    )


def round_page(actor: Actor, reference: str, *, now: dt.datetime) -> RoundPage:
    """The notice of a published round with its rulebook. Raises NotFound while it is a draft."""
    row = db.session.execute(
        sa.select(Round, Organisation.name)
        .join(Organisation, Organisation.id == Round.organisation_id)
        .where(
            Round.reference == reference,
            Round.state != RoundState.DRAFT,
            Round.rehearsal_id.is_(None),
        )
    ).first()
    definition_id = None if row is None else row[0].definition_id
    if row is None or definition_id is None:
        raise NotFound("There is no such page.")
    record, funder = row
    areas = db.session.scalars(
        sa.select(AllocationArea)
        .where(AllocationArea.round_id == record.id)
        .order_by(AllocationArea.name)
    )
    return RoundPage(
        row_of(record, funder, now),
        fund_of(actor, definition_id),
        tuple(AreaRow(name=a.name, amount=a.amount, is_fictional=a.is_fictional) for a in areas),
    )


def register(actor: Actor, round_reference: str, number: int) -> Register:
    """Released awards of national rounds, with the number and the money of all that match."""
    del actor  # for anybody
    conditions = [
        Award.state.in_(PUBLISHED),
        Award.is_award,
        Round.tier == Tier.NATIONAL,
        Round.rehearsal_id.is_(None),
    ]
    chosen = [*conditions, Round.reference == round_reference] if round_reference else conditions
    page = paging.fetch(_awards(chosen), number)
    totals = db.session.execute(
        _joined(
            sa.func.coalesce(sa.func.sum(Award.amount), 0),
            sa.func.coalesce(sa.func.sum(_projects()), 0),
        ).where(*chosen)
    ).one()
    rounds = db.session.execute(
        _joined(Round.reference, Round.title, Round.note)
        .where(*conditions)
        .group_by(Round.id)
        .order_by(Round.reference)
    ).all()
    return Register(
        page=Page(tuple(_award(row) for row in page.rows), page.total, page.number),
        amount=int(totals[0]),
        projects=int(totals[1]),
        rounds=tuple((row.reference, f"{row.reference}: {row.title}") for row in rounds),
        notes=tuple(
            dict.fromkeys(
                row.note for row in rounds if row.note and round_reference in {"", row.reference}
            )
        ),
    )


def _awards(conditions: list[Any]) -> sa.Select[Any]:
    return (
        _joined(
            Award.reference,
            Organisation.name.label("partnership"),
            AllocationArea.name.label("area"),
            Round.reference.label("round_reference"),
            Round.fund,
            Award.amount,
            _projects().label("projects"),
        )
        .where(*conditions)
        .order_by(Round.reference.desc(), AllocationArea.name, Award.reference)
    )


def _award(row: Any) -> AwardRow:
    fund = all_funds().get(row.fund)
    return AwardRow(
        reference=row.reference,
        partnership=row.partnership,
        area=row.area,
        round_reference=row.round_reference,
        fund=fund.short_name if fund else row.fund,
        amount=row.amount,
        projects=row.projects,
    )


def _joined(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Award)
        .join(Round, Round.id == Award.round_id)
        .join(Application, Application.id == Award.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
    )


def _projects() -> sa.ScalarSelect[int]:
    """Projects recorded under an award; before it is accepted, the lines that are to be funded."""
    recorded = (
        sa.select(sa.func.count())
        .select_from(Project)
        .where(Project.award_id == Award.id)
        .correlate(Award)
        .scalar_subquery()
    )
    decided = (
        sa.select(sa.func.count())
        .select_from(ProposedProject)
        .where(
            ProposedProject.application_id == Award.application_id,
            ProposedProject.decision.in_(FUNDED),
            ProposedProject.is_local_round.is_(False),
        )
        .correlate(Award)
        .scalar_subquery()
    )
    return sa.case((Award.state == AwardState.RELEASED, decided), else_=recorded)  # type: ignore[return-value]  # an expression all the same


def is_letter_in_force(actor: Actor, code: str) -> bool:
    """Whether an issued letter, not a replaced one, carries this code."""
    del actor  # for anybody
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Letter.code.in_(_readings(code)),
                    Letter.state == LetterState.ISSUED,
                    Letter.award_id == Award.id,
                    Round.id == Award.round_id,
                    Round.rehearsal_id.is_(None),
                    Award.state.in_(sorted(KNOWN)),
                )
            )
        )
    )


def _readings(code: str) -> list[str]:
    """The code as typed, and as it may be printed: in groups of four or in one piece."""
    typed = "-".join(code.upper().replace("\u2013", "-").split())[:40]
    plain = typed.replace("-", "")
    grouped = "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))
    return [typed, plain, grouped]
