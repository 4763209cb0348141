"""Asking people to confirm an application before it is sent, and what is still missing of that.

A second named person signs the whole of it off; each partner confirms its own row. A confirmation holds
for the fingerprint of what was shown: any change voids it, and nothing needs to be written for that.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.confirmation import Confirmation
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.notifications import outbox
from grants.queries.definitions import fund_of
from grants.rules import confirmations as rules
from grants.rules.actions import Action
from grants.rules.confirmations import Kind, Reply, Standing
from grants.rules.eligibility import Answers
from grants.rules.frozen import content_of, fingerprint
from grants.rules.people import APPLICANTS, Actor, Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.services import access, people, telling, tries, versions
from grants.services.access import Found
from grants.services.answers import refuse_late
from grants.services.transaction import transaction

LIVES = dt.timedelta(days=14)
NOT_HERE = "This round does not ask for this."
MOST = 60  # requests of one application, those that are over too


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom to ask for what. ``row`` is a partner's; empty for a sign-off."""

    kind: Kind
    row: str = ""
    name: str
    role: str
    email: str


def ask(
    actor: Actor,
    key: uuid.UUID,
    wanted: Wanted,
    *,
    seen: uuid.UUID | None = None,
    base_url: str,
    now: dt.datetime,
) -> None:
    """Ask this person by e-mail; whoever was asked before for the same is replaced.

    ``seen`` is the request that stood there when it was typed: where just this was asked since, it was
    sent twice, and is asked once.
    """
    tries.count(("link", f"confirm {key} {wanted.kind} {wanted.row}"), now=now, field="email")
    with transaction():
        found, fund = _editable(actor, key, wanted.kind, now)
        sources = versions.read(found.thing)
        email = _checked(found, wanted, now)
        if wanted.kind == Kind.SIGN_OFF:
            _refuse_unfinished(fund, sources)
        elif wanted.row not in {p.row for p in rules.partners(fund, sources.answers)}:
            raise NotFound(access.NO_SUCH)
        name, role = people.checked_name(wanted.name), " ".join(wanted.role.split())[:300]
        if _was_asked(found.thing, wanted, (name, role, email), seen, now):
            return
        _replace(found.thing, wanted)
        token = secrets.token_urlsafe(32)
        record = Confirmation(
            application_id=found.thing.id,
            kind=wanted.kind,
            row=wanted.row,
            name=name,
            role=role,
            email=email,
            token_sha256=tries.digest(token),
            asked_at=now,
            asked_by=actor.person_id,
            expires_at=now + LIVES,
            reply=Reply.WAITING,
        )
        db.session.add(record)
        db.session.flush()
        _mail(actor, record, found.thing, f"{base_url}/confirmations/{token}", now)
        note(actor, "ask-to-confirm", record, found.thing, now)


def ask_again(
    actor: Actor, key: uuid.UUID, confirmation: uuid.UUID, *, base_url: str, now: dt.datetime
) -> None:
    """Ask the same person once more, with a new link: late, sent back, or changed since."""
    was = _known(actor, key, confirmation)
    wanted = Wanted(kind=was.kind, row=was.row, name=was.name, role=was.role, email=was.email)
    ask(actor, key, wanted, seen=confirmation, base_url=base_url, now=now)


def take_back(actor: Actor, key: uuid.UUID, confirmation: uuid.UUID, *, now: dt.datetime) -> None:
    """Ask no more: the link is dead. Taken back twice, it is taken back once."""
    with transaction():
        found = access.application(actor, key, Action.ASK_CONFIRMATION, lock=True)
        record = _known(actor, key, confirmation)
        if record.reply == Reply.OVER:
            return
        record.reply = Reply.OVER
        note(actor, "take-request-back", record, found.thing, now)


def read(record: Application, fund: Fund) -> list[Confirmation]:
    """The requests of an application that are not over. One statement, none where nothing is asked."""
    stages = fund.stages
    return _held(record.id) if stages.sign_off or stages.partners_confirm else []


