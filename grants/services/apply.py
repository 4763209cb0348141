"""Applying: begin, send, withdraw."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.definitions import fund_of
from grants.queries.visible import takes
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import require
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason
from grants.rules.states import ApplicationState, RoundState
from grants.services import (
    access,
    asking,
    confirmations,
    moving,
    profiles,
    versions,
    withdrawn,
)
from grants.services.answers import is_in_time, late_sentence
from grants.services.transaction import transaction
from grants.services.typed_rows import freeze

ROUTING_COUNCIL = "routing_council"


@dataclass(frozen=True, slots=True)
class Choice:
    """For whom and where to begin: one's organisation, and the round's share it asks of."""

    round_key: uuid.UUID
    organisation_key: uuid.UUID
    area: str


def begin(actor: Actor, choice: Choice, *, now: dt.datetime) -> uuid.UUID:
    """Begin an application and give its key. Begun twice for the same place, it is the same one.

    Raises NotFound where it is not this person's to begin, Blocked outside the round's dates.
    """
    with transaction():
        round_record, applicant, area = _place(choice)
        _require_may_begin(actor, round_record, applicant)
        there = begun(round_record, applicant, area)
        if there is not None:
            return there
        if not dates.is_open(round_record.opens_at, round_record.closes_at, now):
            raise Blocked(late_sentence(round_record, now))
        return create(actor, round_record, applicant, area, now=now).key


def submit(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Send the application: freeze a version and make its typed rows. Sent twice, it is sent once.

    ``now`` is when the request arrived. Raises Blocked with everything that is missing, or that it
    is too late. Its receipt goes out by ``services/copies.py``, for the version is the queue.
    """
    with transaction():
        found = access.application(actor, key, Action.SUBMIT, lock=True)
        record = found.thing
        if record.state == ApplicationState.SUBMITTED:
            return
        fund = fund_of(actor, record.definition_id)
        sources = versions.read(record)
        frozen = freeze(
            fund,
            sources.answers,
            sources.files,
            (record.reference, record.title, sources.organisation, sources.area),
        )
        held = confirmations.read(record, fund)
        number = (record.number or 0) + 1
        moving.move(
            record,
            Action.SUBMIT,
            actor=actor,
            case=found.case,
            now=now,
            checks={
                "round_closed": lambda: _closed(record, found.round, now),
                "answers_missing": lambda: versions.missing(fund, sources),
                "query_unanswered": lambda: asking.unanswered(record, fund, sources),
                "sign_off_missing": lambda: confirmations.missing_sign_off(
                    held, fund, frozen.sha256, actor
                ),
                "partners_missing": lambda: confirmations.missing_partners(
                    held, fund, sources.answers
                ),
            },
            after={
                "version": number,
                "sha256": frozen.sha256,
                "in_grace": record.number is None and now >= found.round.closes_at,
            },
            about=found.application,
        )
        record.routing_council = _routing_council(fund, sources.answers)
        confirmed = confirmations.kept_with_version(held, fund, sources.answers)
        versions.keep(record, fund, frozen, actor, now, confirmed)
        if number > 1:
            asking.close(record, actor, now=now)


def withdraw(actor: Actor, key: uuid.UUID, reason: str, *, now: dt.datetime) -> None:
    """Take the application back. The reason is asked for, and it cannot be undone.

    It is open until the outcome is released, decided or not: a refusal would tell that there is a
    decision. What was decided is undone with it, its money is free again, and the fund is told.
    """
    with transaction():
        found = access.application(actor, key, Action.WITHDRAW, lock=True)
        award = withdrawn.hold_award(found)
        found.thing.withdrawn_at = found.thing.changed_at = now
        moving.move(
            found.thing,
            Action.WITHDRAW,
            actor=actor,
            case=found.case,
            now=now,
            checks={"already_decided": lambda: _past_withdrawing(award)},
            reason=reason,
            about=found.application,
        )
        if award is not None:
            withdrawn.undo_award(found, award, now=now)


