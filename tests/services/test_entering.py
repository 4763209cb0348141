"""Typing an application for a group: whose it is, who may, and that the helper never judges it."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from grants.extensions import db
from grants.models.assessment import Conflict
from grants.models.audit import AuditEntry
from grants.models.helped_entry import HelpedEntry
from grants.models.organisation import OrganisationArea
from grants.models.outbox import OutboxMessage
from grants.models.person import Membership
from grants.queries import applications, drafts, entered, rounds
from grants.rules.actions import Action
from grants.rules.helping import EVIDENCE
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState as State
from grants.services import access, answers, apply, asking, attachments, copies, entering, phases
from grants.services.answer_sheet import Sent
from grants.services.entering import Given, NewGroup
from tests import applying, build, filled
from tests.storage.test_inspect import PLAIN_PDF

NOW = build.NOW
A21 = pytest.mark.feature("A21")
SHARE = "Shetland Islands"
JUDGING = [
    Action(name)
    for name in (
        "return open-assessing open-moderation assign declare score submit-score read-all-scores "
        "read-other-scores read-decision recommend amend approve refuse release draft-letter "
        "issue-letter judge-duplicates read-queries"
    ).split()
]
GIVEN = Given(
    channel="paper",
    given_by="Beathag NicRath (fictional)",
    email="beathag@example.org",
    received_on=NOW.date(),
    consent_on=NOW.date(),
    consent_how="Signed at the foot of the form.",
)


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def colleague(at):
    """A second manager of the fund."""
    record = db.session.get_one(build.Round, at.round_id)
    funder = db.session.get_one(build.Organisation, record.organisation_id)
    return build.actor_of(build.person(Role.FUND_MANAGER, at=funder))


def begun(at, *, who="manager", group=None, given=GIVEN, now=NOW, area=SHARE):
    group = group or NewGroup(name="Folk of the Voe (fictional)", postcode="ze2 9aa")
    return entering.begin(applying.actor(at, who), at.round_key, area, group, given, now=now)


def record(key):
    return db.session.query(build.Application).filter_by(key=key).one()


def filled_in(at, key):
    made = record(key)
    fund = applying.fund_of(applying.NOBODY, made.definition_id)
    manager = applying.actor(at, "manager")
    answers.save(manager, key, Sent(texts=filled.answers(fund, projects=1)), now=NOW)


def with_changes(**changes):
    return Given(**{name: getattr(GIVEN, name) for name in GIVEN.__slots__} | changes)


@A21
def test_begun_for_a_new_group_it_is_theirs_and_recorded(at):
    key = begun(at)

    made = record(key)
    entry = entered.own_entry(applying.actor(at, "manager"), key)
    organisation = db.session.get_one(build.Organisation, made.organisation_id)
    assert (organisation.name, organisation.postcode) == ("Folk of the Voe (fictional)", "ZE2 9AA")
    assert (entry.channel, entry.given_by, entry.consent_how) == (
        "paper",
        GIVEN.given_by,
        GIVEN.consent_how,
    )
    assert db.session.query(AuditEntry).filter_by(action="enter-for-group").count() == 1
    areas = db.session.query(OrganisationArea).filter_by(organisation_id=organisation.id)
    assert [row.area_code for row in areas] == ["S12000027"]


@A21
def test_begun_for_an_organisation_that_is_known(at):
    key = begun(at, group=at.organisation_key)

    assert record(key).organisation_id == at.organisation_id
    with pytest.raises(Blocked, match="already"):
        begun(at, group=at.organisation_key)


@A21
@pytest.mark.parametrize("who", ["sender", "editor", "rival", "assessor"])
def test_nobody_else_types_for_a_group(at, who):
    with pytest.raises((NotFound, Forbidden)):
        begun(at, who=who)


@A21
@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"given_by": " "}, "given_by"),
        ({"consent_how": ""}, "consent_how"),
        ({"consent_on": None}, "consent_on"),
        ({"received_on": NOW.date() + dt.timedelta(days=1)}, "received_on"),
        ({"email": "nothing"}, "email"),
    ],
)
def test_nothing_begins_without_consent_and_how_it_came(at, changes, key):
    with pytest.raises(Blocked) as refused:
        begun(at, given=with_changes(**changes))

    assert [reason.key for reason in refused.value.reasons] == [key]
    assert db.session.query(HelpedEntry).count() == 0


@A21
def test_helper_types_and_sends_and_it_is_sent_as_theirs(at):
    key = begun(at)
    filled_in(at, key)
    manager = applying.actor(at, "manager")

    apply.submit(manager, key, now=NOW)

    text = applications.content(manager, key)
    assert record(key).state == State.SUBMITTED
    assert (
        "for Folk of the Voe (fictional) (given to the fund on a paper form)" in text.submitted_by
    )
    assert drafts.draft(manager, key).is_helper


@A21
def test_helper_has_no_part_in_judging_it(at):
    key = begun(at)
    filled_in(at, key)
    manager = applying.actor(at, "manager")
    apply.submit(manager, key, now=NOW)

    conflict = db.session.query(Conflict).one()
    for action in JUDGING:
        with pytest.raises((NotFound, Forbidden, MoveNotAllowed)):
            access.application(manager, key, action)
    with pytest.raises((NotFound, Forbidden)):
        phases.open_assessing(manager, key, now=NOW)
    assert (conflict.kind, conflict.detail) == ("helped", entering.WHY)
    assert phases.open_assessing_all(manager, at.round_key, now=NOW) == 0


@A21
def test_colleague_judges_what_somebody_else_typed(at, colleague):
    key = begun(at)
    filled_in(at, key)
    apply.submit(applying.actor(at, "manager"), key, now=NOW)

    phases.open_assessing(colleague, key, now=NOW)

    assert record(key).state == State.ASSESSING
    with pytest.raises(MoveNotAllowed):
        entering.take_part(colleague, key, now=NOW)


@A21
def test_colleague_who_types_too_is_barred_too(at, colleague):
    key = begun(at)
    with pytest.raises(NotFound):
        drafts.draft(colleague, key)

    entering.take_part(colleague, key, now=NOW)

    assert drafts.draft(colleague, key).is_editor
    assert db.session.query(Conflict).filter_by(person_id=colleague.person_id).count() == 1


@A21
def test_receipt_with_the_copy_goes_to_who_gave_it(at):
    key = begun(at)
    filled_in(at, key)
    apply.submit(applying.actor(at, "manager"), key, now=NOW)

    copies.send_receipts(now=NOW)

    messages = db.session.query(OutboxMessage).filter_by(kind="received_for_you").all()
    assert {GIVEN.email, "contact@example.org"} <= {message.recipient for message in messages}
    assert all(message.attachment_key for message in messages)


@A21
def test_query_is_told_to_who_gave_it_and_to_who_typed_it(at, colleague):
    key = begun(at)
    filled_in(at, key)
    apply.submit(applying.actor(at, "manager"), key, now=NOW)

    asking.return_for_correction(colleague, key, "Which hall?", now=NOW)

    told = {row.recipient for row in db.session.query(OutboxMessage).filter_by(kind="returned")}
    assert told == {GIVEN.email, at.people["manager"]}


@A21
def test_group_takes_it_over_and_nobody_types_for_it(at):
    key = begun(at)
    entering.invite(applying.actor(at, "manager"), key, base_url="https://x.example", now=NOW)
    person = db.session.query(build.Person).filter_by(email=GIVEN.email).one()
    theirs = build.actor_of(person)

    entering.take_over(theirs, key, now=NOW)

    assert drafts.draft(theirs, key).is_sender
    with pytest.raises(NotFound):
        drafts.draft(applying.actor(at, "manager"), key)
    assert db.session.query(Membership).filter_by(person_id=person.id).one().role == (
        Role.APPLICANT_SUBMITTER
    )


@A21
def test_nobody_is_invited_into_a_group_that_has_people(at):
    key = begun(at, group=at.organisation_key)

    with pytest.raises(Blocked, match="can sign in already"):
        entering.invite(applying.actor(at, "manager"), key, base_url="https://x.example", now=NOW)


@A21
@pytest.mark.parametrize("who", ["manager", "rival"])
def test_only_the_group_takes_it_over(at, who):
    key = begun(at)

    with pytest.raises(NotFound):
        entering.take_over(applying.actor(at, who), key, now=NOW)


@A21
def test_scan_is_evidence_for_the_fund_and_no_part_of_the_application(at, colleague):
    key = begun(at)
    filled_in(at, key)
    manager = applying.actor(at, "manager")
    file = attachments.Upload(EVIDENCE, "form.pdf", io.BytesIO(PLAIN_PDF), 10**6)
    attachments.add(manager, key, file, now=NOW)
    apply.submit(manager, key, now=NOW)
    ((scan, _, _),) = entered.entry_of(colleague, key).evidence
    assessor = db.session.query(build.Person).filter_by(email=at.people["assessor"]).one()
    made = record(key)
    made.state = State.ASSESSING
    build.assessment(made, assessor, assessor)

    assert attachments.open_file(colleague, scan).data == PLAIN_PDF
    with pytest.raises(NotFound):
        attachments.open_file(applying.actor(at, "assessor"), scan)
    assert build.version_of(made).content["attachments"] == []


@A21
def test_what_came_in_time_may_be_typed_later(at):
    late = NOW + dt.timedelta(days=40)
    key = begun(at, now=late)
    manager = applying.actor(at, "manager")

    answers.save(manager, key, Sent(texts={("plan_summary", ""): "Words"}), now=late)

    assert applying.answers_of(key)["plan_summary", ""] == "Words"
    with pytest.raises(Blocked):
        begun(at, given=with_changes(received_on=late.date()), area="Orkney Islands", now=late)


@A21
def test_known_organisation_is_found_before_it_is_made_again(at):
    manager = applying.actor(at, "manager")
    row = rounds.one(manager, at.round_key)

    found = entered.alike(manager, row, SHARE, "Comann Sealtainn", "")

    assert [one.name for one in found] == ["Comann Shealtainn (fictional)"]
    assert entered.alike(applying.actor(at, "rival"), row, SHARE, "Comann", "") == ()
