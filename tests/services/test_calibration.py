"""Holding a calibration: samples, the opening, the gate, what was agreed, the closing."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.audit import AuditEntry
from grants.models.calibration import CalibrationReading, CalibrationSample
from grants.models.outbox import OutboxMessage
from grants.models.person import Person
from grants.queries import sample_sources
from grants.queries.calibration_readings import answers_of
from grants.rules.calibration import MOST_SAMPLES
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState, AwardState, RoundState
from grants.services import calibrating as scoring
from grants.services import calibration, panel, rehearsals, samples
from grants.services.calibration import Agreed
from tests import build, calibrating

pytestmark = [pytest.mark.feature("R23"), pytest.mark.usefixtures("context")]
NOW = build.NOW


def mail(kind: str) -> list[str]:
    found = sa.select(OutboxMessage.recipient).where(OutboxMessage.kind == kind)
    return sorted(db.session.scalars(found))


def verbs() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def written(at, texts, **rows):
    samples.write_section(
        at.manager, at.samples[0], texts, rows=rows, seen=at.sample().version, now=NOW
    )
    return answers_of(at.sample().answers)


def test_sample_begins_with_the_fund_s_own_text():
    at = calibrating.scene(count=1)

    answers = answers_of(at.sample().answers)

    assert "made-up" in at.sample().title
    assert len(answers["need", ""]) > 100
    assert answers["projects.asked", "0001"] == "9200"


def test_sample_is_no_application():
    calibrating.scored({0: [3, 3], 1: [2, 2]})

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


def test_set_takes_no_more_than_its_most():
    at = calibrating.scene(count=0)
    for _ in range(MOST_SAMPLES):
        samples.add_sample(at.manager, at.round_key, "blank", now=NOW)

    with pytest.raises(Blocked, match="at most 6"):
        samples.add_sample(at.manager, at.round_key, "blank", now=NOW)


@pytest.mark.parametrize("source", ["", "fund:none", "copy:1", "copy:" + "0" * 32, "other"])
def test_unknown_source_adds_nothing(source):
    at = calibrating.scene(count=0)

    with pytest.raises(Blocked, match="begin with"):
        samples.add_sample(at.manager, at.round_key, source, now=NOW)


def test_sample_of_an_earlier_round_is_copied_by_who_holds_both():
    at = calibrating.scene(count=1)
    record = db.session.get_one(build.Round, at.round_id)
    funder = db.session.get_one(build.Organisation, record.organisation_id)
    later = build.round_(calibrating.FUND, funder, year="2027-28")
    source = f"copy:{at.samples[0]}"
    assert source in dict(sample_sources.offered(at.manager, later))
    stranger = build.programme()
    elsewhere = build.round_(calibrating.FUND, stranger)
    other = build.actor_of(build.person(Role.FUND_MANAGER, at=stranger))

    samples.add_sample(at.manager, later.key, source, now=NOW)

    made = db.session.query(CalibrationSample).order_by(CalibrationSample.id.desc()).first()
    assert (made.title, made.answers) == (at.sample().title, at.sample().answers)
    with pytest.raises(Blocked):
        samples.add_sample(other, elsewhere.key, source, now=NOW)


def test_section_keeps_what_was_typed_and_drops_rows_that_are_gone():
    at = calibrating.scene(count=1)

    answers = written(at, {("need", ""): "Short."}, projects={"0002"})

    assert answers["need", ""] == "Short."
    assert {row for question, row in answers if question.startswith("projects.")} == {"0002"}
    assert answers["delivery", ""]


def test_what_the_form_does_not_ask_is_not_kept():
    at = calibrating.scene(count=1)

    answers = written(at, {("nothing", ""): "x", ("need", ""): ""})

    assert ("nothing", "") not in answers
    assert ("need", "") not in answers


def test_two_managers_at_once_lose_nothing():
    at = calibrating.scene(count=1)
    seen = at.sample().version
    written(at, {("need", ""): "Mine."})

    with pytest.raises(Blocked, match="Somebody else"):
        samples.write_section(
            at.manager, at.samples[0], {("need", ""): "Yours."}, rows={}, seen=seen, now=NOW
        )

    assert answers_of(at.sample().answers)["need", ""] == "Mine."


def test_open_set_keeps_its_text():
    at = calibrating.scene(count=1)
    at.open()

    with pytest.raises(MoveNotAllowed):
        written(at, {("need", ""): "Other."})
    with pytest.raises(MoveNotAllowed):
        samples.take_out_sample(at.manager, at.round_key, at.samples[0], now=NOW)
    with pytest.raises(MoveNotAllowed):
        samples.add_sample(at.manager, at.round_key, "blank", now=NOW)


def test_empty_set_does_not_open():
    at = calibrating.scene(count=0)

    with pytest.raises(Blocked, match="at least one"):
        calibration.open_set(at.manager, at.round_key, now=NOW)


def test_opening_writes_to_every_assessor_once():
    at = calibrating.scene(readers=3)
    record = db.session.get_one(build.Round, at.round_id)
    gone = db.session.get_one(Person, at.readers[2].person_id)
    panel.stand_down(at.manager, record.key, gone.key, now=NOW)

    at.open()
    calibration.open_set(at.manager, at.round_key, now=NOW)

    assert mail("calibration_opened") == sorted(one.email for one in at.readers[:2])
    assert verbs().count("open-calibration") == 1


def test_reminder_goes_once_a_day_to_who_is_not_done():
    at = calibrating.scored({0: [3, 3], 1: [3]})
    for now in (NOW, NOW + dt.timedelta(minutes=1)):
        assert calibration.remind(at.manager, at.round_key, now=now) == 1
    calibration.remind(at.manager, at.round_key, now=NOW + dt.timedelta(days=1))

    assert mail("calibration_waits") == [at.readers[1].email] * 2


def test_agreed_mark_needs_its_reason_and_a_mark_of_the_scale():
    at = calibrating.scored({0: [3, 3]})
    first, second, third = at.criteria[:3]
    marks = {
        first: Agreed(mark="3"),
        second: Agreed(mark="9", reason="x"),
        third: Agreed(mark="", reason="x"),
    }

    with pytest.raises(Blocked) as blocked:
        calibration.agree(at.manager, at.samples[0], marks, seen=1, now=NOW)

    assert [reason.key for reason in blocked.value.reasons] == [
        f"reason.{first}",
        f"mark.{second}",
        f"mark.{third}",
    ]


def test_agreed_marks_are_kept_and_remembered_with_what_stood_before():
    at = calibrating.scored({0: [3, 3]})
    key = at.criteria[0]
    for mark in ("3", "2"):
        marks = {key: Agreed(mark=mark, reason="As its anchor says.")}
        seen = at.sample().version
        calibration.agree(at.manager, at.samples[0], marks, seen=seen, now=NOW)

    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert at.sample().agreed == {key: [2, "As its anchor says."]}
    assert entry.action == "agree-calibration-marks"
    assert entry.before["agreed"] == {key: [3, "As its anchor says."]}
    assert entry.after["agreed"] == {key: [2, "As its anchor says."]}


def test_nothing_is_agreed_before_the_set_opens():
    at = calibrating.scene(count=1)
    marks = {at.criteria[0]: Agreed(mark="3", reason="x")}

    with pytest.raises(MoveNotAllowed):
        calibration.agree(at.manager, at.samples[0], marks, seen=1, now=NOW)


def test_closed_set_is_scored_no_more():
    at = calibrating.scored({0: [3]})
    calibration.close(at.manager, at.round_key, now=NOW)
    calibration.close(at.manager, at.round_key, now=NOW)

    with pytest.raises(MoveNotAllowed, match="closed"):
        at.score(at.readers[0], at.samples[1], 2)
    assert verbs().count("close-calibration") == 1


def test_every_verb_of_the_manager_is_in_the_trail():
    at = calibrating.scene(count=1)
    samples.name_sample(at.manager, at.samples[0], "New", "", seen=1, now=NOW)
    at.open(is_required=True)
    calibration.close(at.manager, at.round_key, now=NOW)

    assert verbs() == [
        "add-calibration-sample",
        "write-calibration-sample",
        "set-calibration-gate",
        "open-calibration",
        "close-calibration",
    ]


def test_only_who_sets_up_the_round_holds_its_calibration():
    at = calibrating.scene()
    reader = at.readers[0]
    stranger = build.actor_of(build.person(Role.FUND_MANAGER, at=build.programme()))

    with pytest.raises(Forbidden):
        calibration.open_set(reader, at.round_key, now=NOW)
    with pytest.raises(NotFound):
        calibration.open_set(stranger, at.round_key, now=NOW)
    for other in (reader, stranger):
        with pytest.raises(NotFound):
            samples.name_sample(other, at.samples[0], "Theirs", "", seen=1, now=NOW)
        with pytest.raises((Forbidden, NotFound)):
            samples.take_out_sample(other, at.round_key, at.samples[0], now=NOW)


def test_officer_of_a_local_round_holds_its_calibration():
    funder, lead = build.programme(), build.organisation()
    parent = build.award(
        build.application(
            build.round_(calibrating.FUND, funder),
            lead,
            build.person(Role.APPLICANT_SUBMITTER, at=lead),
            state=ApplicationState.MODERATION,
        ),
        state=AwardState.ACCEPTED,
        recommended_by=build.person(Role.FUND_MANAGER, at=funder),
        decided_by=build.person(Role.APPROVER, at=funder),
    )
    record = build.local_round(parent)
    officer = build.actor_of(build.person(Role.PARTNERSHIP_OFFICER, at=lead))
    reader = build.person(Role.ASSESSOR, at=lead)
    above = build.actor_of(build.person(Role.FUND_MANAGER, Role.ASSESSOR, at=funder))

    samples.add_sample(officer, record.key, "fund:strong", now=NOW)
    calibration.open_set(officer, record.key, now=NOW)

    assert mail("calibration_opened") == [reader.email]
    with pytest.raises(NotFound):
        calibration.close(above, record.key, now=NOW)


def test_samples_of_a_rehearsal_stay_in_it():
    at = calibrating.scene(count=0)
    record = db.session.get_one(build.Round, at.round_id)
    rehearsals.make(at.manager, record.key, now=NOW)
    twin = db.session.scalars(
        sa.select(build.Round).where(build.Round.rehearsal_id.is_not(None))
    ).one()
    part = db.session.scalars(sa.select(Person).where(Person.name.startswith("Fund manager"))).one()
    player = build.actor_of(part)
    samples.add_sample(player, twin.key, "fund:strong", now=NOW)

    calibration.open_set(player, twin.key, now=NOW)

    waiting = db.session.scalars(sa.select(OutboxMessage)).all()
    assert len(waiting) == 2  # its two assessors
    assert {message.rehearsal_id for message in waiting} == {twin.rehearsal_id}
    assert not [one for one, _ in sample_sources.offered(at.manager, record) if "copy" in one]


def test_round_without_a_form_has_no_samples():
    at = calibrating.scene(count=0)
    record = db.session.get_one(build.Round, at.round_id)
    record.state = RoundState.DRAFT
    db.session.commit()

    with pytest.raises(NotFound):
        samples.add_sample(at.manager, at.round_key, "blank", now=NOW)


def test_sample_is_scored_once_and_then_locked():
    at = calibrating.scored({0: [3]})

    with pytest.raises(MoveNotAllowed, match="sent these scores"):
        at.score(at.readers[0], at.samples[0], 1)

    record = db.session.query(CalibrationReading).one()
    assert (record.total, set(record.content["marks"].values())) == (75, {3})


def test_sample_is_not_there_for_an_assessor_before_it_opens():
    at = calibrating.scene()

    with pytest.raises(NotFound):
        at.score(at.readers[0], at.samples[0], 1)


def test_same_scores_sent_twice_are_sent_once():
    at = calibrating.scored({0: [3]})
    count = verbs().count("send-calibration-scores")

    at.score(at.readers[0], at.samples[0], 3)

    assert verbs().count("send-calibration-scores") == count == 1


def test_incomplete_scores_are_kept_and_not_sent():
    at = calibrating.scored({})
    key = at.criteria[0]
    sent = calibrating.Sent(texts={("mark", key): "4", ("reason", key): "Clear."})

    with pytest.raises(Blocked, match="Score “"):
        scoring.send(at.readers[0], at.samples[0], sent, now=NOW)

    record = db.session.query(CalibrationReading).one()
    assert record.sent_at is None
    assert record.content["marks"] == {key: 4}


def test_text_that_comes_once_more_after_sending_is_kept_already():
    at = calibrating.scored({0: [3]})
    key = at.criteria[0]
    late = calibrating.Sent(texts={("mark", key): "3", ("reason", key): "Something else."})

    kept = scoring.autosave(at.readers[0], at.samples[0], late, now=NOW)

    assert kept.saved.versions == {("mark", key): 1}
    assert [(one.question, one.text) for one in kept.saved.refused] == [("reason", scoring.SENT)]


def test_second_window_overwrites_nothing():
    at = calibrating.scored({})
    place = ("reason", at.criteria[0])
    first = scoring.save(
        at.readers[0], at.samples[0], calibrating.Sent(texts={place: "One"}, seen={}), now=NOW
    )
    second = scoring.save(
        at.readers[0], at.samples[0], calibrating.Sent(texts={place: "Two"}, seen={}), now=NOW
    )

    assert first.saved.versions == {place: 1}
    assert [(one.yours, one.theirs) for one in second.saved.clashes] == [("Two", "One")]
    again = calibrating.Sent(texts={place: "Two"}, seen={place: 1}, chosen=[place])
    assert scoring.save(at.readers[0], at.samples[0], again, now=NOW).saved.clashes == ()
