"""What a section of an application holds that nobody typed into it: from profile or earlier application."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from grants.funds.definition import Section
from grants.queries import profiles
from grants.queries.drafts import Draft
from grants.web.guards import current_actor


@dataclass(frozen=True, slots=True)
class Taken:
    """One source, and the questions whose answers stand as they came from it."""

    reference: str  # of the application; empty for the profile
    key: uuid.UUID | None
    labels: tuple[str, ...]


def taken_here(draft: Draft, section: Section) -> tuple[Taken, ...]:
    """By source, in the order of the questions."""
    labels = {question.key: question.label for question in section.questions}
    found: dict[tuple[str, uuid.UUID | None], dict[str, None]] = {}
    for row in profiles.taken(current_actor(), draft):
        label = labels.get(row.question.partition(".")[0])
        if label:
            found.setdefault((row.reference, row.key), {})[label] = None
    return tuple(
        Taken(reference, key, tuple(label for label in labels.values() if label in there))
        for (reference, key), there in found.items()
    )
