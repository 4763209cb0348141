"""Scenarios of a round's funding line: pinned, kept by name and copied. Adopting is in adoption.py."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application, BudgetLine, ProposedProject
from grants.models.round import Round
from grants.models.scenario import Scenario, ScenarioPin
from grants.queries import candidates, rounds
from grants.queries import scenarios as queries
from grants.queries.definitions import departures_of, fund_of
from grants.rules.actions import Action
from grants.rules.funding_line import Choice, check_total
from grants.rules.money import Pence
from grants.rules.people import Actor
from grants.rules.recommendation import Recommendation, undeparted
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason
from grants.rules.states import LineDecision
from grants.services import access
from grants.services.transaction import transaction

NOT_YOURS = "This scenario is somebody else's or was adopted. Copy it, then change your copy."
LONGEST = 100  # letters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the line is drawn at the moment: what a scenario keeps of the page."""

    measure: str
    budgets: Mapping[str, Pence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What a person wants of one line. No decision takes the pin away."""

    application: uuid.UUID
    row: str
    decision: LineDecision | None
    amount: Pence = 0
    reason: str = ""


def pin(
    actor: Actor,
    round_key: uuid.UUID,
    wanted: Pinned,
    view: View,
    *,
    scenario: uuid.UUID | None = None,
    now: dt.datetime,
) -> uuid.UUID:
    """Put a line in, in part, in reserve or out by hand. Returns the scenario that now holds it.

    Without a scenario it is one's own that is being worked on. Raises Blocked for an amount or a
    reason that will not do, Forbidden for a scenario that one may not change.
    """
    with transaction():
        record = access.round_(actor, round_key, Action.PLAN_AWARDS, lock=True)
        target = _target(actor, record, scenario, view, now)
        found = access.application(actor, wanted.application, Action.RECOMMEND)
        if found.round.id != record.id:
            raise NotFound(access.NO_SUCH)
        kept = db.session.scalar(
            sa.select(ScenarioPin).where(
                ScenarioPin.scenario_id == target.id,
                ScenarioPin.application_id == found.thing.id,
                ScenarioPin.row == wanted.row,
            )
        )
        if wanted.decision is None:
            if kept is not None:
                db.session.delete(kept)
        else:
            _check(actor, found.thing, wanted)
            kept = kept or ScenarioPin(
                scenario_id=target.id, application_id=found.thing.id, row=wanted.row
            )
            kept.decision, kept.reason = wanted.decision, wanted.reason
            kept.amount = wanted.amount if wanted.decision == LineDecision.PART else 0
            db.session.add(kept)
        _refresh(actor, target, view, now)
        return target.key


def keep(
    actor: Actor,
    round_key: uuid.UUID,
    name: str,
    view: View,
    *,
    source: uuid.UUID | None = None,
    now: dt.datetime,
) -> uuid.UUID:
    """Keep what is on the workbench by name: a new scenario with the pins of ``source``.

    What one is working on becomes the named one, and the next begins empty. Sent twice, it is kept
    once. Raises Blocked.
    """
    with transaction():
        record = access.round_(actor, round_key, Action.PLAN_AWARDS, lock=True)
        name = _checked_name(name)
        origin = _source(actor, record, source)
        if (taken := _of_name(actor, record, name)) is not None:
            if _is_kept(taken, origin, view):
                return taken.key
            raise Blocked(Reason("You have a scenario of this name. Choose another.", "name"))
        if origin is not None and not origin.name:
            made = origin
        else:
            made = _made(actor, record, view, now)
            _copy_pins(origin, made)
        made.name, made.made_at = name, now
        _refresh(actor, made, view, now)
        after = {"name": name, "measure": view.measure, "budgets": dict(view.budgets)}
        audit.record(
            actor, "keep-scenario", ("scenario", made.id, record.reference), now=now, after=after
        )
        return made.key


def clear(actor: Actor, round_key: uuid.UUID) -> None:
    """Begin again with an empty workbench: what one was working on and did not keep goes."""
    with transaction():
        record = access.round_(actor, round_key, Action.PLAN_AWARDS)
        mine = _working(actor, record)
        if mine is not None:
            db.session.execute(sa.delete(ScenarioPin).where(ScenarioPin.scenario_id == mine.id))
            db.session.delete(mine)


def _target(
    actor: Actor, record: Round, key: uuid.UUID | None, view: View, now: dt.datetime
) -> Scenario:
    if key is None:
        return _working(actor, record) or _made(actor, record, view, now)
    found, at = access.scenario(actor, key, Action.PLAN_AWARDS, lock=True)
    if at.id != record.id:
        raise NotFound(access.NO_SUCH)
    if found.made_by != actor.person_id or found.adopted_at is not None:
        raise Forbidden(NOT_YOURS)
    return found


def _source(actor: Actor, record: Round, key: uuid.UUID | None) -> Scenario | None:
    if key is None:
        return _working(actor, record)
    found, at = access.scenario(actor, key, Action.PLAN_AWARDS)
    if at.id != record.id:
        raise NotFound(access.NO_SUCH)
    return found


def _working(actor: Actor, record: Round) -> Scenario | None:
    return db.session.scalar(
        sa.select(Scenario).where(
            Scenario.round_id == record.id,
            Scenario.made_by == actor.person_id,
            Scenario.name == "",
        )
    )


def _made(actor: Actor, record: Round, view: View, now: dt.datetime) -> Scenario:
    made = Scenario(
        key=uuid.uuid4(),
        round_id=record.id,
        name="",
        measure=view.measure,
        budgets=dict(view.budgets),
        basis={},
        made_by=actor.person_id,
        made_at=now,
        changed_at=now,
        reserves=[],
    )
    db.session.add(made)
    db.session.flush()
    return made


def _refresh(actor: Actor, made: Scenario, view: View, now: dt.datetime) -> None:
    """Write down how it is drawn, and from what."""
    round_key = db.session.get_one(Round, made.round_id).key
    row = rounds.one(actor, round_key, Action.PLAN_AWARDS)
    fund = fund_of(actor, row.definition_id)
    listed = candidates.of_round(actor, row, fund, view.measure).listed
    made.measure, made.budgets, made.changed_at = view.measure, dict(view.budgets), now
    made.basis = queries.basis_of(row, rounds.areas(actor, row), listed)


def _copy_pins(origin: Scenario | None, made: Scenario) -> None:
    if origin is None:
        return
    pins = db.session.scalars(sa.select(ScenarioPin).where(ScenarioPin.scenario_id == origin.id))
    db.session.add_all(
        ScenarioPin(
            scenario_id=made.id,
            application_id=one.application_id,
            row=one.row,
            decision=one.decision,
            amount=one.amount,
            reason=one.reason,
        )
        for one in pins.all()
    )


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Blocked(Reason("Give the scenario a name.", "name"))
    if len(name) > LONGEST:
        raise Blocked(Reason(f"Use {LONGEST} letters or fewer for the name.", "name"))
    return name


def _of_name(actor: Actor, record: Round, name: str) -> Scenario | None:
    return db.session.scalar(
        sa.select(Scenario).where(
            Scenario.round_id == record.id,
            Scenario.made_by == actor.person_id,
            Scenario.name == name,
        )
    )


def _is_kept(taken: Scenario, origin: Scenario | None, view: View) -> bool:
    """Whether nothing would be kept that does not stand there: sent twice, it is kept once.

    The first time what was worked on became the named one, so the second time nothing is.
    """
    is_same = (taken.measure, taken.budgets) == (view.measure, dict(view.budgets))
    return is_same and (origin is None or _pins(origin) == _pins(taken))


def _pins(of: Scenario) -> set[tuple[int, str, LineDecision, Pence, str]]:
    held = db.session.scalars(sa.select(ScenarioPin).where(ScenarioPin.scenario_id == of.id))
    return {(one.application_id, one.row, one.decision, one.amount, one.reason) for one in held}


def _check(actor: Actor, made: Application, wanted: Pinned) -> None:
    line = db.session.scalar(
        sa.select(ProposedProject).where(
            ProposedProject.application_id == made.id, ProposedProject.row == wanted.row
        )
    )
    if line is None and (wanted.row != candidates.WHOLE or made.projects_count):
        raise NotFound(access.NO_SUCH)
    asked, smallest = (line.asked, line.minimum or line.asked) if line else (_own(made),) * 2
    amount = {LineDecision.FULL: asked, LineDecision.PART: wanted.amount}.get(
        wanted.decision or LineDecision.UNDECIDED, 0
    )
    choice = Choice(
        key="amount",
        decision=wanted.decision or LineDecision.UNDECIDED,
        amount=amount,
        asked=asked,
        smallest=smallest,
        title=line.title if line else made.title,
    )
    check_total([choice], 0)
    departing = Recommendation(is_award=True, departure=wanted.reason)
    listed = departures_of(fund_of(actor, made.definition_id))
    if faults := undeparted(departing, listed):
        raise Blocked(*faults)


def _own(made: Application) -> Pence:
    own = sa.select(sa.func.coalesce(sa.func.sum(BudgetLine.amount), 0)).where(
        BudgetLine.application_id == made.id, BudgetLine.is_onward.is_(False)
    )
    return int(db.session.scalar(own) or 0)
