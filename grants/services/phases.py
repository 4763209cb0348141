"""Letting applications go on: to assessment, and to moderation, one or all of a round."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.round import Round
from grants.queries import visible as v
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import Case
from grants.rules.refusals import Reason
from grants.rules.states import ApplicationState, Tier
from grants.services import access, recommended, triage
from grants.services.moving import move
from grants.services.transaction import transaction

Reasons = tuple[Reason, ...]


def open_assessing(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Let one submitted application be assessed. Once it is, nothing happens."""
    with transaction():
        found = access.application(actor, key, Action.OPEN_ASSESSING, lock=True)
        if found.thing.state == ApplicationState.ASSESSING:
            return
        _open_assessing(actor, found.thing, found.case, now)


def open_assessing_all(
    actor: Actor,
    round_key: uuid.UUID,
    *,
    only: frozenset[int] | None = None,
    now: dt.datetime,
) -> int:
    """Let every submitted application of a round, or ``only`` these of them, be assessed.

    Where a check comes before scoring, those that have not passed it stay where they are. Returns
    how many were opened.
    """
    with transaction():
        waiting = _waiting(actor, round_key, Action.OPEN_ASSESSING, ApplicationState.SUBMITTED)
        passed = [
            (record, case)
            for record, case in waiting
            if (only is None or record.id in only)
            and not triage.in_the_way(fund_of(actor, record.definition_id), record)
        ]
        for record, case in passed:
            _open_assessing(actor, record, case, now)
    return len(passed)


def _open_assessing(actor: Actor, record: Application, case: Case, now: dt.datetime) -> None:
    fund = fund_of(actor, record.definition_id)
    move(
        record,
        Action.OPEN_ASSESSING,
        actor=actor,
        case=case,
        now=now,
        checks={"check_not_passed": lambda: triage.in_the_way(fund, record)},
    )


def open_moderation(
    actor: Actor, key: uuid.UUID, *, reason: str = "", now: dt.datetime
) -> uuid.UUID:
    """Open moderation and with it the award's row. Returns the award's key.

    While scores are missing it takes a reason, which stays in the trail. In a round without
    moderation this is the way to the decision, and every score must be in.
    """
    with transaction():
        found = access.application(actor, key, Action.OPEN_MODERATION, lock=True)
        if found.award is not None:
            return found.award.key
        return _open_moderation(actor, found.thing, found.case, reason, now).key


def open_moderation_all(actor: Actor, round_key: uuid.UUID, *, now: dt.datetime) -> int:
    """Open moderation for every application of a round whose scores are all in."""
    with transaction():
        scored = [
            (record, case)
            for record, case in _waiting(
                actor, round_key, Action.OPEN_MODERATION, ApplicationState.ASSESSING
            )
            if case.scores_in
        ]
        for record, case in scored:
            _open_moderation(actor, record, case, "", now)
    return len(scored)


def _open_moderation(
    actor: Actor, record: Application, case: Case, reason: str, now: dt.datetime
) -> Award:
    is_moderated = fund_of(actor, record.definition_id).stages.moderation

    def scores_missing() -> Reasons:
        if case.scores_in or (is_moderated and reason.strip()):
            return ()
        if not is_moderated:
            return (Reason("Not every score is in. Here the mean of the scores decides."),)
        text = "Not every score is in. To open moderation without them, say why."
        return (Reason(text, "reason"),)

    move(
        record,
        Action.OPEN_MODERATION,
        actor=actor,
        case=case,
        now=now,
        checks={"scores_missing": scores_missing},
        reason=reason,
        after={} if is_moderated else {"moderation": "not a step of this round"},
    )
    return recommended.undecided(record)


def _waiting(
    actor: Actor, round_key: uuid.UUID, action: Action, state: ApplicationState
) -> list[tuple[Application, Case]]:
    """The applications of a round in this state with which this person may do this, locked."""
    access.round_(actor, round_key, Action.READ_ROUND)
    rows: Any = db.session.execute(
        v.applications_of(Application, Round, v.scores_in())
        .where(Round.key == round_key, Application.state == state, v.visible(actor, action))
        .order_by(Application.id)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return [
        (
            record,
            Case(
                fund=round_record.fund,
                funder_id=round_record.organisation_id,
                is_local=round_record.tier == Tier.LOCAL,
                applicant_id=record.organisation_id,
                application=record.state,
                was_sent=True,
                scores_in=bool(scores_in),
            ),
        )
        for record, round_record, scores_in in rows
    ]