def missing_sign_off(
    all_held: Sequence[Confirmation], fund: Fund, sha256: str, sender: Actor
) -> Sequence[Reason]:
    """What keeps it from being sent for want of a sign-off by somebody else than who sends it."""
    if not fund.stages.sign_off:
        return ()
    held = [one for one in all_held if one.kind == Kind.SIGN_OFF]
    if not held:
        return (Reason("A second person must sign it off before you send it.", "sign_off"),)
    signed = held[0]
    if signed.reply != Reply.CONFIRMED:
        return (Reason(f"{signed.name} has not signed it off yet.", "sign_off"),)
    if signed.content_sha256 != sha256:
        return (
            Reason(
                f"It was changed after {signed.name} signed it off, so that no longer counts. "
                f"Ask {signed.name} again.",
                "sign_off",
            ),
        )
    if rules.is_same_person(signed.name, signed.email, sender.name, sender.email):
        return (
            Reason(
                "You signed it off, so somebody else must send it: the two must differ.", "sign_off"
            ),
        )
    return ()


def missing_partners(
    all_held: Sequence[Confirmation], fund: Fund, answers: Answers
) -> Sequence[Reason]:
    """Every partner that has not confirmed its part as it stands now."""
    if not fund.stages.partners_confirm:
        return ()
    held = {one.row: one for one in all_held if one.kind == Kind.PARTNER}
    found = []
    for partner in rules.partners(fund, answers):
        one = held.get(partner.row)
        if one is None:
            found.append(f"{partner.name} has not been asked to confirm its part.")
        elif one.reply == Reply.SENT_BACK:
            found.append(f"{partner.name} asks for a change to its part.")
        elif one.reply != Reply.CONFIRMED:
            found.append(f"{partner.name} has not confirmed its part yet.")
        elif one.content_sha256 != partner.sha256:
            found.append(
                f"The part of {partner.name} was changed after it confirmed it. Ask again."
            )
    return tuple(Reason(sentence, "partners") for sentence in found)


def kept_with_version(
    all_held: Sequence[Confirmation], fund: Fund, answers: Answers
) -> list[dict[str, Any]]:
    """Who confirmed what is sent, as the version keeps it for good."""
    names = {p.row: p.name for p in rules.partners(fund, answers)} | {"": ""}
    is_on = {Kind.SIGN_OFF: fund.stages.sign_off, Kind.PARTNER: fund.stages.partners_confirm}
    return [
        {
            "kind": one.kind.value,
            "what": names[one.row],
            "name": one.name,
            "role": one.role,
            "at": one.decided_at.isoformat(),
        }
        for one in sorted(all_held, key=lambda one: (one.kind, one.row), reverse=True)
        if is_on[one.kind] and one.row in names and one.decided_at is not None
        if one.reply == Reply.CONFIRMED
    ]


