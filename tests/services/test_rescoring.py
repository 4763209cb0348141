"""Opening submitted scores again: with a reason, the trail kept, and nothing of others shown."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import PanelSeat
from grants.models.rescoring import ReopenRequest, ScoreHistory
from grants.queries import assessments, rescoring, scores, submitted_scores, waiting
from grants.rules.people import Actor, Seat
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import assess
from grants.services import rescoring as opening
from tests import build
from tests.build import NOW
from tests.services.test_assess import Panel, sent

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.feature("R19")]


class Scored(Panel):
    """The same, with one's scores submitted."""

    def __init__(self) -> None:
        super().__init__(state=AssessmentState.SCORING)
        self.manages = build.actor_of(self.manager)
        self.person = self.reader.key
        self.at = self.application.key
        assess.submit(self.actor, self.key, sent(self.whole(3)), now=NOW)

    def reopen(self, reason: str = "A new version was sent.") -> None:
        opening.reopen(self.manages, self.at, self.person, reason, now=NOW)

    def chair(self, person=None) -> Actor:
        """Somebody who assesses for the fund, and chairs this panel."""
        who = person or self.other
        build.kept(PanelSeat(round_id=self.round.id, person_id=who.id, seat=Seat.CHAIR))
        return build.actor_of(who)

    def history(self) -> list[ScoreHistory]:
        db.session.rollback()
        return list(db.session.scalars(sa.select(ScoreHistory).order_by(ScoreHistory.number)))


def test_reopened_scores_are_kept_and_count_no_more() -> None:
    panel = Scored()
    total = panel.record().total

    panel.reopen()

    record = panel.record()
    assert (record.state, record.total, record.submitted_at) == (
        AssessmentState.SCORING,
        None,
        None,
    )
    (kept,) = panel.history()
    assert (kept.total, kept.submitted_at, kept.version_id) == (total, NOW, record.version_id)
    assert set(kept.content["marks"].values()) == {3}
    assert kept.content["reasons"].keys() == kept.content["marks"].keys()
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "reopen-scores")
    ).one()
    assert (entry.reason, entry.before["state"], entry.after["state"]) == (
        "A new version was sent.",
        "submitted",
        "scoring",
    )


def test_scored_again_shows_the_trail_to_who_may_see_scores() -> None:
    panel = Scored()
    panel.reopen()
    assert scores.of_application(panel.manages, panel.at) is None

    assess.submit(panel.actor, panel.key, sent(panel.whole(4)), now=NOW)

    found = scores.of_application(panel.manages, panel.at)
    (reading,) = found.readings
    (was,) = reading.earlier
    assert (was.reason, was.reopened_by, was.version) == (
        "A new version was sent.",
        panel.manager.name,
        1,
    )
    assert was.total < reading.total
    assert scores.totals_of_round(panel.manages, panel.round.id) == {
        panel.application.id: (reading.total,)
    }
    assert assessments.page_of(panel.actor, panel.key).earlier == reading.earlier


def test_reopened_twice_keeps_both() -> None:
    panel = Scored()
    for mark in (4, 2):
        panel.reopen()
        panel.reopen()
        assess.submit(panel.actor, panel.key, sent(panel.whole(mark)), now=NOW)

    assert [kept.number for kept in panel.history()] == [1, 2]
    assert [set(kept.content["marks"].values()) for kept in panel.history()] == [{3}, {4}]


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reason_is_needed(reason) -> None:
    panel = Scored()

    for act in (
        lambda: panel.reopen(reason),
        lambda: opening.ask(panel.actor, panel.key, reason, now=NOW),
        lambda: opening.leave_locked(panel.manages, panel.at, panel.person, reason, now=NOW),
    ):
        with pytest.raises(Blocked, match="Give a reason"):
            act()
    assert panel.record().state == AssessmentState.SUBMITTED


def test_assessor_asks_and_is_told_what_comes_of_it() -> None:
    panel = Scored()

    opening.ask(panel.actor, panel.key, "I read the old one.", now=NOW)
    (waiting,) = rescoring.waiting(panel.manages, panel.round.key)
    opening.leave_locked(panel.manages, panel.at, panel.person, "It reads the same.", now=NOW)

    assert (waiting.name, waiting.reference) == (panel.reader.name, panel.application.reference)
    assert rescoring.waiting(panel.manages, panel.round.key) == ()
    page = assessments.page_of(panel.actor, panel.key)
    assert (page.wish.answer, page.state) == ("It reads the same.", AssessmentState.SUBMITTED)

    opening.ask(panel.actor, panel.key, "But the budget differs.", now=NOW)
    panel.reopen("Agreed.")

    assert db.session.scalars(sa.select(ReopenRequest)).all() == []
    assert panel.history()[0].asked == "But the budget differs."
    told = db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.kind == "scores_reopened")
    ).all()
    assert [message.recipient for message in told] == [panel.reader.email]


