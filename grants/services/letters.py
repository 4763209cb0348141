"""Letters: drafted by one person, issued by another, frozen, replaced only by a new one."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from grants import audit, queue
from grants.documents.letters import letter_pdf
from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.job import Job
from grants.models.letter import Letter
from grants.models.organisation import Organisation
from grants.models.round import Round
from grants.queries import visible as v
from grants.queries.definitions import fund_of
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason, Refusal
from grants.rules.states import KNOWN, AwardState, JobState, LetterState, Tier
from grants.services import access, acting, already, letter_words
from grants.services.access import Found
from grants.services.moving import move
from grants.services.transaction import transaction
from grants.storage.store import files

# No letter or figure that can be taken for another.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
GROUPS, GROUP = 3, 4
WANTED = (AwardState.RELEASED, AwardState.DECLINED, AwardState.ACCEPTED)
JOB = "make_letters"


class Progress(Protocol):
    """Says how far a job is. Called outside transactions."""

    def __call__(self, done: int, total: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class LetterFile:
    """An issued or drafted letter as a file."""

    name: str
    data: bytes
    sha256: str


def draft(
    actor: Actor, award_key: uuid.UUID, *, verify_address: str, now: dt.datetime
) -> uuid.UUID:
    """Draft the letter of a released award, with its number, code, words and bytes.

    Where a letter of the award stands already, its key comes back and nothing is made. Refuses
    while a place in the letter is empty, naming every one. Returns the letter's key.
    """
    with transaction():
        found = access.award(actor, award_key, Action.DRAFT_LETTER, lock=True)
        if found.thing.state not in KNOWN:
            raise Blocked("A letter is made once the outcome is released.")
        standing = _standing(found.thing)
        if standing is not None:
            return standing.key
        return _draft(actor, found, verify_address, now).key


def make_all(
    actor: Actor, round_key: uuid.UUID, *, verify_address: str, now: dt.datetime
) -> uuid.UUID:
    """Ask for every letter that is missing in a round: long work. Returns the job's key.

    Asked again while that waits, it is that.
    """
    with transaction():
        access.round_(actor, round_key, Action.READ_ROUND, lock=True)
        waiting = db.session.scalar(
            sa.select(Job.key).where(
                Job.kind == JOB,
                Job.asked_by == actor.person_id,
                Job.state == JobState.QUEUED,
                Job.payload["round_key"].as_string() == str(round_key),
            )
        )
        if waiting is not None:
            return waiting
        total = len(_without_letter(actor, round_key))
        if not total:
            raise Blocked("Every released outcome of this round has its letter.")
        payload = {
            "round_key": str(round_key),
            "person_id": actor.person_id,
            "verify_address": verify_address,
        }
        return queue.put(JOB, payload, actor=actor, now=now, total=total).key


def make(payload: dict[str, Any], *, now: dt.datetime, progress: Progress) -> dict[str, Any]:
    """Draft every letter that is missing in a round, one transaction each: the job of ``make_all``.

    Safe to run again after it was cut short. What cannot be drafted is listed with its reason.
    """
    actor = acting.actor_with_id(payload["person_id"], now=now)
    wanted = _without_letter(actor, uuid.UUID(payload["round_key"]))
    db.session.rollback()
    made, refused = 0, []
    for done, (key, reference) in enumerate(wanted, start=1):
        try:
            draft(actor, key, verify_address=payload["verify_address"], now=now)
            made += 1
        except Refusal as refusal:
            refused.append({"reference": reference, "why": str(refusal)})
        progress(done, len(wanted))
    return {"made": made, "refused": refused}


def issue(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> None:
    """Issue a drafted letter: its people are told and may answer. Never the drafter. Once."""
    with transaction():
        found = access.letter(actor, key, Action.ISSUE_LETTER, lock=True)
        if found.thing.state != LetterState.ISSUED:
            _issue(actor, found.thing, found.award, found.application, found.case, now)


def issue_all(actor: Actor, round_key: uuid.UUID, *, typed: str, now: dt.datetime) -> int:
    """Issue every drafted letter of a round that this person did not draft.

    ``typed`` must be how many there are. Returns how many were issued. All or none.
    """
    with transaction():
        access.round_(actor, round_key, Action.READ_ROUND, lock=True)
        rows = _drafted(actor, round_key)
        if not rows:
            return 0
        if typed.strip() != str(len(rows)):
            text = f"Type the number of letters that you are about to issue: {len(rows)}."
            raise Blocked(Reason(text, "typed"))
        for letter, award, application, case in rows:
            _issue(actor, letter, award, application, case, now)
    return len(rows)


def replace(
    actor: Actor, key: uuid.UUID, *, reason: str, verify_address: str, now: dt.datetime
) -> uuid.UUID:
    """Take an issued letter out of force and draft a new one. Returns the new letter's key.

    A draft, which nobody outside has seen, is thrown away instead; the trail keeps its fingerprint.
    """
    with transaction():
        found = access.letter(actor, key, Action.SUPERSEDE_LETTER, lock=True)
        if not reason.strip():
            raise Blocked(Reason("Say why the letter is replaced.", "reason"))
        is_done = already.is_last(actor, Action.SUPERSEDE_LETTER, "letter", found.thing.id, reason)
        if is_done and (standing := _standing(_award_of(found))) is not None:
            return standing.key
        if found.thing.state == LetterState.DRAFTED:
            _discard(actor, found.thing, reason, now)
        else:
            move(
                found.thing,
                Action.SUPERSEDE_LETTER,
                actor=actor,
                case=found.case,
                now=now,
                reason=reason,
            )
            found.thing.superseded_reason = reason.strip()
        db.session.flush()
        again = access.award(actor, _award_of(found).key, Action.DRAFT_LETTER, lock=True)
        return _draft(actor, again, verify_address, now).key


def _discard(actor: Actor, letter: Letter, reason: str, now: dt.datetime) -> None:
    audit.record(
        actor,
        "discard-letter",
        ("letter", letter.id, letter.number),
        now=now,
        before={"state": letter.state.value, "sha256": letter.sha256},
        reason=reason,
    )
    db.session.delete(letter)


def set_aside(actor: Actor, award: Award, *, reason: str, now: dt.datetime) -> None:
    """An award has changed, so its letter is no longer true: out of force, or thrown away as a draft.

    Inside ``transaction()``. The system's act: who changed the award need not write its letters.
    """
    standing = _standing(award)
    if standing is None:
        return
    if standing.state == LetterState.DRAFTED:
        _discard(actor, standing, reason, now)
        db.session.flush()
        return
    case = Case()
    move(standing, Action.SUPERSEDE_LETTER, actor=CLOCK, case=case, now=now, reason=reason)
    standing.superseded_reason = reason


def pdf(actor: Actor, key: uuid.UUID) -> LetterFile:
    """The letter as it was frozen, for whoever may read it."""
    return _file(access.letter(actor, key, Action.READ_LETTER).thing)


def issued(actor: Actor, round_reference: str) -> Iterator[LetterFile]:
    """Every letter in force of a round, in the order of their numbers. Raises NotFound.

    The system itself (the command line) may read all; a person those that they may see.
    """
    round_id = db.session.scalar(sa.select(Round.id).where(Round.reference == round_reference))
    if round_id is None:
        raise NotFound(f"There is no round {round_reference}.")
    allowed = sa.true() if actor is CLOCK else v.visible(actor, Action.READ_LETTER)
    keys = db.session.scalars(
        v.letters_of(Letter.id)
        .where(Award.round_id == round_id, Letter.state == LetterState.ISSUED, allowed)
        .order_by(Letter.number)
    ).all()
    for key in keys:
        yield _file(db.session.get_one(Letter, key))


def _draft(actor: Actor, found: Found[Award], verify_address: str, now: dt.datetime) -> Letter:
    award, application = found.thing, found.application
    fund = fund_of(actor, application.definition_id)
    earlier = sa.select(sa.func.count()).where(Letter.award_id == award.id)
    number = f"{award.reference}-L{(db.session.scalar(earlier) or 0) + 1}"
    code = _new_code()
    words = letter_words.filled(fund, found.round, award, application, number=number, now=now)
    is_played = found.round.rehearsal_id is not None
    applicant = db.session.get_one(Organisation, application.organisation_id)
    paper = letter_words.paper_of(
        fund,
        verify_address=verify_address,
        is_fictional=applicant.is_fictional,
        is_played=is_played,
    )
    day = dates.today(now)
    data = letter_pdf(words, paper, number=number, code=code, issued=day)
    letter = Letter(
        key=uuid.uuid4(),
        award_id=award.id,
        number=number,
        kind=words.kind,
        state=LetterState.DRAFTED,
        content=letter_words.as_kept(words, award.recommended_sha256, day),
        code=code,
        sha256=hashlib.sha256(data).hexdigest(),
        storage_key="",
        drafted_by=actor.person_id,
        drafted_at=now,
    )
    letter.storage_key = f"letters/{letter.key}.pdf"
    # The bytes first: a row without its file could never be read, a file without a row is harmless.
    files.write(letter.storage_key, data)
    db.session.add(letter)
    db.session.flush()
    audit.record(
        actor,
        Action.DRAFT_LETTER,
        ("letter", letter.id, number),
        now=now,
        after={"state": letter.state.value, "sha256": letter.sha256},
    )
    return letter


def _issue(
    actor: Actor,
    letter: Letter,
    award: Award | None,
    application: Application,
    case: Case,
    now: dt.datetime,
) -> None:
    if letter.drafted_by == actor.person_id:
        raise Forbidden("You drafted this letter, so somebody else must issue it.")

    def not_released() -> tuple[Reason, ...]:
        is_known = award is not None and award.state in KNOWN
        return () if is_known else (Reason("The outcome is not released yet."),)

    def letter_out_of_date() -> tuple[Reason, ...]:
        if award is not None and letter.content["about"] == award.recommended_sha256:
            return ()
        return (Reason("The decision changed after this letter was drafted. Draft it again."),)

    letter.issued_by, letter.issued_at = actor.person_id, now
    with db.session.no_autoflush:
        move(
            letter,
            Action.ISSUE_LETTER,
            actor=actor,
            case=case,
            now=now,
            checks={"not_released": not_released, "letter_out_of_date": letter_out_of_date},
            after={"sha256": letter.sha256},
            about=application,
        )


def _standing(award: Award) -> Letter | None:
    """The letter of an award that is drafted or in force."""
    return db.session.scalar(
        sa.select(Letter).where(
            Letter.award_id == award.id,
            Letter.state.in_([LetterState.DRAFTED, LetterState.ISSUED]),
        )
    )


def _without_letter(actor: Actor, round_key: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    standing = (
        sa.exists()
        .where(
            Letter.award_id == Award.id,
            Letter.state.in_([LetterState.DRAFTED, LetterState.ISSUED]),
        )
        .correlate(Award)
    )
    rows: Any = db.session.execute(
        v.awards_of(Award.key, Award.reference)
        .where(
            Round.key == round_key,
            Award.state.in_(WANTED),
            ~standing,
            v.visible(actor, Action.DRAFT_LETTER),
        )
        .order_by(Award.reference)
    )
    return [(key, reference) for key, reference in rows]


def _drafted(actor: Actor, round_key: uuid.UUID) -> list[tuple[Letter, Award, Application, Case]]:
    rows: Any = db.session.execute(
        v.letters_of(Letter, Award, Application, Round)
        .where(
            Round.key == round_key,
            Letter.state == LetterState.DRAFTED,
            v.visible(actor, Action.ISSUE_LETTER),
        )
        .order_by(Letter.number)
        .with_for_update(of=Letter)
        .execution_options(populate_existing=True)
    )
    return [
        (letter, award, application, _case(round_record, award, application, letter))
        for letter, award, application, round_record in rows
    ]


def _case(round_record: Round, award: Award, application: Application, letter: Letter) -> Case:
    return Case(
        fund=round_record.fund,
        funder_id=round_record.organisation_id,
        is_local=round_record.tier == Tier.LOCAL,
        applicant_id=application.organisation_id,
        application=application.state,
        was_sent=True,
        award=award.state,
        letter=letter.state,
        drafted_by=letter.drafted_by,
    )


def _award_of(found: Found[Letter]) -> Award:
    if found.award is None:
        raise NotFound(access.NO_SUCH)
    return found.award


def _file(letter: Letter) -> LetterFile:
    return LetterFile(f"{letter.number}.pdf", files.read(letter.storage_key), letter.sha256)


def _new_code() -> str:
    """Twelve characters in groups of four: more than anybody can guess."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
