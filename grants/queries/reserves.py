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
from grants.models.addition import Addition
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.models.scenario import Scenario
from grants.queries import balances, candidates, rounds, standings
from grants.queries.definitions import departures_of, fund_of
from grants.queries.rounds import AreaRow, RoundRow
from grants.queries.strands import StrandRow, strand_balances
from grants.queries.visible import applications_seen
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.states import AdditionState, ApplicationState, AwardState, LineDecision

LAST = 10**9
OPEN = (AwardState.NONE, AwardState.RECOMMENDED)
TAKE_BACK = "It is decided but not released: take the decision back first."
IS_OUT = "Its award is closed, declined or lapsed, so nothing can join it."
JOINS = (AwardState.RELEASED, AwardState.ACCEPTED)  # it may join its award after release
WAITS = "It is recommended to join its award, which waits for others."
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
    strand: str  # of the pot, by its key; empty where it has none
    own_strand: str  # that its own costs come from
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
    strands: tuple[StrandRow, ...]
    freed: tuple[FreedRow, ...]
    rows: tuple[ReserveRow, ...]
    reasons: CodeList

    @property
    def left(self) -> int:
        """What is neither committed nor recommended of the whole pot."""
        return self.round.pot - self.round.committed - sum(one.recommended for one in self.areas)

    def came_free(self, area: str = "") -> int:
        """All that came free so far, in this area or in all."""
        return sum(row.amount for row in self.freed if not area or row.area == area)


def of_round(actor: Actor, key: uuid.UUID) -> Reserves:
    """The reserve list. Raises NotFound. A fixed number of statements."""
    record = rounds.one(actor, key, Action.READ_SCENARIO)
    fund, areas = fund_of(actor, record.definition_id), rounds.areas(actor, record)
    found = Reserves(
        round=record,
        areas=areas,
        strands=strand_balances(actor, record) if fund.strands else (),
        freed=_freed(actor, record),
        rows=tuple(_listed(actor, record, fund)),
        reasons=departures_of(fund),
    )
    return replace(found, rows=tuple(_reached(found)))


def _freed(actor: Actor, record: RoundRow) -> tuple[FreedRow, ...]:
    """What was set aside and given back, or came back, as far as this person may know; the latest
    first."""
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
            LedgerLine.kind.in_([LedgerKind.AWARD, LedgerKind.RECOVERY]),
            LedgerLine.amount < 0,
            ~balances.is_hidden(actor, Award),
        )
        .order_by(LedgerLine.id.desc())
    )
    return tuple(FreedRow(*row) for row in rows)


def _listed(actor: Actor, record: RoundRow, fund: Fund) -> list[ReserveRow]:
    ranked = candidates.of_round(actor, record, fund, candidates.TOTAL).listed
    places = {one.id: place for place, one in enumerate(ranked)}
    strands = {
        (one.id, line.row): (line.strand, one.strand) for one in ranked for line in one.lines
    }
    adopted = {(at, row): place for place, (at, row) in enumerate(_adopted(record))}
    rows: Any = db.session.execute(_statement(actor, record)).all()
    rows.sort(
        key=lambda row: (
            adopted.get((row.id, row.line_row), LAST),
            places.get(row.id, LAST),
            row.line,
        )
    )
    return [_row(row, strands.get((row.id, row.line_row), ("", ""))) for row in rows]


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
            _is_joining().label("is_joining"),
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


def _is_joining() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            Addition.proposed_project_id == ProposedProject.id,
            Addition.state.in_([AdditionState.RECOMMENDED, AdditionState.APPROVED]),
        )
        .correlate(ProposedProject)
    )


def _row(row: Any, strands: tuple[str, str]) -> ReserveRow:
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
        strand=strands[0] or strands[1],
        own_strand=strands[1],
        why_not=_why_not(row),
    )


def _why_not(row: Any) -> str:
    if row.award_key is None or row.state != ApplicationState.MODERATION:
        return NOT_OPEN
    if row.is_joining:
        return WAITS
    if row.award in OPEN or row.award in JOINS:
        return ""
    return TAKE_BACK if row.award == AwardState.APPROVED else IS_OUT


class _Left:
    """The money that is left while the list is gone through."""

    def __init__(self, found: Reserves) -> None:
        self.areas = {area.name: area.remaining for area in found.areas}
        self.strands = {one.strand: one.remaining for one in found.strands}
        self.pot = found.left

    def fits(self, row: ReserveRow) -> int:
        """What a project in reserve can be given: all, a workable part, or nothing."""
        own = row.own_costs
        if own > self.strands.get(row.own_strand, own):
            return 0
        room = min(self.areas.get(row.area, 0), self.pot) - own
        if row.strand in self.strands:
            shared = own if row.strand == row.own_strand else 0
            room = min(room, self.strands[row.strand] - shared)
        if row.asked <= room:
            return row.asked
        return room if room >= max(row.smallest, 1) else 0

    def short_of(self, row: ReserveRow) -> set[tuple[str, str]]:
        """Whichever of pot, area and strands cannot hold even the least of it."""
        least = max(row.smallest, 1)
        wanted = [
            (("pot", ""), self.pot, least + row.own_costs),
            (("area", row.area), self.areas.get(row.area, 0), least + row.own_costs),
            (("strand", row.strand), self.strands.get(row.strand, least), least),
            (("strand", row.own_strand), self.strands.get(row.own_strand, least), row.own_costs),
        ]
        return {place for place, left, part in wanted if left < part}

    def take(self, row: ReserveRow, amount: int) -> None:
        whole = amount + row.own_costs
        self.areas[row.area] -= whole
        self.pot -= whole
        for strand, part in ((row.strand, amount), (row.own_strand, row.own_costs)):
            if strand in self.strands:
                self.strands[strand] -= part


def _reached(found: Reserves) -> Iterable[ReserveRow]:
    """Each with what it would get now, and whether the money reaches it in order."""
    now, running = _Left(found), _Left(found)
    ended: set[tuple[str, str]] = set()  # where somebody in reserve waits for money already
    for row in found.rows:
        if row.why_not:
            yield row
            continue
        amount = running.fits(row)
        purses = {("pot", ""), ("area", row.area), ("strand", row.strand)}
        is_next = bool(amount) and not purses & ended
        if is_next:
            running.take(row, amount)
        else:
            ended |= running.short_of(row)
        yield replace(row, fits=now.fits(row), is_next=is_next)
