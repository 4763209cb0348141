"""Withdrawing while a decision is held: the applicant learns nothing, and the money is free again."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.award import Approval
from grants.models.ledger import LedgerLine
from grants.models.outbox import OutboxMessage
from grants.models.person import Delegation
from grants.rules.refusals import Blocked, MoveNotAllowed
from grants.rules.states import ApplicationState as State
from grants.rules.states import AwardState, RoundState
from grants.services import apply, decide, release
from tests import applying, build, deciding

NOW = build.NOW
HELD = (AwardState.NONE, AwardState.RECOMMENDED, AwardState.APPROVED, AwardState.REFUSED)
CHANGING = re.compile(r'(name="csrf_token" value|data-person)="[^"]*"')


@pytest.fixture
def made(context):
    return deciding.scene()


def withdraw(made):
    apply.withdraw(made.applicant, made.applications[0], "Our hall burnt down.", now=NOW)


def walk(browser, key) -> list[str]:
    """All that an applicant meets on the way out, an empty reason among it."""
    here = f"/applications/{key}"
    return [
        f"{answer.status_code} {answer.location} {answer.text}"
        for answer in (
            browser.get("/applications"),
            browser.get(here),
            browser.get(f"{here}/receipt"),
            browser.get(f"{here}/withdraw"),
            browser.post(f"{here}/withdraw", data={"reason": " "}),
            browser.post(f"{here}/withdraw", data={"reason": "Our hall burnt down."}),
            browser.get(here),
            browser.get("/applications"),
        )
    ]


@pytest.fixture
def met(app, sign_in):
    """Pages and mail of an applicant who withdraws while the award is in this state, bare of keys."""

    def begin(state: AwardState) -> str:
        with app.app_context():
            db.session.query(build.Round).update({"state": RoundState.CLOSED})
            at = applying.place("adult")
            key = applying.drafted(at, state=State.MODERATION)
            record = db.session.query(build.Application).filter_by(key=key).one()
            manager = db.session.query(build.Person).filter_by(email=at.people["manager"]).one()
            if state == AwardState.NONE:
                build.award(record)
            else:
                build.award(record, state=state, recommended_by=manager)
            names = (str(key), record.title, record.reference, at.people["sender"])
            round_record = db.session.get_one(build.Round, at.round_id)
            names = (*names, round_record.title, round_record.reference, str(round_record.key))
            names = (*names, str(at.organisation_key))
            db.session.commit()
        browser = applying.entered(app, sign_in, at, "sender")
        pages = "\n".join(walk(browser, key))
        with app.app_context():
            mail = db.session.query(OutboxMessage).filter_by(recipient=at.people["sender"])
            pages += "\n".join(f"{message.subject} {message.body}" for message in mail)
        pages = CHANGING.sub("", pages)
        for place, name in enumerate(sorted(names, key=len, reverse=True)):
            pages = pages.replace(name, f"<{place}>")
        return pages

    return begin


@pytest.mark.feature("A19")
@pytest.mark.feature("D6")
@pytest.mark.parametrize("state", HELD[1:])
def test_applicant_meets_the_same_bytes_whatever_is_held(met, state):
    without, with_it = met(AwardState.NONE), met(state)

    assert with_it == without
    assert ("Give a reason." in without, "Nobody will assess it." in without) == (True, True)


@pytest.mark.feature("A19")
def test_withdrawing_frees_the_money_of_an_approval(made):
    deciding.approve(made, made.awards[0])
    lines = db.session.query(LedgerLine).count()

    withdraw(made)

    award = deciding.award(made.awards[0])
    round_record = db.session.get_one(build.Round, made.round_id)
    db.session.refresh(round_record)
    used = [row.used for row in db.session.query(Delegation)]
    open_approvals = db.session.query(Approval).filter_by(voided_at=None).count()
    assert (award.state, award.amount, award.decided_by) == (AwardState.NONE, 0, None)
    assert (round_record.committed, set(used), open_approvals) == (0, {0}, 0)
    assert db.session.query(LedgerLine).count() == lines + 1
    assert sum(row.amount for row in db.session.query(LedgerLine)) == 0


@pytest.mark.feature("A19")
def test_trail_does_not_say_that_the_applicant_undid_a_decision(made):
    deciding.refuse(made, made.awards[0])

    withdraw(made)

    entries = db.session.query(AuditEntry).filter_by(action="withdraw").all()
    by = {entry.thing_type: (entry.person_name, entry.before, entry.after) for entry in entries}
    assert by["award"][0] == "The system"
    assert by["award"][1] == {"state": "refused"}
    assert by["application"][1:] == ({"state": "moderation"}, {"state": "withdrawn"})


@pytest.mark.feature("A19")
@pytest.mark.parametrize("decided", [True, False])
def test_fund_is_told_that_an_application_is_gone(made, decided):
    if decided:
        deciding.approve(made, made.awards[0])

    withdraw(made)

    told = db.session.query(OutboxMessage).filter_by(kind="taken_back")
    people = {made.emails[who] for who in ("manager", "approver", "second")}
    assert {message.recipient for message in told} == people


@pytest.mark.feature("R9")
def test_who_has_an_interest_is_not_told(made):
    record = db.session.query(build.Application).one()
    approver = db.session.query(build.Person).filter_by(email=made.emails["approver"]).one()
    build.conflict(record, approver)

    withdraw(made)

    told = db.session.query(OutboxMessage).filter_by(kind="taken_back")
    assert made.emails["approver"] not in {message.recipient for message in told}


def test_nothing_can_be_decided_on_what_was_withdrawn(made):
    seen = deciding.recommend(made, made.awards[0])
    withdraw(made)

    with pytest.raises(MoveNotAllowed):
        decide.approve(made.approver, made.awards[0], seen=seen, now=NOW)
    with pytest.raises((Blocked, MoveNotAllowed)):
        deciding.recommend(made, made.awards[0])


@pytest.mark.feature("A19")
def test_released_outcome_is_answered_not_withdrawn(made):
    deciding.approve(made, made.awards[0])
    release.release(made.second, made.round_key, typed="1", now=NOW)

    with pytest.raises(Blocked, match="Write to the fund"):
        withdraw(made)

    assert deciding.award(made.awards[0]).state == AwardState.RELEASED
