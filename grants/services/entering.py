"""Typing an application for a group that gave it on paper, by phone or in person.

Whoever types for a group takes no part in deciding on its application: an interest is registered
for them the moment they begin, and it stands for ever.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.award import Award
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.person import Membership
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.visible import applications_of, takes, visible
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.answers import is_blank, unfit
from grants.rules.conflicts import Interest
from grants.rules.helping import CHANNELS, Channel
from grants.rules.people import APPLICANTS, Actor, Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import ApplicationState, RoundState, Tier
from grants.services import access, apply, people, roles
from grants.services.answers import late_sentence
from grants.services.transaction import transaction

WHY = "Typed the application for the group"
TIME_TO_TYPE = dt.timedelta(days=14)
EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
LONGEST_LINE, LONGEST = 300, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """How the group gave its application, and that it agreed to have it typed and kept."""

    channel: str
    given_by: str
    received_on: dt.date | None
    consent_on: dt.date | None
    consent_how: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """An organisation that is not known yet."""

    name: str
    address: str = ""
    postcode: str = ""
    charity_number: str = ""
    company_number: str = ""


def begin(
    actor: Actor,
    round_key: uuid.UUID,
    area: str,
    group: uuid.UUID | NewGroup,
    given: Given,
    *,
    now: dt.datetime,
) -> uuid.UUID:
    """Begin an application for a group, and give its key. What came in time may be typed later.

    Raises NotFound outside one's own rounds, Blocked for what is missing and for a group that has
    an application there already.
    """
    with transaction():
        round_record = access.round_(actor, round_key, Action.ENTER_FOR_GROUP, lock=True)
        email = _checked(given, group, now)
        place = _area(round_record, area)
        applicant = _applicant(actor, round_record, place, group, now)
        if apply.begun(round_record, applicant, place) is not None:
            text = f"{applicant.name} has an application for {place.name} in this round already."
            raise Blocked(Reason(text, "organisation"))
        is_late = _is_late(round_record, given, now)
        record = apply.create(actor, round_record, applicant, place, now=now)
        record.late_until = now + TIME_TO_TYPE if is_late else None
        db.session.add(_entry(actor, record, given, email, now))
        _bar(actor, record, now)
        audit.record(
            actor,
            Action.ENTER_FOR_GROUP,
            ("application", record.id, record.reference),
            now=now,
            after={"channel": given.channel, "received_on": str(given.received_on)},
        )
        return record.key


def take_part(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Type on what a colleague began. Raises MoveNotAllowed for who has read or decided on it."""
    with transaction():
        record, entry = _entered(actor, key)
        if entry.taken_over_at is not None or record.state not in EDITABLE:
            raise MoveNotAllowed("This application is no longer being typed for its group.")
        if _helps(actor, record):
            return
        if _has_judged(actor, record):
            raise MoveNotAllowed("You have had a part in judging it, so somebody else must type.")
        _bar(actor, record, now)
        audit.record(actor, "type-for-group", ("application", record.id, record.reference), now=now)


