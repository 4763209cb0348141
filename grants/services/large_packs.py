"""The large-type pack of what one has declared in a round: asked for, made in the background, fetched."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit, queue
from grants.documents.large_pack import LargePack, PackedBid, large_pack_pdf
from grants.documents.packs import printed_sections
from grants.extensions import db
from grants.models.job import Job
from grants.queries import scoring_desk
from grants.queries.applications import content
from grants.queries.assessments import assessed_number
from grants.queries.scoring_desk import ScoringRow
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import JobState
from grants.services import access
from grants.services.access import NO_SUCH
from grants.services.acting import actor_with_id
from grants.services.attachments import Download
from grants.services.copies import kept_values
from grants.services.transaction import transaction
from grants.storage.store import files

JOB = "make_large_pack"
KEPT = dt.timedelta(days=1)
NONE_OPEN = "There is nothing to print: declare your interests first, and score the samples where they come first."
GONE = "This pack is not there any more. Ask for it again."
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackJob:
    """How far one's own pack is."""

    key: uuid.UUID
    round_key: uuid.UUID
    state: JobState
    done: int
    total: int
    fault: str
    is_there: bool


def ask(actor: Actor, round_key: uuid.UUID, *, now: dt.datetime) -> uuid.UUID:
    """Have the pack made of all that one is scoring in a round. Gives the key of the job."""
    with transaction():
        found = scoring_desk.desk(actor, round_key)
        if not found.rows:
            raise Blocked(NONE_OPEN)
        waiting = db.session.scalar(
            sa.select(Job).where(
                Job.kind == JOB,
                Job.asked_by == actor.person_id,
                Job.state == JobState.QUEUED,
                Job.payload["round_key"].as_string() == str(round_key),
            )
        )
        if waiting is not None:
            return waiting.key
        payload = {"round_key": str(round_key), "person_id": actor.person_id}
        return queue.put(JOB, payload, actor=actor, now=now, total=len(found.rows)).key


def make(payload: dict[str, Any], *, now: dt.datetime, progress: Report) -> dict[str, Any]:
    """The job of ``ask``: with what may be read at this moment. What was put in is in the trail."""
    actor = actor_with_id(payload["person_id"], now=now)
    found = scoring_desk.desk(actor, uuid.UUID(payload["round_key"]))
    if not found.rows:
        raise Blocked(NONE_OPEN)
    bids = []
    for number, row in enumerate(found.rows):
        bids.append(_bid(actor, row))
        db.session.rollback()
        progress(number, len(found.rows))
    first = found.rows[0]
    text = content(actor, first.application_key, hide_identifying=first.is_blind)
    values = LargePack(
        fund_name=text.fund.name,
        funder=text.fund.funder,
        round_title=found.round_title,
        reader=actor.name,
        made_at=now,
        bids=tuple(bids),
        notice=text.round_note,
    )
    db.session.rollback()
    place = f"packs/{uuid.uuid4()}.pdf"
    files.write(place, large_pack_pdf(values))
    with transaction():
        audit.record(
            actor,
            "make-large-pack",
            ("round", found.round_id, text.round_reference),
            now=now,
            after={"applications": [bid.reference for bid in bids]},
        )
    return {"place": place, "assessments": [str(row.key) for row in found.rows]}


def progress_of(actor: Actor, job_key: uuid.UUID, *, now: dt.datetime) -> PackJob:
    """How far one's own pack is. Raises NotFound."""
    job = _job(actor, job_key)
    return PackJob(
        key=job.key,
        round_key=uuid.UUID(job.payload["round_key"]),
        state=job.state,
        done=job.done,
        total=job.total,
        fault=job.fault,
        is_there=_may_fetch(actor, job, now),
    )


def fetch(actor: Actor, job_key: uuid.UUID, *, now: dt.datetime) -> Download:
    """The pack, for who asked, for a day, and while every application in it is still theirs."""
    job = _job(actor, job_key)
    if not _may_fetch(actor, job, now):
        raise NotFound(GONE)
    with transaction():
        audit.record(actor, "fetch-large-pack", ("job", job.id, str(job.key)), now=now)
        place = str((job.result or {})["place"])
    return Download("applications-large-type.pdf", "application/pdf", files.read(place))


def clear_expired(*, now: dt.datetime) -> int:
    """Forget packs past their time. Returns how many."""
    due = db.session.scalars(
        sa.select(Job).where(
            Job.kind == JOB, Job.state == JobState.DONE, Job.ended_at <= now - KEPT
        )
    ).all()
    held = [(job.id, str(job.result["place"])) for job in due if job.result]
    for _, place in held:
        files.delete(place)
    if held:
        with transaction():
            db.session.execute(
                sa.update(Job).where(Job.id.in_([key for key, _ in held])).values(result=sa.null())
            )
    return len(held)


def _bid(actor: Actor, row: ScoringRow) -> PackedBid:
    number = assessed_number(actor, row.application_key)
    text = content(actor, row.application_key, number=number, hide_identifying=row.is_blind)
    return PackedBid(
        reference=row.reference,
        title=row.title,
        number=text.number,
        sections=printed_sections(text.fund, kept_values(text)),
        scoring=row.scoring,
        lines=row.lines,
    )


def _job(actor: Actor, job_key: uuid.UUID) -> Job:
    job = access.job(actor, job_key)
    if job.kind != JOB:
        raise NotFound(NO_SUCH)
    return job


def _may_fetch(actor: Actor, job: Job, now: dt.datetime) -> bool:
    """Whether it is made, not too old, and holds nothing that is closed to this person by now."""
    if job.state != JobState.DONE or not job.result or job.ended_at is None:
        return False
    try:
        found = scoring_desk.desk(actor, uuid.UUID(job.payload["round_key"]))
    except NotFound:
        return False
    now_open = {str(row.key) for row in found.rows}
    return now < job.ended_at + KEPT and set(job.result["assessments"]) <= now_open
