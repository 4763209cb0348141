"""Money that comes back of an accepted award is free in the round that gave it, never beyond a ceiling."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.award import AwardStrand
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.project import Project
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import recoveries as queries
from grants.queries import reserves
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.services import accept, local_pots, recovery, rounds
from grants.services.recovery import Came
from tests import build, deciding, local
from tests.services.test_local_rounds import decided
from tests.services.test_strands import divided

pytestmark = pytest.mark.usefixtures("context")
WHY = "Two sessions could not be held."


@pytest.fixture
def paid():
    """An accepted award of £9,500: £500 own costs, projects of £5,000 and £4,000."""
    made = deciding.scene()
    deciding.approve(made, made.awards[0])
    deciding.offer(made, made.awards[0])
    deciding.accept_offer(made, made.awards[0])
    return made


def project(made, place=0):
    award = deciding.award(made.awards[0])
    return (
        db.session.query(Project)
        .populate_existing()
        .filter_by(award_id=award.id)
        .order_by(Project.id)
        .all()[place]
    )


def come(made, amount, of=None, *, actor=None, seen=None, reason=WHY):
    award = deciding.award(made.awards[0])
    came = Came(
        project=of.key if of else None,
        amount=amount,
        reason=reason,
        seen=award.recovered if seen is None else seen,
    )
    recovery.record(actor or made.manager, award.key, came, now=build.NOW)
    return deciding.award(made.awards[0])


def committed(round_id):
    """What area, round and ledger say is set aside."""
    here = LedgerLine.round_id == round_id
    kinds = LedgerLine.kind.in_([LedgerKind.AWARD, LedgerKind.RECOVERY])
    return (
        db.session.scalar(
            sa.select(sa.func.sum(AllocationArea.committed)).where(
                AllocationArea.round_id == round_id
            )
        ),
        db.session.scalar(sa.select(Round.committed).where(Round.id == round_id)),
        db.session.scalar(sa.select(sa.func.sum(LedgerLine.amount)).where(here, kinds)),
    )


@pytest.mark.feature("D3")
def test_what_a_project_gives_back_is_free_in_area_and_round(paid):
    award = come(paid, 120_000, project(paid))

    assert committed(paid.round_id) == (830_000, 830_000, 830_000)
    assert (award.amount, award.onward, award.recovered) == (950_000, 780_000, 120_000)
    assert (project(paid).amount, project(paid).recovered) == (500_000, 120_000)
    found = reserves.of_round(paid.manager, paid.round_key)
    assert [(row.note, row.amount) for row in found.freed] == [(WHY, 120_000)]
    assert (found.came_free("Shetland Islands"), found.came_free("Orkney Islands")) == (120_000, 0)
    assert found.came_free() == 120_000
    assert found.left == found.round.pot - 830_000
    entry = db.session.query(AuditEntry).filter_by(action="record-recovery").one()
    assert (entry.after["amount"], entry.reason) == (120_000, WHY)


@pytest.mark.feature("D3")
def test_what_the_award_never_passed_on_comes_back_too(paid):
    award = come(paid, 50_000)

    assert (award.onward, award.recovered) == (900_000, 50_000)
    assert committed(paid.round_id) == (900_000, 900_000, 900_000)
    with pytest.raises(Blocked, match="more than there is"):
        come(paid, 1)


def test_no_more_comes_back_than_there_is(paid):
    with pytest.raises(Blocked, match="more than there is"):
        come(paid, 500_001, project(paid))
    come(paid, 500_000, project(paid))
    with pytest.raises(Blocked, match="more than there is"):
        come(paid, 1, project(paid))

    assert committed(paid.round_id) == (450_000,) * 3


@pytest.mark.parametrize(
    ("change", "field"),
    [({"amount": 0}, "amount"), ({"amount": -5}, "amount"), ({"reason": " "}, "reason")],
)
def test_what_makes_no_sense_is_refused_at_its_field(paid, change, field):
    values = {"amount": 5, "reason": WHY, **change}

    with pytest.raises(Blocked) as refused:
        come(paid, values["amount"], project(paid), reason=values["reason"])

    assert [reason.key for reason in refused.value.reasons] == [field]


def test_sent_twice_is_once_and_a_stale_page_is_told(paid):
    come(paid, 700, project(paid), seen=0)
    come(paid, 700, project(paid), seen=0)

    assert deciding.award(paid.awards[0]).recovered == 700
    with pytest.raises(Blocked, match="£7 in all"):
        come(paid, 800, project(paid), seen=0)


def test_only_money_of_an_accepted_award_comes_back():
    made = deciding.scene()
    deciding.approve(made, made.awards[0])

    with pytest.raises(MoveNotAllowed):
        come(made, 5)


@pytest.mark.feature("M1")
def test_finance_may_record_it_and_others_may_not(paid):
    funder = db.session.get_one(Round, paid.round_id).organisation_id
    where = db.session.get_one(build.Organisation, funder)
    finance = build.actor_of(build.person(Role.FINANCE, at=where))

    come(paid, 5, actor=finance)

    with pytest.raises(Forbidden):
        come(paid, 5, actor=paid.approver)
    for stranger in (paid.applicant, build.actor_of(build.person(Role.EVALUATOR, at=where))):
        with pytest.raises((Forbidden, NotFound)):
            come(paid, 5, actor=stranger)
    with pytest.raises(NotFound):
        queries.of_award(paid.applicant, paid.awards[0])


@pytest.mark.feature("D3")
@pytest.mark.feature("S11")
@pytest.mark.parametrize(
    ("place", "of", "left"),
    [
        ("projects.activity_type", 0, [400_000, 200_000]),
        ("projects.activity_type", 1, [500_000, 100_000]),
        ("projects.activity_type", None, [500_000, 200_000]),
    ],
)
def test_what_comes_back_is_free_in_the_strand_it_came_from(place, of, left):
    made = divided(place=place)
    deciding.approve(made, made.awards[0])
    deciding.offer(made, made.awards[0])
    deciding.accept_offer(made, made.awards[0])

    come(made, 50_000 if of is None else 100_000, None if of is None else project(made, of))

    rows = db.session.query(BudgetStrand).populate_existing().order_by(BudgetStrand.id)
    assert [row.committed for row in rows] == left
    held = db.session.query(AwardStrand).order_by(AwardStrand.budget_strand_id)
    assert [row.amount for row in held] == left


@pytest.mark.feature("D3")
@pytest.mark.feature("S10")
def test_what_a_group_gives_back_is_in_the_pot_of_its_local_round_again():
    made = local.scene()
    record = local.open_local(made)
    key = decided(made, record, local.apply_to(made, record))
    group, officer = made.people["group"], made.people["officer"]
    accept.accept(group, key, typed_name=group.name, agrees=True, now=build.NOW)
    given = deciding.award(key)
    passed = deciding.award(made.award).onward
    of = db.session.query(Project).filter_by(local_award_id=given.id).one()

    came = Came(project=of.key, amount=100_00, reason=WHY, seen=0)
    recovery.record(officer, key, came, now=build.NOW)

    above = deciding.award(made.award)
    assert committed(record.id) == (given.amount - 100_00,) * 3
    assert (above.onward, above.recovered) == (passed - 100_00, 0)
    assert above.local_pots == local.POT - given.amount + 100_00
    own = Came(project=None, amount=5, reason=WHY, seen=100_00)
    with pytest.raises(Blocked, match="Choose whose"):
        recovery.record(officer, key, own, now=build.NOW)

    rounds.close_round(officer, record.key, now=local.SOON)
    assert local_pots.give_back(officer, record.key, now=local.SOON) == (
        local.POT - given.amount + 100_00
    )
    assert deciding.award(made.award).local_pots == 0


@pytest.mark.parametrize("count", [3, 300])
def test_page_takes_three_statements_however_many_came_back(paid, count_statements, count):
    award = deciding.award(paid.awards[0])
    db.session.add_all(
        LedgerLine(
            at=build.NOW,
            kind=LedgerKind.RECOVERY,
            amount=-1,
            round_id=award.round_id,
            award_id=award.id,
            note=WHY,
        )
        for _ in range(count)
    )
    db.session.commit()
    key = award.key

    with count_statements() as sent:
        found = queries.of_award(paid.manager, key)

    assert (len(found.back), len(sent)) == (count, 3)
