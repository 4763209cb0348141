"""Scoring in a spreadsheet: download one's own sheets, load them back, see what changes, say yes."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

import sqlalchemy as sa

from grants import audit
from grants.documents import score_workbook_reading
from grants.documents.score_workbooks import (
    ADVICE,
    Bid,
    ScoreWorkbook,
    mark_of,
    rows_of,
    score_workbook,
    texts_of,
)
from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.person import Person
from grants.models.round import Round
from grants.models.workbook_load import ScoreLoad
from grants.queries import scoring_desk
from grants.queries.scoring_desk import ScoringDesk
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound, Reason, Stale
from grants.services import assess, score_fields
from grants.services.access import NO_SUCH
from grants.services.answer_sheet import Sent
from grants.services.attachments import Download
from grants.services.transaction import transaction
from grants.storage import inspect

KEPT_FOR = dt.timedelta(days=1)
NOTHING = "This workbook holds nothing that differs from what is here. Nothing needs to be saved."
NONE_OPEN = "There is nothing to score in this round: declare your interests first, and score the samples where they come first."
SOMEBODY_ELSES = "This is another person's workbook, or of another round. Download your own here."
MOVED_ON = "Your scores were changed here while you looked. See what will change now."
PARTS = {"reason": "reason", "why": "reason", "amount": "amount", "line": "advice", "mark": "score"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one cell changes, in words."""

    token: str
    reference: str
    title: str
    label: str
    before: str
    after: str
    is_clash: bool  # it was changed here too since the download


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load will do. ``seal`` says whether it is still what was seen."""

    key: uuid.UUID
    changes: tuple[Change, ...]

    @property
    def seal(self) -> str:
        """The fingerprint of all of it."""
        said = "\n".join(change.token for change in self.changes)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def bids(self) -> list[tuple[str, list[Change]]]:
        """The changes by application."""
        grouped = groupby(self.changes, key=lambda change: f"{change.reference}: {change.title}")
        return [(title, list(changes)) for title, changes in grouped]

    @property
    def clashes(self) -> int:
        """How many cells were changed here too."""
        return sum(change.is_clash for change in self.changes)


def make(actor: Actor, round_key: uuid.UUID, *, now: dt.datetime) -> Download:
    """The workbook of all that one is scoring in a round. Raises Blocked where there is nothing."""
    with transaction():
        found = scoring_desk.desk(actor, round_key)
        if not found.rows:
            raise Blocked(Reason(NONE_OPEN))
        values = ScoreWorkbook(
            round_key=str(found.round_key),
            round_title=found.round_title,
            person_key=_person_key(actor),
            person=actor.name,
            bids=tuple(_bids(found).values()),
            made_at=now,
        )
        reference = db.session.get_one(Round, found.round_id).reference
        audit.record(
            actor,
            "download-score-workbook",
            ("round", found.round_id, reference),
            now=now,
            after={"applications": [row.reference for row in found.rows]},
        )
    return Download(f"{reference}-scores.xlsx", inspect.XLSX, score_workbook(values))


def load(
    actor: Actor, round_key: uuid.UUID, stream: BinaryIO, *, most: int, now: dt.datetime
) -> uuid.UUID:
    """Read a workbook and keep what it would change, until its assessor says yes. Gives its key.

    Raises Blocked with every fault at once, by sheet and cell; then nothing is kept.
    """
    found = scoring_desk.desk(actor, round_key)
    data = inspect.read_at_most(stream, most)
    inspect.examine_workbook(data)
    if score_workbook_reading.whose(data) != (str(found.round_key), _person_key(actor)):
        raise Blocked(Reason(SOMEBODY_ELSES, "file"))
    bids = _bids(found)
    changed = score_workbook_reading.changes(data, bids)
    content = [[c.assessment, c.name, c.text, c.before] for c in changed]
    if not _differing(content, bids):
        raise Blocked(Reason(NOTHING, "file"))
    with transaction():
        own = sa.and_(ScoreLoad.round_id == found.round_id, ScoreLoad.person_id == actor.person_id)
        db.session.execute(
            sa.delete(ScoreLoad).where(sa.or_(own, ScoreLoad.made_at < now - KEPT_FOR))
        )
        record = ScoreLoad(
            round_id=found.round_id, person_id=actor.person_id, made_at=now, content=content
        )
        db.session.add(record)
        db.session.flush()
        return record.key


def preview(actor: Actor, round_key: uuid.UUID, load_key: uuid.UUID) -> Preview:
    """What this load will change, against what is here now. For its assessor alone."""
    found = scoring_desk.desk(actor, round_key)
    record = _waiting(actor, found, load_key)
    if record is None:
        raise NotFound(NO_SUCH)
    return _preview(record, _bids(found))


def confirm(
    actor: Actor,
    round_key: uuid.UUID,
    load_key: uuid.UUID,
    *,
    seal: str,
    taken: Collection[str] = (),
    now: dt.datetime,
) -> int:
    """Write what a load changes, all of it or nothing, and say how many cells were written.

    Of what was changed here too, only what is ``taken`` (by its token). Raises Stale where it is no
    longer what was seen. Confirmed twice, it is written once.
    """
    with transaction():
        found = scoring_desk.desk(actor, round_key)
        record = _waiting(actor, found, load_key)
        if record is None:
            return 0
        found = _held(actor, found)
        seen = _preview(record, _bids(found))
        if seen.seal != seal:
            raise Stale(MOVED_ON)
        wanted = {c.token for c in seen.changes if not c.is_clash or c.token in taken}
        texts = _by_assessment(record, wanted, _bids(found))
        for assessment, typed in texts.items():
            places = {score_fields.place_of(name): text for name, text in typed.items()}
            sent = Sent(texts=places, chosen=tuple(places))  # held fast, so nothing is newer
            saved = assess.save(actor, uuid.UUID(assessment), sent, now=now).saved
            if saved.refused:
                raise Blocked(*(Reason(entry.text, "file") for entry in saved.refused))
        db.session.delete(record)
        return len(wanted)


def _held(actor: Actor, found: ScoringDesk) -> ScoringDesk:
    """The desk as it stands, once no other window can write to it before we are done."""
    keys = [row.key for row in found.rows]
    db.session.execute(
        sa.select(Assessment.id)
        .where(Assessment.key.in_(keys))
        .order_by(Assessment.id)
        .with_for_update()
    )
    return scoring_desk.desk(actor, found.round_key)


def _by_assessment(
    record: ScoreLoad, wanted: Collection[str], bids: Mapping[str, Bid]
) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for assessment, name, text, _ in record.content:
        bid = bids.get(assessment)
        if bid is not None and _token(bid, name, text) in wanted:
            texts.setdefault(assessment, {})[name] = text
    return texts


def _bids(found: ScoringDesk) -> dict[str, Bid]:
    return {
        str(row.key): Bid(
            key=str(row.key),
            reference=row.reference,
            title=row.title,
            scoring=row.scoring,
            lines=row.lines,
            sheet=row.sheet,
        )
        for row in found.rows
    }


def _person_key(actor: Actor) -> str:
    return str(db.session.scalars(sa.select(Person.key).where(Person.id == actor.person_id)).one())


def _waiting(actor: Actor, found: ScoringDesk, load_key: uuid.UUID) -> ScoreLoad | None:
    record: ScoreLoad | None = db.session.scalar(
        sa.select(ScoreLoad).where(
            ScoreLoad.key == load_key,
            ScoreLoad.round_id == found.round_id,
            ScoreLoad.person_id == actor.person_id,
        )
    )
    return record


def _preview(record: ScoreLoad, bids: Mapping[str, Bid]) -> Preview:
    return Preview(record.key, tuple(_differing(record.content, bids)))


def _differing(content: list[list[str]], bids: Mapping[str, Bid]) -> list[Change]:
    return list(_changes(content, bids))


def _changes(content: list[list[str]], bids: Mapping[str, Bid]) -> Iterator[Change]:
    """Where the workbook says something else than what is here now."""
    for assessment, name, text, before in content:
        bid = bids.get(assessment)
        here = None if bid is None else texts_of(bid).get(name)
        if bid is None or here is None or mark_of(name, here) == mark_of(name, text):
            continue
        yield Change(
            token=_token(bid, name, text),
            reference=bid.reference,
            title=bid.title,
            label=_label(bid, name),
            before=_in_words(name, here),
            after=_in_words(name, text),
            is_clash=mark_of(name, here) != before,
        )


def _token(bid: Bid, name: str, text: str) -> str:
    """Names one change from what is here now to what the workbook says."""
    here = texts_of(bid).get(name, "")
    return f"{bid.key} {name} {mark_of(name, here)} {mark_of(name, text)}"


def _label(bid: Bid, name: str) -> str:
    part = PARTS.get(name.partition(".")[0], "")
    row = next(words for _, words, columns in rows_of(bid) if name in columns.values())
    return f"{row}: {part}" if part else row


def _in_words(name: str, text: str) -> str:
    return ADVICE.get(text, text) if name.startswith("line.") else text
