"""Copying answers from an earlier application of the same organisation: what is ticked, all or none."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.application import Answer, AnswerOrigin, Application
from grants.queries import drafts
from grants.queries.drafts import Draft
from grants.rules import copying as rules
from grants.rules.actions import Action
from grants.rules.answers import is_blank
from grants.rules.copying import Form, Offer
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, NotFound, Reason
from grants.services import access
from grants.services.answer_sheet import Sent, Sheet
from grants.services.answers import refuse_late, touch
from grants.services.transaction import transaction

Place = tuple[str, str]
NOTHING_TICKED = "Tick what you want to copy."
MEANWHILE = (
    "Somebody changed {labels} after you opened this page, so nothing was copied. "
    "Look at what stands there now, and tick again."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft, an earlier application, and what of it fits."""

    draft: Draft
    source: Draft
    offers: tuple[Offer, ...]

    def seen(self) -> Mapping[Place, int]:
        """The versions of the answers that an offer would write over."""
        places = (place for offer in self.offers for place in offer.texts)
        return {place: self.draft.versions.get(place, 0) for place in places}


def compare(actor: Actor, key: uuid.UUID, source_key: uuid.UUID) -> Comparison:
    """What could be copied. Raises NotFound unless both belong to one organisation and are this
    person's to read as one of its people."""
    draft, source = drafts.draft(actor, key), drafts.draft(actor, source_key)
    if source.organisation_id != draft.organisation_id or source.id == draft.id:
        raise NotFound(access.NO_SUCH)
    found = rules.offers(
        Form(draft.fund, draft.answers), Form(source.fund, source.answers), draft.opening
    )
    return Comparison(draft, source, found)


def copy(
    actor: Actor,
    keys: tuple[uuid.UUID, uuid.UUID],
    picked: Collection[str],
    *,
    seen: Mapping[Place, int],
    now: dt.datetime,
) -> int:
    """Copy the ticked questions and say how many. ``keys`` are the draft's and the source's.

    Copied twice, it is copied once. What it writes over is put among the earlier texts. Raises
    Blocked, and nothing is copied, where somebody changed an answer since the page showed it.
    """
    with transaction():
        found = access.application(actor, keys[0], Action.EDIT_APPLICATION, lock=True)
        refuse_late(found.thing, found.round, now)
        at = compare(actor, *keys)
        wanted = [o for o in at.offers if o.fits and o.question.key in set(picked)]
        if not picked:
            raise Blocked(Reason(NOTHING_TICKED, "picked"))
        _refuse_changed(at.draft, wanted, seen)
        texts = {place: text for offer in wanted for place, text in offer.texts.items()}
        if texts:
            _write(actor, found.thing, at, texts, now)
            audit.record(
                actor,
                Action.EDIT_APPLICATION,
                ("application", found.thing.id, found.thing.reference),
                now=now,
                after={
                    "copied_from": at.source.reference,
                    "questions": [offer.question.key for offer in wanted],
                },
            )
        return len(wanted)


def _refuse_changed(draft: Draft, wanted: list[Offer], seen: Mapping[Place, int]) -> None:
    changed = [
        offer.question.label
        for offer in wanted
        if any(seen.get(place, 0) != draft.versions.get(place, 0) for place in offer.texts)
    ]
    if changed:
        labels = "; ".join(f"“{label}”" for label in changed)
        raise Blocked(Reason(MEANWHILE.format(labels=labels), "picked"))


def _write(
    actor: Actor,
    record: Application,
    at: Comparison,
    texts: Mapping[Place, str],
    now: dt.datetime,
) -> None:
    chosen = [place for place in texts if not is_blank(at.draft.answers.get(place, ""))]
    sent = Sent(texts=texts, seen=at.draft.versions, chosen=chosen)
    sheet = Sheet(Answer, "application_id", record.id)
    saved = sheet.keep(texts, sent, actor, now=now, opening=at.draft.opening)
    touch(record, now)
    _remember(actor, record, at.source.id, texts, saved.versions, now)


def _remember(
    actor: Actor,
    record: Application,
    source_id: int,
    texts: Mapping[Place, str],
    versions: Mapping[Place, int],
    now: dt.datetime,
) -> None:
    """Where the answers came from, in the place of what was known before."""
    table: Any = AnswerOrigin.__table__
    db.session.execute(
        sa.delete(table).where(
            table.c.application_id == record.id,
            table.c.question.in_(sorted({question for question, _ in texts})),
            table.c.row.in_(sorted({row for _, row in texts})),
        )
    )
    common = {"application_id": record.id, "from_application_id": source_id}
    rows = [
        {**common, "question": question, "row": row, "version": versions[question, row]}
        | {"taken_at": now, "taken_by": actor.person_id}
        for (question, row), text in texts.items()
        if text and (question, row) in versions
    ]
    if rows:
        db.session.execute(sa.insert(table), rows)
