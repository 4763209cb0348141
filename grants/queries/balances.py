"""How much of a round or an area is set aside, as far as this person may know.

An approval is a secret until it is released. Who declared an interest in an application may not
work it out from the sum that it is part of, so the sum leaves it out for them until then.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.application import Application
from grants.models.assessment import Conflict
from grants.models.award import Award
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.models.share import Share
from grants.rules.people import Actor
from grants.rules.states import AdditionState, AwardState


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
    added = _added(
        place == of.id, Addition.state == AdditionState.APPROVED, is_hidden(actor, Award)
    ).correlate(of)
    return (of.committed - hidden - added.scalar_subquery()).label("committed")


def recommended(actor: Actor, of: type[AllocationArea]) -> sa.ColumnElement[int]:
    """The money that is recommended in an area and waits for approval. Pence."""
    total = sa.cast(sa.func.coalesce(sa.func.sum(Award.amount), 0), sa.BigInteger)
    here = (Award.allocation_area_id == of.id, ~is_hidden(actor, Award))
    whole = (
        sa.select(total)
        .where(Award.state == AwardState.RECOMMENDED, *here)
        .correlate(of)
        .scalar_subquery()
    )
    added = _added(Addition.state == AdditionState.RECOMMENDED, *here).correlate(of)
    return (whole + added.scalar_subquery()).label("recommended")


def _added(*conditions: sa.ColumnElement[bool], award: Any = Award) -> sa.Select[Any]:
    """What these additions to awards come to. Pence."""
    total = sa.cast(sa.func.coalesce(sa.func.sum(Addition.amount), 0), sa.BigInteger)
    return (
        sa.select(total)
        .select_from(Addition)
        .join(award, award.id == Addition.award_id)
        .where(*conditions)
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


def promised(actor: Actor, award: type[Award]) -> sa.ColumnElement[int]:
    """What is recommended to others in the area of a row of ``award``, as this person may know it."""
    other, whose = sa.orm.aliased(Award), sa.orm.aliased(Award)
    whole = (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(other.amount), 0), sa.BigInteger))
        .where(
            other.allocation_area_id == award.allocation_area_id,
            other.state == AwardState.RECOMMENDED,
            other.id != award.id,
            ~is_hidden(actor, other),
        )
        .correlate(award)
        .scalar_subquery()
    )
    added = _added(
        whose.allocation_area_id == award.allocation_area_id,
        whose.id != award.id,
        Addition.state == AdditionState.RECOMMENDED,
        ~is_hidden(actor, whose),
        award=whose,
    )
    return whole + added.correlate(award).scalar_subquery()


def offered(award: type[Award]) -> sa.ScalarSelect[int]:
    """What is added to an award and not answered: of it, but nobody's to pass on or pay back. Pence."""
    total = sa.cast(sa.func.coalesce(sa.func.sum(Addition.amount), 0), sa.BigInteger)
    return (
        sa.select(total)
        .where(Addition.award_id == award.id, Addition.state == AdditionState.RELEASED)
        .correlate(award)
        .scalar_subquery()
    )


def left(actor: Actor, award: Award) -> tuple[int, int, int]:
    """What is left of the award's area and of its round, and what others are promised in the area.

    In pence, each as far as this person may know; the promises are not taken off. One statement.
    """
    area_left, pot_left, others = db.session.execute(
        sa.select(
            AllocationArea.amount - committed(actor, AllocationArea),
            Round.pot - committed(actor, Round),
            promised(actor, Award),
        )
        .select_from(Award)
        .join(AllocationArea, AllocationArea.id == Award.allocation_area_id)
        .join(Round, Round.id == Award.round_id)
        .where(Award.id == award.id)
    ).one()
    return int(area_left), int(pot_left), int(others)


def has_interest_in_area(actor: Actor, area: object) -> sa.ColumnElement[bool]:
    """Whether this person has an interest in any application to this area, whatever became of it."""
    return _has_interest(actor, _interesting.allocation_area_id == area)


def has_interest_in_round(actor: Actor, round_: object) -> sa.ColumnElement[bool]:
    """Whether this person has an interest in any application to this round."""
    return _has_interest(actor, _interesting.round_id == round_)


def keeps_from_approving(actor: Actor, area: object, round_: object) -> sa.ColumnElement[bool]:
    """Whether a ceiling on money for this area could tell of what is hidden from this person.

    The area's is one; strands are shared by all areas of a round.
    """
    has_strands = sa.exists().where(BudgetStrand.round_id == round_).correlate_except(BudgetStrand)
    return sa.or_(
        has_interest_in_area(actor, area),
        sa.and_(has_strands, has_interest_in_round(actor, round_)),
    )


def hides(actor: Actor, round_id: int) -> bool:
    """Whether something of this round is hidden from this person. One statement."""
    return bool(db.session.scalar(sa.select(has_interest_in_round(actor, round_id))))


_interesting = sa.orm.aliased(Application)


def _has_interest(actor: Actor, among: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    ties = (
        _interesting.id.in_(sa.select(tie.application_id).where(tie.person_id == actor.person_id))
        for tie in (Conflict, Share)
    )
    return sa.exists().where(sa.or_(*ties), among).correlate_except(_interesting)
