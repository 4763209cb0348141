"""Setting up rounds: dates, the shares of the pot, opening and closing."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds import reference
from grants.funds.checks import faults
from grants.funds.definition import Fund
from grants.funds.loader import all_funds, with_editions
from grants.funds.schema import from_document
from grants.models.application import Application
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.panel import PanelReaderArea
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.rules.actions import Action
from grants.rules.money import pounds
from grants.rules.people import Actor
from grants.rules.permissions import Case, require
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.round_edits import moved_on
from grants.rules.states import RoundState, Tier
from grants.services import access, definitions, local_rounds, strands
from grants.services.moving import move
from grants.services.transaction import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRound:
    """What is needed to begin a round. ``pot`` is in pence."""

    fund: str
    organisation_id: int
    title: str
    fund_year: str
    opens_at: dt.datetime
    closes_at: dt.datetime
    pot: int


def create(actor: Actor, new: NewRound, *, now: dt.datetime) -> uuid.UUID:
    """A draft round from the fund's edition of today. Raises Blocked for dates that do not fit."""
    fund = all_funds().get(new.fund)
    if fund is None:
        raise NotFound("There is no such fund.")
    require(actor, Action.SET_UP_ROUND, Case(fund=new.fund, funder_id=new.organisation_id))
    _refuse_wrong(new.title, new.opens_at, new.closes_at)
    with transaction():
        _require_programme(new.organisation_id)
        record = _row(new)
        definitions.add(record, fund, now=now)
        _record(actor, record, now, after={"title": record.title, "pot": record.pot})
        return record.key


def _require_programme(organisation_id: int) -> None:
    """A national round is the programme's: a partnership opens its own from an award."""
    kind = db.session.scalar(sa.select(Organisation.kind).where(Organisation.id == organisation_id))
    if kind != OrganisationKind.PROGRAMME:
        raise NotFound("There is no such fund.")


def _row(new: NewRound) -> Round:
    """The round's row with the next number of its fund and year, flushed."""
    last = db.session.scalar(
        sa.select(sa.func.max(Round.number)).where(
            Round.organisation_id == new.organisation_id,
            Round.fund == new.fund,
            Round.fund_year == new.fund_year,
        )
    )
    number = (last or 0) + 1
    record = Round(
        reference=f"{new.fund.upper()}-{new.fund_year}-{number}",
        title=new.title.strip(),
        fund=new.fund,
        fund_year=new.fund_year,
        number=number,
        tier=Tier.NATIONAL,
        organisation_id=new.organisation_id,
        opens_at=new.opens_at,
        closes_at=new.closes_at,
        pot=new.pot,
    )
    db.session.add(record)
    db.session.flush()
    return record


def copy(actor: Actor, key: uuid.UUID, new: NewRound, *, now: dt.datetime) -> uuid.UUID:
    """A draft round like an earlier one: its forms, guidance, criteria, letters, return and areas.

    The return's dates move on with the fund year. Raises Blocked where the pot is below the shares.
    """
    with transaction():
        before = access.round_(actor, key, Action.SET_UP_ROUND)
        if before.tier == Tier.LOCAL:
            raise MoveNotAllowed("Open another local round from the award instead.")
        _refuse_wrong(new.title, new.opens_at, new.closes_at)
        if new.pot < before.allocated:
            sentence = f"The areas' shares come to {pounds(before.allocated)}. Enter that or more."
            raise Blocked(Reason(sentence, "pot"))
        record = _row(replace(new, fund=before.fund, organisation_id=before.organisation_id))
        fund = from_document(definitions.in_force(before).content)
        definitions.add(record, _of_year(fund, before.fund_year, new.fund_year), now=now)
        record.allocated, record.is_illustrative = before.allocated, before.is_illustrative
        _copy_areas(before, record)
        _record(actor, record, now, after={"title": record.title, "copied": before.reference})
        return record.key


def _of_year(fund: Fund, before: str, after: str) -> Fund:
    """The rulebook for another fund year, with that year's list of years where there is one."""
    with suppress(LookupError):
        fund = with_editions(fund, {"financial_year": after})
    return moved_on(fund, int(after[:4]) - int(before[:4]))