def create(
    actor: Actor,
    round_record: Round,
    applicant: Organisation,
    area: AllocationArea,
    *,
    now: dt.datetime,
) -> Application:
    """A new draft with what its organisation's profile knows. Inside ``transaction()``."""
    record = _new(actor, round_record, applicant, area, now)
    filled = profiles.fill(actor, record, applicant, area, now=now)
    audit.record(
        actor,
        Action.CREATE_APPLICATION,
        ("application", record.id, record.reference),
        now=now,
        after={"filled_from_profile": filled},
    )
    return record


def _place(choice: Choice) -> tuple[Round, Organisation, AllocationArea]:
    """The round, the organisation and an area that both cover. The round is held: it numbers."""
    fits = sa.exists().where(
        AllocationAreaCouncil.allocation_area_id == AllocationArea.id,
        AllocationAreaCouncil.area_code == OrganisationArea.area_code,
        OrganisationArea.organisation_id == Organisation.id,
    )
    row = db.session.execute(
        sa.select(Round, Organisation, AllocationArea)
        .join(AllocationArea, AllocationArea.round_id == Round.id)
        .join(Organisation, Organisation.key == choice.organisation_key)
        .where(
            Round.key == choice.round_key,
            Round.state == RoundState.OPEN,
            AllocationArea.name == choice.area,
            takes(),
            fits,
        )
        .with_for_update(of=Round)
    ).one_or_none()
    if row is None:
        raise NotFound(access.NO_SUCH)
    return row[0], row[1], row[2]


def _require_may_begin(actor: Actor, round_record: Round, applicant: Organisation) -> None:
    try:
        require(actor, Action.CREATE_APPLICATION, access.case_to_apply(round_record, applicant.id))
    except Forbidden as error:
        raise NotFound(access.NO_SUCH) from error


def begun(round_record: Round, applicant: Organisation, area: AllocationArea) -> uuid.UUID | None:
    """The key of the application that is there already."""
    key: uuid.UUID | None = db.session.scalar(
        sa.select(Application.key).where(
            Application.round_id == round_record.id,
            Application.organisation_id == applicant.id,
            Application.allocation_area_id == area.id,
            Application.state != ApplicationState.WITHDRAWN,
        )
    )
    return key


def _new(
    actor: Actor,
    round_record: Round,
    applicant: Organisation,
    area: AllocationArea,
    now: dt.datetime,
) -> Application:
    record = Application(
        reference=f"{round_record.reference}-{_next_number(round_record):04d}",
        round_id=round_record.id,
        definition_id=round_record.definition_id,
        organisation_id=applicant.id,
        allocation_area_id=area.id,
        title=f"Plan for {area.name}, {round_record.fund_year}"[:300],
        created_at=now,
        created_by=actor.person_id,
        changed_at=now,
    )
    db.session.add(record)
    db.session.flush()
    return record


def _next_number(round_record: Round) -> int:
    last = db.session.scalar(
        sa.select(Application.reference)
        .where(Application.round_id == round_record.id)
        .order_by(Application.id.desc())
        .limit(1)
    )
    tail = (last or "").rpartition("-")[2]
    return int(tail) + 1 if tail.isdecimal() else 1


def _closed(record: Application, round_record: Round, now: dt.datetime) -> Sequence[Reason]:
    return () if is_in_time(record, round_record, now) else (late_sentence(round_record, now),)


def _past_withdrawing(award: Award | None) -> Sequence[Reason]:
    """The same sentence for every released outcome; before release there is nothing to say."""
    if not withdrawn.is_known(award):
        return ()
    return (
        Reason("This application can't be withdrawn here any more. Write to the fund.", "reason"),
    )


def _routing_council(fund: Fund, answers: Mapping[tuple[str, str], str]) -> str | None:
    """The council that the money goes through, where the fund needs one."""
    if not fund.settings.needs_routing_council:
        return None
    return answers.get((ROUTING_COUNCIL, "")) or None
