"""Meetings: planned, attended, ordered; what they make of an application; the minute, and who signs it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Score
from grants.models.audit import AuditEntry
from grants.models.meeting import Meeting, ModeratedScore
from grants.queries import candidates, feedback, meeting_items, ranking, scores
from grants.queries import meetings as queries
from grants.queries import minutes as parts
from grants.queries.definitions import fund_of
from grants.rules.meetings import Outcome, Presence, fingerprint
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound, Stale
from grants.rules.states import ApplicationState, AwardState
from grants.services import meetings, minutes, recommending, recording
from grants.services.meetings import Attended
from grants.services.recording import Agreement, Recorded
from tests import build, deciding, meeting
from tests.documents.pdf_checks import text_of

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def panel():
    return meeting.panel()


def page(panel, actor=None):
    return queries.one(actor or panel.manager, panel.key)


def titles(panel, actor=None):
    places = {key: place for place, key in enumerate(panel.applications)}
    return [places[row.key] for row in page(panel, actor).items]


def everybody_comes(panel):
    found = page(panel)
    people = {row.person_id: Attended(presence="present") for row in found.members}
    meetings.attend(panel.manager, panel.key, people, seen=found.meeting.version, now=build.NOW)


def record(panel, place=0, *, actor=None, **typed):
    kept = {"outcome": "scored", **typed}
    if "seen" not in kept:
        kept["seen"] = next(
            row.version for row in page(panel).items if row.key == panel.applications[place]
        )
    recording.record(
        actor or panel.manager,
        panel.key,
        panel.applications[place],
        Recorded(**kept),
        now=build.NOW,
    )


def conflict(panel, place, who):
    made = db.session.query(Application).filter_by(key=panel.applications[place]).one()
    build.conflict(made, db.session.get_one(build.Person, getattr(panel, who).person_id))


def move(panel, place, *, past, up, who="manager"):
    meetings.move_item(
        getattr(panel, who),
        panel.key,
        panel.applications[place],
        up=up,
        past=panel.applications[past],
        now=build.NOW,
    )


def criterion(panel):
    return fund_of(panel.manager, panel.scene.definition_id).scoring.criteria[0].key


@pytest.mark.feature("R16")
def test_business_is_proposed_by_spread_then_rank_and_moved_by_hand(panel):
    assert titles(panel) == [1, 0, 2]

    move(panel, 2, past=0, up=True)
    move(panel, 1, past=2, up=False)
    move(panel, 0, past=1, up=False)

    assert titles(panel) == [2, 1, 0]


@pytest.mark.feature("R16")
@pytest.mark.parametrize(("up", "first", "second"), [(True, 2, 0), (False, 1, 0)])
def test_double_click_moves_one_place_and_back_and_again_none(panel, up, first, second):
    for _ in range(2):
        move(panel, first, past=second, up=up)

    assert titles(panel) == ([1, 2, 0] if up else [0, 1, 2])
    assert db.session.query(AuditEntry).filter_by(action="order-meeting").count() == 1


@pytest.mark.feature("R16")
def test_order_that_somebody_changed_meanwhile_is_not_changed_blindly(panel):
    move(panel, 2, past=0, up=True)

    with pytest.raises(Stale):
        move(panel, 0, past=1, up=True, who="second_manager")

    assert titles(panel) == [1, 2, 0]


@pytest.mark.feature("R16")
def test_conflicted_member_sees_neither_item_nor_gap_and_leaves_by_themselves(panel):
    everybody_comes(panel)
    conflict(panel, 0, "reader")

    hers = page(panel, panel.reader)
    shown = meeting_items.item(panel.manager, panel.key, panel.applications[0])

    assert [row.number for row in hers.items] == [1, 2]
    assert panel.applications[0] not in {row.key for row in hers.items}
    assert shown.left == (db.session.get_one(build.Person, panel.reader.person_id).name,)
    with pytest.raises(NotFound):
        meeting_items.item(panel.reader, panel.key, panel.applications[0])


def test_conflicted_manager_can_record_nothing_of_it(panel):
    conflict(panel, 0, "second_manager")

    with pytest.raises(NotFound):
        record(panel, 0, actor=panel.second_manager, seen=1)


def test_conflicted_manager_orders_what_they_see_and_passes_over_what_they_do_not(panel):
    conflict(panel, 0, "second_manager")

    move(panel, 2, past=1, up=True, who="second_manager")

    assert titles(panel, panel.second_manager) == [2, 1]
    assert titles(panel) == [2, 0, 1]


@pytest.mark.feature("R16")
def test_attendance_with_times_is_kept_and_a_second_recorder_overwrites_nothing(panel):
    found = page(panel)
    here = {
        row.person_id: Attended(presence="present", arrived="10.15") for row in found.members[:1]
    }
    meetings.attend(panel.manager, panel.key, here, seen=found.meeting.version, now=build.NOW)

    with pytest.raises(Stale):
        meetings.attend(
            panel.second_manager, panel.key, {}, seen=found.meeting.version, now=build.NOW
        )
    with pytest.raises(Blocked):
        meetings.attend(
            panel.manager,
            panel.key,
            {found.members[0].person_id: Attended(presence="present", arrived="soon")},
            seen=page(panel).meeting.version,
            now=build.NOW,
        )

    member = page(panel).members[0]
    assert (member.presence, member.arrived) == (Presence.PRESENT, "10:15")


@pytest.mark.feature("R13")
def test_moderated_score_stands_beside_the_originals_with_reason_and_names(panel):
    everybody_comes(panel)
    key = criterion(panel)
    before = [(row.assessment_id, row.criterion, row.mark) for row in db.session.query(Score)]

    record(panel, 1, marks={key: Agreement(mark=4, reason="The plan was read again.")})

    found = scores.of_application(panel.manager, panel.applications[1])
    agreed = found.moderated[key]
    assert (agreed.mark, agreed.reason, len(agreed.present)) == (4, "The plan was read again.", 4)
    assert found.moderated_total > found.mean
    assert [
        (row.assessment_id, row.criterion, row.mark) for row in db.session.query(Score)
    ] == before
    assert db.session.query(AuditEntry).filter_by(action="moderate-score").count() == 1


@pytest.mark.feature("R13")
def test_moderated_total_is_a_measure_of_ranking_and_workbench(panel):
    key, scene = criterion(panel), panel.scene
    record(panel, 2, marks={key: Agreement(mark=4, reason="Seen anew.")})
    fund = fund_of(scene.manager, scene.definition_id)

    ranked = ranking.of_round(scene.manager, scene.round_key, measure="moderated")
    line = candidates.of_round(scene.manager, ranked.round, fund, "moderated").listed

    by_total = {row.key: row.measures["moderated"] for row in ranked.rows}
    assert ranked.is_moderated
    assert by_total[panel.applications[0]] == Decimal("75.00")
    assert by_total[panel.applications[2]] > Decimal("50.00")
    assert {one.key: one.score for one in line} == by_total


@pytest.mark.feature("R16")
def test_mark_without_reason_and_unknown_outcome_are_refused_and_nothing_is_kept(panel):
    key = criterion(panel)

    with pytest.raises(Blocked) as refused:
        record(panel, outcome="", marks={key: Agreement(mark=9)})

    assert {reason.key for reason in refused.value.reasons} == {
        "outcome",
        f"mark-{key}",
        f"why-{key}",
    }
    assert db.session.query(ModeratedScore).count() == 0


@pytest.mark.feature("R16")
def test_recommendation_goes_the_ordinary_way_and_never_over_a_ceiling(panel):
    award = panel.scene.awards[0]
    record(panel, 0, outcome="recommended", wanted=deciding.in_full(award))
    too_much = replace(deciding.in_full(panel.scene.awards[1]), own_costs=10**14)

    with pytest.raises(Blocked):
        record(panel, 1, outcome="recommended", wanted=too_much)

    kept = deciding.award(award)
    assert (kept.state, kept.recommended_by) == (AwardState.RECOMMENDED, panel.manager.person_id)
    assert [row.outcome for row in page(panel).items] == ["waiting", "recommended", "waiting"]


@pytest.mark.feature("R16")
def test_put_off_needs_what_is_asked_and_is_no_decision(panel):
    with pytest.raises(Blocked):
        record(panel, outcome="deferred")

    record(panel, outcome="deferred", asked="Who holds the lease?")

    row = next(row for row in page(panel).items if row.key == panel.applications[0])
    assert (row.outcome, row.put_off) == (Outcome.DEFERRED, "Who holds the lease?")
    assert "Asked before it is decided: Who holds the lease?" in row.recorded
    assert deciding.award(panel.scene.awards[0]).state == AwardState.NONE


@pytest.mark.feature("R16")
def test_second_recorder_is_told_and_nothing_of_the_first_is_lost(panel):
    record(panel, note="The first.")

    with pytest.raises(Stale):
        record(panel, actor=panel.second_manager, note="The second.", seen=1)

    assert "The first." in page(panel).items[1].recorded


def test_nothing_is_recorded_outside_moderation_nor_by_who_only_sits(panel):
    made = db.session.query(Application).filter_by(key=panel.applications[0]).one()
    with pytest.raises((Forbidden, NotFound)):
        record(panel, actor=panel.chair)
    made.state, made.withdrawn_at = ApplicationState.WITHDRAWN, build.NOW
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        record(panel)


@pytest.mark.feature("D9")
def test_minute_is_made_corrected_in_words_signed_by_the_chair_and_frozen(panel):
    everybody_comes(panel)
    award = panel.scene.awards[0]
    record(panel, 0, outcome="recommended", wanted=deciding.in_full(award), votes="3 for")
    part = page(panel).items[1].paragraph
    recording.correct(
        panel.manager,
        panel.key,
        panel.applications[0],
        "In other words.",
        was=part.text,
        now=build.NOW,
    )
    with pytest.raises(Stale):
        recording.correct(
            panel.manager,
            panel.key,
            panel.applications[0],
            "Too late.",
            was=part.text,
            now=build.NOW,
        )
    read = parts.minute(panel.chair, panel.key)
    with pytest.raises(Forbidden):
        recording.sign(panel.manager, panel.key, seen=read.sha256, now=build.NOW)
    with pytest.raises(Stale):
        recording.sign(panel.chair, panel.key, seen="another", now=build.NOW)

    recording.sign(panel.chair, panel.key, seen=read.sha256, now=build.NOW)

    signed = parts.minute(panel.manager, panel.key)
    kept = db.session.query(Meeting).one()
    mine = next(one for one in signed.paragraphs if one.of == page(panel).items[1].application_id)
    assert (mine.text, mine.recorded) == ("In other words.", part.recorded)
    assert "Scores seen, of 100" in part.recorded
    assert "Recommended: £9,500 of £9,500 asked." in part.recorded
    assert "Votes: 3 for" in part.recorded
    assert signed.sha256 == kept.sha256 == fingerprint(signed.paragraphs)
    with pytest.raises(MoveNotAllowed):
        record(panel, 1)
    with pytest.raises(MoveNotAllowed):
        recording.correct(panel.manager, panel.key, None, "No.", was="", now=build.NOW)


@pytest.mark.feature("D9")
def test_paper_says_what_the_page_says_and_a_conflicted_copy_betrays_nothing(panel):
    record(panel, 0, note="About the hall.")
    whole = minutes.pdf(panel.manager, panel.key)
    conflict(panel, 0, "reader")

    hers = parts.minute(panel.reader, panel.key)
    text = text_of(minutes.pdf(panel.reader, panel.key).data)

    assert "About the hall." in text_of(whole.data)
    assert "About the hall." not in text
    assert len(hers.paragraphs) == 3
    assert hers.sha256 == fingerprint(hers.paragraphs)
    assert hers.sha256 != parts.minute(panel.manager, panel.key).sha256


@pytest.mark.feature("D8")
def test_feedback_is_drafted_for_who_recommends_and_names_nobody(panel):
    key, application = criterion(panel), panel.applications[0]
    reader = db.session.get_one(build.Person, panel.reader.person_id)
    other = build.organisation("Kelpie Folk (fictional)")
    meeting.words(
        application, key, f"{reader.name} liked it. The steps are clear. Like {other.name}."
    )
    record(panel, 0, marks={key: Agreement(mark=3, reason="Agreed to be sound.")})

    found = feedback.draft(panel.manager, application)

    assert "Agreed to be sound. The steps are clear." in found.text
    assert reader.name not in found.text
    assert other.name not in found.text
    assert feedback.draft(panel.reader, application).text == ""
    assert feedback.draft(panel.manager, uuid.uuid4()).text == ""


@pytest.mark.feature("D8")
def test_feedback_in_a_recommendation_is_seen_by_no_applicant_before_release(panel):
    draft = feedback.draft(panel.manager, panel.applications[0])
    wanted = replace(deciding.in_full(panel.scene.awards[0]), feedback=draft.text)

    recommending.recommend(panel.manager, panel.scene.awards[0], wanted, now=build.NOW)

    assert deciding.award(panel.scene.awards[0]).feedback.startswith("What was strong")
    with pytest.raises(NotFound):
        queries.one(panel.scene.applicant, panel.key)


@pytest.mark.feature("R16")
def test_sent_twice_it_is_planned_attended_and_recorded_once(panel):
    found, record_row = page(panel), db.session.query(Meeting).one()
    again = meetings.Plan(
        held_on=record_row.held_on,
        place=record_row.place,
        quorum=record_row.quorum,
        chair=record_row.chair_id,
        secretary=record_row.secretary_id,
        members=frozenset(),
    )
    here = {row.person_id: Attended(presence="present") for row in found.members}

    planned = meetings.plan(panel.manager, panel.scene.round_key, again, now=build.NOW)
    for _ in range(2):
        meetings.attend(panel.manager, panel.key, here, seen=found.meeting.version, now=build.NOW)
        record(panel, 0, outcome="deferred", asked="Why?", seen=1)

    assert planned == panel.key
    assert db.session.query(Meeting).count() == 1
    assert db.session.query(AuditEntry).filter_by(action="moderate").count() == 1
    assert db.session.query(AuditEntry).filter_by(action="record-attendance").count() == 1


@pytest.mark.feature("R16")
def test_officer_holds_the_meeting_of_a_local_round_with_what_nobody_scored(panel):
    who = [db.session.get_one(build.Person, one.person_id) for one in (panel.manager, panel.chair)]
    national = db.session.get_one(build.Round, panel.scene.round_id)
    bid = build.application(
        national, build.organisation(), who[0], state=ApplicationState.MODERATION
    )
    parent = build.award(bid, state=AwardState.ACCEPTED, recommended_by=who[0], decided_by=who[1])
    local = build.local_round(parent)
    officer = build.person(
        build.Role.PARTNERSHIP_OFFICER,
        at=db.session.get_one(build.Organisation, local.organisation_id),
    )
    group = build.organisation("A group (fictional)", build.OrganisationKind.GROUP)
    made = build.application(local, group, who[0], state=ApplicationState.MODERATION)
    build.award(made)
    actor = build.actor_of(officer)
    plan = meetings.Plan(
        held_on=build.NOW.date(),
        place="The hall",
        quorum=1,
        chair=officer.id,
        secretary=officer.id,
        members=frozenset(),
    )

    key = meetings.plan(actor, local.key, plan, now=build.NOW)
    typed = Recorded(seen=1, outcome="deferred", asked="Who leads it?")
    recording.record(actor, key, made.key, typed, now=build.NOW)

    items = queries.one(actor, key).items
    assert [(row.key, row.outcome) for row in items] == [(made.key, Outcome.DEFERRED)]
    with pytest.raises(NotFound):
        queries.one(panel.manager, key)
