"""Rehearsing a round: a twin of it with a cast of its own, played by whoever sets the round up.

All of it belongs to organisations that are in nothing else, so permissions keep it apart by
themselves; what anybody may see leaves it out by ``rehearsal_id``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.checks import faults
from grants.funds.definition import Fund
from grants.funds.schema import from_document
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.person import Delegation, Membership, Person, SignInSession
from grants.models.rehearsal import Rehearsal
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round, RoundDefinition
from grants.notifications.outbox import CAST
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.rules.states import RoundState, Tier
from grants.services import access, definitions, strands
from grants.services.sign_in import Session
from grants.services.transaction import transaction

LASTS = dt.timedelta(days=60)
NO_SUCH = "There is no such page."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the cast. ``applies`` says on whose side it stands."""

    key: str
    title: str
    roles: tuple[Role, ...]
    applies: bool = False


PARTS = (
    Part(
        "applicant",
        "Applicant lead",
        (Role.APPLICANT_SUBMITTER, Role.SIGNATORY, Role.PROJECT_REPORTER),
        applies=True,
    ),
    Part("first-assessor", "First assessor", (Role.ASSESSOR,)),
    Part("second-assessor", "Second assessor", (Role.ASSESSOR,)),
    Part("manager", "Fund manager", (Role.FUND_MANAGER,)),
    Part("approver", "Approver", (Role.APPROVER,)),
    Part("second-approver", "Second approver", (Role.APPROVER,)),
)


def make(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """A rehearsal of the round as it is being written. Made twice, it is the same one.

    Raises Blocked with what keeps the round from being published.
    """
    with transaction():
        record = _original(actor, key)
        if _current(record) is not None:
            return
        definition = definitions.working(record)
        fund = from_document(definition.content)
        _refuse(record, fund)
        rehearsal = Rehearsal(round_id=record.id, made_by=actor.person_id, made_at=now)
        db.session.add(rehearsal)
        db.session.flush()
        funder, applicant = _organisations(record, rehearsal)
        twin = _twin(record, rehearsal, funder, now)
        _publish(twin, definition, now)
        _copy_areas(record, twin, applicant)
        strands.make(twin, fund)
        _cast(actor, record, rehearsal, (funder, applicant), now)
        _record(actor, record, now, "rehearsal made")


def end(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Throw the rehearsal away: nobody can open it any more. Nothing happens where there is none.

    Its rows stay, hidden, for the audit trail names them.
    """
    with transaction():
        record = _original(actor, key)
        rehearsal = _current(record)
        if rehearsal is None:
            return
        cast = sa.select(Person.id).where(Person.rehearsal_id == rehearsal.id)
        for table in (Membership, Delegation):
            db.session.execute(
                sa.update(table)
                .where(table.person_id.in_(cast), table.ends_at.is_(None))
                .values(ends_at=now)
                .execution_options(synchronize_session=False)
            )
        db.session.execute(
            sa.update(SignInSession)
            .where(SignInSession.plays_id.in_(cast))
            .values(plays_id=None)
            .execution_options(synchronize_session=False)
        )
        db.session.execute(
            sa.update(Round)
            .where(Round.rehearsal_id == rehearsal.id)
            .values(state=RoundState.CLOSED)
            .execution_options(synchronize_session=False)
        )
        rehearsal.ended_at = now
        _record(actor, record, now, "rehearsal thrown away")


def play(session: Session, key: uuid.UUID, person_key: uuid.UUID, *, now: dt.datetime) -> None:
    """From the next click on this session plays a part of the round's rehearsal."""
    actor = session.actor
    with transaction():
        record = _original(actor, key)
        person = db.session.scalar(
            sa.select(Person)
            .join(Rehearsal, Rehearsal.id == Person.rehearsal_id)
            .where(
                Rehearsal.round_id == record.id,
                Rehearsal.ended_at.is_(None),
                Person.key == person_key,
            )
        )
        if person is None:
            raise NotFound(NO_SUCH)
        _set_part(session, person.id)
        _record(actor, record, now, f"plays {person.name}")


def stop(session: Session, *, now: dt.datetime) -> None:
    """The session is its own person's again."""
    actor = session.actor
    if session.rehearsed is None:
        return
    with transaction():
        _set_part(session, None)
        thing = ("person", actor.person_id, actor.email)
        audit.record(actor, "stop-playing", thing, now=now)


def _set_part(session: Session, person_id: int | None) -> None:
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id == session.id, SignInSession.person_id == session.person_id)
        .values(plays_id=person_id)
    )


def _original(actor: Actor, key: uuid.UUID) -> Round:
    record = access.round_(actor, key, Action.SET_UP_ROUND, lock=True)
    if record.rehearsal_id is not None:
        raise NotFound(NO_SUCH)
    return record


def _current(record: Round) -> Rehearsal | None:
    return db.session.scalar(
        sa.select(Rehearsal).where(Rehearsal.round_id == record.id, Rehearsal.ended_at.is_(None))
    )


