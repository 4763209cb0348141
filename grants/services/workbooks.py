"""The offline workbook: download a draft, load it back, see what will change, and say yes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

import sqlalchemy as sa

from grants.documents import workbook_reading
from grants.documents.workbook_cells import beyond, meaning
from grants.documents.workbook_plan import Identity
from grants.documents.workbooks import WorkbookValues, workbook
from grants.extensions import db
from grants.funds.definition import Question
from grants.models.application import Answer, Application
from grants.models.person import Person
from grants.models.workbook_load import WorkbookLoad
from grants.queries import definitions, drafts
from grants.queries.answer_words import in_words
from grants.queries.drafts import Draft
from grants.rules import dates
from grants.rules.actions import Action
from grants.rules.answers import is_blank
from grants.rules.definition_changes import between
from grants.rules.opening import LOCKED
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access, answers, asking
from grants.services.access import NO_SUCH, Found
from grants.services.answer_sheet import Place, Saved, Sent
from grants.services.answers import refuse_late
from grants.services.attachments import Download
from grants.services.transaction import transaction
from grants.storage import inspect

XLSX = inspect.XLSX
KEPT_FOR = dt.timedelta(days=1)
NOTHING = "This workbook holds no answer that differs from what is here. Nothing needs to be saved."
SECTION = "workbook"  # what the audit trail calls a load
MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An answer as it is and as the workbook has it, in words."""

    section: str
    label: str
    before: str
    after: str
    note: str = ""  # a limit that it passes
    by: str = ""  # who changed it here since the download: then both texts are kept to choose from
    at: dt.datetime | None = None

    @property
    def is_clash(self) -> bool:
        """Whether it was changed here too."""
        return bool(self.by)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load will do."""

    key: uuid.UUID
    changes: tuple[Change, ...]

    @property
    def sections(self) -> list[tuple[str, list[Change]]]:
        """The changes by section, in the order of the form."""
        grouped = groupby(self.changes, key=lambda change: change.section)
        return [(title, list(changes)) for title, changes in grouped]

    @property
    def clashes(self) -> int:
        """How many of them were changed here too."""
        return sum(change.is_clash for change in self.changes)


def make(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Download:
    """The workbook of a draft, for those who may write it."""
    found = access.application(actor, key, Action.EDIT_APPLICATION)
    draft = drafts.draft(actor, key)
    version = definitions.version_of(actor, found.thing.definition_id)
    values = WorkbookValues(
        fund=draft.fund,
        identity=Identity(str(draft.key), draft.reference, draft.round_title, version),
        organisation=draft.organisation,
        closes=dates.describe_deadline(draft.closes_at, now),
        answers=draft.answers,
        versions=draft.versions,
        made_at=now,
    )
    return Download(f"{draft.reference}.xlsx", XLSX, workbook(values))


def load(
    actor: Actor, key: uuid.UUID, stream: BinaryIO, *, most: int, now: dt.datetime
) -> uuid.UUID:
    """Read a workbook and keep what it would change, until its sender says yes. Gives its key.

    Raises Blocked with every fault at once, by sheet and cell; then nothing is kept. The file itself
    is not kept either: nobody can be handed it.
    """
    found = access.application(actor, key, Action.EDIT_APPLICATION)
    refuse_late(found.thing, found.round, now)
    data = inspect.read_at_most(stream, most)
    inspect.examine_workbook(data)
    _refuse_other(actor, found, workbook_reading.identity(data))
    draft = drafts.draft(actor, key)
    changed = workbook_reading.changes(data, draft.fund)
    texts = {change.place: change.text for change in changed}
    differing = set(_differing(draft, texts))
    if not differing:
        raise Blocked(Reason(NOTHING, "file"))
    _refuse_locked(found.thing, draft, texts)
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        _forget(found.thing, actor, now)
        record = WorkbookLoad(
            application_id=found.thing.id,
            person_id=actor.person_id,
            definition_id=found.thing.definition_id,
            made_at=now,
            content=[[*c.place, c.text, c.version] for c in changed if c.place in differing],
        )
        db.session.add(record)
        db.session.flush()
        return record.key


def preview(actor: Actor, key: uuid.UUID, load_key: uuid.UUID) -> Preview:
    """What this load will change, against what is here now. For its sender alone."""
    found = access.application(actor, key, Action.EDIT_APPLICATION)
    record = _waiting(found.thing, actor, load_key)
    if record is None:
        raise NotFound(NO_SUCH)
    draft = drafts.draft(actor, key)
    texts, seen = _contents(record)
    places = _differing(draft, texts)
    clashing = {place for place in places if draft.versions.get(place, 0) != seen[place]}
    writers = _writers(found.thing, clashing)
    return Preview(
        record.key, tuple(_change(draft, place, texts, writers.get(place)) for place in places)
    )


def confirm(actor: Actor, key: uuid.UUID, load_key: uuid.UUID, *, now: dt.datetime) -> Saved:
    """Write what a load changes, in one transaction; what was changed here too is given back.

    Confirmed twice, it is written once.
    """
    with transaction():
        found = access.application(actor, key, Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        record = _waiting(found.thing, actor, load_key)
        if record is None:
            return Saved()
        if record.definition_id != found.thing.definition_id:
            raise Blocked("The form has changed since you loaded the workbook. Download it again.")
        texts, seen = _contents(record)
        places = _differing(drafts.draft(actor, key), texts)
        saved = answers.save(
            actor,
            key,
            Sent(
                texts={place: texts[place] for place in places},
                seen={place: seen[place] for place in places},
                chosen=[place for place in places if place[1] and not texts[place]],
                section=SECTION,
            ),
            now=now,
        )
        if saved.refused:
            raise Blocked(*(Reason(entry.sentence, entry.question) for entry in saved.refused))
        db.session.delete(record)
        return saved


def _refuse_other(actor: Actor, found: Found[Application], said: Identity) -> None:
    """Raises Blocked for the workbook of another application, or of an older form."""
    record = found.thing
    if said.application != str(record.key):
        raise Blocked(
            Reason(
                f"This is the workbook of {said.reference or 'another application'} "
                f"({said.round_title}). You are in {record.reference} ({found.round.title}). "
                "Load it where you downloaded it.",
                "file",
            )
        )
    version = definitions.version_of(actor, record.definition_id)
    if said.version == version:
        return
    before = definitions.numbered(actor, record.round_id, said.version)
    fund = definitions.fund_of(actor, record.definition_id)
    differences = [change.sentence for change in between(before, fund)] if before else []
    first = (
        "The form has changed since you downloaded this workbook. Download it again and copy your "
        "answers into it. This is what changed:"
        if differences
        else "This workbook belongs to another version of the form. Download it again."
    )
    shown = differences[:MOST_DIFFERENCES]
    raise Blocked(*(Reason(sentence, "file") for sentence in (first, *shown)))


def _refuse_locked(record: Application, draft: Draft, texts: Mapping[Place, str]) -> None:
    """While the fund asks about named answers, a workbook may change those alone."""
    opening = asking.opening(record, draft.fund)
    closed = [place for place in _differing(draft, texts) if not opening.takes(place)]
    if closed:
        named = (_change(draft, place, texts, None).label for place in closed)
        raise Blocked(*(Reason(f"‘{label}’: {LOCKED}", "file") for label in named))


def _forget(record: Application, actor: Actor, now: dt.datetime) -> None:
    """What this person loaded before, and whatever nobody said yes to for a day."""
    own = sa.and_(
        WorkbookLoad.application_id == record.id, WorkbookLoad.person_id == actor.person_id
    )
    db.session.execute(
        sa.delete(WorkbookLoad).where(sa.or_(own, WorkbookLoad.made_at < now - KEPT_FOR))
    )


def _waiting(record: Application, actor: Actor, load_key: uuid.UUID) -> WorkbookLoad | None:
    found: WorkbookLoad | None = db.session.scalar(
        sa.select(WorkbookLoad).where(
            WorkbookLoad.key == load_key,
            WorkbookLoad.application_id == record.id,
            WorkbookLoad.person_id == actor.person_id,
        )
    )
    return found


def _contents(record: WorkbookLoad) -> tuple[dict[Place, str], dict[Place, int]]:
    rows = [((question, row), text, version) for question, row, text, version in record.content]
    return {place: text for place, text, _ in rows}, {place: seen for place, _, seen in rows}


def _differing(draft: Draft, texts: Mapping[Place, str]) -> list[Place]:
    """Where the workbook says something else than what is here now, in the order of the form."""
    order = {question.key: number for number, question in enumerate(draft.fund.questions())}
    differing = [
        place
        for place, text in texts.items()
        if (asked := draft.fund.asked(place[0])) is not None
        and meaning(draft.fund, asked, text)
        != meaning(draft.fund, asked, draft.answers.get(place, ""))
    ]
    return sorted(differing, key=lambda place: (order[place[0].partition(".")[0]], place[1]))


def _change(
    draft: Draft,
    place: Place,
    texts: Mapping[Place, str],
    writer: tuple[str, dt.datetime] | None,
) -> Change:
    fund = draft.fund
    key = place[0].partition(".")[0]
    asked, table = fund.asked(place[0]), fund.question(key)
    if asked is None or table is None:
        raise NotFound(NO_SUCH)
    section = next(s for s in fund.sections if table in s.questions)
    here, there = draft.answers.get(place, ""), texts[place]
    return Change(
        section=section.title,
        label=f"{table.label}, {_row(draft, table, place[1], texts)}: {asked.label}"
        if place[1]
        else asked.label,
        before=in_words(fund, asked, here),
        after=in_words(fund, asked, there),
        note="" if is_blank(there) else beyond(fund, asked, there),
        by=writer[0] if writer else "",
        at=writer[1] if writer else None,
    )


def _row(draft: Draft, table: Question, row: str, texts: Mapping[Place, str]) -> str:
    """What a row is called: its first answer, here or there; or its key's number."""
    first = (f"{table.key}.{table.columns[0].key}", row)
    named = draft.answers.get(first, "").strip() or texts.get(first, "").strip()
    return named or f"row {row.partition('-')[0].lstrip('0') or row}"


def _writers(record: Application, places: set[Place]) -> dict[Place, tuple[str, dt.datetime]]:
    """Who changed these answers here, and when."""
    if not places:
        return {}
    rows = db.session.execute(
        sa.select(Answer.question, Answer.row, Person.name, Answer.changed_at)
        .join(Person, Person.id == Answer.changed_by)
        .where(
            Answer.application_id == record.id,
            Answer.question.in_(sorted({question for question, _ in places})),
        )
    )
    found = {(row.question, row.row): (row.name, row.changed_at) for row in rows}
    return {place: found[place] for place in places if place in found}
