"""A partnership passes its award on in a round of its own: the whole life, and the money."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.ledger import LedgerLine
from grants.models.organisation import OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import AllocationArea, Round
from grants.queries import applications, evaluation, home, local_rounds, public, staff_applications
from grants.queries import returns as return_queries
from grants.queries import rounds as round_queries
from grants.queries.definitions import fund_of
from grants.rules.actions import Action
from grants.rules.people import NOBODY, Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import AwardState, RoundState, Tier
from grants.services import (
    accept,
    access,
    assign,
    decide,
    letters,
    phases,
    recommending,
    release,
    rounds,
)
from grants.services.evaluate import evaluation as figures
from grants.services.roles import Grant, refuse_outside_programme
from tests import build, deciding, local

pytestmark = pytest.mark.feature("S15")
FUNDS = ("adult", "children")


def of(key: uuid.UUID, kind: type = Award):
    return db.session.scalars(
        sa.select(kind).where(kind.key == key).execution_options(populate_existing=True)
    ).one()


def decided(made, record, application):
    """Read, moderated, recommended by the officer, approved and released by the approver."""
    officer, approver = made.people["officer"], made.people["approver"]
    reader = db.session.get_one(Person, made.people["reader"].person_id)
    assign.assign(officer, application, reader.key, now=build.NOW)
    award = phases.open_moderation(officer, application, reason="One reader", now=build.NOW)
    recommending.recommend(officer, award, deciding.in_full(award), now=build.NOW)
    with pytest.raises(Forbidden):
        decide.approve(officer, award, seen="", now=build.NOW)
    seen = of(award).recommended_sha256 or ""
    decide.approve(approver, award, seen=seen, now=build.NOW)
    release.release(approver, record.key, typed="1", now=build.NOW)
    letter = letters.draft(officer, award, verify_address=local.VERIFY, now=build.NOW)
    letters.issue(approver, letter, now=build.NOW)
    return award


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("fund", FUNDS)
def test_a_whole_local_life(fund):
    made = local.scene(fund)
    record = local.open_local(made)
    application = local.apply_to(made, record)
    award = decided(made, record, application)
    group = made.people["group"]

    accept.accept(group, award, typed_name=group.name, agrees=True, now=build.NOW)

    given, parent = of(award), of(made.award)
    project = db.session.query(Project).filter_by(local_award_id=given.id).one()
    periods = fund_of(NOBODY, record.definition_id).return_form.periods
    owed = db.session.query(ReturnObligation).filter_by(project_id=project.id).count()
    assert (project.award_id, project.round_id, project.amount) == (
        parent.id,
        record.id,
        given.amount,
    )
    assert (owed, len(periods)) == (len(periods), owed)
    assert parent.onward == 500_000 + given.amount
    assert parent.local_pots == local.POT - given.amount
    lines = db.session.query(LedgerLine).filter_by(round_id=record.id).order_by(LedgerLine.id)
    assert [(line.kind.value, line.amount) for line in lines] == [
        ("pot", local.POT),
        ("allocation", local.POT),
        ("award", given.amount),
    ]
    passed = db.session.query(LedgerLine).filter_by(project_id=project.id).one()
    assert (passed.award_id, passed.round_id, passed.amount) == (
        parent.id,
        made.national.round_id,
        given.amount,
    )
    _who_sees_what(made, record, application, project)


def _who_sees_what(made, record, application, project):
    """The partnership sees its own; the programme follows its money and reads no application."""
    officer, manager = made.people["officer"], made.national.manager
    national = db.session.get_one(Round, made.national.round_id)
    owed = db.session.scalars(
        sa.select(OutcomeReturn.key)
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .where(ReturnObligation.project_id == project.id)
    ).first()
    for actor in (officer, manager, made.people["group"]):
        assert access.outcome_return(actor, owed, Action.READ_RETURN).round.id == record.id
    listed = staff_applications.of_round(officer, record.key, staff_applications.Wanted())
    assert [row.key for row in listed.page.rows] == [application]
    assert [row.key for row in return_queries.rounds(officer, now=build.NOW)] == [record.key]
    with pytest.raises(NotFound):
        staff_applications.of_round(manager, record.key, staff_applications.Wanted())
    for refused in (
        lambda: access.application(manager, application, Action.READ_APPLICATION),
        lambda: applications.content(manager, application),
        lambda: staff_applications.of_round(officer, national.key, staff_applications.Wanted()),
        lambda: evaluation.round_of(officer, national.key),
    ):
        with pytest.raises(NotFound):
            refused()
    assert [row.key for row in home.rounds(officer)] == [record.key]
    assert [row.key for row in round_queries.listed(manager)] == [national.key]
    row = round_queries.one(manager, national.key)
    assert [entry.reference for entry in local_rounds.below(manager, row)] == [record.reference]
    funded = local_rounds.funded(manager, row, 1)
    assert [(entry.reference, entry.amount) for entry in funded.rows] == [
        (project.reference, project.amount)
    ]
    _counted_apart(made, record, national)


def _counted_apart(made, record, national):
    manager = made.national.manager
    above = figures(manager, national.key, now=build.NOW).headline.rows[0]
    below = figures(manager, record.key, now=build.NOW).headline.rows[0]
    names = ("national_applications", "local_applications", "projects")
    assert [above[name] for name in names] == [1, 1, 1]
    assert [below[name] for name in names] == [0, 1, 1]


@pytest.mark.usefixtures("context")
def test_local_round_begins_with_the_rulebook_of_its_award():
    made = local.scene()

    key = local.begin(made)

    record = of(key, Round)
    award = of(made.award)
    fund = fund_of(made.people["officer"], record.definition_id)
    area = db.session.query(AllocationArea).filter_by(round_id=record.id).one()
    parent = db.session.get_one(Application, award.application_id)
    assert (record.tier, record.state, record.parent_award_id) == (
        Tier.LOCAL,
        RoundState.DRAFT,
        award.id,
    )
    assert record.reference == f"{parent.reference}-L1"
    assert (area.name, area.amount) == (local.AREA, local.POT)
    assert fund.local is None
    assert fund.funder.startswith("Partnership")
    assert award.reference in fund.legal_power


@pytest.mark.usefixtures("context")
def test_sub_areas_may_have_shares_of_their_own():
    made = local.scene()

    key = local.begin(made, areas=(("North isles", 150_000), ("Mainland", 650_000)))

    areas = db.session.query(AllocationArea).filter_by(round_id=of(key, Round).id)
    assert {area.name: area.amount for area in areas} == {
        "North isles": 150_000,
        "Mainland": 650_000,
    }


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "changes",
    [
        {"pot": local.POT + 1},
        {"pot": 0},
        {"title": " "},
        {"closes_at": build.NOW},
        {"areas": (("North", local.POT), ("South", 1))},
        {"areas": (("North", 1), ("North ", 1))},
    ],
)
def test_local_round_that_does_not_fit_is_refused_and_sets_nothing_aside(changes):
    made = local.scene()

    with pytest.raises(Blocked):
        local.begin(made, **changes)

    assert of(made.award).local_pots == 0
    assert db.session.query(Round).filter_by(tier=Tier.LOCAL).count() == 0


@pytest.mark.usefixtures("context")
def test_two_local_rounds_share_what_the_award_has_for_them():
    made = local.scene()
    local.begin(made, pot=local.POT - 1)

    with pytest.raises(Blocked, match="£0.01"):
        local.begin(made, pot=2)
    second = local.begin(made, pot=1)

    assert of(second, Round).reference.endswith("-L2")
    assert of(made.award).local_pots == local.POT


@pytest.mark.usefixtures("context")
@pytest.mark.feature("S10")
@pytest.mark.parametrize("who", ["approver", "reader", "group", "rival", "national"])
def test_only_who_sets_up_rounds_there_opens_one(who):
    made = local.scene()
    rival = build.person(Role.PARTNERSHIP_OFFICER, at=build.organisation())
    made.people["rival"] = build.actor_of(rival)
    made.people["national"] = made.national.manager
    made.people["officer"] = made.people[who]

    with pytest.raises(NotFound):
        local.begin(made)


@pytest.mark.usefixtures("context")
def test_award_that_is_not_accepted_opens_nothing():
    made = local.scene()
    of(made.award).state = AwardState.CLOSED
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        local.begin(made)


@pytest.mark.usefixtures("context")
@pytest.mark.feature("S10")
def test_manager_in_a_partnership_sets_up_no_national_round():
    made = local.scene()
    partnership = db.session.get_one(build.Organisation, made.partnership_id)
    manager = build.actor_of(build.person(Role.FUND_MANAGER, at=partnership))
    new = rounds.NewRound(
        fund="adult",
        organisation_id=partnership.id,
        title="Ours",
        fund_year="2026-27",
        opens_at=build.NOW,
        closes_at=local.SOON,
        pot=1,
    )

    with pytest.raises(NotFound):
        rounds.create(manager, new, now=build.NOW)
    assert round_queries.funders(manager) == ()


@pytest.mark.usefixtures("context")
@pytest.mark.feature("S10")
@pytest.mark.parametrize("role", Role)
def test_roles_that_reach_everywhere_are_the_programmes_alone(role):
    made = local.scene()
    partnership = db.session.get_one(build.Organisation, made.partnership_id)
    grant = Grant(role=role, organisation=partnership.reference)

    if role in {Role.ADMINISTRATOR, Role.AUDITOR}:
        with pytest.raises(Blocked):
            refuse_outside_programme(partnership, grant.role)
    else:
        refuse_outside_programme(partnership, grant.role)
    refuse_outside_programme(build.programme(), grant.role)


@pytest.mark.usefixtures("context")
def test_groups_apply_to_partnerships_and_partnerships_to_the_programme():
    made = local.scene()
    record = local.open_local(made)
    everyone = build.organisation("Another (fictional)", OrganisationKind.PARTNERSHIP, "S12000027")
    partner = build.actor_of(build.person(Role.APPLICANT_SUBMITTER, at=everyone))

    mine = applications.open_rounds(made.people["group"], now=build.NOW)
    theirs = applications.open_rounds(partner, now=build.NOW)
    own = applications.open_rounds(made.national.applicant, now=build.NOW)

    assert [row.key for row in mine] == [record.key]
    assert [row.key for row in theirs] == [made.national.round_key]
    assert record.key not in [row.key for row in own]
    found = {row.reference: row.funder for row in public.open_rounds(NOBODY, now=build.NOW).rows}
    assert found[record.reference].startswith("Partnership")


@pytest.mark.usefixtures("context")
def test_local_areas_stay_within_the_award():
    made = local.scene()
    key = local.begin(made, pot=100, areas=(("North", 40),))

    with pytest.raises(Blocked, match="the award covers"):
        rounds.save_area(
            made.people["officer"],
            key,
            None,
            name="South",
            amount=10,
            councils=("S12000023",),
            now=build.NOW,
        )


@pytest.mark.usefixtures("context")
def test_copy_of_a_local_round_is_refused_for_its_pot_is_the_awards():
    made = local.scene()
    key = local.begin(made)
    record = of(key, Round)
    new = rounds.NewRound(
        fund=record.fund,
        organisation_id=record.organisation_id,
        title="Again",
        fund_year="2027-28",
        opens_at=build.NOW,
        closes_at=local.SOON,
        pot=record.pot,
    )

    with pytest.raises(MoveNotAllowed):
        rounds.copy(made.people["officer"], key, new, now=build.NOW)


def test_parallel_local_rounds_never_exceed_the_award(app, long):
    each, at_once = 300_000, 16 if long else 8
    with app.app_context():
        made = local.scene()

    def one(number):
        with app.app_context():
            try:
                return local.begin(made, title=f"Round {number}", pot=each)
            except Blocked as blocked:
                return str(blocked)

    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(one, range(at_once)))

    fits = local.POT // each
    with app.app_context():
        award = of(made.award)
        pots = db.session.scalar(
            sa.select(sa.func.sum(Round.pot)).where(Round.parent_award_id == award.id)
        )
        assert sum(isinstance(answer, uuid.UUID) for answer in results) == fits
        assert award.local_pots == pots == fits * each
        assert award.own_costs + award.onward + award.local_pots <= award.amount


@pytest.mark.usefixtures("context")
def test_database_refuses_pots_beyond_the_award():
    made = local.scene()
    of(made.award).local_pots = local.POT + 1

    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()
    db.session.rollback()
