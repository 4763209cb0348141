"""What an applicant submitter does with the people of their own organisation."""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Membership, Person
from grants.rules.actions import Action
from grants.rules.people import Actor, Role
from grants.rules.permissions import Case, may
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason
from grants.services import people, roles
from grants.services.transaction import transaction

MAY_INVITE = (Role.APPLICANT_EDITOR, Role.SIGNATORY, Role.PROJECT_REPORTER)
OWN = frozenset({*MAY_INVITE, Role.APPLICANT_SUBMITTER})
NO_SUCH = "There is no such page."


def invite(
    actor: Actor,
    organisation_key: uuid.UUID,
    name: str,
    email: str,
    role: Role,
    *,
    base_url: str,
    now: dt.datetime,
) -> None:
    """Give a role below one's own to a colleague, who is told by e-mail."""
    with transaction():
        organisation, fund = _own(actor, organisation_key)
        if role not in MAY_INVITE:
            raise Forbidden("Only an administrator can give this role.")
        email = people.checked_email(email)
        record = db.session.scalar(sa.select(Person).where(Person.email == email))
        if record is None:
            record = people.new_person(actor, name, email, now=now)
        else:
            _refuse_strangers(actor, record, organisation, role, now)
        roles.give(actor, record, organisation, (role, fund, now, None), now)
        if record.password_hash is None:
            people.send_invitation(actor, record, organisation, base_url=base_url, now=now)


def _own(actor: Actor, key: uuid.UUID) -> tuple[Organisation, str | None]:
    """The organisation, and the fund for which this person manages it (None: every fund)."""
    organisation = db.session.scalar(
        sa.select(Organisation).where(Organisation.key == key).with_for_update()
    )
    if organisation is not None:
        for held in actor.places(Role.APPLICANT_SUBMITTER):
            case = Case(fund=held.fund or "", applicant_id=organisation.id)
            if held.organisation_id == organisation.id and may(actor, Action.MANAGE_MEMBERS, case):
                return organisation, held.fund
    raise NotFound(NO_SUCH)


def _refuse_strangers(
    actor: Actor, record: Person, organisation: Organisation, role: Role, now: dt.datetime
) -> None:
    """An account that has to do with somebody else's work is given roles by administrators alone."""
    if record.id == actor.person_id:
        raise Forbidden("You can't change your own role.")
    current = db.session.scalars(
        sa.select(Membership).where(
            Membership.person_id == record.id,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
        )
    ).all()
    if any(held.organisation_id == organisation.id and held.role == role for held in current):
        raise Blocked(Reason("They have this role already.", "role"))
    if record.disabled_at is not None or any(held.role not in OWN for held in current):
        raise Blocked(Reason("Ask the fund's team to add this person.", "email"))


def remove(actor: Actor, organisation_key: uuid.UUID, membership: int, *, now: dt.datetime) -> None:
    """End a role in one's own organisation; the last submitter stays."""
    with transaction():
        organisation, fund = _own(actor, organisation_key)
        row = db.session.execute(
            sa.select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.id == membership,
                Membership.organisation_id == organisation.id,
                Membership.role.in_(sorted(OWN)),
            )
        ).first()
        if row is None or fund not in {None, row.Membership.fund}:
            raise NotFound(NO_SUCH)
        if row.Membership.role == Role.APPLICANT_SUBMITTER and not _has_another(
            row.Membership, now
        ):
            raise Blocked("There must be somebody who can send applications. Ask the fund's team.")
        roles.stop(actor, row.Person, row.Membership, now)


def _has_another(held: Membership, now: dt.datetime) -> bool:
    """Whether somebody else can still send for all that this submitter sends for."""
    covers: list[sa.ColumnElement[bool]] = [Membership.fund.is_(None)]
    if held.fund is not None:
        covers.append(Membership.fund == held.fund)
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.organisation_id == held.organisation_id,
                    Membership.role == Role.APPLICANT_SUBMITTER,
                    Membership.id != held.id,
                    Membership.person_id == Person.id,
                    Person.disabled_at.is_(None),
                    Membership.starts_at <= now,
                    sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
                    sa.or_(*covers),
                )
            )
        )
    )
