"""Declaring, scoring, submitting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import ProposedProject
from grants.models.assessment import Assessment, Conflict, LineRecommendation, Score, ScoreField
from grants.models.audit import AuditEntry
from grants.models.earlier_text import EarlierText
from grants.queries import assessments, earlier_texts, scores
from grants.rules import score_sheet
from grants.rules.people import Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import assess, score_fields
from grants.services import panel as panels
from grants.services.answer_sheet import Sent
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


def sent(typed: dict[str, str], **known: Any) -> Sent:
    """What a page sends: ``seen`` and ``chosen`` are named as its fields are."""
    seen, chosen = known.get("seen"), known.get("chosen", ())
    return Sent(
        texts={score_fields.place_of(name): text for name, text in typed.items()},
        seen=None if seen is None else {score_fields.place_of(n): v for n, v in seen.items()},
        chosen=[score_fields.place_of(name) for name in chosen],
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
        lambda: assess.autosave(panel.actor, panel.key, sent({}), now=NOW),
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
        assess.autosave(panel.actor, panel.key, sent({"comment": "Early"}), now=NOW)

    assert panel.record().comment == ""


@pytest.mark.feature("R18")
def test_autosave_keeps_what_was_typed_and_is_not_audited() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    first = panel.scoring.criteria[0].key

    saved = assess.autosave(panel.actor, panel.key, sent({f"mark.{first}": "2"}), now=NOW)
    assess.autosave(panel.actor, panel.key, sent({f"reason.{first}": "So."}), now=NOW)
    assess.autosave(panel.actor, panel.key, sent({f"reason.{first}": "So it is."}), now=NOW)

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
        panel.actor, panel.key, sent({line: "part", amount: "lots", "comment": "Well."}), now=NOW
    )

    assert [f"{one.question}.{one.row}" for one in saved.saved.refused] == [amount]
    assert panel.record().comment == "Well."
    row = db.session.scalars(sa.select(LineRecommendation)).one()
    assert (row.recommendation, row.amount) == ("part", None)
    assert acts() == [("score", {"marked": 0})]


def fields(panel: Panel) -> dict[str, tuple[str, str, str]]:
    """Of each kind a field, with two texts of it as they are kept, and one that cannot be."""
    first = panel.scoring.criteria[0].key
    line = next(name.removeprefix("line.") for name in panel.whole() if name.startswith("line."))
    return {
        f"mark.{first}": ("2", "3", "99"),
        f"reason.{first}": ("One.", "Two.", "x" * 10_001),
        f"line.{line}": ("full", "no", ""),
        f"amount.{line}": ("1,000", "2,000", "lots"),
        f"why.{line}": ("One.", "Two.", "x" * 10_001),
        "comment": ("One.", "Two.", "x" * 10_001),
    }


def texts(panel: Panel) -> dict[str, str]:
    page = assessments.page_of(panel.actor, panel.key)
    return score_sheet.texts_of(page.sheet, page.fund.scoring, page.lines)


def versions(panel: Panel) -> dict[str, int]:
    page = assessments.page_of(panel.actor, panel.key)
    return {score_fields.name_of(place): number for place, number in page.versions.items()}


@pytest.mark.feature("R18")
@pytest.mark.parametrize("kind", ["mark", "reason", "line", "amount", "why", "comment"])
def test_second_window_overwrites_no_field_unseen(kind) -> None:
    panel = Panel(state=AssessmentState.SCORING)
    name, (one, two, _) = next(f for f in fields(panel).items() if f[0].startswith(kind))

    first = assess.autosave(panel.actor, panel.key, sent({name: one}, seen={}), now=NOW).saved
    second = assess.autosave(panel.actor, panel.key, sent({name: two}, seen={}), now=NOW).saved

    assert (first.clashes, first.written, second.written) == ((), 1, 0)
    (clash,) = second.clashes
    assert (clash.yours, clash.theirs, clash.by, clash.at, clash.version) == (two, one, "", NOW, 1)
    assert (texts(panel)[name], versions(panel)) == (one, {name: 1})

    chosen = sent({name: two}, seen={name: 1}, chosen=[name])
    third = assess.autosave(panel.actor, panel.key, chosen, now=NOW).saved

    assert (third.clashes, third.written) == ((), 1)
    assert (texts(panel)[name], versions(panel)) == (two, {name: 2})
    page = assessments.page_of(panel.actor, panel.key)
    assert [early.text for early in earlier_texts.of_assessment(page)] == [one]


@pytest.mark.feature("R18")
@pytest.mark.parametrize("kind", ["mark", "reason", "amount", "why", "comment"])
def test_what_cannot_be_kept_leaves_what_was_there(kind) -> None:
    panel = Panel(state=AssessmentState.SCORING)
    name, (one, _, unfit) = next(f for f in fields(panel).items() if f[0].startswith(kind))
    assess.autosave(panel.actor, panel.key, sent({name: one}, seen={}), now=NOW)

    saved = assess.autosave(panel.actor, panel.key, sent({name: unfit}, seen={name: 1}), now=NOW)

    assert [score_fields.name_of((r.question, r.row)) for r in saved.saved.refused] == [name]
    assert (texts(panel)[name], versions(panel)) == (one, {name: 1})


@pytest.mark.feature("R18")
def test_same_text_sent_twice_is_no_change_and_no_clash() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    name = next(name for name in fields(panel) if name.startswith("amount"))

    assess.autosave(panel.actor, panel.key, sent({name: "1,000"}, seen={}), now=NOW)
    again = assess.autosave(panel.actor, panel.key, sent({name: "£1000"}, seen={}), now=NOW)

    assert (again.saved.clashes, again.saved.written) == ((), 0)
    assert versions(panel) == {name: 1}


@pytest.mark.feature("R18")
def test_two_fields_of_one_criterion_are_written_from_two_windows() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    mark, reason, *_ = fields(panel)

    assess.autosave(panel.actor, panel.key, sent({mark: "2"}, seen={}), now=NOW)
    kept = assess.autosave(panel.actor, panel.key, sent({reason: "So."}, seen={}), now=NOW)

    assert kept.saved.clashes == ()
    assert [texts(panel)[name] for name in (mark, reason)] == ["2", "So."]


@pytest.mark.feature("R18")
def test_text_that_comes_once_more_after_submitting_is_kept_already() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    assess.submit(panel.actor, panel.key, sent(panel.whole()), now=NOW)
    first = panel.scoring.criteria[0].key

    kept = assess.autosave(panel.actor, panel.key, sent({f"mark.{first}": "3"}), now=NOW)

    assert (kept.saved.clashes, kept.saved.refused, kept.saved.written) == ((), (), 0)
    with pytest.raises(MoveNotAllowed):
        assess.autosave(panel.actor, panel.key, sent({f"mark.{first}": "1"}), now=NOW)


def test_nothing_is_submitted_while_two_windows_differ() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    assess.autosave(panel.actor, panel.key, sent({"comment": "One."}), now=NOW)

    saved = assess.submit(
        panel.actor, panel.key, sent(panel.whole() | {"comment": "Two."}, seen={}), now=NOW
    )

    assert [clash.question for clash in saved.clashes] == ["comment"]
    record = panel.record()
    assert (record.state, record.comment) == (AssessmentState.SCORING, "One.")
    assert texts(panel)[f"reason.{panel.scoring.criteria[0].key}"] == "Because."


@pytest.mark.feature("R18")
def test_marks_from_before_versions_were_counted_clash_too() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    first = panel.scoring.criteria[0].key
    build.kept(
        Score(assessment_id=panel.record().id, criterion=first, mark=2, reason="From before.")
    )
    name = f"reason.{first}"

    emptied = assess.autosave(panel.actor, panel.key, sent({name: ""}, seen={}), now=NOW).saved
    late = assess.autosave(panel.actor, panel.key, sent({name: "Mine."}, seen={}), now=NOW).saved

    assert (emptied.written, versions(panel)) == (1, {name: 1})
    assert [clash.theirs for clash in late.clashes] == [""]


def test_standing_down_takes_versions_and_earlier_texts_away() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    assess.autosave(panel.actor, panel.key, sent({"comment": "One."}), now=NOW)
    assess.autosave(panel.actor, panel.key, sent({"comment": "Two."}, chosen=["comment"]), now=NOW)
    manager = build.actor_of(panel.manager)

    panels.stand_down(manager, panel.round.key, panel.reader.key, with_begun=True, now=NOW)

    for table in (ScoreField, EarlierText):
        assert db.session.scalars(sa.select(table)).all() == []


@pytest.mark.feature("R2")
@pytest.mark.feature("R3")
@pytest.mark.parametrize("fund", FUNDS)
def test_submit_works_out_the_total_and_locks(fund) -> None:
    panel = Panel(fund, AssessmentState.SCORING)

    assess.submit(panel.actor, panel.key, sent(panel.whole(panel.scoring.highest)), now=NOW)

    record = panel.record()
    assert (record.state, record.total, record.submitted_at) == (
        AssessmentState.SUBMITTED,
        Decimal("100.00"),
        NOW,
    )
    with pytest.raises(MoveNotAllowed):
        assess.submit(panel.actor, panel.key, sent(panel.whole()), now=NOW)
    with pytest.raises(MoveNotAllowed):
        assess.save(panel.actor, panel.key, sent({"comment": "Later"}), now=NOW)
    assert panel.record().total == Decimal("100.00")


@pytest.mark.feature("R2")
@pytest.mark.feature("R18")
def test_submit_of_half_a_sheet_keeps_it_and_says_what_is_missing() -> None:
    panel = Panel(state=AssessmentState.SCORING)
    first, *rest = [criterion.key for criterion in panel.scoring.criteria]
    typed = {f"mark.{first}": "4", "comment": "Half."}

    with pytest.raises(Blocked) as refused:
        assess.submit(panel.actor, panel.key, sent(typed), now=NOW)

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

    assess.submit(panel.actor, panel.key, sent(panel.whole()), now=NOW)
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
    assess.submit(panel.actor, panel.key, sent(panel.whole(4)), now=NOW)
    manager = build.actor_of(panel.manager)
    early = scores.of_application(manager, panel.application.key)
    assess.submit(build.actor_of(panel.other), other.key, sent(panel.whole(2)), now=NOW)

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
        assess.save(stranger, panel.key, sent({"comment": "Mine"}), now=NOW)
