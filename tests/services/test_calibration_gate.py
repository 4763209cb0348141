"""Where samples come first: no door to a real application opens before they are scored."""

from __future__ import annotations

import pytest

from grants.documents.score_workbooks import FIRST, MARK
from grants.extensions import db
from grants.models.calibration import CalibrationReading
from grants.models.meeting import MeetingItem
from grants.models.organisation import Organisation
from grants.queries import applications, assessments, calibrating, meetings, scoring_desk, waiting
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, NotFound, Stale
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import assess, calibration, large_packs, panel, samples
from grants.services import calibrating as scoring
from grants.services import score_workbooks as books
from tests import build
from tests.calibrating import sheet
from tests.services.test_assess import sent
from tests.services.test_score_workbooks import Desk

pytestmark = [pytest.mark.feature("R23"), pytest.mark.usefixtures("context")]
NOW = build.NOW


class Gated(Desk):
    """Two applications being scored by one who has not scored the samples yet."""

    def __init__(self) -> None:
        super().__init__()
        self.holder = build.actor_of(self.manager)
        self.sample = samples.add_sample(self.holder, self.at, "blank", now=NOW)
        calibration.require_first(self.holder, self.at, is_required=True, now=NOW)
        calibration.open_set(self.holder, self.at, now=NOW)

    def do_samples(self) -> None:
        criteria = [one.key for one in self.scoring.criteria]
        scoring.send(self.actor, self.sample, sheet(criteria, 3), now=NOW)


def test_page_gives_no_text_until_the_samples_are_scored():
    at = Gated()
    before = assessments.page_of(at.actor, at.key)
    at.do_samples()

    after = assessments.page_of(at.actor, at.key)

    assert (before.text, before.sheet.marks, before.may_score) == (None, {}, False)
    assert after.text is not None
    assert after.may_score


def test_scores_are_taken_by_no_door():
    at = Gated()
    text = sent({f"mark.{at.first}": "3"})

    for door in (assess.autosave, assess.save, assess.submit):
        with pytest.raises(Forbidden):
            door(at.actor, at.key, text, now=NOW)


def test_workbook_and_large_pack_hold_nothing():
    at = Gated()

    assert scoring_desk.desk(at.actor, at.at).rows == ()
    with pytest.raises(Blocked, match="score the samples"):
        books.make(at.actor, at.at, now=NOW)
    with pytest.raises(Blocked, match="score the samples"):
        large_packs.ask(at.actor, at.at, now=NOW)


def test_workbook_loaded_before_is_not_saved():
    at = Gated()
    at.do_samples()
    book = at.book()
    at.sheet(book).cell(FIRST, MARK).value = 2
    load = at.load(book)
    seal = books.preview(at.actor, at.at, load).seal
    db.session.query(CalibrationReading).delete()  # owed again
    db.session.commit()

    with pytest.raises((Stale, NotFound)):
        books.confirm(at.actor, at.at, load, seal=seal, taken=(), now=NOW)

    assert at.marks() == []


def test_content_history_and_files_stay_closed():
    at = Gated()

    with pytest.raises(NotFound):
        applications.content(at.actor, at.application.key)
    at.do_samples()
    assert applications.content(at.actor, at.application.key).sections


def test_declaring_comes_before_the_samples():
    at = Gated()
    third = build.application(
        at.round, at.partnership, at.manager, state=ApplicationState.ASSESSING
    )
    key = build.assessment(third, at.reader, at.manager).key

    assess.declare_none(at.actor, key, now=NOW)

    page = assessments.page_of(at.actor, key)
    assert (page.state, page.text) == (AssessmentState.SCORING, None)


def test_home_counts_samples_and_not_what_they_hold_back():
    at = Gated()

    def counted() -> dict[str, int]:
        return {one.kind: one.count for one in waiting.of_person(at.actor, now=NOW)}

    before = counted()
    at.do_samples()

    assert before == {"calibrate": 1}
    assert counted() == {"score": 2}


def test_switch_off_keeps_nobody_waiting():
    at = Gated()
    calibration.require_first(at.holder, at.at, is_required=False, now=NOW)

    assert assessments.page_of(at.actor, at.key).text is not None


def test_closing_the_set_opens_the_applications():
    at = Gated()
    calibration.close(at.holder, at.at, now=NOW)

    assert assessments.page_of(at.actor, at.key).text is not None


def test_other_rounds_are_not_held_back():
    at = Gated()
    funder = db.session.get_one(Organisation, at.round.organisation_id)
    other = build.round_(at.round.fund, funder, year="2027-28")
    made = build.application(other, at.partnership, at.manager, state=ApplicationState.ASSESSING)
    key = build.assessment(made, at.reader, at.manager, state=AssessmentState.SCORING).key

    assert assessments.page_of(at.actor, key).text is not None


def test_who_stands_down_is_asked_no_more():
    at = Gated()
    panel.stand_down(at.holder, at.at, at.reader.key, now=NOW)

    assert calibrating.asked(at.actor) == ()


def test_manager_who_assesses_too_reads_as_a_manager():
    at = Gated()
    funder = db.session.get_one(Organisation, at.round.organisation_id)
    both = build.actor_of(build.person(Role.FUND_MANAGER, Role.ASSESSOR, at=funder))

    assert applications.content(both, at.application.key).sections


def test_what_a_meeting_takes_stays_closed_to_who_owes_samples():
    at = Gated()
    at.application.state = ApplicationState.MODERATION
    db.session.commit()
    meeting = build.meeting(at.round.id, [at.reader])
    build.kept(
        MeetingItem(meeting_id=meeting.id, application_id=at.application.id, place=1, why="rank")
    )
    before = meetings.one(at.actor, meeting.key).items
    at.do_samples()

    assert before == ()
    assert len(meetings.one(at.actor, meeting.key).items) == 1