def _copy_areas(before: Round, record: Round) -> None:
    areas = db.session.scalars(
        sa.select(AllocationArea).filter_by(round_id=before.id).order_by(AllocationArea.id)
    ).all()
    councils: dict[int, list[str]] = {}
    for area_id, code in db.session.execute(
        sa.select(AllocationAreaCouncil.allocation_area_id, AllocationAreaCouncil.area_code)
        .join(AllocationArea, AllocationArea.id == AllocationAreaCouncil.allocation_area_id)
        .where(AllocationArea.round_id == before.id)
    ):
        councils.setdefault(area_id, []).append(code)
    for area in areas:
        made = AllocationArea(
            round_id=record.id,
            name=area.name,
            amount=area.amount,
            source=area.source,
            is_fictional=area.is_fictional,
        )
        db.session.add(made)
        db.session.flush()
        _set_councils(made, tuple(councils.get(area.id, ())))


def save_dates(  # the three things that the page of dates holds
    actor: Actor,
    key: uuid.UUID,
    *,
    title: str,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Change title and dates of a draft. An open round's deadline is moved by an extension."""
    _refuse_wrong(title, opens_at, closes_at)
    with transaction():
        record = _draft(actor, key)
        before = {
            "opens_at": record.opens_at.isoformat(),
            "closes_at": record.closes_at.isoformat(),
        }
        record.title, record.opens_at, record.closes_at = title.strip(), opens_at, closes_at
        after = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
        _record(actor, record, now, before=before, after=after)


def _refuse_wrong(title: str, opens_at: dt.datetime, closes_at: dt.datetime) -> None:
    reasons = []
    if not title.strip():
        reasons.append(Reason("Enter a title.", "title"))
    if closes_at <= opens_at:
        reasons.append(Reason("The closing date must be after the opening date.", "closes"))
    if reasons:
        raise Blocked(*reasons)


def save_area(
    actor: Actor,
    key: uuid.UUID,
    area_id: int | None,
    *,
    name: str,
    amount: int,
    councils: tuple[str, ...],
    now: dt.datetime,
) -> None:
    """Add or change a share of the pot, in pence. Raises Blocked past the pot."""
    with transaction():
        record = _draft(actor, key)
        area = _area(record, area_id)
        others = record.allocated - (area.amount if area else 0)
        _refuse_area(record, name, amount, councils, others)
        local_rounds.refuse_outside(record, councils)
        if area is None:
            area = AllocationArea(round_id=record.id, name=name.strip(), amount=0)
            db.session.add(area)
            db.session.flush()
        before = {"name": area.name, "amount": area.amount}
        area.name, area.amount, area.is_fictional = name.strip(), amount, record.is_illustrative
        record.allocated = others + amount
        _set_councils(area, councils)
        _record(actor, record, now, before=before, after={"name": area.name, "amount": amount})


def _refuse_area(
    record: Round, name: str, amount: int, councils: tuple[str, ...], others: int
) -> None:
    reasons = []
    if not name.strip():
        reasons.append(Reason("Enter the area's name.", "name"))
    if not councils:
        reasons.append(Reason("Choose at least one council area.", "councils"))
    if others + amount > record.pot:
        reasons.append(Reason("This would give out more than the pot holds.", "amount"))
    if reasons:
        raise Blocked(*reasons)


def remove_area(actor: Actor, key: uuid.UUID, area_id: int, *, now: dt.datetime) -> None:
    """Take a share away from a draft round."""
    with transaction():
        record = _draft(actor, key)
        area = _area(record, area_id)
        if area is None:
            return
        record.allocated -= area.amount
        _record(actor, record, now, before={"name": area.name, "amount": area.amount})
        _set_councils(area, ())
        db.session.execute(
            sa.delete(PanelReaderArea).where(PanelReaderArea.allocation_area_id == area.id)
        )
        db.session.delete(area)


def load_published(actor: Actor, key: uuid.UUID, year: str, *, now: dt.datetime) -> int:
    """Fill a draft that has no areas yet with a published table. Gives the number of areas."""
    with transaction():
        record = _draft(actor, key)
        rows = _published_table(year)
        total = sum(row.pence for row in rows)
        if record.allocated:
            raise Blocked(Reason("This round has areas already. Remove them first."))
        if total > record.pot:
            raise Blocked(Reason("The published table gives out more than this round's pot."))
        for row in rows:
            area = AllocationArea(
                round_id=record.id, name=row.name, amount=row.pence, source=row.source
            )
            db.session.add(area)
            db.session.flush()
            _set_councils(area, row.area_codes)
        record.allocated = total
        _record(actor, record, now, after={"published": year, "areas": len(rows)})
        return len(rows)


def _published_table(year: str) -> tuple[reference.AllocationRow, ...]:
    try:
        return reference.allocations(year)
    except LookupError as error:
        raise Blocked(Reason("Choose a year whose table was published.")) from error


def open_round(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Publish the round: its rulebook is frozen, and its pot and shares stand in the ledger."""
    with transaction():
        record = access.round_(actor, key, Action.OPEN_ROUND, lock=True)
        definition = definitions.working(record)
        move(
            record,
            Action.OPEN_ROUND,
            actor=actor,
            case=access.case_of_round(record),
            now=now,
            checks={
                "definition_incomplete": lambda: [
                    Reason(f"{fault.key}: {fault.sentence}.", fault.part)
                    for fault in faults(from_document(definition.content))
                ],
                "allocations_missing": lambda: [
                    *_allocation_faults(record),
                    *strands.faults(record, from_document(definition.content)),
                ],
            },
            after={"definition": definition.sha256},
        )
        definition.is_published = True
        record.definition_id = definition.id
        record.is_blind = from_document(definition.content).stages.blind
        _write_ledger(record, actor, now)
        strands.make(record, from_document(definition.content))


def _allocation_faults(record: Round) -> list[Reason]:
    if not record.allocated:
        return [Reason("Give at least one area a share of the pot.", "areas")]
    return []


def _write_ledger(record: Round, actor: Actor, now: dt.datetime) -> None:
    areas = db.session.scalars(
        sa.select(AllocationArea).filter_by(round_id=record.id).order_by(AllocationArea.id)
    ).all()
    line = {"at": now, "round_id": record.id, "person_id": actor.person_id}
    db.session.add(LedgerLine(kind=LedgerKind.POT, amount=record.pot, **line))
    db.session.add_all(
        LedgerLine(
            kind=LedgerKind.ALLOCATION, amount=area.amount, allocation_area_id=area.id, **line
        )
        for area in areas
    )


def close_round(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Close the round for good. Drafts stay with their holders."""
    with transaction():
        record = access.round_(actor, key, Action.CLOSE_ROUND, lock=True)
        move(record, Action.CLOSE_ROUND, actor=actor, case=access.case_of_round(record), now=now)


def _draft(actor: Actor, key: uuid.UUID) -> Round:
    record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
    if record.state != RoundState.DRAFT:
        raise MoveNotAllowed("The round is open, so this can't be changed.")
    return record


def _area(record: Round, area_id: int | None) -> AllocationArea | None:
    if area_id is None:
        return None
    area = db.session.scalar(
        sa.select(AllocationArea).where(
            AllocationArea.id == area_id, AllocationArea.round_id == record.id
        )
    )
    if area is None:
        raise NotFound("There is no such area.")
    if db.session.scalar(sa.select(Application.id).filter_by(allocation_area_id=area.id).limit(1)):
        raise MoveNotAllowed("There are applications in this area already.")
    return area


def _set_councils(area: AllocationArea, codes: tuple[str, ...]) -> None:
    db.session.execute(
        sa.delete(AllocationAreaCouncil).where(AllocationAreaCouncil.allocation_area_id == area.id)
    )
    db.session.add_all(
        AllocationAreaCouncil(allocation_area_id=area.id, area_code=code)
        for code in dict.fromkeys(codes)
    )
    db.session.flush()


def _record(
    actor: Actor,
    record: Round,
    now: dt.datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor,
        Action.SET_UP_ROUND,
        ("round", record.id, record.reference),
        now=now,
        before=before,
        after=after,
    )
