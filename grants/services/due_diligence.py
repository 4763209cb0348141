"""Due diligence: what staff looked at about an applicant, and what they found."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.due_diligence import ApplicantCheck
from grants.queries.applicants import CHECKS
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, Reason
from grants.rules.states import Finding
from grants.services import access
from grants.services.transaction import transaction

LONGEST = 2_000  # characters of a note


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at one thing as it was typed. ``checked_on`` is None where no day could be read."""

    item: str
    finding: str
    note: str
    checked_on: dt.date | None


def record(actor: Actor, key: uuid.UUID, seen: Seen, *, now: dt.datetime) -> None:
    """Keep a look. Sent twice, it is kept once; earlier looks stay.

    Raises Blocked with every fault, each at its field.
    """
    with transaction():
        found = access.application(actor, key, Action.RECORD_CHECK, lock=True)
        faults = _faults(fund_of(actor, found.thing.definition_id), seen, now)
        if faults or seen.checked_on is None:
            raise Blocked(*faults)
        look = ApplicantCheck(
            application_id=found.thing.id,
            item=seen.item,
            finding=Finding(seen.finding),
            note=seen.note.strip(),
            checked_on=seen.checked_on,
            checked_by=actor.person_id,
            recorded_at=now,
        )
        if _stands(look):
            return
        db.session.add(look)
        audit.record(
            actor,
            Action.RECORD_CHECK,
            ("application", found.thing.id, found.thing.reference),
            after={"item": look.item, "finding": look.finding, "on": look.checked_on.isoformat()},
            now=now,
        )


def _faults(fund: Fund, seen: Seen, now: dt.datetime) -> list[Reason]:
    listed = fund.code_lists.get(CHECKS)
    faults = []
    if seen.item not in {code.code for code in (listed.codes if listed else ())}:
        faults.append(Reason("Choose what you looked at.", "item"))
    if seen.finding not in set(Finding):
        faults.append(Reason("Say what you found.", "finding"))
    elif seen.finding != Finding.SATISFACTORY and not seen.note.strip():
        faults.append(Reason("Say why in a few words.", "note"))
    if len(seen.note) > LONGEST:
        faults.append(Reason(f"Use {LONGEST:,} characters or fewer.", "note"))
    if seen.checked_on is None:
        faults.append(Reason("Type the day you looked.", "checked_on"))
    elif seen.checked_on > dates.today(now):
        faults.append(Reason("The day you looked can't be in the future.", "checked_on"))
    return faults


def _stands(look: ApplicantCheck) -> bool:
    """Whether the last look at this thing says just this."""
    last = db.session.scalar(
        sa.select(ApplicantCheck)
        .where(
            ApplicantCheck.application_id == look.application_id, ApplicantCheck.item == look.item
        )
        .order_by(ApplicantCheck.id.desc())
        .limit(1)
    )
    return last is not None and (last.finding, last.note, last.checked_on, last.checked_by) == (
        look.finding,
        look.note,
        look.checked_on,
        look.checked_by,
    )
