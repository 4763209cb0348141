"""Writing together: who was invited to a draft, what is said beside its questions, who confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from grants.demo.bids import SIGNER, SPEAKER
from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Cast, Company
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.application import Application
from grants.models.confirmation import Confirmation
from grants.models.share import Comment, Share
from grants.rules import confirmations as rule
from grants.rules.confirmations import Kind, Reply
from grants.rules.frozen import content_of, fingerprint
from grants.rules.people import Right
from grants.rules.states import ApplicationState
from grants.services import versions

ADVISER = "adviser"
LIVES = dt.timedelta(days=14)
LASTS = dt.timedelta(days=60)
REPLIES = (Reply.CONFIRMED, Reply.CONFIRMED, Reply.WAITING, Reply.SENT_BACK)
ASK = "Please say that we bring the tea, not the hall. (Fictional.)"
QUESTION = "plan_summary"
SAID = (
    ("submitter", "Is this the summary that the board saw, or the newer one? (Fictional.)"),
    ("editor", "The newer one. I have taken out the paragraph about the minibus. (Fictional.)"),
)
DONE = ("need", "editor", "Figures checked against our own survey. (Fictional.)")


def share(kit: Kit, made: Made, cast: Cast, password_hash: str) -> None:
    """Two invitations to the first draft, one of them taken up, and two threads. In the transaction."""
    draft = _first(made, ApplicationState.DRAFT)
    if draft is None:
        return
    people = _people(cast, draft)
    (adviser,) = Company(kit, password_hash).guests((ADVISER,))
    at = draft.created_at + dt.timedelta(hours=3)
    shares: Row = {
        "application_id": draft.id,
        "invited_by": people["submitter"],
        "invited_at": at,
        "ends_at": kit.now + LASTS,
    }
    put(
        Share,
        [
            {**shares, **row, "key": kit.key(), "token_sha256": _nobodys(kit)}
            for row in (
                {
                    "name": "Adviser Made-up",
                    "email": f"{ADVISER}@example.org",
                    "may": Right.VIEW,
                    "person_id": adviser,
                    "taken_at": at + dt.timedelta(hours=5),
                },
                {
                    "name": "Treasurer Made-up",
                    "email": "treasurer@example.org",
                    "may": Right.COMMENT,
                    "person_id": None,
                    "taken_at": None,
                },
            )
        ],
    )
    _comment(kit, draft, people, at)


def _comment(kit: Kit, draft: Application, people: dict[str, int], at: dt.datetime) -> None:
    """One thread with an answer, and one that is dealt with. Everybody has been told."""
    thread = None
    for place, (seat, text) in enumerate(SAID, start=1):
        said = at + dt.timedelta(hours=place)
        row = _said(kit, draft, people[seat], QUESTION, text, said)
        (key,) = add(Comment, [{**row, "thread_id": thread}])
        thread = thread or key
    question, seat, text = DONE
    done = {"resolved_at": at + dt.timedelta(hours=6), "resolved_by": people["submitter"]}
    put(Comment, [{**_said(kit, draft, people[seat], question, text, at), **done}])


def _said(
    kit: Kit, draft: Application, person: int, question: str, text: str, at: dt.datetime
) -> Row:
    return {
        "key": kit.key(),
        "application_id": draft.id,
        "question": question,
        "text": text,
        "written_at": at,
        "written_by": person,
        "told_at": at,
    }


def confirm(kit: Kit, made: Made, cast: Cast) -> None:
    """The first draft is signed off, or waits for its partners; one that was given back waits."""
    stages = made.fund.stages
    for state in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        record = _first(made, state)
        if record is None or not (stages.sign_off or stages.partners_confirm):
            continue
        is_given = state == ApplicationState.DRAFT and not stages.partners_confirm
        put(Confirmation, list(_requests(kit, made, cast, record, is_given=is_given)))


def _requests(
    kit: Kit, made: Made, cast: Cast, record: Application, *, is_given: bool
) -> Iterator[Row]:
    fund = made.fund
    sources = versions.read(record)
    asker = _people(cast, record)["editor"]
    if fund.stages.sign_off:
        reply = Reply.CONFIRMED if is_given else Reply.WAITING
        whole = fingerprint(content_of(fund, sources.answers, sources.files))
        yield _request(kit, record, asker, Kind.SIGN_OFF, "", SIGNER, reply, whole)
    if fund.stages.partners_confirm:
        for place, partner in enumerate(rule.partners(fund, sources.answers)):
            reply = REPLIES[place % len(REPLIES)]
            yield _request(
                kit, record, asker, Kind.PARTNER, partner.row, SPEAKER, reply, partner.sha256
            )


def _request(
    kit: Kit,
    record: Application,
    asker: int,
    kind: Kind,
    row: str,
    who: tuple[str, str],
    reply: Reply,
    sha256: str,
) -> Row:
    """Asked after the last change, so that what was confirmed stands."""
    name, role = who
    is_confirmed = reply == Reply.CONFIRMED
    asked = record.changed_at + dt.timedelta(hours=1)
    return {
        "key": kit.key(),
        "application_id": record.id,
        "kind": kind,
        "row": row,
        "name": name,
        "role": role,
        "email": f"{'convener' if kind == Kind.SIGN_OFF else 'partner' + row}@example.org",
        "token_sha256": _nobodys(kit),
        "asked_at": asked,
        "asked_by": asker,
        "expires_at": max(asked, kit.now) + LIVES,
        "reply": reply,
        "decided_at": None if reply == Reply.WAITING else asked + dt.timedelta(hours=20),
        "content_sha256": sha256 if is_confirmed else None,
        "words": ASK if reply == Reply.SENT_BACK else "",
    }


def _nobodys(kit: Kit) -> str:
    """In the place of a token's fingerprint: nobody has a token that gives it."""
    return kit.key().hex * 2


def _first(made: Made, state: ApplicationState) -> Application | None:
    return db.session.scalars(
        sa.select(Application)
        .where(Application.round_id == made.id, Application.state == state)
        .order_by(Application.id)
    ).first()


def _people(cast: Cast, record: Application) -> dict[str, int]:
    of = record.organisation_id
    return next(lead.people for lead in cast.leads if lead.organisation_id == of)
