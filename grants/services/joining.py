"""A project in reserve joins its released award: told, answered, or taken off it again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application, ProposedProject
from grants.models.award import Award
from grants.models.round import Round
from grants.queries import visible as v
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules import recommendation as rule
from grants.rules.actions import Action
from grants.rules.money import Pence
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case
from grants.rules.refusals import MoveNotAllowed
from grants.rules.states import AdditionState, AwardState, LineDecision
from grants.services import accept as awards
from grants.services import access, award_projects, ledger, letters, recommended, strands
from grants.services.access import Found
from grants.services.additions import parts_of
from grants.services.moving import move
from grants.services.transaction import transaction

Row = tuple[Addition, Award, Application, Round]
CHANGED = "The award has changed: {why}"
WITH_OFFER = "It is part of the offer: answer that."


def accept(
    actor: Actor,
    award_key: uuid.UUID,
    key: uuid.UUID,
    *,
    typed_name: str,
    agrees: bool,
    now: dt.datetime,
) -> None:
    """Accept an addition to an accepted award, as an offer is accepted: its project begins to exist."""
    with transaction():
        record, found = access.addition(actor, award_key, key, Action.ACCEPT)
        if record.state == AdditionState.ACCEPTED and record.answered_by == actor.person_id:
            return
        awards.check_signature(actor, typed_name, agrees=agrees)
        _refuse_with_offer(found.thing)
        move(
            record,
            Action.ACCEPT,
            actor=actor,
            case=found.case,
            now=now,
            checks={
                "letter_not_issued": lambda: awards.letter_not_issued(found.thing),
                "offer_expired": lambda: awards.offer_expired(record.accept_by, now),
            },
            after={"amount": record.amount, "signed": typed_name.strip(), "declared": True},
            about=found.application,
        )
        record.answered_by, record.answered_at = actor.person_id, now
        award_projects.make(actor, found, [_line(record)], now)


def decline(
    actor: Actor,
    award_key: uuid.UUID,
    key: uuid.UUID,
    *,
    reason: str,
    typed_name: str,
    now: dt.datetime,
) -> None:
    """Turn an addition down: the award is without it, and its money is free for others."""
    with transaction():
        record, found = access.addition(actor, award_key, key, Action.DECLINE_OFFER)
        if record.state == AdditionState.DECLINED and record.answered_by == actor.person_id:
            return
        awards.check_signature(actor, typed_name, agrees=True)
        _refuse_with_offer(found.thing)
        move(
            record,
            Action.DECLINE_OFFER,
            actor=actor,
            case=found.case,
            now=now,
            reason=reason,
            after={"signed": typed_name.strip()},
            about=found.application,
        )
        record.answered_by, record.answered_at = actor.person_id, now
        _take_off(actor, record, found, note="Addition declined", now=now)


def lapse_overdue(*, now: dt.datetime) -> int:
    """Let every addition to an accepted award lapse whose day is over. Returns how many."""
    with transaction():
        rows = db.session.execute(
            sa.select(Addition, Award, Application, Round)
            .join(Award, Award.id == Addition.award_id)
            .join(Application, Application.id == Award.application_id)
            .join(Round, Round.id == Award.round_id)
            .where(
                Addition.state == AdditionState.RELEASED,
                Addition.accept_by < dates.today(now),
                Award.state == AwardState.ACCEPTED,
            )
            .order_by(Award.id, Addition.id)
            .with_for_update(of=(Award, Addition))
            .execution_options(populate_existing=True)
        ).all()
        for record, award, application, at in rows:
            found = Found(thing=award, round=at, application=application, award=award, case=Case())
            move(
                record,
                Action.LAPSE,
                actor=CLOCK,
                case=found.case,
                now=now,
                checks={"offer_still_open": lambda: ()},
                about=application,
            )
            _take_off(CLOCK, record, found, note="Addition lapsed", now=now)
    return len(rows)


def waiting(actor: Actor, round_key: uuid.UUID) -> list[Row]:
    """Every approved addition of a round that this person may know of, to be released; locked."""
    rows: Any = db.session.execute(
        v.awards_of(Award, Application, Round)
        .add_columns(Addition)
        .join(Addition, Addition.award_id == Award.id)
        .where(
            Round.key == round_key,
            Addition.state == AdditionState.APPROVED,
            v.visible(actor, Action.READ_DECISION),
        )
        .order_by(Award.reference, Addition.id)
        .with_for_update(of=(Award, Addition))
        .execution_options(populate_existing=True)
    )
    return [(record, award, application, at) for award, application, at, record in rows]


def release(actor: Actor, row: Row, case: Case, now: dt.datetime) -> None:
    """Tell the applicant of an addition: from now on the award has it. Inside ``transaction()``."""
    record, award, application, round_record = row
    settings = fund_of(actor, application.definition_id).settings
    record.released_by, record.released_at = actor.person_id, now
    record.accept_by = dates.accept_by(now, settings.acceptance_days)
    move(record, Action.RELEASE, actor=actor, case=case, now=now, about=application)
    line = _line(record)
    is_full = record.amount == line.asked
    line.decision = LineDecision.FULL if is_full else LineDecision.PART
    line.amount, line.reserve_place = record.amount, None
    line.reason = "" if is_full else record.reason
    if award.state == AwardState.RELEASED:
        award.accept_by = record.accept_by
    strands.change(award, record.budget_strand_id, record.amount)
    found = Found(thing=award, round=round_record, application=application, award=award, case=case)
    _rewrite(actor, found, record.amount, "a project in reserve has joined it.", now)


def _take_off(
    actor: Actor, record: Addition, found: Found[Award], *, note: str, now: dt.datetime
) -> None:
    """An addition is not taken up: the award is without it, and its money is free."""
    line = _line(record)
    line.decision, line.amount, line.reason = LineDecision.OUT, 0, record.reason
    strands.change(found.thing, record.budget_strand_id, -record.amount)
    why = "what was added to it is not taken up."
    _rewrite(actor, found, -record.amount, why, now)
    parts = parts_of(record)
    ledger.set_free(found.thing, record.amount, parts, actor, now=now, note=note)


def _rewrite(actor: Actor, found: Found[Award], more: Pence, why: str, now: dt.datetime) -> None:
    """So much more, or less, is the award: its years, fingerprint and letter follow."""
    award, application = found.thing, found.application
    award.amount += more
    lines = recommended.lines_of(award)
    reasons = [line.reason for line in lines if line.reason]
    is_all = award.amount >= application.asked
    award.reason = "" if is_all else award.reason or (reasons[0] if reasons else "")
    recommended.write_years(award, otherwise=found.round.fund_year)
    db.session.flush()
    now_there = recommended.as_recommended(award, lines)
    award.recommended_sha256 = rule.fingerprint(now_there, application.definition_id)
    letters.set_aside(actor, award, reason=CHANGED.format(why=why), now=now)


def _line(record: Addition) -> ProposedProject:
    return db.session.get_one(ProposedProject, record.proposed_project_id)


def _refuse_with_offer(award: Award) -> None:
    if award.state == AwardState.RELEASED:
        raise MoveNotAllowed(WITH_OFFER)
