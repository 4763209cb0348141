"""Assessments: who read which application, and what they marked."""

from __future__ import annotations

from collections.abc import Sequence

from grants.demo.decisions import OFFERED, Course
from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.funds.definition import Criterion
from grants.models.assessment import Assessment, Conflict, LineRecommendation, Recommendation, Score
from grants.rules import scoring
from grants.rules.conflicts import Interest
from grants.rules.states import AssessmentState, AwardState

MARKS = (1, 2, 2, 3, 3, 3, 4, 4)


def read(kit: Kit, made: Made, cast: Cast, courses: Sequence[Course]) -> None:
    """Assessments, as far as each reader is, with a mark and a reason for every criterion."""
    readings = [
        (course, state, cast.assessors[(place + turn) % len(cast.assessors)])
        for place, course in enumerate(courses)
        for turn, state in enumerate(course.readings)
    ]
    marks = [_marks(kit, made, course, state) for course, state, _ in readings]
    ids = add(
        Assessment,
        [
            _assessment(kit, made, cast, reading, given)
            for reading, given in zip(readings, marks, strict=True)
        ],
    )
    put(
        Score,
        [
            {
                "assessment_id": key,
                "criterion": criterion.key,
                "mark": given[criterion.key],
                "reason": kit.world.text("score", anchor=_anchor(criterion, given[criterion.key])),
            }
            for key, given in zip(ids, marks, strict=True)
            for criterion in made.fund.scoring.criteria
            if criterion.key in given
        ],
    )
    put(
        LineRecommendation,
        [
            {
                "assessment_id": key,
                "proposed_project_id": line,
                "recommendation": Recommendation.FULL,
                "amount": None,
                "reason": "",
            }
            for key, (course, state, _) in zip(ids, readings, strict=True)
            if state == AssessmentState.SUBMITTED
            for line in course.sent.lines
        ],
    )
    put(
        Conflict,
        [
            {
                "application_id": course.sent.id,
                "person_id": person,
                "kind": Interest.PERSONAL,
                "detail": "A member of my family works there. (Fictional.)",
                "declared_at": course.scored_at,
            }
            for course, state, person in readings
            if state == AssessmentState.CONFLICTED
        ],
    )


def _marks(kit: Kit, made: Made, course: Course, state: AssessmentState) -> dict[str, int]:
    """Nothing is offered below a minimum here: that would take a reason."""
    criteria = made.fund.scoring.criteria
    is_offered = course.award in {*OFFERED, AwardState.RECOMMENDED, AwardState.APPROVED}
    floors = {one.key: one.minimum or 0 for one in criteria} if is_offered else {}
    if state == AssessmentState.SUBMITTED:
        return {one.key: max(kit.dice.choice(MARKS), floors.get(one.key, 0)) for one in criteria}
    if state == AssessmentState.SCORING:
        return {one.key: kit.dice.choice(MARKS) for one in criteria[:2]}
    return {}


def _anchor(criterion: Criterion, mark: int) -> str:
    return next((anchor.text for anchor in criterion.anchors if anchor.score == mark), "")


def _assessment(
    kit: Kit,
    made: Made,
    cast: Cast,
    reading: tuple[Course, AssessmentState, int],
    marks: dict[str, int],
) -> Row:
    course, state, person = reading
    is_in = state == AssessmentState.SUBMITTED
    return {
        "key": kit.key(),
        "application_id": course.sent.id,
        "version_id": course.sent.version_id,
        "person_id": person,
        "state": state,
        "assigned_at": course.assigned_at,
        "assigned_by": cast.staff["manager"],
        "declared_at": None if state == AssessmentState.ASSIGNED else course.scored_at,
        "submitted_at": course.scored_at if is_in else None,
        "total": scoring.weighted_total(marks, made.fund.scoring) if is_in else None,
        "comment": "",
    }