def _refuse(record: Round, fund: Fund) -> None:
    reasons = [Reason(f"{fault.key}: {fault.sentence}.", fault.part) for fault in faults(fund)]
    if not record.allocated:
        reasons.append(Reason("Give at least one area a share of the pot.", "areas"))
    if reasons:
        raise Blocked(*reasons)


def _organisations(record: Round, rehearsal: Rehearsal) -> tuple[Organisation, Organisation]:
    name = db.session.scalar(
        sa.select(Organisation.name).where(Organisation.id == record.organisation_id)
    )
    funder = Organisation(
        reference=f"REHEARSAL-{rehearsal.id}-FUNDER",
        name=f"Rehearsal of {name}"[:300],
        kind=OrganisationKind.PROGRAMME,
    )
    applicant = Organisation(
        reference=f"REHEARSAL-{rehearsal.id}-APPLICANT",
        name="Rehearsal Applicant (made up)",
        kind=OrganisationKind.PARTNERSHIP,
        address="1 Made-up Street",
        postcode="ZE1 0AA",
    )
    for made in (funder, applicant):
        made.is_fictional, made.rehearsal_id = True, rehearsal.id
        db.session.add(made)
    db.session.flush()
    return funder, applicant


def _twin(record: Round, rehearsal: Rehearsal, funder: Organisation, now: dt.datetime) -> Round:
    """The round that is played in: open from now on, and of the national tier in any case."""
    twin = Round(
        reference=f"REHEARSAL-{rehearsal.id}-{record.reference}"[:60],
        title=f"Rehearsal: {record.title}"[:300],
        fund=record.fund,
        fund_year=record.fund_year,
        number=1,
        tier=Tier.NATIONAL,
        organisation_id=funder.id,
        opens_at=now,
        closes_at=now + LASTS,
        pot=record.pot,
        allocated=record.allocated,
        is_illustrative=True,
        note=f"A rehearsal of {record.reference}. Nothing in it is real, and nothing is counted.",
        rehearsal_id=rehearsal.id,
    )
    db.session.add(twin)
    db.session.flush()
    return twin


def _publish(twin: Round, definition: RoundDefinition, now: dt.datetime) -> None:
    copy = RoundDefinition(
        round_id=twin.id,
        version=1,
        is_published=True,
        content=definition.content,
        sha256=definition.sha256,
        created_at=now,
    )
    db.session.add(copy)
    db.session.flush()
    twin.definition_id, twin.state = copy.id, RoundState.OPEN
    twin.is_blind = from_document(copy.content).stages.blind


def _copy_areas(record: Round, twin: Round, applicant: Organisation) -> None:
    """The same shares; the applicant works in all of them."""
    codes: set[str] = set()
    areas = db.session.scalars(
        sa.select(AllocationArea).filter_by(round_id=record.id).order_by(AllocationArea.id)
    ).all()
    for area in areas:
        made = AllocationArea(
            round_id=twin.id, name=area.name, amount=area.amount, is_fictional=True
        )
        db.session.add(made)
        db.session.flush()
        covered = db.session.scalars(
            sa.select(AllocationAreaCouncil.area_code).filter_by(allocation_area_id=area.id)
        ).all()
        db.session.add_all(
            AllocationAreaCouncil(allocation_area_id=made.id, area_code=code) for code in covered
        )
        codes |= set(covered)
    db.session.add_all(
        OrganisationArea(organisation_id=applicant.id, area_code=code) for code in sorted(codes)
    )


def _cast(
    actor: Actor,
    record: Round,
    rehearsal: Rehearsal,
    sides: tuple[Organisation, Organisation],
    now: dt.datetime,
) -> None:
    given = {"starts_at": now, "granted_by": actor.person_id}
    for part in PARTS:
        person = Person(
            name=f"{part.title} (rehearsal)",
            email=f"{part.key}.{rehearsal.id}@{CAST}",
            created_at=now,
            rehearsal_id=rehearsal.id,
        )
        db.session.add(person)
        db.session.flush()
        place = sides[1] if part.applies else sides[0]
        db.session.add_all(
            Membership(
                person_id=person.id, organisation_id=place.id, fund=record.fund, role=role, **given
            )
            for role in part.roles
        )
        if Role.APPROVER in part.roles:
            db.session.add(
                Delegation(
                    person_id=person.id,
                    organisation_id=place.id,
                    role=Role.APPROVER,
                    fund=record.fund,
                    financial_year=record.fund_year,
                    most_per_award=max(record.pot, 1),
                    most_in_all=max(record.pot, 1),
                    **given,
                )
            )


def _record(actor: Actor, record: Round, now: dt.datetime, what: str) -> None:
    audit.record(
        actor,
        "rehearse",
        ("round", record.id, record.reference),
        now=now,
        after={"what": what},
    )
