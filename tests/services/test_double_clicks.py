"""A button of assessing or deciding that is pressed twice: one effect, and the same answer both times.

Each case builds its scene and gives what the button does, with how often its act stands in the trail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from functools import partial

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.jobs import worker
from grants.models.audit import AuditEntry
from grants.models.round import AllocationArea, RoundDefinition
from grants.queries import minutes
from grants.rules.conflicts import Interest
from grants.rules.recommendation import Recommendation
from grants.rules.states import ApplicationState, AssessmentState, LineDecision
from grants.rules.volunteering import Kind
from grants.services import (
    adoption,
    allocate,
    allocate_later,
    apply,
    asking,
    assess,
    assign,
    confirmations,
    decide,
    due_diligence,
    duplicates,
    letters,
    meetings,
    panel,
    recommending,
    recording,
    release,
    rescoring,
    reserves,
    scenarios,
    triage,
    volunteering,
)
from grants.services import paper_scores as typing
from grants.services.adoption import Words
from grants.services.allocate import Wish
from grants.services.confirmations import Wanted
from grants.services.due_diligence import Seen
from grants.services.meetings import Plan
from grants.services.panel import Terms
from grants.services.recording import Recorded
from grants.services.scenarios import Pinned, View
from tests import applying, build, deciding, drawing, meeting, racing
from tests.services.test_assess import Panel, sent
from tests.services.test_assign import Office
from tests.services.test_letters import VERIFY
from tests.services.test_paper_scores import DAY, Paper
from tests.services.test_triage import GOOD, with_triage

NOW = build.NOW
VIEW = View(measure="total", budgets={})
WORDS = Words(less="fund_exhausted", out="out_of_scope")


def meeting_planned():
    made = meeting.panel()
    plan = Plan(
        held_on=dt.date(2027, 4, 1),
        place="Room 3",
        quorum=1,
        chair=made.chair.person_id,
        secretary=made.manager.person_id,
        members=frozenset(),
    )
    return partial(meetings.plan, made.manager, made.scene.round_key, plan, now=NOW), "plan-meeting"


def item_moved():
    made = meeting.panel()
    first, _, third = made.applications
    moved = partial(meetings.move_item, made.manager, made.key, third, up=True, past=first, now=NOW)
    return moved, "order-meeting"


def score_moderated():
    made = meeting.panel()
    typed = Recorded(seen=1, outcome="deferred", asked="Why?")
    record = partial(recording.record, made.manager, made.key, made.applications[0], typed, now=NOW)
    return record, "moderate"


def minute_corrected():
    made = meeting.panel()
    was = minutes.minute(made.manager, made.key).paragraphs[0].text
    how = {"text": "We met.", "was": was, "now": NOW}
    return partial(recording.correct, made.manager, made.key, None, **how), "correct-minute"


def minute_signed():
    made = meeting.panel()
    read = minutes.minute(made.chair, made.key).sha256
    return partial(recording.sign, made.chair, made.key, seen=read, now=NOW), "sign-minute"


def allocation_made():
    office = Office(4, 4)
    key, wish = office.round.key, Wish(2, 9)
    mark = allocate.propose(office.actor, key, wish, now=NOW).mark
    return partial(allocate.make, office.actor, key, wish, mark, now=NOW), "allocate"


def plan_asked():
    office = Office(2, 2)
    return partial(allocate_later.ask, office.actor, office.round.key, Wish(1, 9), now=NOW), ""


def plan_confirmed():
    office = Office(2, 2)
    key = allocate_later.ask(office.actor, office.round.key, Wish(1, 9), now=NOW)
    worker.run_due(NOW)
    return partial(allocate_later.confirm, office.actor, key, now=NOW), ""


def reader_given():
    office = Office(1, 1)
    key, person = office.applications[0].key, office.readers[0].key
    return partial(assign.assign, office.actor, key, person, now=NOW), "assign"


def reader_taken_back():
    office = Office(1, 1)
    office.give()
    key, person = office.applications[0].key, office.readers[0].key
    return partial(assign.remove, office.actor, key, person, now=NOW), "unassign"


def reader_drops_out():
    office = Office(2, 2)
    office.give()
    key, person = office.round.key, office.readers[0].key
    return partial(panel.stand_down, office.actor, key, person, now=NOW), "stand-down"


def terms_set():
    office = Office(1, 1)
    area = db.session.scalar(sa.select(AllocationArea.id).filter_by(round_id=office.round.id))
    terms = Terms(most=3, is_lived=True, areas=frozenset({area}))
    key, person = office.round.key, office.readers[0].key
    return partial(panel.settle, office.actor, key, person, terms, now=NOW), "set-panel-terms"


def scores_submitted():
    made = Panel(state=AssessmentState.SCORING)
    return partial(
        assess.submit, made.actor, made.key, sent(made.whole(3)), now=NOW
    ), "submit-score"


def conflict_declared():
    made = Panel(state=AssessmentState.SCORING)
    declared = partial(
        assess.declare_conflict, made.actor, made.key, Interest.PERSONAL, "A cousin.", now=NOW
    )
    return declared, "declare"


def reopening_asked():
    made = Panel(state=AssessmentState.SCORING)
    assess.submit(made.actor, made.key, sent(made.whole(3)), now=NOW)
    return partial(rescoring.ask, made.actor, made.key, "A slip.", now=NOW), "ask-to-reopen"


def scores_reopened():
    made = Panel(state=AssessmentState.SCORING)
    assess.submit(made.actor, made.key, sent(made.whole(3)), now=NOW)
    manages, key, who = build.actor_of(made.manager), made.application.key, made.reader.key
    return partial(rescoring.reopen, manages, key, who, "A slip.", now=NOW), "reopen-scores"


def typing_begun():
    paper = Paper()
    begin = partial(typing.begin, paper.typist, *paper.at, "colleague", DAY, now=NOW)
    return begin, "begin-to-type-scores"


def typing_joined():
    paper = Paper()
    paper.begin()
    return partial(typing.join, paper.second, *paper.at, now=NOW), "look-at-typed-scores"


def typing_finished():
    paper = Paper()
    paper.begin()
    finish = partial(typing.finish, paper.typist, *paper.at, sent(paper.whole()), now=NOW)
    return finish, "finish-typing-scores"


def typing_confirmed():
    paper = Paper()
    paper.ready()
    seal = paper.page(paper.second).seal
    return partial(typing.confirm, paper.second, *paper.at, seal, now=NOW), "confirm-scores"


def typing_sent_back():
    paper = Paper()
    paper.ready()
    back = partial(typing.send_back, paper.second, *paper.at, "Need is a 2.", now=NOW)
    return back, "send-typed-scores-back"


def hours_logged():
    made = Panel(state=AssessmentState.SCORING)
    entry = volunteering.Entry(
        key=uuid.uuid4(), kind=Kind.TIME, day=NOW.date() - dt.timedelta(days=2), minutes=90
    )
    return partial(volunteering.note, made.actor, made.round.key, entry, now=NOW), ""


def expense_approved():
    made = Panel(state=AssessmentState.SCORING)
    day = NOW.date() - dt.timedelta(days=2)
    entry = volunteering.Entry(key=uuid.uuid4(), kind=Kind.EXPENSE, day=day, amount=460, note="Bus")
    volunteering.note(made.actor, made.round.key, entry, now=NOW)
    manages, key = build.actor_of(made.manager), made.round.key
    return partial(volunteering.approve, manages, key, entry.key, now=NOW), "approve-expense"


def look_recorded():
    made = deciding.scene()
    seen = Seen("accounts", "satisfactory", "", NOW.date())
    key = made.applications[0]
    return partial(due_diligence.record, made.manager, key, seen, now=NOW), "record-check"


def triage_recorded():
    made = deciding.scene(state=ApplicationState.SUBMITTED)
    with_triage(db.session.get_one(RoundDefinition, made.definition_id))
    key = made.applications[0]
    return partial(triage.check, made.manager, key, GOOD, now=NOW), "triage"


def duplicates_judged():
    made = deciding.scene(count=2)
    how = {"is_same": False, "reason": "Two halls.", "now": NOW}
    keys = made.applications
    return partial(duplicates.judge, made.manager, made.round_key, keys, **how), "judge-duplicates"


def given_back():
    made = deciding.scene(state=ApplicationState.SUBMITTED)
    key = made.applications[0]
    return partial(asking.return_for_correction, made.manager, key, "The sums.", now=NOW), "return"


def query_asked():
    at = applying.place("adult")
    key = applying.drafted(at)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    wanted = asking.Wanted(
        points={("plan_summary", ""): "Which hall?"}, number=1, answer_by=dt.date(2027, 1, 9)
    )
    return partial(asking.ask, applying.actor(at, "manager"), key, wanted, now=NOW), "return"


def award_recommended():
    made = deciding.scene()
    wanted = deciding.in_full(made.awards[0])
    return partial(
        recommending.recommend, made.manager, made.awards[0], wanted, now=NOW
    ), "recommend"


def award_approved():
    made = deciding.scene()
    seen = deciding.recommend(made, made.awards[0])
    return partial(decide.approve, made.approver, made.awards[0], seen=seen, now=NOW), "approve"


def award_refused():
    made = deciding.scene()
    wanted = Recommendation(is_award=False, reason="out_of_scope")
    recommending.recommend(made.manager, made.awards[0], wanted, now=NOW)
    key = made.awards[0]
    return partial(decide.refuse, made.approver, key, reason="out_of_scope", now=NOW), "refuse"


def award_amended():
    made = deciding.scene()
    deciding.approve(made, made.awards[0])
    return partial(decide.amend, made.manager, made.awards[0], reason="No.", now=NOW), "amend"


def award_held():
    made = deciding.scene()
    deciding.recommend(made, made.awards[0])
    reason = "fund_exhausted"
    return partial(recommending.hold, made.manager, made.awards[0], reason=reason, now=NOW), "hold"


def line_pinned():
    made = drawing.scored(["90.00", "80.00"])
    wanted = Pinned(application=made.applications[0], row="r1", decision=LineDecision.OUT)
    return partial(scenarios.pin, made.manager, made.round_key, wanted, VIEW, now=NOW), ""


def scenario_kept():
    pinned, _ = line_pinned()
    pinned()
    actor, round_key, *_ = pinned.args
    return partial(scenarios.keep, actor, round_key, "Ours", VIEW, now=NOW), "keep-scenario"


def scenario_copied():
    made = drawing.scored(["90.00"])
    key = scenarios.keep(made.manager, made.round_key, "Ours", VIEW, now=NOW)
    copied = partial(
        scenarios.keep, made.manager, made.round_key, "Copy", VIEW, source=key, now=NOW
    )
    return copied, "keep-scenario"


def scenario_adopted():
    made, adopted = _adopting()
    del made
    return adopted, "adopt-scenario"


def _adopting():
    made = drawing.scored(["90.00", "80.00", "70.00", "60.00"])
    key = scenarios.keep(made.manager, made.round_key, "Ours", VIEW, now=NOW)
    seen = adoption.rehearse(made.manager, key, WORDS).fingerprint
    return made, partial(adoption.adopt, made.manager, key, WORDS, seen=seen, now=NOW)


def reserve_promoted():
    made, adopted = _adopting()
    adopted()
    seen = deciding.award(made.awards[0]).recommended_sha256
    decide.approve(made.approver, made.awards[0], seen=seen, now=NOW)
    decide.amend(made.manager, made.awards[0], reason="No.", now=NOW)
    decide.refuse(made.approver, made.awards[0], reason="withdrawn", now=NOW)
    award = made.awards[3]
    return partial(reserves.promote, made.manager, made.round_key, award, "r1", now=NOW), "promote"


def outcomes_released():
    made = deciding.scene()
    deciding.approve(made, made.awards[0])
    return partial(release.release, made.approver, made.round_key, typed="1", now=NOW), "release"


def _released():
    made = deciding.scene()
    deciding.approve(made, made.awards[0])
    release.release(made.approver, made.round_key, typed="1", now=NOW)
    return made


def letter_drafted():
    made = _released()
    return partial(
        letters.draft, made.manager, made.awards[0], verify_address=VERIFY, now=NOW
    ), "draft-letter"


def all_letters_asked():
    made = _released()
    return partial(
        letters.make_all, made.manager, made.round_key, verify_address=VERIFY, now=NOW
    ), ""


def letter_issued():
    made = _released()
    key = letters.draft(made.manager, made.awards[0], verify_address=VERIFY, now=NOW)
    return partial(letters.issue, made.approver, key, now=NOW), "issue-letter"


def letter_replaced():
    made = _released()
    key = letters.draft(made.manager, made.awards[0], verify_address=VERIFY, now=NOW)
    letters.issue(made.approver, key, now=NOW)
    how = {"reason": "A slip.", "verify_address": VERIFY, "now": NOW}
    return partial(letters.replace, made.manager, key, **how), "supersede-letter"


def confirmation_asked():
    at = applying.place("children")
    key = applying.drafted(at)
    db.session.query(confirmations.Confirmation).delete()
    db.session.commit()
    wanted = Wanted(
        kind=confirmations.Kind.SIGN_OFF, name="Board", role="Chair", email="b@example.org"
    )
    asked = partial(
        confirmations.ask,
        applying.actor(at, "editor"),
        key,
        wanted,
        base_url="https://grants.example.org",
        now=NOW,
    )
    return asked, "ask-to-confirm"


BUTTONS = {
    made.__name__: made
    for made in (
        meeting_planned,
        item_moved,
        score_moderated,
        minute_corrected,
        minute_signed,
        allocation_made,
        plan_asked,
        plan_confirmed,
        reader_given,
        reader_taken_back,
        reader_drops_out,
        terms_set,
        scores_submitted,
        conflict_declared,
        reopening_asked,
        scores_reopened,
        typing_begun,
        typing_joined,
        typing_finished,
        typing_confirmed,
        typing_sent_back,
        hours_logged,
        expense_approved,
        look_recorded,
        triage_recorded,
        duplicates_judged,
        given_back,
        query_asked,
        award_recommended,
        award_approved,
        award_refused,
        award_amended,
        award_held,
        line_pinned,
        scenario_kept,
        scenario_copied,
        scenario_adopted,
        reserve_promoted,
        outcomes_released,
        letter_drafted,
        all_letters_asked,
        letter_issued,
        letter_replaced,
        confirmation_asked,
    )
}
# These say the second time how much more was done: nothing.
APART = {
    *("outcomes_released", "scenario_adopted", "reader_drops_out"),
    *("scores_submitted", "typing_finished"),
}
BEFORE = {"scenario_copied": 1, "meeting_planned": 1}  # acts of the scene itself
MANY = {"duplicates_judged": 2}  # entries of one act


def print_of_all(*, but=("sign_in", "search")):
    """Of every row, but tries that are counted."""
    db.session.rollback()
    found = hashlib.sha256()
    for table in db.metadata.sorted_tables:
        if not table.name.startswith(but):
            for row in db.session.execute(sa.select(table).order_by(*table.primary_key)):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def acts(name):
    return db.session.query(AuditEntry).filter_by(action=name).count()


@pytest.mark.parametrize("button", BUTTONS)
def test_pressed_twice_it_is_done_once(context, button):
    call, act = BUTTONS[button]()
    first = call()
    before = print_of_all()

    again = call()

    assert print_of_all() == before
    assert again == first or button in APART
    assert not act or acts(act) == BEFORE.get(button, 0) + MANY.get(button, 1)


@pytest.mark.parametrize("button", BUTTONS)
def test_two_clicks_at_once_are_one(app, button):
    with app.app_context():
        call, act = BUTTONS[button]()

    first, second = racing.at_once(app, [call, call])

    with app.app_context():
        before = print_of_all()
        last = call()
        assert print_of_all() == before
        assert not act or acts(act) == BEFORE.get(button, 0) + MANY.get(button, 1)
    assert first == second == last or button in APART
