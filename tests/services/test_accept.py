"""From the released offer to projects, returns and ledger; or to money that is free again."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Delegation
from grants.models.project import Project, ProjectCode
from grants.models.round import Round
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import AwardState, ReturnState
from grants.services import accept, letters, release
from tests import build, deciding

pytestmark = pytest.mark.usefixtures("context")
VERIFY = "https://grants.example.org/letters/check"
ASKED = 950_000


@pytest.fixture
def offered():
    scene = deciding.scene()
    deciding.approve(scene, scene.awards[0])
    release.release(scene.approver, scene.round_key, typed="1", now=build.NOW)
    return scene


@pytest.fixture
def offer(offered):
    key = letters.draft(offered.manager, offered.awards[0], verify_address=VERIFY, now=build.NOW)
    letters.issue(offered.approver, key, now=build.NOW)
    return offered


def sign(scene, now=build.NOW, **changes):
    values = {"typed_name": scene.applicant.name, "agrees": True, **changes}
    accept.accept(scene.applicant, scene.awards[0], now=now, **values)


def committed(scene):
    area = build.area_of(db.session.get_one(Round, scene.round_id))
    of_awards = sum(
        line.amount for line in db.session.query(LedgerLine).filter_by(kind=LedgerKind.AWARD)
    )
    return area.committed, db.session.get_one(Round, scene.round_id).committed, of_awards


@pytest.mark.feature("W5")
def test_accepting_makes_projects_groups_returns_and_ledger_lines(offer):
    sign(offer)

    projects = db.session.query(Project).order_by(Project.id).all()
    groups = db.session.query(Organisation).filter_by(kind=OrganisationKind.GROUP).all()
    owed = db.session.query(ReturnObligation).order_by(ReturnObligation.id).all()
    returns = db.session.query(OutcomeReturn).all()
    ledger = [
        line.amount for line in db.session.query(LedgerLine).filter_by(kind=LedgerKind.PROJECT)
    ]
    award = deciding.award(offer.awards[0])
    assert award.state == AwardState.ACCEPTED
    assert award.onward == 900_000
    assert [p.reference[-4:] for p in projects] == ["-P01", "-P02"]
    assert [p.amount for p in projects] == ledger == [500_000, 400_000]
    assert sorted(group.name for group in groups) == ["Group 1 (fictional)", "Group 2 (fictional)"]
    assert db.session.query(OrganisationArea).count() == 2
    assert db.session.query(ProjectCode).count() == 6
    assert [(o.period, o.due_on) for o in owed[:2]] == [
        ("interim", dt.date(2026, 10, 30)),
        ("final", dt.date(2027, 4, 30)),
    ]
    assert [row.state for row in returns] == [ReturnState.OPEN] * 4
    assert committed(offer) == (ASKED, ASKED, ASKED)


def test_group_that_is_known_in_the_area_runs_its_project_again(offer):
    known = build.organisation("Group 1 (fictional)", OrganisationKind.GROUP, "S12000027")

    sign(offer)

    runners = {p.organisation_id for p in db.session.query(Project)}
    assert known.id in runners
    assert db.session.query(Organisation).filter_by(name="Group 1 (fictional)").count() == 1


def test_accepting_twice_makes_nothing_twice(offer):
    sign(offer)
    sign(offer)

    assert db.session.query(Project).count() == 2
    assert deciding.award(offer.awards[0]).onward == 900_000


@pytest.mark.feature("W5")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"typed_name": "Somebody Else"}, "Type your name as it stands on your account"),
        ({"agrees": False}, "Confirm that you may sign"),
    ],
)
def test_accepting_needs_name_and_declaration(offer, changes, said):
    with pytest.raises(Blocked, match=said):
        sign(offer, **changes)

    assert deciding.award(offer.awards[0]).state == AwardState.RELEASED


def test_name_may_be_typed_without_accents_or_capitals(offer):
    sign(offer, typed_name=offer.applicant.name.replace("ò", "o").upper())

    assert deciding.award(offer.awards[0]).state == AwardState.ACCEPTED


def test_offer_is_accepted_until_the_end_of_its_day_and_not_after(offer):
    last = deciding.award(offer.awards[0]).accept_by
    assert last == build.NOW.date() + dt.timedelta(days=28)
    after = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(0, 30), dt.UTC)
    with pytest.raises(Blocked, match="could be accepted until"):
        sign(offer, now=after)

    sign(offer, now=after - dt.timedelta(hours=1))

    assert deciding.award(offer.awards[0]).state == AwardState.ACCEPTED


def test_offer_without_its_letter_is_not_accepted(offered):
    with pytest.raises(Blocked, match="Your letter has not been issued yet"):
        sign(offered)


def test_stranger_finds_no_offer(offer):
    elsewhere = deciding.scene(count=0)

    with pytest.raises(NotFound):
        accept.accept(
            elsewhere.applicant, offer.awards[0], typed_name="x", agrees=True, now=build.NOW
        )


@pytest.mark.feature("W6")
def test_declined_offer_frees_its_money(offer):
    accept.decline(
        offer.applicant,
        offer.awards[0],
        reason="We found other money.",
        typed_name=offer.applicant.name,
        now=build.NOW,
    )

    kinds = [row.kind for row in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]
    assert deciding.award(offer.awards[0]).state == AwardState.OFFER_DECLINED
    assert committed(offer) == (0, 0, 0)
    assert db.session.query(Delegation).filter(Delegation.used == ASKED).count() == 1
    assert kinds == ["outcome", "letter", "offer_declined"]


@pytest.mark.feature("W6")
def test_lapsed_offers_free_their_money_at_night(offer):
    late = build.NOW + dt.timedelta(days=29)

    counts = [accept.lapse_overdue(now=when) for when in (build.NOW, late, late)]

    assert counts == [0, 1, 0]
    assert deciding.award(offer.awards[0]).state == AwardState.LAPSED
    assert committed(offer) == (0, 0, 0)


def test_offer_does_not_lapse_while_it_may_be_accepted(offer):
    with pytest.raises(Blocked, match="may still be accepted until"):
        accept.lapse(offer.manager, offer.awards[0], now=build.NOW)


def test_award_closes_once_every_return_is_accepted(offer):
    sign(offer)
    with pytest.raises(Blocked, match="Returns that are not accepted yet: 4"):
        accept.close(offer.manager, offer.awards[0], now=build.NOW)
    for row in db.session.query(OutcomeReturn):
        row.state = ReturnState.ACCEPTED
        row.submitted_at = row.accepted_at = build.NOW
    db.session.commit()

    accept.close(offer.manager, offer.awards[0], now=build.NOW)

    assert deciding.award(offer.awards[0]).state == AwardState.CLOSED


def test_projects_can_never_exceed_their_award(offer):
    line = db.session.query(ProposedProject).first()
    line.asked = line.amount = 10**9
    db.session.commit()

    with pytest.raises(Blocked, match="The projects come to more than the award"):
        sign(offer)

    assert db.session.query(Project).count() == 0
    assert db.session.query(Award).one().state == AwardState.RELEASED
