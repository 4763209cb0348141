"""A project in reserve joins its award after release: recommended, approved, released and answered anew."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.audit import AuditEntry
from grants.models.award import Approval, Award, AwardStrand, AwardYear
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.letter import Letter
from grants.models.outbox import OutboxMessage
from grants.models.person import Delegation
from grants.models.project import Project
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import reserves as lists
from grants.queries import rounds as queries
from grants.rules.recommendation import LineChoice
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import AdditionState, AwardState, LetterState, LineDecision
from grants.services import accept, additions, joining, letters, release, reserves
from tests import build, deciding, drawing
from tests.services.test_strands import divided

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.feature("D3")]
LESS = "fund_exhausted"
HELD = LineChoice(row="r2", decision=LineDecision.RESERVE, reason=LESS)
BASE, MORE = 550_000, 400_000
LATER = build.NOW + dt.timedelta(days=40)


def offered(made=None, **how):
    """An award of the first project, the second in reserve; its offer is out with its letter."""
    made = made or deciding.scene(**how)
    for key in made.awards:
        first = deciding.in_full(key).lines[0]
        wanted = deciding.in_full(key, lines=(first, HELD), reason=LESS)
        deciding.approve(made, key, wanted)
    deciding.offer(made, *made.awards)
    return made


@pytest.fixture
def taken():
    """The same, accepted."""
    made = offered()
    deciding.accept_offer(made, *made.awards)
    return made


def promote(made, place=0, **how):
    reserves.promote(made.manager, made.round_key, made.awards[place], "r2", now=build.NOW, **how)
    return addition(made, place)


def addition(made, place=0):
    award = deciding.award(made.awards[place])
    return db.session.scalars(
        sa.select(Addition)
        .where(Addition.award_id == award.id)
        .order_by(Addition.id.desc())
        .execution_options(populate_existing=True)
    ).first()


def approve(made, place=0, actor=None):
    record = addition(made, place)
    who = actor or made.approver
    return additions.approve(who, made.awards[place], record.key, seen=record.sha256, now=build.NOW)


def let_out(made, typed="1"):
    return release.release(made.approver, made.round_key, typed=typed, now=build.NOW)


def write_letter(made, place=0):
    key = letters.draft(
        made.manager, made.awards[place], verify_address=deciding.VERIFY, now=build.NOW
    )
    letters.issue(made.approver, key, now=build.NOW)


def answer(made, verb=joining.accept, **how):
    words = {"typed_name": made.applicant.name, "now": build.NOW, **how}
    if verb is joining.accept:
        words["agrees"] = True
    verb(made.applicant, made.awards[0], addition(made).key, **words)


def money(made):
    """What area, round, ledger and authority say is set aside."""
    here = LedgerLine.round_id == made.round_id
    kinds = LedgerLine.kind.in_([LedgerKind.AWARD, LedgerKind.RECOVERY])
    asked = (
        sa.select(sa.func.sum(AllocationArea.committed)).where(
            AllocationArea.round_id == made.round_id
        ),
        sa.select(Round.committed).where(Round.id == made.round_id),
        sa.select(sa.func.sum(LedgerLine.amount)).where(here, kinds),
        sa.select(sa.func.sum(Delegation.used)),
    )
    return tuple(db.session.scalar(one) for one in asked)


def test_reserve_joins_an_accepted_award_with_everything_that_hangs_on_it(taken):
    record = promote(taken)
    assert (record.state, record.amount, money(taken)) == ("recommended", MORE, (BASE,) * 4)
    with pytest.raises(Forbidden):
        approve(taken, actor=taken.manager)
    assert approve(taken) is True
    assert money(taken) == (BASE + MORE,) * 4
    assert deciding.award(taken.awards[0]).amount == BASE

    assert let_out(taken) == 1
    assert let_out(taken) == 0

    award, line = deciding.award(taken.awards[0]), deciding.lines_of(taken.awards[0])[1]
    assert (award.state, award.amount, award.reason) == (AwardState.ACCEPTED, BASE + MORE, "")
    assert (line.decision, line.amount, line.reserve_place) == (LineDecision.FULL, MORE, None)
    assert sum(row.amount for row in db.session.query(AwardYear)) == BASE + MORE
    assert [one.state for one in db.session.query(Letter)] == [LetterState.SUPERSEDED]
    with pytest.raises(Blocked, match="has not been issued"):
        answer(taken)
    write_letter(taken)
    answer(taken)
    answer(taken)

    assert addition(taken).state == AdditionState.ACCEPTED
    projects = db.session.query(Project).order_by(Project.id)
    assert [one.amount for one in projects] == [500_000, MORE]
    assert deciding.award(taken.awards[0]).onward == 900_000
    kinds = [row.kind for row in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]
    assert kinds.count("outcome") == 2
    assert kinds.count("letter") == 2
    assert kinds[-1] == "accepted"
    numbers = [one.number[-2:] for one in db.session.query(Letter).order_by(Letter.id)]
    assert numbers == ["L1", "L2"]
    assert lists.of_round(taken.manager, taken.round_key).rows == ()


def test_reserve_joins_an_offer_that_is_not_answered_yet():
    made = offered()
    promote(made)
    approve(made)
    let_out(made)
    with pytest.raises(Blocked, match="has not been issued"):
        deciding.accept_offer(made, made.awards[0])
    write_letter(made)
    with pytest.raises(MoveNotAllowed, match="part of the offer"):
        answer(made)

    deciding.accept_offer(made, made.awards[0])

    assert addition(made).state == AdditionState.ACCEPTED
    assert [one.amount for one in db.session.query(Project).order_by(Project.id)] == [
        500_000,
        MORE,
    ]


@pytest.mark.parametrize("is_released", [False, True])
@pytest.mark.parametrize("way", ["decline", "lapse"])
def test_offer_that_is_not_taken_up_takes_its_additions_with_it(is_released, way):
    made = offered()
    promote(made)
    approve(made)
    if is_released:
        let_out(made)

    if way == "decline":
        name = made.applicant.name
        accept.decline(made.applicant, made.awards[0], reason="No.", typed_name=name, now=build.NOW)
    else:
        accept.lapse_overdue(now=LATER)

    ended = {"decline": AdditionState.DECLINED, "lapse": AdditionState.LAPSED}[way]
    assert addition(made).state == (ended if is_released else AdditionState.DROPPED)
    assert money(made)[:3] == (0, 0, 0)


@pytest.mark.parametrize("way", ["decline", "lapse"])
def test_addition_that_is_not_taken_up_leaves_the_award_as_it_was(taken, way):
    promote(taken)
    approve(taken)
    let_out(taken)
    write_letter(taken)

    if way == "decline":
        answer(taken, joining.decline, reason="Not now.")
    else:
        assert joining.lapse_overdue(now=LATER) == 1
        assert joining.lapse_overdue(now=LATER) == 0

    award, line = deciding.award(taken.awards[0]), deciding.lines_of(taken.awards[0])[1]
    assert (award.state, award.amount) == (AwardState.ACCEPTED, BASE)
    assert (line.decision, line.amount, line.reason) == (LineDecision.OUT, 0, LESS)
    assert money(taken)[:3] == (BASE,) * 3
    assert award.reason == LESS
    states = [one.state for one in db.session.query(Letter)]
    assert states == [LetterState.SUPERSEDED] * 2
    freed = lists.of_round(taken.manager, taken.round_key).freed
    assert [row.amount for row in freed] == [MORE]


def test_taken_back_or_refused_it_waits_in_reserve_again_and_money_and_authority_are_free(taken):
    promote(taken)
    approve(taken)
    key = addition(taken).key
    with pytest.raises(Blocked, match="Give a reason"):
        additions.take_back(taken.manager, taken.awards[0], key, reason="", now=build.NOW)
    for _ in range(2):
        additions.take_back(taken.manager, taken.awards[0], key, reason="A slip.", now=build.NOW)
    assert money(taken) == (BASE,) * 4
    assert [row.voided_at for row in db.session.query(Approval)][-1] == build.NOW

    again = promote(taken)
    with pytest.raises(Forbidden):
        additions.refuse(taken.manager, taken.awards[0], again.key, reason="No.", now=build.NOW)
    for _ in range(2):
        additions.refuse(taken.second, taken.awards[0], again.key, reason="No.", now=build.NOW)

    assert addition(taken).state == AdditionState.DROPPED
    rows = lists.of_round(taken.manager, taken.round_key).rows
    assert [(row.row, row.why_not, row.is_next) for row in rows] == [("r2", "", True)]


def test_nothing_is_recommended_twice_and_who_recommended_neither_approves_nor_releases(taken):
    promote(taken)
    promote(taken)
    rows = lists.of_round(taken.manager, taken.round_key).rows

    assert [row.why_not for row in rows] == [lists.WAITS]
    assert db.session.query(Addition).count() == 1
    with pytest.raises(Blocked, match="has changed"):
        additions.approve(
            taken.approver, taken.awards[0], addition(taken).key, seen="old", now=build.NOW
        )
    db.session.query(Addition).update({"recommended_by": taken.approver.person_id})
    db.session.commit()
    approve(taken, actor=taken.second)
    with pytest.raises(Blocked, match="You recommended"):
        let_out(taken)


def test_limit_for_one_award_holds_for_all_that_it_comes_to():
    made = offered(limits=(BASE + MORE - 1, 10**9))
    promote(made)

    with pytest.raises(Blocked, match="you may approve at once"):
        approve(made)

    assert money(made) == (BASE,) * 4


def test_addition_that_makes_an_award_large_needs_two_people():
    large = 100_000_100
    made = offered(
        lines=((500_000, 300_000), (large, 1)),
        areas=(("Shetland Islands", 2 * large, ("S12000027",)),),
    )
    promote(made)

    assert approve(made) is False
    assert approve(made) is False
    assert approve(made, actor=made.second) is True
    assert money(made)[0] == BASE + large


def test_money_that_is_not_there_is_not_promised(taken):
    promote(taken)
    db.session.execute(sa.update(AllocationArea).values(amount=BASE + MORE - 1))
    db.session.commit()

    with pytest.raises(Blocked, match="more than"):
        approve(taken)

    assert money(taken) == (BASE,) * 4


def test_what_is_recommended_to_join_counts_against_others():
    made = offered(count=2, areas=(("Shetland Islands", 2 * BASE + MORE, ("S12000027",)),))
    promote(made)

    area = queries.areas(made.manager, queries.one(made.manager, made.round_key))[0]
    listed = lists.of_round(made.manager, made.round_key)

    assert (area.recommended, area.remaining, listed.left) == (MORE, 0, 0)
    with pytest.raises(Blocked, match="not left"):
        promote(made, 1)


@pytest.mark.feature("S11")
def test_addition_takes_from_the_strand_of_its_project():
    made = offered(divided())
    deciding.accept_offer(made, *made.awards)
    promote(made)
    approve(made)
    let_out(made)

    sums = [one.committed for one in db.session.query(BudgetStrand).order_by(BudgetStrand.id)]
    held = [one.amount for one in db.session.query(AwardStrand).order_by(AwardStrand.id)]
    assert sums == held == [500_000, 200_000]
    joining.lapse_overdue(now=LATER)
    rows = db.session.query(BudgetStrand).populate_existing().order_by(BudgetStrand.id)
    assert [one.committed for one in rows] == [500_000, 0]


@pytest.mark.feature("M1")
@pytest.mark.feature("D6")
def test_applicant_meets_no_addition_before_its_release(taken):
    promote(taken)
    approve(taken)
    key = addition(taken).key

    for verb, words in ((joining.accept, {"agrees": True}), (joining.decline, {"reason": "No."})):
        with pytest.raises(NotFound):
            verb(
                taken.applicant,
                taken.awards[0],
                key,
                typed_name=taken.applicant.name,
                now=build.NOW,
                **words,
            )
    with pytest.raises((Forbidden, NotFound)):
        additions.approve(taken.applicant, taken.awards[0], key, seen="", now=build.NOW)


@pytest.mark.feature("R9")
def test_sums_tell_nobody_of_an_addition_that_is_hidden_from_them():
    made = offered(count=2)
    promote(made)
    approve(made)
    shown = queries.areas(made.manager, queries.one(made.manager, made.round_key))[-1]
    drawing.hide(made, 0)

    area = queries.areas(made.manager, queries.one(made.manager, made.round_key))[-1]

    assert (shown.committed, area.committed) == (2 * BASE + MORE, 2 * BASE)


def test_award_is_not_closed_while_something_is_about_to_join_it(taken):
    promote(taken)

    with pytest.raises(Blocked, match="about to join"):
        accept.close(taken.manager, taken.awards[0], now=build.NOW)


def test_trail_says_who_recommended_and_why_others_were_passed_by():
    made = offered(count=2, areas=(("Shetland Islands", 2 * BASE + MORE, ("S12000027",)),))
    rows = lists.of_round(made.manager, made.round_key).rows
    last = made.awards.index(next(row.award_key for row in rows if not row.is_next))
    with pytest.raises(Blocked, match="Others come before"):
        promote(made, last)
    promote(made, last, departure="risk: The other is not ready.")

    assert addition(made, last).departure == "risk: The other is not ready."
    entry = db.session.query(AuditEntry).filter_by(action="promote").one()
    assert (entry.after["in_order"], entry.reason) == (False, "risk: The other is not ready.")


def test_award_of_another_state_takes_nothing():
    made = deciding.scene()
    first = deciding.in_full(made.awards[0]).lines[0]
    wanted = deciding.in_full(made.awards[0], lines=(first, HELD), reason=LESS)
    deciding.approve(made, made.awards[0], wanted)

    with pytest.raises(MoveNotAllowed, match="take the decision back"):
        promote(made)
    assert db.session.query(Award).one().state == AwardState.APPROVED
