"""Confirming what one was asked to: by a link, then a code that was mailed to the same address.

No account is made. The link alone shows who asks; the code, typed in the same browser, shows the
application. Guessing is counted twice: by time, and by how many codes one request may ever have.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fills, Fund
from grants.models.application import Application
from grants.models.confirmation import Confirmation
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.notifications import outbox
from grants.queries.answer_words import SectionText, sections_in_words
from grants.queries.applications import files_of
from grants.queries.definitions import fund_of
from grants.rules import eligibility
from grants.rules.confirmations import Kind, Reply, Standing
from grants.rules.money import Pence
from grants.rules.people import CLOCK, Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason, Stale
from grants.rules.states import ApplicationState
from grants.services import confirmations, standing, tries, versions
from grants.services.transaction import transaction

CODE_LIVES = dt.timedelta(minutes=15)
VISIT_LIVES = dt.timedelta(hours=1)
MOST_CODES = 10  # of one request: then it must be made anew
MOST_TRIES = 5  # of one code
OVER = "This link no longer works. Ask whoever sent it for a new one."
WRONG = "This code is not right. Look at the latest e-mail."
BARRED = "You work or assess for this fund, so you can't confirm an application to it."
CHANGED = "The application was changed while you read it. Read it again, then decide."
EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)
Secret = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the holder of a link may see without a code."""

    kind: Kind
    name: str
    role: str
    asker: str
    organisation: str
    title: str
    round_title: str
    standing: Standing
    decided_at: dt.datetime | None
    hidden_email: str
    is_code_sent: bool
    codes_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The application as it stands, for who typed the code. A partner is shown its own part alone."""

    asked: Asked
    sha256: str
    area: str
    totals: eligibility.Totals
    most: Pence
    projects: int
    sections: tuple[SectionText, ...]
    part: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Place:
    record: Confirmation
    application: Application
    round: Round
    organisation: str
    asker: str


def asked(token: str, *, now: dt.datetime) -> Asked:
    """What the link is for. Looking uses nothing up. Raises NotFound when it is over."""
    return _asked(_place(token, now), now)


def send_code(
    token: str, *, seen: int, address: str, now: dt.datetime, six: Secret | None = None
) -> None:
    """Mail six figures to the address that was asked. The code before is dead.

    ``seen`` is how many had been mailed when the page was opened: sent twice, one is mailed.
    """
    tries.count(("link", token), ("address", address), now=now, field="")
    with transaction():
        place = _place(token, now, lock=True)
        record = place.record
        if record.codes_sent > seen:
            return
        if record.codes_sent >= MOST_CODES:
            raise Blocked(f"{MOST_CODES} codes were sent already. Ask for a new link.")
        code = (six or _six)()
        record.code_sha256, record.code_until = _sealed(token, code), now + CODE_LIVES
        record.codes_sent, record.tries = record.codes_sent + 1, 0
        outbox.queue(
            "confirmation_code",
            record.email,
            now=now,
            values={"name": record.name, "code": code, "title": place.application.title},
            round_id=place.round.id,
        )


def enter(token: str, code: str, *, address: str, now: dt.datetime) -> str:
    """Take the code; gives what this one browser shows from now on. Raises Blocked for a wrong one."""
    tries.count(("code", token), ("address", address), now=now, field="code")
    with transaction():
        record = _place(token, now, lock=True).record
        is_good = record.code_until is not None and now < record.code_until
        if not is_good or record.tries >= MOST_TRIES or record.code_sha256 is None:
            raise Blocked(Reason("Ask for a new code: the last one is no longer good.", "code"))
        typed = "".join(code.split())
        is_right = secrets.compare_digest(record.code_sha256, _sealed(token, typed))
        visit = secrets.token_urlsafe(32)
        if is_right:
            record.code_sha256 = record.code_until = None
            record.visit_sha256, record.visit_until = tries.digest(visit), now + VISIT_LIVES
            tries.forget_all("code", token)
            tries.forget(("address", address), now=now)
        else:
            record.tries += 1
    if not is_right:
        raise Blocked(Reason(WRONG, "code"))
    return visit


def shown(token: str, visit: str, *, now: dt.datetime) -> Shown | None:
    """The application as it stands, in the browser in which the code was typed; None in any other."""
    place = _place(token, now)
    if not _is_visit(place.record, visit, now):
        return None
    fund = fund_of(CLOCK, place.application.definition_id)
    sources = versions.read(place.application)
    is_whole = place.record.kind == Kind.SIGN_OFF
    projects = fund.table(Fills.PROJECTS)
    files = files_of(place.application.id)
    return Shown(
        asked=_asked(place, now),
        sha256=confirmations.today_of(place.record, fund, sources),
        area=sources.area,
        totals=eligibility.totals(fund, sources.answers),
        most=sources.most,
        projects=len(eligibility.filled_rows(projects, sources.answers)) if projects else 0,
        sections=sections_in_words(fund, sources.answers, files) if is_whole else (),
        part=() if is_whole else _part(fund, sources, place.record.row),
    )


def confirm(token: str, visit: str, seen: str, *, now: dt.datetime) -> None:
    """Sign it off, or confirm one's part, as it was shown (``seen``). Raises Stale when it changed."""
    with transaction():
        place = _open_place(token, visit, now, (Reply.CONFIRMED, seen))
        if place is None:
            return
        fund = fund_of(CLOCK, place.application.definition_id)
        today = confirmations.today_of(place.record, fund, versions.read(place.application))
        if not today or seen != today:
            raise Stale(CHANGED)
        place.record.content_sha256 = today
        _decide(place, Reply.CONFIRMED, "confirm", "", now)


