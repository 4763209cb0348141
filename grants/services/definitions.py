"""A round's own rulebook while it is a draft: what fund managers may change in the browser."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Anchor, Criterion, Fund
from grants.funds.schema import from_document, to_document, to_json
from grants.models.round import Round, RoundDefinition
from grants.rules.actions import Action
from grants.rules.form_edits import Edit
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import RoundState
from grants.services import access
from grants.services.transaction import transaction

WHOLE = 100  # weights add up to this
MEANWHILE = "Somebody else saved this round a moment ago. Look at it again, then save."


def add(record: Round, fund: Fund, *, now: dt.datetime) -> RoundDefinition:
    """The first version of a round's rulebook, a draft. Call it inside ``transaction()``."""
    definition = RoundDefinition(
        round_id=record.id, version=1, content=to_document(fund), sha256=_hash(fund), created_at=now
    )
    db.session.add(definition)
    db.session.flush()
    record.definition_id = definition.id
    return definition


def save_weights(
    actor: Actor, round_key: uuid.UUID, weights: Mapping[str, int], *, now: dt.datetime
) -> None:
    """Change the weights of all criteria together. Raises Blocked unless they add up to 100."""
    total = sum(weights.values())
    if total != WHOLE:
        raise Blocked(Reason(f"The weights add up to {total}. They must add up to {WHOLE}."))
    if any(weight < 0 for weight in weights.values()):
        raise Blocked(Reason("A weight can't be below 0."))

    def changed(fund: Fund) -> Fund:
        criteria = tuple(
            replace(item, weight=weights.get(item.key, item.weight))
            for item in fund.scoring.criteria
        )
        return replace(fund, scoring=replace(fund.scoring, criteria=criteria))

    with transaction():
        _change(actor, round_key, changed, "weights", now=now)


def save_criterion(
    actor: Actor, round_key: uuid.UUID, criterion: Criterion, *, now: dt.datetime
) -> None:
    """Change one criterion's words, lowest fundable score and anchors. Its weight stays.

    Raises Blocked naming each field that is missing.
    """

    def changed(fund: Fund) -> Fund:
        if all(item.key != criterion.key for item in fund.scoring.criteria):
            raise NotFound("There is no such criterion.")
        criteria = tuple(
            replace(criterion, weight=item.weight) if item.key == criterion.key else item
            for item in fund.scoring.criteria
        )
        return replace(fund, scoring=replace(fund.scoring, criteria=criteria))

    reasons = list(_missing(criterion))
    if reasons:
        raise Blocked(*reasons)
    with transaction():
        _change(actor, round_key, changed, criterion.key, now=now)


def criterion_of(
    fund: Fund,
    key: str,
    *,
    title: str,
    guidance: str,
    minimum: int | None,
    anchors: Mapping[int, str],
) -> Criterion:
    """A criterion as typed, for ``save_criterion``. Raises NotFound for an unknown key."""
    found = next((item for item in fund.scoring.criteria if item.key == key), None)
    if found is None:
        raise NotFound("There is no such criterion.")
    return replace(
        found,
        title=title.strip(),
        guidance=guidance.strip(),
        minimum=minimum,
        anchors=tuple(
            Anchor(score=score, text=anchors[score].strip()) for score in sorted(anchors)
        ),
    )


def _missing(criterion: Criterion) -> list[Reason]:
    reasons = []
    if not criterion.title:
        reasons.append(Reason("Enter a title.", "title"))
    for anchor in criterion.anchors:
        if not anchor.text:
            sentence = f"Say what a score of {anchor.score} means."
            reasons.append(Reason(sentence, f"anchor_{anchor.score}"))
    return reasons


def edit(
    actor: Actor,
    round_key: uuid.UUID,
    step: Edit,
    what: str,
    *,
    now: dt.datetime,
    after_opening: bool = True,
    seen: str = "",
) -> str:
    """Take one step in a round's working version. Gives the key of what was changed.

    ``step`` is one of ``rules/form_edits.py`` and its kin; ``seen`` is the hash of the version that it
    was made from, if it matters. Raises what the step raises, MoveNotAllowed where the version in
    force is all there is, and Blocked where somebody else saved since ``seen``.
    """
    found: list[str] = []

    def changed(fund: Fund) -> Fund:
        edited = step(fund)
        found.append(edited.key)
        return edited.fund

    with transaction():
        _change(actor, round_key, changed, what, now=now, after_opening=after_opening, seen=seen)
    return found[0]


def _change(
    actor: Actor,
    round_key: uuid.UUID,
    changed: Callable[[Fund], Fund],
    what: str,
    *,
    now: dt.datetime,
    after_opening: bool = False,
    seen: str = "",
) -> None:
    record = access.round_(actor, round_key, Action.SET_UP_ROUND, lock=True)
    if record.state != RoundState.DRAFT and not after_opening:
        raise MoveNotAllowed("The round is open, so this can't be changed.")
    definition = working(record)
    if record.state != RoundState.DRAFT and definition.is_published:
        raise MoveNotAllowed("This is published. Begin a new version to change it.")
    before = definition.sha256
    if seen not in {"", before}:
        raise Blocked(Reason(MEANWHILE))
    fund = changed(from_document(definition.content))
    definition.content, definition.sha256 = to_document(fund), _hash(fund)
    audit.record(
        actor,
        Action.SET_UP_ROUND,
        ("round", record.id, record.reference),
        now=now,
        before={"definition": before},
        after={"definition": definition.sha256, "changed": what},
    )


def working(record: Round) -> RoundDefinition:
    """The newest version: the one being worked on, or the one in force where nobody does."""
    return db.session.execute(
        sa.select(RoundDefinition)
        .where(RoundDefinition.round_id == record.id)
        .order_by(RoundDefinition.version.desc())
        .limit(1)
    ).scalar_one()


def in_force(record: Round) -> RoundDefinition:
    """The version that new applications are written by; of a draft round, the one it will open with."""
    return db.session.execute(
        sa.select(RoundDefinition).where(RoundDefinition.id == record.definition_id)
    ).scalar_one()


def _hash(fund: Fund) -> str:
    return hashlib.sha256(to_json(fund).encode()).hexdigest()
