"""Whom a move tells: from the kind of message to the people, one message each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.outcome_return import OutcomeReturn
from grants.models.person import Membership, Person
from grants.models.round import Round
from grants.models.share import Share
from grants.notifications import outbox
from grants.rules.people import APPLICANTS, Role
from grants.rules.states import Tier

TO_FUNDER = frozenset({"accepted", "offer_declined", "return_received", "taken_back"})
IF_SENT = frozenset({"taken_back"})  # a draft was never the fund's to know of
# Whoever gave an application to be typed hears of these by mail, with or without an account.
TO_CONTACT = frozenset({"returned", "withdrawn", "outcome", "letter", "lapsed"})
REPORTERS = frozenset({Role.PROJECT_REPORTER})


def tell(kind: str, record: Any, about: Application | None, *, now: dt.datetime) -> None:
    """Queue this kind of message to everybody it concerns, in the verb's own transaction."""
    if about is None or (kind in IF_SENT and about.number is None):
        return
    round_record = db.session.get_one(Round, about.round_id)
    named = record.obligation.project if isinstance(record, OutcomeReturn) else about
    values = {
        "reference": named.reference,
        "title": named.title,
        "round_title": round_record.title,
    }
    people = _people(kind, record, about, round_record, now)
    if kind in TO_CONTACT:
        _tell_contact(kind, record, about, {person.email for person in people}, values, now)
    for person in people:
        outbox.queue(
            kind,
            person.email,
            now=now,
            values={**values, "name": person.name},
            once=f"{kind}:{type(record).__name__}:{record.id}:{record.version}:{person.id}",
            round_id=round_record.id,
        )


def _tell_contact(
    kind: str,
    record: Any,
    about: Application,
    told: set[str],
    values: dict[str, str],
    now: dt.datetime,
) -> None:
    """Who gave an application that the fund typed for them may have no account: they are told too."""
    entry = db.session.scalar(sa.select(HelpedEntry).where(HelpedEntry.application_id == about.id))
    if entry is None or not entry.email or entry.email in told:
        return
    outbox.queue(
        kind,
        entry.email,
        now=now,
        values={**values, "name": entry.given_by},
        once=f"{kind}:{type(record).__name__}:{record.id}:{record.version}:contact",
        round_id=about.round_id,
    )


def _helpers(about: Application) -> list[Person]:
    """Those who type it for its group, while it has not taken it over."""
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(ApplicationHelper, ApplicationHelper.person_id == Person.id)
            .join(HelpedEntry, HelpedEntry.application_id == ApplicationHelper.application_id)
            .where(
                HelpedEntry.application_id == about.id,
                HelpedEntry.taken_over_at.is_(None),
                Person.disabled_at.is_(None),
            )
            .order_by(Person.id)
        )
    )


def _people(
    kind: str, record: Any, about: Application, round_record: Round, now: dt.datetime
) -> list[Person]:
    if kind in TO_FUNDER:
        roles = managers(round_record) | ({Role.APPROVER} if kind == "taken_back" else set())
        return members(
            round_record.organisation_id, frozenset(roles), round_record.fund, now, about=about
        )
    if isinstance(record, Assessment):
        return list(
            db.session.scalars(
                sa.select(Person).where(Person.id == record.person_id, ~_has_interest(about))
            )
        )
    if isinstance(record, OutcomeReturn):
        runner = record.obligation.project.organisation_id
        people = members(runner, REPORTERS, round_record.fund, now)
        return people or members(about.organisation_id, APPLICANTS, round_record.fund, now)
    if kind == "returned":
        return writers(about, round_record, now)
    return members(about.organisation_id, APPLICANTS, round_record.fund, now)


def writers(about: Application, round_record: Round, now: dt.datetime) -> list[Person]:
    """Who can put an application right: its own people, and those who type it for its group."""
    people = members(about.organisation_id, APPLICANTS, round_record.fund, now)
    return people + _helpers(about)


def managers(round_record: Round) -> frozenset[Role]:
    """The roles of those who run a round."""
    officers = {Role.PARTNERSHIP_OFFICER} if round_record.tier == Tier.LOCAL else set()
    return frozenset({Role.FUND_MANAGER, *officers})


def _has_interest(about: Application) -> sa.ColumnElement[bool]:
    """For who has an interest in the application, it does not exist: in mail neither."""
    return Person.id.in_(
        sa.union_all(
            sa.select(Conflict.person_id).where(Conflict.application_id == about.id),
            sa.select(Share.person_id).where(
                Share.application_id == about.id, Share.person_id.is_not(None)
            ),
        )
    )


def members(
    organisation_id: int,
    roles: frozenset[Role],
    fund: str,
    now: dt.datetime,
    *,
    about: Application | None = None,
) -> list[Person]:
    """People who hold one of these roles there now and may sign in, each once, in a fixed order.

    ``about`` leaves out whoever has an interest in that application.
    """
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.role.in_(sorted(roles)),
                sa.or_(Membership.fund.is_(None), Membership.fund == fund),
                Membership.starts_at <= now,
                sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
                Person.disabled_at.is_(None),
                *(() if about is None else (~_has_interest(about),)),
            )
            .distinct()
            .order_by(Person.id)
        )
    )
