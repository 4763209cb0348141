"""A whole round in rank: a few figures of every application, in two statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Scoring
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment, Score
from grants.models.award import Award
from grants.queries.kept import Kept
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_seen, visible
from grants.rules import scoring
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.scoring import ASKED, HEAVIEST, Place, Standing
from grants.rules.states import ApplicationState, AssessmentState, AwardState

CENT = 100
NOT_RANKED = (ApplicationState.WITHDRAWN, ApplicationState.RETURNED)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one application stands, and the figure that the list is sorted by, if it has one."""

    id: int
    reference: str
    award: AwardState | None
    amount: int
    rank: int | None
    is_tied: bool
    value: Decimal | int | None
    total: Decimal | None


MOST = 8  # rounds in memory
_kept: Kept[tuple[Stand, ...]] = Kept(MOST)


def of_round(
    actor: Actor, record: RoundRow, rules: Scoring, *, criterion: str = "", figure: str = ""
) -> tuple[Stand, ...]:
    """Every ranked application that this person may decide on, in no order; kept while it holds.

    ``value`` is the mean mark of ``criterion``, or ``figure``: asked, person or projects. Scores
    are counted where this person may read all of them.
    """
    made = (actor, record, rules, criterion, figure)
    return _kept.get(actor, record, criterion, figure, make=lambda: _read(*made))


def _read(
    actor: Actor, record: RoundRow, rules: Scoring, criterion: str, figure: str
) -> tuple[Stand, ...]:
    rows: Any = db.session.execute(_statement(actor, record, figure)).all()
    heaviest = scoring.heaviest_of(rules).key
    means = means_of(record, [heaviest, *([criterion] if criterion else [])])
    standings = [
        Standing(
            str(row.id),
            scoring.mean_of(row.total, row.readings) if row.scores and row.readings else None,
            ties_of(means.get((row.id, heaviest)) if row.scores else None, row.asked),
        )
        for row in rows
    ]
    places = {
        place.key: place for place in scoring.ranking(standings, rules.ties, record.reference)
    }
    return tuple(
        _stand(row, places[one.key], _value(row, means, criterion, figure), one.total)
        for row, one in zip(rows, standings, strict=True)
    )


def ties_of(mean: Decimal | None, asked: int) -> dict[str, int]:
    """What parts equal totals: the mean of the heaviest criterion, and what is asked. Low is first."""
    return {ASKED: asked} | ({} if mean is None else {HEAVIEST: -int(mean * CENT)})


def _stand(row: Any, place: Place, value: Decimal | int | None, total: Decimal | None) -> Stand:
    return Stand(
        id=row.id,
        reference=row.reference,
        award=row.award,
        amount=row.amount or 0,
        rank=place.rank,
        is_tied=place.is_tied,
        value=value,
        total=total,
    )


def _value(row: Any, means: Any, criterion: str, figure: str) -> Decimal | int | None:
    if criterion:
        return means.get((row.id, criterion)) if row.scores else None
    match figure:
        case "asked":
            return int(row.asked)
        case "projects":
            return int(row.projects_count)
        case "person":
            return int(row.asked) // int(row.people) if row.people else None
        case _:
            return None


def _statement(actor: Actor, record: RoundRow, figure: str) -> Any:
    came_in = (
        sa.select(
            Assessment.application_id,
            sa.func.sum(Assessment.total).label("total"),
            sa.func.count().label("readings"),
        )
        .where(Assessment.state == AssessmentState.SUBMITTED)
        .where(Assessment.application_id.in_(_ids_of(record)))
        .group_by(Assessment.application_id)
        .subquery()
    )
    people = (
        sa.select(sa.func.coalesce(sa.func.sum(ProposedProject.people), 0))
        .where(ProposedProject.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    return (
        applications_seen(
            actor,
            Action.READ_DECISION,
            Application.id,
            Application.reference,
            Application.asked,
            Application.projects_count,
            Award.state.label("award"),
            Award.amount,
            visible(actor, Action.READ_ALL_SCORES).label("scores"),
            came_in.c.total,
            came_in.c.readings,
            (people if figure == "person" else sa.null()).label("people"),
            with_award=True,
        )
        .outerjoin(came_in, came_in.c.application_id == Application.id)
        .where(Application.round_id == record.id, *is_ranked())
    )


def is_ranked() -> tuple[Any, ...]:
    """Sent, and neither withdrawn nor given back."""
    return Application.number.is_not(None), Application.state.not_in(NOT_RANKED)


def _ids_of(record: RoundRow) -> Any:
    return sa.select(Application.id).where(Application.round_id == record.id)


def means_of(record: RoundRow, criteria: Sequence[str]) -> dict[tuple[int, str], Decimal]:
    """The mean mark of each application by criterion, of the scores that are in."""
    rows: Any = db.session.execute(
        sa.select(
            Assessment.application_id,
            Score.criterion,
            sa.func.sum(Score.mark),
            sa.func.count(Score.mark),
        )
        .join(Score, Score.assessment_id == Assessment.id)
        .where(
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.application_id.in_(_ids_of(record)),
            Score.criterion.in_(criteria),
            Score.mark.is_not(None),
        )
        .group_by(Assessment.application_id, Score.criterion)
    )
    return {(key, name): scoring.mean_of(marks, count) for key, name, marks, count in rows}


def below_minimum(actor: Actor, application_id: int, rules: Scoring) -> tuple[str, ...]:
    """The criteria that this application scored below the lowest that is fundable. One statement.

    The application was fetched before for this person to decide on.
    """
    del actor
    rows: Any = db.session.execute(
        sa.select(Score.criterion, sa.func.sum(Score.mark), sa.func.count(Score.mark))
        .join(Assessment, Assessment.id == Score.assessment_id)
        .where(
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.application_id == application_id,
            Score.mark.is_not(None),
        )
        .group_by(Score.criterion)
    )
    means = {criterion: Fraction(int(marks), int(count)) for criterion, marks, count in rows}
    return scoring.below_minimum(means, rules)
