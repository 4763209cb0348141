"""The fields of a score sheet: held against what a page knew, with the versions they have now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from grants.extensions import db
from grants.models.assessment import Assessment, ScoreField
from grants.rules.people import Actor
from grants.rules.refusals import Reason
from grants.rules.score_sheet import Typed
from grants.services.answer_sheet import (
    Place,
    Refused,
    Saved,
    Sent,
    Standing,
    keep_earlier,
    put_versions,
    replaced,
    weigh,
)

OWNER = "assessment_id"


def place_of(name: str) -> Place:
    """Where a field stands: ``mark.<criterion>`` is of the kind mark, in the row of its criterion."""
    kind, _, row = name.partition(".")
    return kind, row


def name_of(place: Place) -> str:
    """The name of the field at this place."""
    return ".".join(part for part in place if part)


def named(sent: Sent) -> Typed:
    """What was sent, by the names of the sheet."""
    return {name_of(place): text for place, text in sent.texts.items()}


def reasons(saved: Saved) -> list[Reason]:
    """Why fields could not be kept, by their names."""
    return [Reason(entry.text, name_of((entry.question, entry.row))) for entry in saved.refused]


def keep(
    record: Assessment,
    there: Typed,
    wanted: Typed,
    refused: Mapping[str, str],
    sent: Sent,
    actor: Actor,
    now: dt.datetime,
) -> tuple[Saved, frozenset[str]]:
    """Count on the versions of what is new, and tell the clashes. Gives the names that may be written.

    ``there`` is what the sheet says now, ``wanted`` what was sent as it would be kept, ``refused``
    the sentences of what cannot be kept.
    """
    before = _standing(record, there)
    texts = {place_of(name): text for name, text in wanted.items()}
    faults = tuple(Refused(*place_of(name), said) for name, said in refused.items())
    weighed = weigh(texts, before, sent, actor, faults)
    keep_earlier({OWNER: record.id}, replaced(weighed.fresh, before, sent, actor), actor, now)
    typed_by = None if actor.person_id == record.person_id else actor.person_id
    common = {OWNER: record.id, "changed_at": now, "typed_by": typed_by}
    rows = [{**common, "question": kind, "row": row} for kind, row in weighed.fresh]
    put_versions(ScoreField, OWNER, rows)
    return weighed.saved, frozenset(name_of(place) for place in weighed.fresh)


def _standing(record: Assessment, there: Typed) -> dict[Place, Standing]:
    """Each field as it stands; one that nobody typed in since it was made has version 0."""
    rows = db.session.execute(
        sa.select(
            ScoreField.question,
            ScoreField.row,
            ScoreField.version,
            ScoreField.typed_by,
            ScoreField.changed_at,
        ).where(ScoreField.assessment_id == record.id)
    )
    known = {
        (row.question, row.row): (row.version, row.typed_by or record.person_id, row.changed_at)
        for row in rows
    }
    never = (0, record.person_id, record.declared_at or record.assigned_at)
    return {
        place: Standing(text, *known.get(place, never))
        for place, text in ((place_of(name), text) for name, text in there.items())
    }