def test_others_may_neither_ask_nor_open() -> None:
    panel = Scored()
    other = build.actor_of(panel.other)

    with pytest.raises(NotFound):
        opening.ask(other, panel.key, "Please.", now=NOW)
    for actor in (other, panel.actor):
        with pytest.raises((Forbidden, NotFound)):
            opening.reopen(actor, panel.at, panel.person, "Please.", now=NOW)
    assert panel.record().state == AssessmentState.SUBMITTED


def test_conflicted_manager_finds_nothing_to_open() -> None:
    panel = Scored()
    opening.ask(panel.actor, panel.key, "Please.", now=NOW)
    build.conflict(panel.application, panel.manager)

    assert rescoring.waiting(panel.manages, panel.round.key) == ()
    with pytest.raises(NotFound):
        rescoring.page(panel.manages, panel.at, panel.person)
    with pytest.raises(NotFound):
        panel.reopen()


def test_nothing_opens_once_moderation_is_open() -> None:
    panel = Scored()
    panel.application.state = ApplicationState.MODERATION
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        panel.reopen()
    assert not assessments.page_of(panel.actor, panel.key).may_ask


def test_only_submitted_scores_are_opened() -> None:
    panel = Scored()
    waits = build.assessment(
        panel.application, panel.other, panel.manager, state=AssessmentState.ASSIGNED
    )

    with pytest.raises(MoveNotAllowed):
        opening.reopen(panel.manages, panel.at, panel.other.key, "Please.", now=NOW)
    assert db.session.get(type(waits), waits.id).state == AssessmentState.ASSIGNED


def test_chair_opens_scores_of_their_panel_and_sees_none() -> None:
    panel = Scored()
    chair = panel.chair()
    opening.ask(panel.actor, panel.key, "I misread it.", now=NOW)

    (row,) = submitted_scores.page(chair, panel.round.key).rows
    page = rescoring.page(chair, panel.at, panel.person)
    opening.reopen(chair, panel.at, panel.person, "Read it again.", now=NOW)

    assert (row.name, row.asks, page.hands_out) == (panel.reader.name, True, False)
    (kept,) = panel.history()
    assert (kept.reopened_by, kept.asked) == (panel.other.id, "I misread it.")
    assert scores.of_application(chair, panel.at) is None
    assert submitted_scores.page(chair, panel.round.key).rows == ()


def asked(who: Actor) -> int:
    """How many requests stand on somebody's first page."""
    return sum(row.count for row in waiting.of_person(who, now=NOW) if row.kind == "reopen")


def test_who_may_answer_finds_the_request_on_their_first_page() -> None:
    panel = Scored()
    chair = panel.chair()
    people = (panel.manages, chair, panel.actor)
    before = [asked(who) for who in people]

    opening.ask(panel.actor, panel.key, "I misread it.", now=NOW)

    assert before == [0, 0, 0]
    assert [asked(who) for who in people] == [1, 1, 0]


def test_chair_may_leave_them_locked() -> None:
    panel = Scored()
    opening.ask(panel.actor, panel.key, "I misread it.", now=NOW)

    opening.leave_locked(panel.chair(), panel.at, panel.person, "It reads the same.", now=NOW)

    assert assessments.page_of(panel.actor, panel.key).wish.answer == "It reads the same."


def test_nobody_opens_their_own() -> None:
    panel = Scored()
    chair = panel.chair(panel.reader)

    assert submitted_scores.page(chair, panel.round.key).total == 0
    with pytest.raises(NotFound):
        rescoring.page(chair, panel.at, panel.person)
    with pytest.raises(Forbidden, match="their own"):
        opening.reopen(chair, panel.at, panel.person, "Please.", now=NOW)
    assert panel.record().state == AssessmentState.SUBMITTED


@pytest.mark.parametrize("why", ["interest", "names", "moderation", "another round"])
def test_chair_opens_nothing_they_may_not(why) -> None:
    panel = Scored()
    chair = panel.chair()
    if why == "interest":
        build.conflict(panel.application, panel.other)
    if why == "names":
        panel.round.is_blind = True
    if why == "moderation":
        panel.application.state = ApplicationState.MODERATION
    if why == "another round":
        db.session.execute(sa.delete(PanelSeat))
        other = build.round_(panel.round.fund, build.programme())
        build.kept(PanelSeat(round_id=other.id, person_id=panel.other.id, seat=Seat.CHAIR))
    db.session.commit()
    chair = build.actor_of(panel.other)

    with pytest.raises((NotFound, Forbidden, MoveNotAllowed)):
        opening.reopen(chair, panel.at, panel.person, "Please.", now=NOW)
    with pytest.raises(NotFound):
        rescoring.page(chair, panel.at, panel.person)
    try:
        assert submitted_scores.page(chair, panel.round.key).total == 0
    except NotFound:
        assert why in {"names", "another round"}
    assert panel.record().state == AssessmentState.SUBMITTED


def test_list_of_the_chair_is_three_statements(count_statements) -> None:
    panel = Scored()
    chair, where = panel.chair(), panel.round.key

    with count_statements() as found:
        submitted_scores.page(chair, where)

    assert len(found) == 3
