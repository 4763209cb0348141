"""What follows an offer: the signatory accepts it or turns it down, or its time runs out."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.project import Project
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import AwardState, LetterState, ReturnState
from grants.services import access, additions, award_projects, ledger
from grants.services.moving import move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]


def accept(
    actor: Actor, key: uuid.UUID, *, typed_name: str, agrees: bool, now: dt.datetime
) -> None:
    """Accept the offer, once, in time, in one's own name: its projects and returns begin to exist.

    Accepting twice is accepting once. Raises Blocked without a name, a declaration or a letter, and
    when the day to accept by is over.
    """
    with transaction():
        found = access.award(actor, key, Action.ACCEPT, lock=True)
        award = found.thing
        if award.state == AwardState.ACCEPTED and award.answered_by == actor.person_id:
            return
        check_signature(actor, typed_name, agrees=agrees)
        move(
            award,
            Action.ACCEPT,
            actor=actor,
            case=found.case,
            now=now,
            checks={
                "letter_not_issued": lambda: letter_not_issued(award),
                "offer_expired": lambda: offer_expired(award.accept_by, now),
            },
            after={"amount": award.amount, "signed": typed_name.strip(), "declared": True},
            about=found.application,
        )
        award.answered_by, award.answered_at = actor.person_id, now
        additions.follow(actor, (award, found.case), Action.ACCEPT, now=now)
        award_projects.make(actor, found, None, now)


def decline(
    actor: Actor, key: uuid.UUID, *, reason: str, typed_name: str, now: dt.datetime
) -> None:
    """Turn the offer down: its money is free for others. Doing it twice is doing it once."""
    with transaction():
        found = access.award(actor, key, Action.DECLINE_OFFER, lock=True)
        award = found.thing
        if award.state == AwardState.OFFER_DECLINED and award.answered_by == actor.person_id:
            return
        check_signature(actor, typed_name, agrees=True)
        move(
            award,
            Action.DECLINE_OFFER,
            actor=actor,
            case=found.case,
            now=now,
            reason=reason,
            after={"signed": typed_name.strip()},
            about=found.application,
        )
        award.answered_by, award.answered_at = actor.person_id, now
        of = (award, found.case)
        additions.follow(actor, of, Action.DECLINE_OFFER, reason=reason, now=now)
        ledger.give_back(award, actor, now=now, note="Offer declined")


def lapse(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let an offer lapse once the day to accept by is over: its money is free for others."""
    with transaction():
        found = access.award(actor, key, Action.LAPSE, lock=True)
        if found.thing.state != AwardState.LAPSED:
            _lapse(actor, found.thing, found.application, found.case, now)


def lapse_overdue(*, now: dt.datetime) -> int:
    """Let every offer lapse whose day is over: the clock's work at night. Returns how many."""
    with transaction():
        rows = db.session.execute(
            sa.select(Award, Application)
            .join(Application, Application.id == Award.application_id)
            .where(Award.state == AwardState.RELEASED, Award.accept_by < dates.today(now))
            .order_by(Award.id)
            .with_for_update(of=Award)
            .execution_options(populate_existing=True)
        ).all()
        for award, application in rows:
            _lapse(CLOCK, award, application, Case(), now)
    return len(rows)


def close(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Close an award once every return of its projects is accepted."""
    with transaction():
        found = access.award(actor, key, Action.CLOSE, lock=True)
        if found.thing.state == AwardState.CLOSED:
            return
        move(
            found.thing,
            Action.CLOSE,
            actor=actor,
            case=found.case,
            now=now,
            checks={"returns_outstanding": lambda: _outstanding(found.thing)},
        )


def _lapse(
    actor: Actor, award: Award, application: Application, case: Case, now: dt.datetime
) -> None:
    move(
        award,
        Action.LAPSE,
        actor=actor,
        case=case,
        now=now,
        checks={"offer_still_open": lambda: _offer_still_open(award, now)},
        about=application,
    )
    additions.follow(actor, (award, case), Action.LAPSE, now=now)
    ledger.give_back(award, actor, now=now, note="Offer lapsed")


def check_signature(actor: Actor, typed_name: str, *, agrees: bool) -> None:
    """Raises Blocked unless the person typed their own name, and agreed."""
    reasons = []
    if award_projects.folded(typed_name) != award_projects.folded(actor.name):
        text = f"Type your name as it stands on your account: {actor.name}."
        reasons.append(Reason(text, "typed_name"))
    if not agrees:
        text = "Confirm that you may sign for the organisation and agree to the conditions."
        reasons.append(Reason(text, "agrees"))
    if reasons:
        raise Blocked(*reasons)


def letter_not_issued(award: Award) -> Reasons:
    """Why an offer cannot be answered yet: its letter, as the award is now, is not in force."""
    is_issued = sa.exists().where(Letter.award_id == award.id, Letter.state == LetterState.ISSUED)
    if db.session.scalar(sa.select(is_issued)):
        return ()
    return (Reason("Your letter has not been issued yet. We will write to you when it is."),)


def offer_expired(accept_by: dt.date | None, now: dt.datetime) -> Reasons:
    """Why it is too late for an offer that could be accepted until this day."""
    if accept_by is None or not dates.is_past(accept_by, now):
        return ()
    text = f"The offer could be accepted until {dates.describe_day(accept_by)}."
    return (Reason(f"{text} Ask the fund what can be done."),)


def _offer_still_open(award: Award, now: dt.datetime) -> Reasons:
    if award.accept_by is not None and dates.is_past(award.accept_by, now):
        return ()
    when = dates.describe_day(award.accept_by) if award.accept_by else "a day to come"
    return (Reason(f"The offer may still be accepted until {when}."),)


def _outstanding(award: Award) -> Reasons:
    if additions.has_open(award):
        return (Reason("A project in reserve is about to join it."), *_returns_outstanding(award))
    return _returns_outstanding(award)


def _returns_outstanding(award: Award) -> Reasons:
    waiting = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(OutcomeReturn)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .join(Project, Project.id == ReturnObligation.project_id)
        .where(
            sa.or_(Project.award_id == award.id, Project.local_award_id == award.id),
            OutcomeReturn.state != ReturnState.ACCEPTED,
        )
    )
    if not waiting:
        return ()
    return (Reason(f"Returns that are not accepted yet: {waiting}."),)
