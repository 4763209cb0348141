"""Releasing outcomes: all of a round together, by a person who recommended none, counted by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
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
from grants.services import access, joining
from grants.services.moving import move
from grants.services.transaction import transaction

DECIDED = (AwardState.APPROVED, AwardState.REFUSED)
INTEREST = (
    "You have an interest in an application to this round, so another approver must release "
    "its outcomes: they are released together."
)
Row = tuple[Award, Application, Round]


def release(actor: Actor, round_key: uuid.UUID, *, typed: str, now: dt.datetime) -> int:
    """Tell every applicant of a round whose award, or an addition to it, is decided; all together.

    ``typed`` is the number of outcomes as the person typed it: it must be how many there are now.
    Returns how many were released; pressing the button twice releases nothing more. Raises Blocked.
    """
    with transaction():
        record = access.round_(actor, round_key, Action.READ_ROUND, lock=True)
        _refuse_interest(actor, record)
        rows, added = _decided(actor, round_key), joining.waiting(actor, round_key)
        if not (rows or added) and _has_released(actor, round_key):
            return 0
        _check(actor, rows, added, typed)
        for award, application, round_record in rows:
            _release(actor, award, application, round_record, now)
        for row in added:
            joining.release(actor, row, _case(*row[1:]), now)
    return len(rows) + len(added)


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
    here = sa.and_(Award.round_id == Round.id, Round.key == round_key)
    ways = (
        sa.exists().where(here, Award.released_by == actor.person_id),
        sa.exists().where(
            here, Addition.award_id == Award.id, Addition.released_by == actor.person_id
        ),
    )
    return bool(db.session.scalar(sa.select(sa.or_(*ways))))


def _check(actor: Actor, rows: list[Row], added: list[joining.Row], typed: str) -> None:
    count = len(rows) + len(added)
    if not count:
        raise Blocked(Reason("There is no decided outcome to release.", "typed"))
    own = [award.reference for award, _, _ in rows if award.recommended_by == actor.person_id]
    own += [award.reference for one, award, *_ in added if one.recommended_by == actor.person_id]
    if own:
        text = f"You recommended {', '.join(own)}, so somebody else must release this round."
        raise Blocked(Reason(text, "typed"))
    if typed.strip() != str(count):
        text = f"Type the number of outcomes that you are about to release: {count}."
        raise Blocked(Reason(text, "typed"))


def _release(
    actor: Actor, award: Award, application: Application, round_record: Round, now: dt.datetime
) -> None:
    fund = fund_of(actor, application.definition_id)
    award.released_by, award.released_at = actor.person_id, now
    if award.state == AwardState.APPROVED:
        award.accept_by = dates.accept_by(now, fund.settings.acceptance_days)
    case = _case(award, application, round_record)
    move(award, Action.RELEASE, actor=actor, case=case, now=now, about=application)


def _case(award: Award, application: Application, round_record: Round) -> Case:
    return Case(
        fund=round_record.fund,
        funder_id=round_record.organisation_id,
        is_local=round_record.tier == Tier.LOCAL,
        applicant_id=application.organisation_id,
        application=application.state,
        was_sent=True,
        award=award.state,
        recommended_by=award.recommended_by,
    )


def _refuse_interest(actor: Actor, record: Round) -> None:
    """What is hidden from this person would stay behind, so they release nothing.

    It hangs on what they declared themselves, never on what became of it.
    """
    if db.session.scalar(sa.select(balances.has_interest_in_round(actor, record.id))):
        raise Blocked(Reason(INTEREST, "typed"))
