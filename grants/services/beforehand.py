"""Saying, before a blind round is handed out, which of its bodies one has to do with."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.assessment import Assessment, Conflict
from grants.models.interest import InterestAnswer, PersonInterest
from grants.models.person import Person
from grants.queries import beforehand
from grants.rules.actions import Action
from grants.rules.conflicts import Interest
from grants.rules.identity import fold_name
from grants.rules.interests import Tie
from grants.rules.people import Actor
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Reason
from grants.rules.states import AssessmentState
from grants.services import access, assess
from grants.services.transaction import transaction

KINDS = {
    Tie.EMPLOYER: Interest.EMPLOYER,
    Tie.BOARD: Interest.OFFICE_BEARER,
    Tie.FAMILY: Interest.PERSONAL,
    Tie.MEMBER: Interest.OTHER,
}


def answer(
    actor: Actor, key: uuid.UUID, names: Collection[str], tie: str, *, now: dt.datetime
) -> None:
    """Keep the answer. Each named body makes a conflict with every application that it stands behind.

    Answered again, bodies are added and none is taken away. Raises Blocked with every fault.
    """
    with transaction():
        record = access.round_(actor, key, Action.ANSWER_BEFOREHAND)
        db.session.execute(sa.select(Person.id).filter_by(id=actor.person_id).with_for_update())
        page = beforehand.bodies(actor, key, now=now)
        if not page.is_closed:
            raise MoveNotAllowed("The names are shown once the round has closed.")
        if not set(names) <= set(page.bodies):
            raise NotFound(access.NO_SUCH)
        new = sorted(set(names) - page.told)
        if new and tie not in set(KINDS):
            raise Blocked(Reason("Choose what you have to do with them.", "tie"))
        for name in new:
            _keep(actor, record.id, name, Tie(tie), now)
        if page.answered_at is None:
            db.session.add(
                InterestAnswer(round_id=record.id, person_id=actor.person_id, answered_at=now)
            )
        if new or page.answered_at is None:
            after = {"bodies": new, "tie": tie if new else "none"}
            thing = ("round", record.id, record.reference)
            audit.record(actor, Action.ANSWER_BEFOREHAND, thing, now=now, after=after)


def _keep(actor: Actor, round_id: int, name: str, tie: Tie, now: dt.datetime) -> None:
    db.session.add(
        PersonInterest(
            person_id=actor.person_id, tie=tie, body=name, told_at=now, round_id=round_id
        )
    )
    behind = {
        application
        for application, body in db.session.execute(beforehand.named(round_id))
        if fold_name(body) == fold_name(name)
    }
    mine = sa.select(Conflict.application_id).where(Conflict.person_id == actor.person_id)
    detail = f"Told beforehand: {name}"
    for application in sorted(behind - set(db.session.scalars(mine))):
        held = db.session.scalar(
            sa.select(Assessment.key).where(
                Assessment.application_id == application,
                Assessment.person_id == actor.person_id,
                Assessment.state != AssessmentState.CONFLICTED,
            )
        )
        if held is not None:
            assess.declare_conflict(actor, held, KINDS[tie], detail, now=now)
            continue
        db.session.add(
            Conflict(
                application_id=application,
                person_id=actor.person_id,
                kind=KINDS[tie],
                detail=detail,
                declared_at=now,
            )
        )
        db.session.flush()
