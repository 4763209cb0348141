"""Keeping an organisation's profile; its council areas, which decide where it may apply."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.loader import all_funds
from grants.funds.reference import council_areas
from grants.models.application import Answer, AnswerOrigin, Application
from grants.models.organisation import (
    Organisation,
    OrganisationArea,
    OrganisationPartner,
    OrganisationPerson,
)
from grants.models.person import Person
from grants.models.round import AllocationArea, AllocationAreaCouncil
from grants.queries.definitions import fund_of
from grants.queries.profiles import texts_of
from grants.rules import profile as rules
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.profile import PARTNERS, PEOPLE, SIMPLE, Fault
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access
from grants.services.transaction import transaction

Place = tuple[str, str]
WHY = "Say why: it is kept in the audit trail."


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else saved while the page was open. Nothing of either is lost."""

    by: str
    at: dt.datetime | None
    version: int
    """Whoever saves with it has seen their texts."""
    texts: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of saving: faults and theirs are empty when it is kept."""

    faults: tuple[Fault, ...] = ()
    theirs: Theirs | None = None


def save(
    actor: Actor, key: uuid.UUID, texts: Mapping[Place, str], *, seen: int, now: dt.datetime
) -> Outcome:
    """Keep the whole profile. ``seen`` is the version that the page was made with; the same texts
    saved twice are saved once."""
    fund = rules.rulebook(all_funds().values())
    after = {place: text for place, text in rules.kept(texts).items() if text}
    faults = rules.faults(fund, after)
    with transaction():
        record = access.organisation(actor, key, Action.EDIT_PROFILE, lock=True)
        before = texts_of(actor, record)
        if faults:
            return Outcome(faults=faults)
        if _numbered(after) == _numbered(before):
            return Outcome()
        if seen != record.profile_version:
            return Outcome(theirs=_theirs(record, before))
        _keep(record, after)
        record.profile_version += 1
        record.profile_changed_at, record.profile_changed_by = now, actor.person_id
        audit.record(
            actor,
            Action.EDIT_PROFILE,
            _thing(record),
            now=now,
            before=_told(before, after),
            after=_told(after, before),
        )
        return Outcome()


def set_areas(
    actor: Actor, key: uuid.UUID, codes: Collection[str], reason: str, *, now: dt.datetime
) -> None:
    """Say in which council areas an organisation works. Raises Blocked without a reason."""
    known = {area.code for area in council_areas()}
    with transaction():
        record = access.organisation(actor, key, Action.MANAGE_ORGANISATIONS, lock=True)
        if not set(codes) <= known:
            raise NotFound(access.NO_SUCH)
        if not reason.strip():
            raise Blocked(Reason(WHY, "reason"))
        kept = OrganisationArea.organisation_id == record.id
        before = sorted(db.session.scalars(sa.select(OrganisationArea.area_code).where(kept)))
        after = sorted(set(codes))
        if before == after:
            return
        db.session.execute(sa.delete(OrganisationArea).where(kept))
        _insert(
            OrganisationArea, [{"organisation_id": record.id, "area_code": code} for code in after]
        )
        audit.record(
            actor,
            Action.MANAGE_ORGANISATIONS,
            _thing(record),
            now=now,
            before={"areas": before},
            after={"areas": after},
            reason=reason.strip(),
        )


def fill(
    actor: Actor,
    record: Application,
    applicant: Organisation,
    area: AllocationArea,
    *,
    now: dt.datetime,
) -> int:
    """What the profile knows need not be typed again. Says how many answers; inside ``transaction()``."""
    codes = db.session.scalars(
        sa.select(AllocationAreaCouncil.area_code)
        .where(AllocationAreaCouncil.allocation_area_id == area.id)
        .order_by(AllocationAreaCouncil.area_code)
    ).all()
    fund = fund_of(actor, record.definition_id)
    answers = rules.for_application(fund, texts_of(actor, applicant), codes)
    at = {"application_id": record.id, "version": 1}
    _insert(
        Answer,
        [
            {**at, "question": q, "row": row, "text": text, "changed_at": now}
            | {"changed_by": actor.person_id}
            for (q, row), text in answers.items()
        ],
    )
    taken = {"taken_at": now, "taken_by": actor.person_id}
    _insert(AnswerOrigin, [{**at, **taken, "question": q, "row": row} for q, row in answers])
    return len(answers)


def _theirs(record: Organisation, texts: Mapping[Place, str]) -> Theirs:
    by = db.session.scalar(sa.select(Person.name).where(Person.id == record.profile_changed_by))
    return Theirs(by or "", record.profile_changed_at, record.profile_version, texts)


def _keep(record: Organisation, texts: Mapping[Place, str]) -> None:
    for question in SIMPLE:
        text = texts.get((question.key, ""), "")
        nothing: str | None = "" if question.key == "address" else None
        setattr(record, question.key, text or nothing)
    for table, name in ((OrganisationPerson, PEOPLE), (OrganisationPartner, PARTNERS)):
        db.session.execute(sa.delete(table).where(table.organisation_id == record.id))
        columns = next(q.columns for q in rules.TABLES if q.key == name)
        _insert(
            table,
            [
                {"organisation_id": record.id, "place": number}
                | {c.key: texts.get((f"{name}.{c.key}", row), "") for c in columns}
                for number, row in enumerate(_row_keys(texts, name), start=1)
            ],
        )


def _row_keys(texts: Mapping[Place, str], table: str) -> list[str]:
    return sorted({row for key, row in texts if key.startswith(f"{table}.")})


def _numbered(texts: Mapping[Place, str]) -> dict[Place, str]:
    """The same texts with rows by number, whatever their keys are called on the page."""
    numbers = {
        (table, row): f"{number:04d}"
        for table in (PEOPLE, PARTNERS)
        for number, row in enumerate(_row_keys(texts, table), start=1)
    }
    return {
        (key, numbers.get((key.partition(".")[0], row), row)): text
        for (key, row), text in texts.items()
    }


def _told(texts: Mapping[Place, str], others: Mapping[Place, str]) -> dict[str, Any]:
    """What differs, for the trail. Of people only how many: their names are not needed there."""
    told: dict[str, Any] = {}
    for question in SIMPLE:
        here, there = texts.get((question.key, ""), ""), others.get((question.key, ""), "")
        if here != there:
            told[question.key] = here
    for table in (PEOPLE, PARTNERS):
        here_rows, there_rows = _of(texts, table), _of(others, table)
        if here_rows != there_rows:
            told[table] = len(_row_keys(texts, table))
    return told


def _of(texts: Mapping[Place, str], table: str) -> dict[Place, str]:
    return {p: t for p, t in _numbered(texts).items() if p[0].startswith(f"{table}.")}


def _insert(table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(sa.insert(table), rows)


def _thing(record: Organisation) -> tuple[str, int | None, str]:
    return "organisation", record.id, record.reference