def send_back(token: str, visit: str, words: str, *, now: dt.datetime) -> None:
    """Ask for a change, in words. It can be confirmed once one is asked again."""
    if not words.strip():
        raise Blocked(Reason("Say what should be changed.", "words"))
    with transaction():
        place = _open_place(token, visit, now, (Reply.SENT_BACK, words.strip()))
        if place is None:
            return
        place.record.words = words.strip()
        _decide(place, Reply.SENT_BACK, "send-back", words.strip(), now)


def _decide(place: _Place, reply: Reply, act: str, reason: str, now: dt.datetime) -> None:
    record = place.record
    record.reply, record.decided_at = reply, now
    actor = Actor(0, f"{record.name} ({record.email})"[:300])
    confirmations.note(actor, act, record, place.application, now, reason)
    for person in confirmations.askers(place.application, place.round.fund, now):
        outbox.queue(
            "confirmation_answered",
            person.email,
            now=now,
            values={
                "name": person.name,
                "who": record.name,
                "title": place.application.title,
                "reference": place.application.reference,
            },
            once=f"confirmation:{record.id}:{person.id}",
            round_id=place.round.id,
        )


def _open_place(
    token: str, visit: str, now: dt.datetime, answer: tuple[Reply, str]
) -> _Place | None:
    """The request in the right browser, while it can still be answered; None where just this answer
    was given already."""
    place = _place(token, now, lock=True)
    record = place.record
    if not _is_visit(record, visit, now):
        raise MoveNotAllowed("Type the code again: it has been a while.")
    about = record.content_sha256 if record.reply == Reply.CONFIRMED else record.words
    if (record.reply, about) == answer:
        return None
    if record.reply != Reply.WAITING:
        raise MoveNotAllowed("You have answered already. Ask for a new link to answer anew.")
    person = db.session.scalar(sa.select(Person.id).where(Person.email == record.email))
    if person is not None and standing.is_funders(
        person, place.round, place.application.id, now=now
    ):
        raise Blocked(BARRED)
    return place


def _place(token: str, now: dt.datetime, *, lock: bool = False) -> _Place:
    statement = (
        sa.select(Confirmation, Application, Round, Organisation.name, Person.name)
        .join(Application, Application.id == Confirmation.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Person, Person.id == Confirmation.asked_by)
        .where(
            Confirmation.token_sha256 == tries.digest(token),
            Confirmation.reply != Reply.OVER,
            Confirmation.expires_at > now,
            Application.state.in_(EDITABLE),
        )
    )
    if lock:
        statement = statement.with_for_update(of=Confirmation)
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(OVER)
    return _Place(*row)


def _asked(place: _Place, now: dt.datetime) -> Asked:
    record = place.record
    fund = fund_of(CLOCK, place.application.definition_id)
    today = confirmations.today_of(record, fund, versions.read(place.application))
    return Asked(
        kind=record.kind,
        name=record.name,
        role=record.role,
        asker=place.asker,
        organisation=place.organisation,
        title=place.application.title,
        round_title=place.round.title,
        standing=confirmations.standing_of(record, today, now),
        decided_at=record.decided_at,
        hidden_email=_hidden(record.email),
        is_code_sent=record.code_until is not None and now < record.code_until,
        codes_sent=record.codes_sent,
    )


def _part(fund: Fund, sources: versions.Sources, row: str) -> tuple[tuple[str, str], ...]:
    """The partner's own row: (question, answer), in words."""
    table = fund.table(Fills.PARTNERS)
    if table is None:
        return ()
    for section in sections_in_words(fund, sources.answers):
        for answer in section.answers:
            if answer.key == table.key:
                found = next((one for one in answer.rows if one.key == row), None)
                return tuple(zip(answer.columns, found.cells, strict=True)) if found else ()
    return ()


def _is_visit(record: Confirmation, visit: str, now: dt.datetime) -> bool:
    is_good = record.visit_until is not None and now < record.visit_until
    kept = record.visit_sha256 or ""
    return is_good and bool(visit) and secrets.compare_digest(kept, tries.digest(visit))


def _hidden(email: str) -> str:
    """Enough of an address to know it again: "b…@example.org"."""
    name, _, place = email.rpartition("@")
    return f"{name[:1]}…@{place}"


def _six() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def _sealed(token: str, code: str) -> str:
    return tries.digest(f"{token} {code}")
