"""Promoting from the reserve list when money comes free: a recommendation like any other."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

from grants import audit
from grants.models.award import Award
from grants.queries import reserves as queries
from grants.queries.reserves import ReserveRow, Reserves
from grants.rules.actions import Action
from grants.rules.money import Pence, pounds
from grants.rules.people import Actor
from grants.rules.recommendation import LineChoice, Recommendation
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import LineDecision
from grants.services import access, additions, already, recommended, recommending
from grants.services.access import Found
from grants.services.transaction import transaction

PROMOTE = "promote"
SKIPS = "Others come before it and the money reaches them. Choose a reason to pass them by."


def promote(
    actor: Actor,
    round_key: uuid.UUID,
    award_key: uuid.UUID,
    row: str,
    *,
    departure: str = "",
    now: dt.datetime,
) -> Pence:
    """Recommend a project in reserve, in full or for the workable part that is left. Returns pence.

    Whoever is passed by makes it a departure from rank: that takes a reason. Others approve it.
    Raises Blocked where the money does not suffice, MoveNotAllowed where it is no longer in reserve.
    """
    with transaction():
        access.round_(actor, round_key, Action.PLAN_AWARDS, lock=True)
        found = access.award(actor, award_key, Action.RECOMMEND, lock=True)
        if found.round.key != round_key:
            raise NotFound(access.NO_SUCH)
        if (given := _promoted(actor, found.thing, row)) is not None:
            return given
        listed = queries.of_round(actor, round_key)
        one = _one(listed, award_key, row)
        if one.why_not:
            raise MoveNotAllowed(one.why_not)
        if not one.fits:
            least = pounds(one.smallest + one.own_costs)
            raise Blocked(Reason(f"It needs at least {least}, and that is not left.", "row"))
        if not one.is_next and not departure:
            raise Blocked(Reason(SKIPS, "departure"))
        _recommend(actor, found, one, departure, now)
        after = {"row": row, "amount": one.fits, "in_order": one.is_next}
        about = ("award", found.thing.id, found.thing.reference)
        audit.record(actor, PROMOTE, about, now=now, after=after, reason=departure)
        return one.fits


def _recommend(
    actor: Actor, found: Found[Award], one: ReserveRow, departure: str, now: dt.datetime
) -> None:
    """Within the award's own recommendation, or to join it where its outcome is out already."""
    if found.thing.state in additions.JOINS:
        is_full = one.fits == one.asked
        decision = LineDecision.FULL if is_full else LineDecision.PART
        choice = LineChoice(row=one.row, decision=decision, amount=one.fits)
        additions.recommend(actor, found, choice, departure=departure, now=now)
        return
    wanted = _wanted(found.thing, one, departure)
    recommending.recommend(actor, found.thing.key, wanted, now=now)


def _promoted(actor: Actor, award: Award, row: str) -> Pence | None:
    """What this person promoted the row to, where that was the last done: sent twice, it is once."""
    last = already.last(actor, PROMOTE, "award", award.id)
    if last is None or (last.after or {}).get("row") != row:
        return None
    if award.state in additions.JOINS and not additions.is_waiting(award, row):
        return None
    return int((last.after or {})["amount"])


def _one(listed: Reserves, award_key: uuid.UUID, row: str) -> ReserveRow:
    for one in listed.rows:
        if (one.award_key, one.row) == (award_key, row):
            return one
    raise MoveNotAllowed("It is no longer in reserve.")


def _wanted(award: Award, one: ReserveRow, departure: str) -> Recommendation:
    lines = recommended.lines_of(award)
    was = recommended.as_recommended(award, lines)
    budget = recommended.budget_of(award)
    asked = sum(line.amount for line in budget if not line.is_onward)
    asked += sum(line.asked for line in lines)
    choices = tuple(_raised(line, one) if line.row == one.row else line for line in was.lines)
    wanted = replace(
        was,
        is_award=True,
        own_costs=was.own_costs + one.own_costs,
        lines=choices,
        departure=departure or was.departure,
    )
    reasons = [line.reason for line in wanted.lines if line.reason]
    less = was.reason or (reasons[0] if reasons else "")
    return replace(wanted, reason=less if wanted.amount < asked else "")


def _raised(line: LineChoice, one: ReserveRow) -> LineChoice:
    if one.fits == one.asked:
        return LineChoice(row=line.row, decision=LineDecision.FULL, amount=one.fits)
    return replace(line, decision=LineDecision.PART, amount=one.fits)
