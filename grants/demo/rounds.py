"""Rounds, each with its frozen rulebook, the shares of its pot and their ledger lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from grants.demo.kit import Kit, Row, add, put, share
from grants.demo.people import Cast
from grants.demo.world import SMALL, Closed, Open
from grants.extensions import db
from grants.funds import reference
from grants.funds.definition import Fund
from grants.funds.reference import CouncilArea
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.person import PanelSeat
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.rules import dates
from grants.rules.people import Seat
from grants.rules.states import RoundState, Tier
from grants.services import definitions

OPENED_AGO, CLOSES_IN = 270, 30  # days, of the rounds that are open now


@dataclass(frozen=True, slots=True)
class Share:
    """One area's share of a pot."""

    id: int
    area: CouncilArea
    amount: int


@dataclass(frozen=True, slots=True)
class Made:
    """A round as the other builders need it. ``shares`` are by council area's code."""

    id: int
    reference: str
    fund: Fund
    fund_year: str
    definition_id: int
    shares: dict[str, Share]
    opened_at: dt.datetime
    is_over: bool
    is_local: bool = False


def make_closed(
    kit: Kit, spec: Closed, cast: Cast, places: tuple[CouncilArea, ...], size: str
) -> Made:
    """A round that is over, with the published shares of its year or fictional ones."""
    rows = _published(spec.allocations) if spec.allocations else _by_population(spec.pot)
    rows = {area.code: rows[area.code] for area in places}
    record = Round(
        title=spec.title,
        state=RoundState.CLOSED,
        opens_at=dates.from_london(dt.datetime.combine(spec.opens, dt.time(9))),
        closes_at=dates.from_london(dt.datetime.combine(spec.closes, dt.time(12)), closing=True),
        pot=_allocated(rows) if size == SMALL else spec.pot,
        note=spec.small_note if size == SMALL else spec.note,
    )
    return _make(kit, spec, record, cast, rows)


def make_open(kit: Kit, spec: Open, cast: Cast, places: tuple[CouncilArea, ...]) -> Made:
    """A round that takes applications now. Its shares are fictional."""
    everywhere = _by_population(spec.pot)
    rows = {area.code: everywhere[area.code] for area in places}
    record = Round(
        title=spec.title,
        state=RoundState.OPEN,
        opens_at=kit.ago(OPENED_AGO),
        closes_at=closing(kit, CLOSES_IN),
        pot=_allocated(rows),
        note=spec.note,
    )
    return _make(kit, spec, record, cast, rows)


def closing(kit: Kit, days: int) -> dt.datetime:
    """Noon, so many days from now."""
    day = dates.today(kit.now) + dt.timedelta(days=days)
    return dates.from_london(dt.datetime.combine(day, dt.time(12)), closing=True)


def _make(kit: Kit, spec: Closed | Open, record: Round, cast: Cast, rows: dict[str, Row]) -> Made:
    fund = spec.rulebook()
    state, record.state = record.state, RoundState.DRAFT
    record.key, record.reference, record.number = kit.key(), spec.reference, 1
    record.fund, record.fund_year, record.tier = spec.fund, spec.fund_year, Tier.NATIONAL
    record.organisation_id, record.is_illustrative = cast.programme_id, True
    record.allocated = _allocated(rows)
    db.session.add(record)
    db.session.flush()
    definition = definitions.add(record, fund, now=record.opens_at)
    definition.is_published, record.state = True, state
    ids = add(AllocationArea, [{**row, "round_id": record.id} for row in rows.values()])
    put(
        AllocationAreaCouncil,
        [
            {"allocation_area_id": key, "area_code": code}
            for key, code in zip(ids, rows, strict=True)
        ],
    )
    put(
        PanelSeat,
        [{"round_id": record.id, "person_id": cast.staff["chair"], "seat": Seat.CHAIR}],
    )
    by_code = {area.code: area for area in reference.council_areas()}
    shares = {
        code: Share(key, by_code[code], row["amount"])
        for key, (code, row) in zip(ids, rows.items(), strict=True)
    }
    _keep_books(record, cast, shares)
    db.session.flush()
    return Made(
        record.id,
        record.reference,
        fund,
        record.fund_year,
        definition.id,
        shares,
        record.opens_at,
        record.state == RoundState.CLOSED,
    )


def _keep_books(record: Round, cast: Cast, shares: dict[str, Share]) -> None:
    line = {
        "at": record.opens_at,
        "round_id": record.id,
        "person_id": cast.staff["manager"],
        "note": "Round opened",
    }
    put(LedgerLine, [{**line, "kind": LedgerKind.POT, "amount": record.pot}])
    put(
        LedgerLine,
        [
            {
                **line,
                "kind": LedgerKind.ALLOCATION,
                "amount": entry.amount,
                "allocation_area_id": entry.id,
            }
            for entry in shares.values()
        ],
    )


def _published(year: str) -> dict[str, Row]:
    """The published table, the row that is printed under another name saying so."""
    rows = {}
    for row in reference.allocations(year):
        printed = f" Printed as “{row.printed_label}”: {row.note}." if row.note else ""
        rows[row.area_codes[0]] = {
            "name": row.name,
            "amount": row.pence,
            "source": f"{row.source}{printed}",
            "is_fictional": False,
        }
    return rows


def _by_population(pot: int) -> dict[str, Row]:
    areas = reference.council_areas()
    parts = share(pot // 100, [area.population for area in areas])
    return {
        area.code: {
            "name": area.name,
            "amount": part * 100,
            "source": "Fictional: a made-up pot shared by population, in whole pounds.",
            "is_fictional": True,
        }
        for area, part in zip(areas, parts, strict=True)
    }


def _allocated(rows: dict[str, Row]) -> int:
    return sum(row["amount"] for row in rows.values())
