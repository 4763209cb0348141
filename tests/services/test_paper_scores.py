"""Scores that came on paper: typed by one, held against the sheets by another, and never lost."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.assessment import Assessment, Score
from grants.models.audit import AuditEntry
from grants.models.organisation import OrganisationKind
from grants.models.outbox import OutboxMessage
from grants.models.paper_scores import PaperHand, PaperScan, PaperScores
from grants.queries import (
    assessments,
    assessors,
    assignments,
    earlier_texts,
    paper_scores,
    scores,
    waiting,
)
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Stale
from grants.rules.states import ApplicationState, AssessmentState, AwardState, ScanState
from grants.services import (
    allocate,
    assess,
    assign,
    calibration,
    paper_scans,
    rescoring,
    samples,
)
from grants.services import panel as panels
from grants.services import paper_scores as typing
from tests import build
from tests.build import NOW
from tests.services.test_assess import Panel, sent
from tests.storage.test_inspect import office, picture

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.feature("R17"),
    pytest.mark.feature("R22"),
]
DAY = dt.date(2026, 10, 30)


class Paper(Panel):
    """An application that one assessor reads on paper, and two managers who type and check."""

    def __init__(self, state=AssessmentState.SCORING) -> None:
        super().__init__(state=state)
        self.typist = build.actor_of(self.manager)
        self.second = build.actor_of(self.staff())
        self.at = (self.application.key, self.reader.key)

    def staff(self, *more: Role) -> build.Person:
        """One more manager of the fund."""
        programme = db.session.get_one(build.Organisation, self.round.organisation_id)
        return build.person(Role.FUND_MANAGER, *more, at=programme)

    def begin(self, checker: str = "assessor", actor=None) -> None:
        typing.begin(actor or self.typist, *self.at, checker, DAY, now=NOW)

    def finish(self, actor=None, mark: int = 3) -> None:
        typing.finish(actor or self.typist, *self.at, sent(self.whole(mark)), now=NOW)

    def scan(self, name: str = "sheets.png", data: bytes | None = None) -> None:
        stream = io.BytesIO(data or picture("PNG"))
        paper_scans.add(self.typist, *self.at, name, stream, most=9_999_999, now=NOW)

    def page(self, actor=None) -> paper_scores.PaperPage:
        db.session.rollback()
        return paper_scores.page(actor or self.typist, *self.at)

    def ready(self) -> None:
        """Typed, with its scan, for a colleague."""
        self.begin("colleague")
        self.scan()
        self.finish()
        typing.join(self.second, *self.at, now=NOW)

    def confirm(self, actor=None) -> None:
        who = actor or self.second
        typing.confirm(who, *self.at, self.page(who).seal, now=NOW)


def acts() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def told(kind: str) -> list[str]:
    rows = sa.select(OutboxMessage.recipient).where(OutboxMessage.kind == kind)
    return list(db.session.scalars(rows))


def test_assessor_finds_what_was_typed_corrects_it_and_sends_it() -> None:
    paper = Paper()
    paper.begin()
    typing.save(paper.typist, *paper.at, sent({"comment": "Freindly."}), now=NOW)
    paper.finish()

    page = assessments.page_of(paper.actor, paper.key)
    counted = scores.totals_of_round(paper.typist, paper.round.id)
    fields = {**paper.whole(4), "comment": "Friendly."}
    assess.submit(paper.actor, paper.key, sent(fields), now=NOW)

    assert (page.typed.finished_by, page.typed.received_on) == (paper.manager.name, DAY)
    assert (page.sheet.comment, set(page.sheet.marks.values())) == ("Freindly.", {3})
    assert counted == {}
    assert told("scores_typed") == [paper.reader.email]
    (reading,) = scores.of_application(paper.typist, paper.application.key).readings
    assert (reading.typed.finished_by, reading.typed.confirmed_by) == (paper.manager.name, None)
    assert (reading.comment, set(reading.marks.values())) == ("Friendly.", {4})
    assert {"begin-to-type-scores", "type-scores", "finish-typing-scores", "submit-score"} <= {
        *acts()
    }


def test_text_that_the_assessor_corrected_is_kept_with_who_typed_it() -> None:
    paper = Paper()
    paper.begin()
    typing.save(paper.typist, *paper.at, sent({"comment": "Freindly."}), now=NOW)

    assess.save(paper.actor, paper.key, sent({"comment": "Friendly."}), now=NOW)

    (was,) = earlier_texts.of_assessment(assessments.page_of(paper.actor, paper.key))
    assert (was.text, was.by, was.replaced_by) == (
        "Freindly.",
        paper.manager.name,
        paper.reader.name,
    )


def test_colleague_confirms_against_the_scan_and_it_counts_from_then() -> None:
    paper = Paper()
    paper.ready()
    before = scores.of_application(paper.typist, paper.application.key)

    paper.confirm()
    typing.confirm(paper.second, *paper.at, "", now=NOW)

    record = paper.record()
    assert (before, record.state, record.submitted_at) == (None, AssessmentState.SUBMITTED, NOW)
    (reading,) = scores.of_application(paper.typist, paper.application.key).readings
    assert (reading.total, reading.typed.confirmed_by) == (record.total, paper.second.name)
    assert told("scores_confirmed") == [paper.reader.email]
    assert acts().count("confirm-scores") == 1
    assert assessments.page_of(paper.actor, paper.key).typed.confirmed_by == paper.second.name


def test_colleague_finds_on_their_first_page_what_waits_and_the_typist_does_not() -> None:
    paper = Paper()
    paper.ready()

    found = [
        {row.kind: row.count for row in waiting.of_person(who, now=NOW)}.get("confirm-scores")
        for who in (paper.second, paper.typist, paper.actor)
    ]
    paper.confirm()

    assert found == [1, None, None]
    assert "confirm-scores" not in {row.kind for row in waiting.of_person(paper.second, now=NOW)}


@pytest.mark.parametrize("who", ["began", "typed", "finished"])
def test_whoever_typed_any_of_it_does_not_confirm(who) -> None:
    paper = Paper()
    third = build.actor_of(paper.staff())
    paper.begin("colleague", actor=paper.second if who == "began" else paper.typist)
    for one in (paper.typist, paper.second, third):
        typing.join(one, *paper.at, now=NOW)
    paper.scan()
    if who == "typed":
        typing.save(paper.second, *paper.at, sent({"comment": "A little."}), now=NOW)
    paper.finish(paper.second if who == "finished" else paper.typist)

    page = paper.page(paper.second)
    with pytest.raises(Blocked, match="You typed these"):
        typing.confirm(paper.second, *paper.at, page.seal, now=NOW)

    assert not page.may_check
    assert paper.record().state == AssessmentState.SCORING
    paper.confirm(third)
    assert paper.record().state == AssessmentState.SUBMITTED


def test_nothing_is_confirmed_without_a_scan_that_was_found_clean() -> None:
    paper = Paper()
    paper.ready()
    db.session.execute(sa.update(PaperScan).values(scan=ScanState.WAITING))
    db.session.commit()

    with pytest.raises(Blocked, match="checked for viruses"):
        paper.confirm()
    db.session.execute(sa.update(PaperScan).values(scan=ScanState.INFECTED))
    db.session.commit()
    with pytest.raises(Blocked, match="Attach the scanned sheets"):
        paper.confirm()

    assert paper.record().state == AssessmentState.SCORING


def test_what_changed_after_the_colleague_read_it_is_not_confirmed() -> None:
    paper = Paper()
    paper.ready()
    seen = paper.page(paper.second).seal
    paper.begin("colleague")
    typing.finish(paper.typist, *paper.at, sent({"comment": "More."}), now=NOW)

    with pytest.raises(Stale):
        typing.confirm(paper.second, *paper.at, seen, now=NOW)

    assert paper.record().state == AssessmentState.SCORING


def test_colleague_cant_send_what_the_assessor_checks() -> None:
    paper = Paper()
    paper.begin("assessor")
    paper.finish()
    typing.join(paper.second, *paper.at, now=NOW)

    with pytest.raises(Blocked, match="checks these scores"):
        paper.confirm()

    assert paper.record().state == AssessmentState.SCORING


def test_colleague_sends_it_back_and_it_is_typed_again() -> None:
    paper = Paper()
    paper.ready()

    with pytest.raises(Blocked):
        typing.send_back(paper.second, *paper.at, " ", now=NOW)
    typing.send_back(paper.second, *paper.at, "Need is a 2.", now=NOW)

    page = paper.page()
    assert (page.may_type, page.typed.note) == (True, "Need is a 2.")
    assert [row.is_sent_back for row in paper_scores.waiting(paper.typist, paper.round.key)] == [
        True
    ]
    paper.finish(mark=2)
    paper.confirm()
    assert {row.mark for row in db.session.query(Score)} == {2}


def test_unfinished_sheets_are_not_handed_to_a_colleague() -> None:
    paper = Paper()
    paper.begin("colleague")

    with pytest.raises(Blocked) as refused:
        typing.finish(paper.typist, *paper.at, sent({"comment": "All there was."}), now=NOW)

    keys = {reason.key for reason in refused.value.reasons}
    assert {"file", f"mark.{paper.scoring.criteria[0].key}"} <= keys
    assert paper.page().sheet.comment == "All there was."


def test_assessor_adds_what_the_sheets_left_out() -> None:
    paper = Paper()
    paper.begin()
    with pytest.raises(Blocked, match="Nothing is typed"):
        typing.finish(paper.typist, *paper.at, sent({}), now=NOW)

    typing.finish(paper.typist, *paper.at, sent({"comment": "Only this."}), now=NOW)
    typing.finish(paper.typist, *paper.at, sent({"comment": "Once more."}), now=NOW)

    assert assessments.page_of(paper.actor, paper.key).sheet.comment == "Only this."
    assert acts().count("finish-typing-scores") == 1


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (AssessmentState.ASSIGNED, "not declared"),
        (AssessmentState.SUBMITTED, "sent already"),
        (AssessmentState.CONFLICTED, "interest"),
    ],
)
def test_nothing_is_typed_but_between_declaring_and_sending(state, why) -> None:
    paper = Paper(state=state)

    with pytest.raises(MoveNotAllowed, match=why):
        paper.begin()


def test_nothing_is_typed_for_who_owes_the_samples_that_come_first() -> None:
    paper = Paper()
    samples.add_sample(paper.typist, paper.round.key, "blank", now=NOW)
    calibration.require_first(paper.typist, paper.round.key, is_required=True, now=NOW)
    calibration.open_set(paper.typist, paper.round.key, now=NOW)

    with pytest.raises(MoveNotAllowed, match="samples"):
        paper.begin()

    assert paper.page().owes_samples


def test_what_the_assessor_wrote_on_the_page_is_theirs_and_unseen() -> None:
    paper = Paper()
    assess.autosave(paper.actor, paper.key, sent({"comment": "A draft."}), now=NOW)

    with pytest.raises(MoveNotAllowed, match="themselves"):
        paper.begin()

    page = paper.page()
    assert (page.is_own_hand, page.sheet.comment) == (True, "")


def test_typing_stops_when_the_assessor_takes_it_up_and_nothing_is_lost() -> None:
    paper = Paper()
    paper.begin()
    typing.autosave(paper.typist, *paper.at, sent({"comment": "Typed."}), now=NOW)
    criterion = paper.scoring.criteria[0].key
    assess.autosave(paper.actor, paper.key, sent({f"mark.{criterion}": "2"}), now=NOW)

    with pytest.raises(MoveNotAllowed, match="themselves"):
        typing.autosave(paper.typist, *paper.at, sent({"comment": "Typed on."}), now=NOW)

    page = assessments.page_of(paper.actor, paper.key)
    assert (page.sheet.comment, page.sheet.marks[criterion]) == ("Typed.", 2)


def test_two_windows_never_overwrite_each_other() -> None:
    paper = Paper()
    paper.begin()
    typing.join(paper.second, *paper.at, now=NOW)
    typing.autosave(paper.typist, *paper.at, sent({"comment": "One."}, seen={}), now=NOW)

    kept = typing.autosave(paper.second, *paper.at, sent({"comment": "Two."}, seen={}), now=NOW)

    (clash,) = kept.saved.clashes
    assert (clash.theirs, clash.by) == ("One.", paper.manager.name)
    assert paper.page().sheet.comment == "One."
    chosen = sent({"comment": "Two."}, seen={"comment": 1}, chosen=["comment"])
    typing.save(paper.second, *paper.at, chosen, now=NOW)
    assert paper.page().sheet.comment == "Two."


def test_scores_are_shown_to_those_alone_who_said_that_they_take_part() -> None:
    paper = Paper()
    paper.ready()
    third = build.actor_of(paper.staff())
    key = paper.page().scans[0].key

    page = paper.page(third)

    assert (page.sheet.marks, page.scans, page.seal) == ({}, (), "")
    with pytest.raises(NotFound):
        paper_scans.open_scan(third, *paper.at, key)
    with pytest.raises(NotFound):
        typing.send_back(third, *paper.at, "Guessed.", now=NOW)
    assert paper_scans.open_scan(paper.second, *paper.at, key).media_type == "image/png"


def test_who_assesses_in_the_round_types_and_checks_nothing_there() -> None:
    paper = Paper()
    both = paper.staff(Role.ASSESSOR)
    by = build.person(Role.APPLICANT_SUBMITTER, at=paper.partnership)
    elsewhere = build.application(
        paper.round,
        paper.partnership,
        by,
        state=ApplicationState.ASSESSING,
        area=build.area_of(paper.round),
    )
    actor = build.actor_of(both)
    paper.begin(actor=actor)

    build.assessment(elsewhere, both, paper.manager)

    with pytest.raises(NotFound):
        paper.page(actor)
    with pytest.raises(Forbidden):
        typing.autosave(actor, *paper.at, sent({"comment": "Too much."}), now=NOW)
    with pytest.raises(Forbidden):
        typing.join(actor, *paper.at, now=NOW)


def test_who_typed_is_given_nothing_to_read_in_the_round() -> None:
    paper = Paper()
    both = paper.staff(Role.ASSESSOR)
    paper.begin(actor=build.actor_of(both))

    with pytest.raises(Blocked, match="Has typed or checked"):
        assign.assign(paper.typist, paper.application.key, both.key, now=NOW)

    readers = assignments.readers_of(paper.typist, paper.application.key, now=NOW)
    assert {row.name: row.barred for row in readers.people}[both.name] == assessors.TYPED
    assert both.id not in assessors.pool(paper.typist, paper.round.key, now=NOW).people
    assert allocate.propose(paper.typist, paper.round.key, None, now=NOW) is not None


def test_others_and_who_has_an_interest_find_nothing() -> None:
    paper = Paper()
    paper.ready()
    build.conflict(paper.application, paper.manager)
    elsewhere = build.person(Role.FUND_MANAGER, at=build.organisation("Far", "programme"))
    outsiders = (build.actor_of(elsewhere), build.actor_of(paper.other))

    for actor in (paper.typist, *outsiders):
        with pytest.raises(NotFound):
            paper.page(actor)
        with pytest.raises((NotFound, Forbidden)):
            typing.confirm(actor, *paper.at, "", now=NOW)
        assert paper_scores.waiting(actor, paper.round.key) == ()


def test_beginning_needs_the_day_and_who_checks() -> None:
    paper = Paper()

    with pytest.raises(Blocked) as refused:
        typing.begin(paper.typist, *paper.at, "", None, now=NOW)
    with pytest.raises(Blocked, match="still to come"):
        typing.begin(paper.typist, *paper.at, "assessor", dt.date(2026, 11, 3), now=NOW)

    assert [reason.key for reason in refused.value.reasons] == ["day", "checker"]
    assert db.session.query(PaperScores).count() == 0


def test_same_scan_twice_is_one_and_other_kinds_are_not_taken() -> None:
    paper = Paper()
    paper.begin("colleague")

    paper.scan()
    paper.scan()
    with pytest.raises(Blocked, match="PDF, a JPEG or a PNG"):
        paper.scan("sheet.docx", office("word/document.xml"))

    (scan,) = paper.page().scans
    paper_scans.remove(paper.typist, *paper.at, scan.key, now=NOW)
    paper_scans.remove(paper.typist, *paper.at, scan.key, now=NOW)
    assert paper.page().scans == ()
    assert acts().count("remove-scanned-scores") == 1


def test_opened_again_it_is_typed_and_confirmed_once_more_and_the_trail_says_who() -> None:
    paper = Paper()
    paper.ready()
    paper.confirm()

    rescoring.reopen(paper.typist, *paper.at, "A page was missing.", now=NOW)
    page = paper.page()
    paper.finish(mark=4)
    paper.confirm()

    assert page.may_type
    (reading,) = scores.of_application(paper.typist, paper.application.key).readings
    (was,) = reading.earlier
    assert (was.typed_by, was.confirmed_by) == (paper.manager.name, paper.second.name)
    assert set(reading.marks.values()) == {4}


def test_standing_down_takes_the_sheets_out_and_keeps_who_saw_them() -> None:
    paper = Paper()
    paper.ready()

    panels.stand_down(paper.typist, paper.round.key, paper.reader.key, with_begun=True, now=NOW)

    left = [db.session.query(kind).count() for kind in (PaperScores, PaperScan, Assessment)]
    assert (left, db.session.query(PaperHand).count()) == ([0, 0, 0], 2)


def test_list_of_what_waits_is_one_statement_and_the_page_five(count_statements) -> None:
    paper = Paper()
    paper.begin()

    who, where = paper.typist, paper.round.key
    with count_statements() as few:
        paper_scores.waiting(who, where)
    with count_statements() as page:
        paper.page()

    assert (len(few), len(page)) == (1, 5)


def test_officer_of_a_local_round_types_there_and_nowhere_else() -> None:
    paper = Paper()
    officer = build.actor_of(build.person(Role.PARTNERSHIP_OFFICER, at=paper.partnership))
    parent = build.application(
        paper.round, paper.partnership, paper.manager, state=ApplicationState.MODERATION
    )
    award = build.award(
        parent, state=AwardState.ACCEPTED, recommended_by=paper.manager, decided_by=paper.other
    )
    local = build.local_round(award)
    group = build.organisation("A group (fictional)", OrganisationKind.GROUP)
    made = build.application(local, group, paper.manager, state=ApplicationState.ASSESSING)
    reader = build.person(Role.ASSESSOR, at=paper.partnership)
    build.assessment(made, reader, paper.manager, state=AssessmentState.SCORING)

    typing.begin(officer, made.key, reader.key, "assessor", DAY, now=NOW)

    assert paper_scores.page(officer, made.key, reader.key).may_type
    with pytest.raises(NotFound):
        paper.page(officer)
    with pytest.raises(NotFound):
        paper_scores.page(paper.typist, made.key, reader.key)
