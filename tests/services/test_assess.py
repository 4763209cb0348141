"""Declaring, scoring, submitting."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import ProposedProject
from grants.models.assessment import Assessment, Conflict, LineRecommendation, Score
from grants.models.audit import AuditEntry
from grants.queries import assessments, scores
from grants.rules.people import Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import assess
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.usefixtures("context")
FUNDS = sorted(all_funds())


class Panel:
    """One application being assessed by two, and a manager."""

    def __init__(self, fund: str = FUNDS[0], state=AssessmentState.ASSIGNED) -> None:
        programme = build.programme()
        self.partnership = build.organisation("", "partnership", "S12000027")
        self.manager = build.person(Role.FUND_MANAGER, at=programme)
        self.reader = build.person(Role.ASSESSOR, at=programme)
        self.other = build.person(Role.ASSESSOR, at=programme)
        by = build.person(Role.APPLICANT_SUBMITTER, at=self.partnership)
        self.round = build.round_(fund, programme)
        self.application = build.application(
            self.round, self.partnership, by, state=ApplicationState.ASSESSING
        )
        self.scoring = all_funds()[fund].scoring
        self.key = build.assessment(self.application, self.reader, self.manager, state=state).key
        self.actor = build.actor_of(self.reader)

    def record(self) -> Assessment:
        db.session.expire_all()
        return db.session.scalars(sa.select(Assessment).where(Assessment.key == self.key)).one()

    def whole(self, mark: int = 3) -> dict[str, str]:
        """Everything that a submission needs."""
        lines = db.session.scalars(
            sa.select(ProposedProject.key).where(
                ProposedProject.application_id == self.application.id
            )
        )
        return (
            {f"mark.{criterion.key}": str(mark) for criterion in self.scoring.criteria}
            | {f"reason.{criterion.key}": "Because." for criterion in self.scoring.criteria}
            | {f"line.{key}": "full" for key in lines}
        )


def acts() -> list[tuple[str, dict]]:
    db.session.rollback()
    rows = db.session.execute(
        sa.select(AuditEntry.action, AuditEntry.after).order_by(AuditEntry.id)
    )
    return [(row.action, row.after) for row in rows]


@pytest.mark.feature("R6")
@pytest.mark.feature("R7")
def test_text_is_withheld_until_no_interest_is_declared() -> None:
    panel = Panel()
    before = assessments.page_of(panel.actor, panel.key)

    assess.declare_none(panel.actor, panel.key, now=NOW)

    after = assessments.page_of(panel.actor, panel.key)
    assert (before.text, before.lines, before.may_score) == (None, (), False)
    assert before.organisation == panel.partnership.name
    assert after.text is not None
    assert (after.text.number, len(after.lines), after.may_score) == (1, 2, True)
    assert [act[0] for act in acts()] == ["score"]
    assert acts()[0][1]["interest"] == "none"


def test_declaring_none_twice_is_declaring_it_once() -> None:
    panel = Panel()

    assess.declare_none(panel.actor, panel.key, now=NOW)
    assess.declare_none(panel.actor, panel.key, now=NOW)

    assert len(acts()) == 1


@pytest.mark.feature("R6")
@pytest.mark.feature("R9")
@pytest.mark.parametrize(
    "state", [AssessmentState.ASSIGNED, AssessmentState.SCORING, AssessmentState.SUBMITTED]
)
def test_conflict_takes_everything_away_at_once(state) -> None:
    panel = Panel(state=state)

    assess.declare_conflict(panel.actor, panel.key, "not-sure", " Perhaps. ", now=NOW)

    record = panel.record()
    assert (record.state, record.total) == (AssessmentState.CONFLICTED, None)
    kept = db.session.scalars(sa.select(Conflict)).one()
    assert (kept.kind, kept.detail, kept.person_id) == ("not-sure", "Perhaps.", panel.reader.id)
    assert assessments.mine(panel.actor).total == 0
    for refused in (
        lambda: assessments.page_of(panel.actor, panel.key),
        lambda: assess.autosave(panel.actor, panel.key, {}, now=NOW),
        lambda: assess.declare_none(panel.actor, panel.key, now=NOW),
    ):
        with pytest.raises(NotFound):
            refused()


def test_conflict_needs_its_kind() -> None:
    panel = Panel()

    with pytest.raises(Blocked):
        assess.declare_conflict(panel.actor, panel.key, "", "", now=NOW)

    assert panel.record().state == AssessmentState.ASSIGNED


def test_nothing_is_scored_before_the_declaration() -> None:
    panel = Panel()

    with pytest.raises(Exception, match="can't do this"):
        assess.autosave(panel.actor, panel.key, {"comment": "Early"}, now=NOW)

    assert panel.record().comment == ""


@pytest.mark.feature("R18")
def test_autosave_keeps_what_was_typed_and_is_not_audited() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    first = panel.scoring.criteria[0].key

    saved = assess.autosave(panel.actor, panel.key, {f"mark.{first}": "2"}, now=NOW)
    assess.autosave(panel.actor, panel.key, {f"reason.{first}": "So."}, now=NOW)
    assess.autosave(panel.actor, panel.key, {f"reason.{first}": "So it is."}, now=NOW)

    assert (saved.total, saved.marked, saved.criteria) == (None, 1, len(panel.scoring.criteria))
    row = db.session.scalars(sa.select(Score)).one()
    assert (row.criterion, row.mark, row.reason) == (first, 2, "So it is.")
    assert acts() == []


@pytest.mark.feature("R18")
def test_save_keeps_what_can_be_kept_and_says_what_cannot() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    line = next(name for name in panel.whole() if name.startswith("line."))
    amount = line.replace("line.", "amount.")

    saved = assess.save(
        panel.actor, panel.key, {line: "part", amount: "lots", "comment": "Well."}, now=NOW
    )

    assert [problem.key for problem in saved.problems] == [amount]
    assert panel.record().comment == "Well."
    row = db.session.scalars(sa.select(LineRecommendation)).one()
    assert (row.recommendation, row.amount) == ("part", None)
    assert acts() == [("score", {"marked": 0})]


@pytest.mark.feature("R2")
@pytest.mark.feature("R3")
@pytest.mark.parametrize("fund", FUNDS)
def test_submit_works_out_the_total_and_locks(fund) -> None:
    panel = Panel(fund, AssessmentState.SCORING)

    assess.submit(panel.actor, panel.key, panel.whole(panel.scoring.highest), now=NOW)

    record = panel.record()
    assert (record.state, record.total, record.submitted_at) == (
        AssessmentState.SUBMITTED,
        Decimal("100.00"),
        NOW,
    )
    with pytest.raises(MoveNotAllowed):
        assess.submit(panel.actor, panel.key, panel.whole(), now=NOW)
    with pytest.raises(MoveNotAllowed):
        assess.save(panel.actor, panel.key, {"comment": "Later"}, now=NOW)
    assert panel.record().total == Decimal("100.00")


@pytest.mark.feature("R2")
@pytest.mark.feature("R18")
def test_submit_of_half_a_sheet_keeps_it_and_says_what_is_missing() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    first, *rest = [criterion.key for criterion in panel.scoring.criteria]
    typed = {f"mark.{first}": "4", "comment": "Half."}

    with pytest.raises(Blocked) as refused:
        assess.submit(panel.actor, panel.key, typed, now=NOW)

    record = panel.record()
    assert (record.state, record.comment) == (AssessmentState.SCORING, "Half.")
    assert [reason.key for reason in refused.value.reasons][:2] == [
        f"reason.{first}",
        f"mark.{rest[0]}",
    ]
    assert db.session.scalars(sa.select(Score.mark)).all() == [4]


@pytest.mark.feature("R11")
def test_others_are_seen_once_own_are_in_and_moderation_is_open() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    build.assessment(panel.application, panel.other, panel.manager, state=AssessmentState.SUBMITTED)
    seen = [assessments.page_of(panel.actor, panel.key).panel]

    assess.submit(panel.actor, panel.key, panel.whole(), now=NOW)
    seen.append(assessments.page_of(panel.actor, panel.key).panel)
    panel.application.state = ApplicationState.MODERATION
    db.session.commit()

    assert seen == [None, None]
    found = assessments.page_of(panel.actor, panel.key).panel
    assert found is not None
    assert [reading.is_own for reading in found.readings] == [True, False]


@pytest.mark.feature("R11")
def test_own_scores_must_be_in_before_others_are_seen() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    panel.application.state = ApplicationState.MODERATION
    build.assessment(panel.application, panel.other, panel.manager, state=AssessmentState.SUBMITTED)

    page = assessments.page_of(panel.actor, panel.key)

    assert (page.panel, page.may_score) == (None, False)


@pytest.mark.feature("R12")
def test_scores_of_application_flags_wide_disagreement() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    other = build.assessment(
        panel.application, panel.other, panel.manager, state=AssessmentState.SCORING
    )
    assess.submit(panel.actor, panel.key, panel.whole(4), now=NOW)
    manager = build.actor_of(panel.manager)
    early = scores.of_application(manager, panel.application.key)
    assess.submit(build.actor_of(panel.other), other.key, panel.whole(2), now=NOW)

    found = scores.of_application(manager, panel.application.key)

    assert early is None
    assert found is not None
    assert [reading.total for reading in found.readings] == [Decimal("100.00"), Decimal("50.00")]
    assert (found.mean, found.spread.gap, found.spread.total) == (
        Decimal("75.00"),
        Decimal("50.00"),
        True,
    )
    assert found.spread.criteria == tuple(c.key for c in panel.scoring.criteria)
    assert scores.totals_of_round(manager, panel.round.id) == {
        panel.application.id: (Decimal("100.00"), Decimal("50.00"))
    }
    assert scores.of_application(panel.actor, panel.application.key) is None


@pytest.mark.feature("R9")
def test_conflicted_manager_sees_no_scores() -> None:
    panel = Panel(state=AssessmentState.SUBMITTED)
    build.conflict(panel.application, panel.manager)
    manager = build.actor_of(panel.manager)

    assert scores.of_application(manager, panel.application.key) is None
    assert scores.totals_of_round(manager, panel.round.id) == {}


@pytest.mark.parametrize("who", ["other", "manager"])
def test_assessment_of_another_does_not_exist(who) -> None:
    panel = Panel(state=AssessmentState.SCORING)
    stranger = build.actor_of(getattr(panel, who))

    with pytest.raises(NotFound):
        assessments.page_of(stranger, panel.key)
    with pytest.raises(NotFound):
        assess.save(stranger, panel.key, {"comment": "Mine"}, now=NOW)
