"""Open rounds as an applicant meets them: those of their own area and the nation's, then the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.queries.public import RoundRow, is_announced, row_of
from grants.queries.visible import places, takes
from grants.rules.people import Actor, Role
from grants.rules.states import Tier

EDITORS = (Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER)
ELSEWHERE = 2  # the place of a round that is neither one's own nor the nation's
SHOWN = 12  # of other areas; the rest stand on the page of all rounds


@dataclass(frozen=True, slots=True)
class RoundsNear:
    """The rounds that concern a person, and those of other areas, with how many there are of these."""

    near: tuple[RoundRow, ...] = ()
    elsewhere: tuple[RoundRow, ...] = ()
    total: int = 0


def open_rounds(actor: Actor, *, now: dt.datetime) -> RoundsNear:
    """Published rounds that take applications now or will. One statement.

    Those come first in which one's own organisations may apply, then the nation's.
    """
    if not actor.places(*EDITORS):
        return RoundsNear()
    is_national = Round.tier == Tier.NATIONAL
    place = sa.case((_in_own_area(actor), 0), (is_national, 1), else_=2).label("place")
    ranked = sa.select(Round.id, place).where(is_announced(now)).subquery()
    rank = (
        sa.func.row_number()
        .over(partition_by=ranked.c.place, order_by=(Round.closes_at, Round.id))
        .label("rank")
    )
    total = sa.func.count().over(partition_by=ranked.c.place).label("total")
    found = (
        sa.select(Round.id, ranked.c.place, rank, total)
        .join(ranked, ranked.c.id == Round.id)
        .subquery()
    )
    rows: Any = db.session.execute(
        sa.select(Round, Organisation.name, found.c.place, found.c.total)
        .join(found, found.c.id == Round.id)
        .join(Organisation, Organisation.id == Round.organisation_id)
        .where(sa.or_(found.c.place < ELSEWHERE, found.c.rank <= SHOWN))
        .order_by(found.c.place, found.c.rank)
    ).all()
    elsewhere = [row for row in rows if row.place == ELSEWHERE]
    return RoundsNear(
        tuple(row_of(row[0], row[1], now) for row in rows if row.place < ELSEWHERE),
        tuple(row_of(row[0], row[1], now) for row in elsewhere),
        elsewhere[0].total if elsewhere else 0,
    )


def _in_own_area(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether an organisation for which this person writes may apply: it works in a share of it."""
    return (
        sa.exists()
        .where(
            AllocationArea.round_id == Round.id,
            AllocationAreaCouncil.allocation_area_id == AllocationArea.id,
            OrganisationArea.area_code == AllocationAreaCouncil.area_code,
            Organisation.id == OrganisationArea.organisation_id,
            places(actor, EDITORS, Organisation.id),
            takes(),
        )
        .correlate(Round)
    )