def note(
    actor: Actor,
    action: str,
    record: Confirmation,
    application: Application,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Remember an act on a request."""
    audit.record(
        actor,
        action,
        ("application", application.id, application.reference),
        now=now,
        after={
            "kind": record.kind,
            "row": record.row,
            "name": record.name,
            "email": record.email,
            "content": record.content_sha256,
        },
        reason=reason,
    )


def today_of(record: Confirmation, fund: Fund, sources: versions.Sources) -> str:
    """The fingerprint of what this request is about, as it stands now; nothing once its row is gone."""
    if record.kind == Kind.SIGN_OFF:
        return fingerprint(content_of(fund, sources.answers, sources.files))
    found = {p.row: p.sha256 for p in rules.partners(fund, sources.answers)}
    return found.get(record.row, "")


def standing_of(record: Confirmation, today: str, now: dt.datetime) -> Standing:
    """How this request stands."""
    return rules.standing(record.reply, record.content_sha256, today, record.expires_at, now)


def _editable(
    actor: Actor, key: uuid.UUID, kind: Kind, now: dt.datetime
) -> tuple[Found[Application], Fund]:
    found = access.application(actor, key, Action.ASK_CONFIRMATION, lock=True)
    refuse_late(found.thing, found.round, now)
    fund = fund_of(actor, found.thing.definition_id)
    stages = fund.stages
    if not (stages.sign_off if kind == Kind.SIGN_OFF else stages.partners_confirm):
        raise MoveNotAllowed(NOT_HERE)
    return found, fund


def _checked(found: Found[Application], wanted: Wanted, now: dt.datetime) -> str:
    """The e-mail in lower case. Raises Blocked with all that is wrong with the person."""
    people.checked_name(wanted.name)
    email = people.checked_email(wanted.email)
    of = (found.thing.organisation_id, found.round.fund, now)
    if wanted.kind == Kind.PARTNER:
        own = telling.members(of[0], APPLICANTS, *of[1:])
        if rules.mailbox(email) in {rules.mailbox(person.email) for person in own}:
            raise Blocked(
                Reason("This is somebody of your own organisation. Enter the partner's.", "email")
            )
        return email
    senders = telling.members(of[0], frozenset({Role.APPLICANT_SUBMITTER}), *of[1:])
    others = [
        person
        for person in senders
        if not rules.is_same_person(wanted.name, email, person.name, person.email)
    ]
    if not others:
        raise Blocked(
            Reason(
                "Only this person can send the application, so somebody else must sign it off.",
                "email",
            )
        )
    return email


def _refuse_unfinished(fund: Fund, sources: versions.Sources) -> None:
    if versions.missing(fund, sources):
        raise Blocked(
            "Something is still missing. Finish the application first: a sign-off holds for what "
            "stands there then."
        )


def _was_asked(
    application: Application,
    wanted: Wanted,
    who: tuple[str, str, str],
    seen: uuid.UUID | None,
    now: dt.datetime,
) -> bool:
    """Whether just this person was asked for just this, after the page was opened."""
    return any(
        (one.kind, one.row) == (wanted.kind, wanted.row)
        and one.key != seen
        and (one.reply, one.name, one.role, one.email) == (Reply.WAITING, *who)
        and one.expires_at > now
        for one in _held(application.id)
    )


def _replace(application: Application, wanted: Wanted) -> None:
    """Whoever was asked for the same is asked no more."""
    count = db.session.scalar(
        sa.select(sa.func.count()).where(Confirmation.application_id == application.id)
    )
    if (count or 0) >= MOST:
        raise Blocked(Reason("Too many people were asked already. Write to the fund.", "email"))
    for record in _held(application.id):
        if (record.kind, record.row) == (wanted.kind, wanted.row):
            record.reply = Reply.OVER
    db.session.flush()


def _held(application_id: int) -> list[Confirmation]:
    return list(
        db.session.scalars(
            sa.select(Confirmation)
            .where(
                Confirmation.application_id == application_id,
                Confirmation.reply != Reply.OVER,
            )
            .order_by(Confirmation.id)
        )
    )


def _known(actor: Actor, key: uuid.UUID, confirmation: uuid.UUID) -> Confirmation:
    application = access.application(actor, key, Action.ASK_CONFIRMATION).thing
    record = db.session.scalar(
        sa.select(Confirmation).where(
            Confirmation.application_id == application.id, Confirmation.key == confirmation
        )
    )
    if record is None:
        raise NotFound(access.NO_SUCH)
    return record


def _mail(
    actor: Actor, record: Confirmation, application: Application, link: str, now: dt.datetime
) -> None:
    organisation = db.session.get_one(Organisation, application.organisation_id)
    outbox.queue(
        "sign_off" if record.kind == Kind.SIGN_OFF else "partner_confirms",
        record.email,
        now=now,
        values={
            "name": record.name,
            "asker": actor.name,
            "organisation": organisation.name,
            "title": application.title,
            "link": link,
        },
        round_id=application.round_id,
    )


def askers(application: Application, fund: str, now: dt.datetime) -> list[Person]:
    """Who is told of the answer: those who write the application."""
    editors = frozenset({Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER})
    return telling.members(application.organisation_id, editors, fund, now)
