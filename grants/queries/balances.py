"""How much of a round or an area is set aside, as far as this person may know.

An approval is a secret until it is released. Who declared an interest in an application may not
work it out from the sum that it is part of, so the sum leaves it out for them until then.
"""

from __future__ import annotations

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Conflict
from grants.models.award import Award
from grants.models.round import AllocationArea, Round
from grants.models.share import Share
from grants.rules.people import Actor
from grants.rules.states import AwardState


def committed(actor: Actor, of: type[Round | AllocationArea]) -> sa.ColumnElement[int]:
    """The money that is set aside in a row of ``of``. Pence."""
    place = Award.round_id if of is Round else Award.allocation_area_id
    total = sa.cast(sa.func.coalesce(sa.func.sum(Award.amount), 0), sa.BigInteger)
    hidden = (
        sa.select(total)
        .where(place == of.id, Award.state == AwardState.APPROVED, is_hidden(actor, Award))
        .correlate(of)
        .scalar_subquery()
    )
    return (of.committed - hidden).label("committed")


def hides(actor: Actor, round_id: int) -> bool:
    """Whether a sum of this round would tell this person of an application they may not know of."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Conflict.person_id == actor.person_id,
                    Conflict.application_id == Application.id,
                    Application.round_id == round_id,
                )
            )
        )
    )


def recommended(actor: Actor, of: type[AllocationArea]) -> sa.ColumnElement[int]:
    """The money that is recommended in an area and waits for approval. Pence."""
    total = sa.cast(sa.func.coalesce(sa.func.sum(Award.amount), 0), sa.BigInteger)
    return (
        sa.select(total)
        .where(
            Award.allocation_area_id == of.id,
            Award.state == AwardState.RECOMMENDED,
            ~is_hidden(actor, Award),
        )
        .correlate(of)
        .scalar_subquery()
        .label("recommended")
    )


def is_hidden(actor: Actor, award: type[Award]) -> sa.ColumnElement[bool]:
    """Whether this person declared an interest in the application of a row of ``award``, or took
    part in writing it."""
    return sa.or_(
        *(
            sa.exists()
            .where(tie.application_id == award.application_id, tie.person_id == actor.person_id)
            .correlate(award)
            for tie in (Conflict, Share)
        )
    )
