"""A draft of the feedback to an applicant, for whoever recommends: nobody is named in it."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.queries import scores
from grants.queries.definitions import fund_of
from grants.queries.scores import ScoresOfApplication
from grants.queries.visible import applications_seen
from grants.rules import feedback, scoring
from grants.rules.actions import Action
from grants.rules.feedback import Draft, Said
from grants.rules.people import Actor


def draft(actor: Actor, key: uuid.UUID) -> Draft:
    """From the reasons of all readers and of the panel; empty where the scores are closed."""
    found: Any = db.session.execute(
        applications_seen(
            actor, Action.RECOMMEND, Application.definition_id, Application.organisation_id
        ).where(Application.key == key)
    ).one_or_none()
    given = scores.of_application(actor, key)
    if found is None or given is None:
        return Draft("")
    rules = fund_of(actor, found.definition_id).scoring
    said = _said(given, scoring.mean_scores([one.marks for one in given.readings], rules))
    words = " ".join(text for one in said.values() for text in one.words)
    readers = [part for one in given.readings for part in (one.assessor, *one.assessor.split())]
    names = [name for name in readers if len(name) > 1]
    return feedback.draft(said, rules, [*names, *_others(words, found.organisation_id)])


def _said(given: ScoresOfApplication, means: dict[str, Fraction | None]) -> dict[str, Said]:
    found = {}
    for criterion in given.criteria:
        agreed, mean = given.moderated.get(criterion.key), means.get(criterion.key)
        mark = Fraction(agreed.mark) if agreed else mean
        words = [agreed.reason] if agreed else []
        words += [one.reasons.get(criterion.key, "") for one in given.readings]
        if mark is not None:
            found[criterion.key] = Said(mark=mark, words=tuple(text for text in words if text))
    return found


def _others(words: str, own: int) -> list[str]:
    """The names of other bodies that stand in these words. One statement."""
    inside = sa.literal(words.casefold()).contains(sa.func.lower(Organisation.name))
    return list(
        db.session.scalars(sa.select(Organisation.name).where(Organisation.id != own, inside))
    )