def take_over(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """The group's own person goes on with it; nobody types for them any more."""
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        entry = entry_of_application(found.thing.id)
        if entry is None or found.case.is_helper or not _is_own(actor, found.thing, found.round):
            raise NotFound(access.NO_SUCH)
        if entry.taken_over_at is not None:
            return
        entry.taken_over_at, entry.taken_over_by = now, actor.person_id
        audit.record(
            actor,
            "take-over",
            ("application", found.thing.id, found.thing.reference),
            now=now,
        )


def invite(actor: Actor, key: uuid.UUID, *, base_url: str, now: dt.datetime) -> None:
    """An account for who gave the application, so that they can take it over.

    For a group that has nobody yet: otherwise its own people invite theirs.
    """
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        entry = entry_of_application(found.thing.id)
        if entry is None or not found.case.is_helper:
            raise NotFound(access.NO_SUCH)
        if found.round.rehearsal_id is not None:
            raise Blocked(Reason("This is a rehearsal, so nobody real is invited.", "invite"))
        if not entry.email:
            raise Blocked(Reason("There is no e-mail address to invite.", "invite"))
        if _has_people(found.thing.organisation_id, found.round.fund, now):
            text = "Somebody of the group can sign in already. They can take it over, or invite others."
            raise Blocked(Reason(text, "invite"))
        organisation = db.session.get_one(Organisation, found.thing.organisation_id)
        person = people.new_person(actor, entry.given_by, entry.email, now=now)
        role = (Role.APPLICANT_SUBMITTER, found.round.fund, now, None)
        roles.give(actor, person, organisation, role, now)
        people.send_invitation(actor, person, organisation, base_url=base_url, now=now)


def entry_of_application(application_id: int) -> HelpedEntry | None:
    """How an application came, where the fund's people typed it."""
    return db.session.scalar(
        sa.select(HelpedEntry).where(HelpedEntry.application_id == application_id)
    )


def _checked(given: Given, group: uuid.UUID | NewGroup, now: dt.datetime) -> str | None:
    """The e-mail as it is kept. Raises Blocked with all that is missing."""
    faults: list[Reason] = []
    today = dates.today(now)
    if given.channel not in CHANNELS:
        faults.append(Reason("Choose how they gave it.", "channel"))
    texts = {"given_by": given.given_by, "consent_how": given.consent_how}
    if isinstance(group, NewGroup):
        texts["name"] = group.name
    asks = {
        "given_by": "Enter the name of the person who gave it.",
        "consent_how": "Say how they agreed.",
        "name": "Enter the name of the organisation.",
    }
    faults += [Reason(asks[key], key) for key, text in texts.items() if is_blank(text)]
    faults += [Reason(unfit(text), key) for key, text in texts.items() if unfit(text)]
    faults += [
        Reason("This is too long.", key)
        for key, text in texts.items()
        if len(text) > (LONGEST if key == "consent_how" else LONGEST_LINE)
    ]
    for key, day in (("received_on", given.received_on), ("consent_on", given.consent_on)):
        if day is None:
            what = "it reached you" if key == "received_on" else "they agreed"
            faults.append(Reason(f"Enter the day on which {what}, such as 27 3 2027.", key))
        elif day > today:
            faults.append(Reason("This day is still to come.", key))
    email, fault = _email(given.email)
    if fault is not None:
        faults.append(fault)
    if faults:
        raise Blocked(*faults)
    return email


def _email(text: str) -> tuple[str | None, Reason | None]:
    if not text.strip():
        return None, None
    try:
        return people.checked_email(text), None
    except Blocked as blocked:
        return None, blocked.reasons[0]


def _area(round_record: Round, name: str) -> AllocationArea:
    area = db.session.scalar(
        sa.select(AllocationArea).where(
            AllocationArea.round_id == round_record.id, AllocationArea.name == name
        )
    )
    if area is None:
        raise Blocked(Reason("Choose the share of the round.", "area"))
    return area


def _applicant(
    actor: Actor,
    round_record: Round,
    area: AllocationArea,
    group: uuid.UUID | NewGroup,
    now: dt.datetime,
) -> Organisation:
    if isinstance(group, NewGroup):
        return _new_group(actor, round_record, area, group, now)
    covers = sa.exists().where(
        AllocationAreaCouncil.allocation_area_id == area.id,
        AllocationAreaCouncil.area_code == OrganisationArea.area_code,
        OrganisationArea.organisation_id == Organisation.id,
    )
    found: Organisation | None = db.session.scalar(
        sa.select(Organisation)
        .join(Round, Round.id == round_record.id)
        .where(Organisation.key == group, takes(), covers)
    )
    if found is None:
        raise Blocked(Reason("This organisation can't apply for that share.", "organisation"))
    return found


def _new_group(
    actor: Actor, round_record: Round, area: AllocationArea, group: NewGroup, now: dt.datetime
) -> Organisation:
    """Groups apply to local rounds, partnerships to the programme."""
    is_local = round_record.tier == Tier.LOCAL
    record = Organisation(
        reference=f"ORG-{uuid.uuid4().hex[:10].upper()}",
        name=" ".join(group.name.split()),
        kind=OrganisationKind.GROUP if is_local else OrganisationKind.PARTNERSHIP,
        is_fictional=round_record.is_illustrative,
        rehearsal_id=round_record.rehearsal_id,
        address=group.address.strip()[:LONGEST],
        postcode=group.postcode.strip().upper()[:10] or None,
        charity_number=group.charity_number.strip()[:20] or None,
        company_number=group.company_number.strip()[:20] or None,
    )
    db.session.add(record)
    db.session.flush()
    codes = db.session.scalars(
        sa.select(AllocationAreaCouncil.area_code).where(
            AllocationAreaCouncil.allocation_area_id == area.id
        )
    )
    db.session.add_all(
        OrganisationArea(organisation_id=record.id, area_code=code) for code in codes
    )
    db.session.flush()
    audit.record(
        actor,
        "add-organisation",
        ("organisation", record.id, record.reference),
        now=now,
        after={"name": record.name},
    )
    return record


def _is_late(round_record: Round, given: Given, now: dt.datetime) -> bool:
    """Whether it is typed after the deadline. What came after it is refused as everybody's is."""
    if round_record.state == RoundState.DRAFT or now < round_record.opens_at:
        raise Blocked(Reason("This round takes no applications yet.", "received_on"))
    if round_record.state == RoundState.OPEN and now < round_record.closes_at:
        return False
    last = dates.today(round_record.closes_at)
    if given.received_on is None or given.received_on > last:
        raise Blocked(Reason(late_sentence(round_record, now).text, "received_on"))
    return True


def _entry(
    actor: Actor, record: Application, given: Given, email: str | None, now: dt.datetime
) -> HelpedEntry:
    return HelpedEntry(
        application_id=record.id,
        channel=Channel(given.channel),
        given_by=" ".join(given.given_by.split()),
        email=email,
        phone=given.phone.strip()[:40] or None,
        received_on=given.received_on,
        consent_on=given.consent_on,
        consent_how=given.consent_how.strip(),
        entered_by=actor.person_id,
        entered_at=now,
    )


def _bar(actor: Actor, record: Application, now: dt.datetime) -> None:
    """One who helps; from now on it does not exist for them as one who judges."""
    db.session.add(
        ApplicationHelper(application_id=record.id, person_id=actor.person_id, since=now)
    )
    known = db.session.scalar(
        sa.select(Conflict).where(
            Conflict.application_id == record.id, Conflict.person_id == actor.person_id
        )
    )
    if known is None:
        db.session.add(
            Conflict(
                application_id=record.id,
                person_id=actor.person_id,
                kind=Interest.HELPED,
                detail=WHY,
                declared_at=now,
            )
        )


def _entered(actor: Actor, key: uuid.UUID) -> tuple[Application, HelpedEntry]:
    row: Any = db.session.execute(
        applications_of(Application, HelpedEntry)
        .join(HelpedEntry, HelpedEntry.application_id == Application.id)
        .where(Application.key == key, visible(actor, Action.ENTER_FOR_GROUP))
        .with_for_update(of=Application)
    ).one_or_none()
    if row is None:
        raise NotFound(access.NO_SUCH)
    return row[0], row[1]


def _helps(actor: Actor, record: Application) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    ApplicationHelper.application_id == record.id,
                    ApplicationHelper.person_id == actor.person_id,
                )
            )
        )
    )


def _has_judged(actor: Actor, record: Application) -> bool:
    reads = sa.exists().where(
        Assessment.application_id == record.id, Assessment.person_id == actor.person_id
    )
    decides = sa.exists().where(
        Award.application_id == record.id,
        sa.or_(Award.recommended_by == actor.person_id, Award.decided_by == actor.person_id),
    )
    return bool(db.session.scalar(sa.select(sa.or_(reads, decides))))


def _is_own(actor: Actor, record: Application, round_record: Round) -> bool:
    return any(
        actor.holds(role, organisation_id=record.organisation_id, fund=round_record.fund)
        for role in APPLICANTS
    )


def _has_people(organisation_id: int, fund: str, now: dt.datetime) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.organisation_id == organisation_id,
                    Membership.role.in_(sorted(APPLICANTS)),
                    sa.or_(Membership.fund.is_(None), Membership.fund == fund),
                    sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
                )
            )
        )
    )
