"""Likely duplicates: the folded marks by which they are found, and what people say of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund, QuestionKind
from grants.models.application import Application, ApplicationVersion, ProposedProject
from grants.models.identity import DuplicateVerdict, IdentityMark, VerdictMember
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.queries.definitions import fund_of
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.answers import is_blank, unfit
from grants.rules.identity import Body, Kind, Mark, marks_of
from grants.rules.people import APPLICANTS, CLOCK, Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access
from grants.services.transaction import transaction

NAME = "lead_organisation"
BATCH = 100
MOST = 300
LONGEST = 2000


@dataclass(slots=True)
class _Around:
    """What marks a batch of applications beside their answers, by organisation and application."""

    people: dict[int, list[str]] = field(default_factory=dict)
    projects: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def mark_waiting(*, now: dt.datetime) -> int:
    """Mark every application that was sent and has no marks of that version. Returns how many.

    The versions themselves are the queue: cut short, it begins again with the same result.
    """
    del now
    done = 0
    while batch := _waiting():
        with transaction():
            _mark(batch)
        done += len(batch)
        if len(batch) < BATCH:
            break
    return done


def judge(
    actor: Actor,
    round_key: uuid.UUID,
    keys: Collection[uuid.UUID],
    *,
    is_same: bool | None,
    reason: str,
    now: dt.datetime,
) -> None:
    """Say of some applications that are alike what they are: among them nothing is flagged again.

    Said twice, it is said once. Raises NotFound where one of them is not this person's to judge, Blocked for what is missing.
    """
    with transaction():
        access.round_(actor, round_key, Action.READ_ROUND, lock=True)
        faults = _faults(keys, is_same, reason)
        if faults:
            raise Blocked(*faults)
        records = _judged(actor, keys)
        if len(records) != len(set(keys)):
            raise NotFound(access.NO_SUCH)
        if _is_said(actor, records, is_same=bool(is_same), reason=reason.strip()):
            return
        verdict = DuplicateVerdict(
            is_same=bool(is_same), reason=reason.strip(), said_by=actor.person_id, said_at=now
        )
        db.session.add(verdict)
        db.session.flush()
        db.session.add_all(
            VerdictMember(verdict_id=verdict.id, application_id=record.id) for record in records
        )
        for record in records:
            audit.record(
                actor,
                Action.JUDGE_DUPLICATES,
                ("application", record.id, record.reference),
                now=now,
                after={"is_same": bool(is_same), "with": [r.reference for r in records]},
                reason=reason.strip(),
            )


def _faults(keys: Collection[uuid.UUID], is_same: bool | None, reason: str) -> list[Reason]:  # noqa: FBT001
    faults = []
    if len(set(keys)) < 2:  # noqa: PLR2004 (two make a likeness)
        faults.append(Reason("Choose at least two applications.", "application"))
    if len(set(keys)) > MOST:
        faults.append(Reason(f"Choose {MOST} applications at most.", "application"))
    if is_same is None:
        faults.append(Reason("Say whether they are the same.", "verdict"))
    if is_blank(reason):
        faults.append(Reason("Give a reason.", "reason"))
    elif len(reason) > LONGEST or unfit(reason):
        faults.append(Reason(unfit(reason) or "This is too long.", "reason"))
    return faults


def _judged(actor: Actor, keys: Collection[uuid.UUID]) -> Sequence[Application]:
    return db.session.scalars(
        applications_of(Application)
        .where(Application.key.in_(list(keys)), visible(actor, Action.JUDGE_DUPLICATES))
        .order_by(Application.id)
        .with_for_update(of=Application)
    ).all()


def _is_said(actor: Actor, records: Sequence[Application], *, is_same: bool, reason: str) -> bool:
    """Whether the last that was said of the first of them is just this, by this person."""
    last = db.session.scalar(
        sa.select(DuplicateVerdict)
        .join(VerdictMember, VerdictMember.verdict_id == DuplicateVerdict.id)
        .where(VerdictMember.application_id == records[0].id)
        .order_by(DuplicateVerdict.id.desc())
        .limit(1)
    )
    if last is None or (last.is_same, last.reason, last.said_by) != (
        is_same,
        reason,
        actor.person_id,
    ):
        return False
    members = sa.select(VerdictMember.application_id).filter_by(verdict_id=last.id)
    return set(db.session.scalars(members)) == {record.id for record in records}


def _waiting() -> list[Any]:
    marked = sa.exists().where(
        IdentityMark.application_id == Application.id, IdentityMark.number == Application.number
    )
    return list(
        db.session.execute(
            sa.select(Application, Organisation, ApplicationVersion.content)
            .join(Organisation, Organisation.id == Application.organisation_id)
            .join(
                ApplicationVersion,
                sa.and_(
                    ApplicationVersion.application_id == Application.id,
                    ApplicationVersion.number == Application.number,
                ),
            )
            .where(Application.number.is_not(None), ~marked)
            .order_by(Application.id)
            .limit(BATCH)
        ).all()
    )


def _mark(batch: Sequence[Any]) -> None:
    around = _around(batch)
    ids = [record.id for record, _, _ in batch]
    db.session.execute(sa.delete(IdentityMark).where(IdentityMark.application_id.in_(ids)))
    rows = [
        {"application_id": record.id, "number": record.number, "kind": m.kind, "value": m.value}
        for record, organisation, content in batch
        for m in sorted(_marks(record, organisation, content, around))
    ]
    db.session.execute(sa.insert(IdentityMark), rows)


def _around(batch: Sequence[Any]) -> _Around:
    made = _Around()
    people = db.session.execute(
        sa.select(Membership.organisation_id, Person.email)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id.in_({found.id for _, found, _ in batch}),
            Membership.role.in_(sorted(APPLICANTS)),
        )
    )
    for organisation_id, email in people:
        made.people.setdefault(organisation_id, []).append(email)
    projects = db.session.execute(
        sa.select(
            ProposedProject.application_id, ProposedProject.title, ProposedProject.group_name
        ).where(ProposedProject.application_id.in_([record.id for record, _, _ in batch]))
    )
    for application_id, title, group in projects:
        made.projects.setdefault(application_id, []).append((title, group))
    return made


def _marks(
    record: Application, organisation: Organisation, content: Mapping[str, Any], around: _Around
) -> frozenset[Mark]:
    texts = {question: text for question, row, text in content["answers"] if not row}
    by_kind = _by_kind(fund_of(CLOCK, record.definition_id), texts)
    body = Body(
        names=(organisation.name, texts.get(NAME, "")),
        charity_number=organisation.charity_number or "",
        company_number=organisation.company_number or "",
        postcode=next(iter(by_kind[QuestionKind.POSTCODE]), "") or organisation.postcode or "",
        emails=(
            *by_kind[QuestionKind.EMAIL],
            organisation.email or "",
            *around.people.get(organisation.id, ()),
        ),
        phones=(*by_kind[QuestionKind.PHONE], organisation.phone or ""),
    )
    own = Mark(Kind.ORGANISATION, str(organisation.id))
    return marks_of(body, around.projects.get(record.id, ())) | {own}


def _by_kind(fund: Fund, texts: Mapping[str, str]) -> dict[QuestionKind, list[str]]:
    """What was answered to the questions of those kinds by which people and places are told."""
    kinds = (QuestionKind.POSTCODE, QuestionKind.EMAIL, QuestionKind.PHONE)
    return {
        kind: [
            texts[question.key]
            for question in fund.questions()
            if question.kind == kind and question.key in texts
        ]
        for kind in kinds
    }
