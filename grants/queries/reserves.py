"""The reserve list of a round in order, the money that came free, and who it reaches next."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import CodeList, Fund
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.models.scenario import Scenario
from grants.queries import balances, candidates, rounds, standings
from grants.queries.definitions import departures_of, fund_of
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.visible import applications_seen
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import ApplicationState, AwardState, LineDecision

LAST = 10**9
OPEN = (AwardState.NONE, AwardState.RECOMMENDED)
TAKE_BACK = "It is decided but not released: take the decision back first."
IS_OUT = "Its offer is out or it was refused, so it cannot be promoted here."
NOT_OPEN = "Moderation is not open for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRow:
    """A project in reserve. Pence."""

    award_key: uuid.UUID | None
    application_key: uuid.UUID
    row: str
    reference: str
    organisation: str
    area: str
    title: str
    asked: int
    smallest: int
    own_costs: int  # that come with it, where nothing else of the application is funded
    why_not: str
    fits: int = 0  # what it would get now; nothing where that is not workable
    is_next: bool = False  # the money reaches it in the order of the list


@dataclass(frozen=True, slots=True)
class FreedRow:
    """Money that came free. Pence."""

    at: dt.datetime
    reference: str
    area: str
    note: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserves:
    """The whole list of a round."""

    round: RoundRow
    areas: tuple[AreaRow, ...]
    freed: tuple[FreedRow, ...]
    rows: tuple[ReserveRow, ...]
    reasons: CodeList


def of_round(actor: Actor, key: uuid.UUID) -> Reserves:
    """The reserve list. Raises NotFound. A fixed number of statements."""
    record = rounds.one(actor, key, Action.READ_SCENARIO)
    fund, areas = fund_of(actor, record.definition_id), rounds.areas(actor, record)
    return Reserves(
        round=record,
        areas=areas,
        freed=_freed(actor, record),
        rows=tuple(_reached(_listed(actor, record, fund), areas, record)),
        reasons=departures_of(fund),
    )


def _freed(actor: Actor, record: RoundRow) -> tuple[FreedRow, ...]:
    """What was set aside and given back, as far as this person may know; the latest first."""
    rows = db.session.execute(
        sa.select(
            LedgerLine.at,
            Award.reference,
            AllocationArea.name,
            LedgerLine.note,
            -LedgerLine.amount,
        )
        .join(Award, Award.id == LedgerLine.award_id)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .where(
            LedgerLine.round_id == record.id,
            LedgerLine.kind == LedgerKind.AWARD,
            LedgerLine.amount < 0,
            ~balances.is_hidden(actor, Award),
        )
        .order_by(LedgerLine.id.desc())
    )
    return tuple(FreedRow(*row) for row in rows)


def _listed(actor: Actor, record: RoundRow, fund: Fund) -> list[ReserveRow]:
    ranked = candidates.of_round(actor, record, fund, candidates.TOTAL).listed
    places = {one.id: place for place, one in enumerate(ranked)}
    adopted = {(at, row): place for place, (at, row) in enumerate(_adopted(record))}
    rows: Any = db.session.execute(_statement(actor, record)).all()
    rows.sort(
        key=lambda row: (
            adopted.get((row.id, row.line_row), LAST),
            places.get(row.id, LAST),
            row.line,
        )
    )
    return [_row(row) for row in rows]


def _adopted(record: RoundRow) -> Iterable[tuple[int, str]]:
    """The order of the scenario that was adopted last."""
    found = db.session.scalar(
        sa.select(Scenario.reserves)
        .where(Scenario.round_id == record.id, Scenario.adopted_at.is_not(None))
        .order_by(Scenario.adopted_at.desc(), Scenario.id.desc())
        .limit(1)
    )
    return [(application_id, row) for application_id, row in found or []]


def _statement(actor: Actor, record: RoundRow) -> Any:
    own = (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(BudgetLine.amount), 0), sa.BigInteger))
        .where(BudgetLine.application_id == Application.id, BudgetLine.is_onward.is_(False))
        .correlate(Application)
        .scalar_subquery()
    )
    return (
        applications_seen(
            actor,
            Action.READ_DECISION,
            Application.id,
            Application.key,
            Application.reference,
            Application.state,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Award.key.label("award_key"),
            Award.state.label("award"),
            Award.amount.label("given"),
            ProposedProject.row.label("line_row"),
            ProposedProject.line,
            ProposedProject.title,
            ProposedProject.asked,
            ProposedProject.minimum,
            own.label("own"),
            with_award=True,
        )
        .join(ProposedProject, ProposedProject.application_id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(
            Application.round_id == record.id,
            ProposedProject.decision == LineDecision.RESERVE,
            *standings.is_ranked(),
        )
    )


def _row(row: Any) -> ReserveRow:
    return ReserveRow(
        award_key=row.award_key,
        application_key=row.key,
        row=row.line_row,
        reference=row.reference,
        organisation=row.organisation,
        area=row.area,
        title=row.title,
        asked=row.asked,
        smallest=row.minimum or row.asked,
        own_costs=0 if row.given else int(row.own),
        why_not=_why_not(row),
    )


def _why_not(row: Any) -> str:
    if row.award_key is None or row.state != ApplicationState.MODERATION:
        return NOT_OPEN
    if row.award in OPEN:
        return ""
    return TAKE_BACK if row.award == AwardState.APPROVED else IS_OUT


def _reached(
    rows: Iterable[ReserveRow], areas: Iterable[AreaRow], record: RoundRow
) -> Iterable[ReserveRow]:
    """Each with what it would get now, and whether the money reaches it in order."""
    left = {area.name: area.remaining for area in areas}
    running, ended = dict(left), set[str]()
    pot = record.pot - record.committed
    for row in rows:
        fits = 0 if row.why_not else amount_for(row, min(left.get(row.area, 0), pot))
        next_one = 0 if row.why_not else amount_for(row, min(running.get(row.area, 0), pot))
        is_next = bool(next_one) and row.area not in ended
        if is_next:
            running[row.area] -= next_one + row.own_costs
            pot -= next_one + row.own_costs
        elif not row.why_not:
            ended.add(row.area)
        yield replace(row, fits=fits, is_next=is_next)


def amount_for(row: ReserveRow, left: int) -> int:
    """What a project in reserve can be given of so much: all, a workable part, or nothing."""
    after = left - row.own_costs
    if row.asked <= after:
        return row.asked
    return after if after >= max(row.smallest, 1) else 0
