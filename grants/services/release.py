"""Releasing outcomes: all of a round together, by a person who recommended none, counted by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.round import Round
from grants.queries import balances
from grants.queries import visible as v
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import Case
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import AwardState, Tier
from grants.services import access
from grants.services.moving import move
from grants.services.transaction import transaction

DECIDED = (AwardState.APPROVED, AwardState.REFUSED)
INTEREST = (
    "You have an interest in an application to this round, so another approver must release "
    "its outcomes: they are released together."
)
Row = tuple[Award, Application, Round]


def release(actor: Actor, round_key: uuid.UUID, *, typed: str, now: dt.datetime) -> int:
    """Tell every applicant of a round whose award is decided, in one transaction.

    ``typed`` is the number of outcomes as the person typed it: it must be how many there are now.
    Returns how many were released; pressing the button twice releases nothing more. Raises Blocked.
    """
    with transaction():
        record = access.round_(actor, round_key, Action.READ_ROUND, lock=True)
        _refuse_interest(actor, record)
        rows = _decided(actor, round_key)
        if not rows and _has_released(actor, round_key):
            return 0
        _check(actor, rows, typed)
        for award, application, round_record in rows:
            _release(actor, award, application, round_record, now)
    return len(rows)


def _decided(actor: Actor, round_key: uuid.UUID) -> list[Row]:
    """Every decided award of the round, one's own recommendations too, so that they can stop it."""
    result: Any = db.session.execute(
        v.awards_of(Award, Application, Round)
        .where(
            Round.key == round_key,
            Award.state.in_(DECIDED),
            v.visible(actor, Action.READ_DECISION),
        )
        .order_by(Award.reference)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    )
    return [(award, application, record) for award, application, record in result]


def _has_released(actor: Actor, round_key: uuid.UUID) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Award.round_id == Round.id,
                    Round.key == round_key,
                    Award.released_by == actor.person_id,
                )
            )
        )
    )


def _check(actor: Actor, rows: list[Row], typed: str) -> None:
    if not rows:
        raise Blocked(Reason("There is no decided outcome to release.", "typed"))
    own = [award.reference for award, _, _ in rows if award.recommended_by == actor.person_id]
    if own:
        text = f"You recommended {', '.join(own)}, so somebody else must release this round."
        raise Blocked(Reason(text, "typed"))
    if typed.strip() != str(len(rows)):
        text = f"Type the number of outcomes that you are about to release: {len(rows)}."
        raise Blocked(Reason(text, "typed"))


def _release(
    actor: Actor, award: Award, application: Application, round_record: Round, now: dt.datetime
) -> None:
    fund = fund_of(actor, application.definition_id)
    award.released_by, award.released_at = actor.person_id, now
    if award.state == AwardState.APPROVED:
        award.accept_by = dates.accept_by(now, fund.settings.acceptance_days)
    case = Case(
        fund=round_record.fund,
        funder_id=round_record.organisation_id,
        is_local=round_record.tier == Tier.LOCAL,
        applicant_id=application.organisation_id,
        application=application.state,
        was_sent=True,
        award=award.state,
        recommended_by=award.recommended_by,
    )
    move(award, Action.RELEASE, actor=actor, case=case, now=now, about=application)


def _refuse_interest(actor: Actor, record: Round) -> None:
    """What is hidden from this person would stay behind, so they release nothing.

    It hangs on what they declared themselves, never on what became of it.
    """
    if db.session.scalar(sa.select(balances.has_interest_in_round(actor, record.id))):
        raise Blocked(Reason(INTEREST, "typed"))
