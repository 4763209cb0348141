"""Letters about the awards, drafted by one person and issued by another, as the product does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from grants.demo.decisions import Given
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.rules.states import KNOWN, AwardState, MessageState
from grants.services import acting, letters

DRAFTED = frozenset({AwardState.DECLINED})
ISSUED = KNOWN - DRAFTED
HOUR = dt.timedelta(hours=1)


def write(made: Made, cast: Cast, givens: Sequence[Given], verify_address: str) -> None:
    """A letter for each award that people know of. What a round that is over sent is sent."""
    db.session.flush()
    db.session.expire_all()
    for given in givens:
        if given.state in ISSUED | DRAFTED and given.key is not None:
            _write(cast, given, verify_address)
    if made.is_over:
        db.session.flush()
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.round_id == made.id)
            .values(state=MessageState.SENT, sent_at=OutboxMessage.queued_at, attempts=1)
        )


def _write(cast: Cast, given: Given, verify_address: str) -> None:
    at = given.course.released_at + HOUR
    drafter = acting.actor_with_id(cast.staff["manager2"], now=at)
    if given.key is None:
        return
    letter = letters.draft(drafter, given.key, verify_address=verify_address, now=at)
    if given.state in ISSUED:
        issuer = acting.actor_with_id(cast.staff["approver"], now=at)
        letters.issue(issuer, letter, now=at + HOUR)
