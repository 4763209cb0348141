"""Local rounds: a partnership opens its own round whose pot is a part of its accepted award."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Contact, Fund
from grants.funds.loader import all_funds
from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries import balances
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.local_form import LocalFunder, at_local_tier
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.permissions import Case, may
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import AwardState, Tier
from grants.services import access, definitions
from grants.services.transaction import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocalRound:
    """What is needed to begin one. ``pot`` is in pence; ``areas`` are sub-areas' (name, pence)."""

    title: str
    opens_at: dt.datetime
    closes_at: dt.datetime
    pot: Pence
    areas: tuple[tuple[str, Pence], ...] = ()


def create_local(
    actor: Actor, award_key: uuid.UUID, new: NewLocalRound, *, now: dt.datetime
) -> uuid.UUID:
    """A draft round whose pot is set aside from the award; without ``areas`` it has one, the whole.

    Raises NotFound for an award that is not the own organisation's, MoveNotAllowed unless it is
    accepted, Blocked for wrong dates and beyond what the award has for local rounds.
    """
    with transaction():
        award, application, above = _award(actor, award_key)
        if award.state != AwardState.ACCEPTED:
            raise MoveNotAllowed("A local round can be opened from an accepted award alone.")
        reasons = _wrong(new)
        if reasons:
            raise Blocked(*reasons)
        _set_aside(award, new.pot)
        record = _row(award, application, above, new)
        _make_areas(award, record, new)
        fund = _rulebook(actor, award, application, above)
        definitions.add(record, fund, now=now)
        audit.record(
            actor,
            Action.SET_UP_ROUND,
            ("round", record.id, record.reference),
            now=now,
            after={"title": record.title, "pot": record.pot, "award": award.reference},
        )
        return record.key


def refuse_outside(record: Round, councils: Sequence[str]) -> None:
    """A local round covers places of its award alone. Raises Blocked. Inside ``transaction()``."""
    if record.parent_award_id is None:
        return
    award = db.session.get_one(Award, record.parent_award_id)
    if set(councils) - set(_councils(award.allocation_area_id)):
        raise Blocked(Reason("Choose council areas that the award covers.", "councils"))


def _award(actor: Actor, key: uuid.UUID) -> tuple[Award, Application, Round]:
    """The award, locked, where this person sets up rounds for the organisation that holds it."""
    row = db.session.execute(
        sa.select(Award, Application, Round)
        .join(Application, Application.id == Award.application_id)
        .join(Round, Round.id == Award.round_id)
        .where(Award.key == key, Round.tier == Tier.NATIONAL)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(access.NO_SUCH)
    award, application, above = row[0], row[1], row[2]
    case = Case(fund=above.fund, funder_id=application.organisation_id, is_local=True)
    if not may(actor, Action.SET_UP_ROUND, case):
        raise NotFound(access.NO_SUCH)
    return award, application, above


def _wrong(new: NewLocalRound) -> list[Reason]:
    reasons = []
    if not new.title.strip():
        reasons.append(Reason("Enter a title.", "title"))
    if new.closes_at <= new.opens_at:
        reasons.append(Reason("The closing date must be after the opening date.", "closes"))
    if new.pot <= 0:
        reasons.append(Reason("Enter how much of the award this round gives out.", "pot"))
    if sum(amount for _, amount in new.areas) > new.pot:
        reasons.append(Reason("The shares of the areas come to more than the pot.", "areas"))
    names = [name.strip() for name, _ in new.areas]
    if not all(names) or len(set(names)) < len(names):
        reasons.append(Reason("Give each area a name of its own.", "areas"))
    return reasons


def _set_aside(award: Award, pot: Pence) -> None:
    """The one statement on which it rests: the award changes only where the money is there."""
    raised = db.session.execute(
        sa.update(Award)
        .where(
            Award.id == award.id,
            Award.own_costs
            + Award.onward
            + Award.local_pots
            + Award.recovered
            + balances.offered(Award)
            + pot
            <= Award.amount,
        )
        .values(local_pots=Award.local_pots + pot)
        .returning(Award.id)
        .execution_options(synchronize_session=False)
    )
    if not raised.all():
        taken = award.own_costs + award.onward + award.local_pots + award.recovered
        left = max(award.amount - taken, 0)
        text = f"No more than {pounds(left)} of the award is left for local rounds."
        raise Blocked(Reason(text, "pot"))


def _row(award: Award, application: Application, above: Round, new: NewLocalRound) -> Round:
    count = sa.select(sa.func.count()).where(Round.parent_award_id == award.id)
    last = sa.select(sa.func.max(Round.number)).where(
        Round.organisation_id == application.organisation_id,
        Round.fund == above.fund,
        Round.fund_year == above.fund_year,
    )
    record = Round(
        reference=f"{application.reference}-L{(db.session.scalar(count) or 0) + 1}",
        title=new.title.strip(),
        fund=above.fund,
        fund_year=above.fund_year,
        number=(db.session.scalar(last) or 0) + 1,
        tier=Tier.LOCAL,
        organisation_id=application.organisation_id,
        parent_award_id=award.id,
        opens_at=new.opens_at,
        closes_at=new.closes_at,
        pot=new.pot,
        is_illustrative=above.is_illustrative,
        note=above.note,
        rehearsal_id=above.rehearsal_id,
    )
    db.session.add(record)
    db.session.flush()
    return record


def _make_areas(award: Award, record: Round, new: NewLocalRound) -> None:
    whole = db.session.get_one(AllocationArea, award.allocation_area_id)
    codes = _councils(whole.id)
    for name, amount in new.areas or ((whole.name, new.pot),):
        area = AllocationArea(
            round_id=record.id,
            name=name.strip(),
            amount=amount,
            source=f"Award {award.reference}",
            is_fictional=whole.is_fictional,
        )
        db.session.add(area)
        db.session.flush()
        db.session.add_all(
            AllocationAreaCouncil(allocation_area_id=area.id, area_code=code) for code in codes
        )
        record.allocated = (record.allocated or 0) + amount
    db.session.flush()


def _councils(area_id: int) -> Sequence[str]:
    return db.session.scalars(
        sa.select(AllocationAreaCouncil.area_code)
        .where(AllocationAreaCouncil.allocation_area_id == area_id)
        .order_by(AllocationAreaCouncil.area_code)
    ).all()


def _rulebook(actor: Actor, award: Award, application: Application, above: Round) -> Fund:
    """As the national round froze it, so that core questions, lists and return dates are the same."""
    fund = fund_of(actor, application.definition_id)
    shipped = all_funds().get(above.fund)
    if fund.local is None and shipped is not None:
        fund = replace(fund, local=shipped.local)
    partnership = db.session.get_one(Organisation, application.organisation_id)
    answered = award.answered_at or award.decided_at
    day = f", accepted on {dates.describe_day(dates.today(answered))}" if answered else ""
    return at_local_tier(
        fund,
        LocalFunder(
            name=partnership.name,
            legal_power=f"award {award.reference} from {fund.funder}{day}",
            contact=Contact(
                name=partnership.name,
                email=partnership.email or fund.contact.email,
                phone=partnership.phone or fund.contact.phone,
            ),
        ),
    )
