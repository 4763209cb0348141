"""Handing applications to assessors."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import Application, ApplicationPartner
from grants.models.assessment import Assessment
from grants.models.audit import AuditEntry
from grants.models.panel import PanelReader
from grants.queries import assignments
from grants.queries import panel as panels
from grants.rules.people import Role
from grants.rules.refusals import Blocked, MoveNotAllowed, NotFound, Stale
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import allocate, assign, panel
from grants.services.allocate import Wish
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.usefixtures("context")
FUND = min(all_funds())


class Office:
    """A round with some sent applications, some assessors and a fund manager."""

    def __init__(self, many: int = 3, assessors: int = 3) -> None:
        self.programme = build.programme()
        self.manager = build.person(Role.FUND_MANAGER, Role.ASSESSOR, at=self.programme)
        self.actor = build.actor_of(self.manager)
        self.partnership = build.organisation("Western Partnership (fictional)")
        self.round = build.round_(FUND, self.programme)
        self.readers = [
            build.person(Role.ASSESSOR, at=self.programme, name=f"Reader {number}")
            for number in range(assessors)
        ]
        self.applications = [
            build.application(
                self.round, self.partnership, self.manager, state=ApplicationState.SUBMITTED
            )
            for _ in range(many)
        ]

    def give(self, place: int = 0, reader: int = 0, **more) -> None:
        person = self.readers[reader]
        assign.assign(self.actor, self.applications[place].key, person.key, now=NOW, **more)

    def pairs(self) -> list[tuple[int, int]]:
        db.session.rollback()
        rows = db.session.execute(
            sa.select(Assessment.application_id, Assessment.person_id).order_by(
                Assessment.application_id, Assessment.person_id
            )
        )
        return [tuple(row) for row in rows]

    def assessment(self, place: int, reader: int) -> Assessment:
        return db.session.scalars(
            sa.select(Assessment).where(
                Assessment.application_id == self.applications[place].id,
                Assessment.person_id == self.readers[reader].id,
            )
        ).one()

    def terms(self) -> list[PanelReader]:
        db.session.rollback()
        return list(db.session.scalars(sa.select(PanelReader)))

    def states(self) -> set[str]:
        db.session.rollback()
        return set(db.session.scalars(sa.select(Application.state)))


def test_first_reader_opens_the_application() -> None:
    office = Office(1)

    office.give(due_on=dt.date(2026, 12, 1))
    office.give()

    row = db.session.scalars(sa.select(Assessment)).one()
    assert (row.state, row.due_on, row.assigned_by) == (
        AssessmentState.ASSIGNED,
        dt.date(2026, 12, 1),
        office.manager.id,
    )
    assert row.version_id == build.version_of(office.applications[0]).id
    assert office.states() == {ApplicationState.ASSESSING}
    acts = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["open-assessing", "assign"]


@pytest.mark.feature("R9")
@pytest.mark.parametrize("why", ["oneself", "declared", "applicant", "partner", "no assessor"])
def test_some_may_not_assess(why) -> None:
    office = Office(1)
    person, made = office.readers[0], office.applications[0]
    if why == "oneself":
        person = office.manager
    elif why == "declared":
        build.conflict(made, person)
    elif why == "applicant":
        build.kept(member(person, office.partnership))
    elif why == "partner":
        trust = build.organisation("Ploughshare  trust")
        build.kept(member(person, trust))
        build.kept(
            ApplicationPartner(
                application_id=made.id, row="1", name="PLOUGHSHARE Trust", partner_type="charity"
            )
        )
    else:
        person = build.person(Role.FUND_MANAGER, at=office.programme)

    with pytest.raises(Blocked):
        assign.assign(office.actor, made.key, person.key, now=NOW)

    assert office.pairs() == []
    assert office.states() == {ApplicationState.SUBMITTED}


def member(person, organisation):
    return build.Membership(
        person_id=person.id,
        organisation_id=organisation.id,
        role=Role.APPLICANT_EDITOR,
        starts_at=NOW - dt.timedelta(days=1),
    )


@pytest.mark.parametrize("state", [ApplicationState.DRAFT, ApplicationState.MODERATION])
def test_only_open_applications_are_handed_out(state) -> None:
    office = Office(0)
    office.applications = [
        build.application(office.round, office.partnership, office.manager, state=state)
    ]

    with pytest.raises((MoveNotAllowed, NotFound)):
        office.give()

    assert office.pairs() == []


def test_remove_takes_back_what_is_not_begun_and_nothing_else() -> None:
    office = Office(1)
    office.give()
    office.give(0, 1)
    begun = db.session.scalars(
        sa.select(Assessment).where(Assessment.person_id == office.readers[1].id)
    ).one()
    begun.state, begun.declared_at = AssessmentState.SCORING, NOW
    db.session.commit()
    key = office.applications[0].key

    assign.remove(office.actor, key, office.readers[0].key, now=NOW)
    with pytest.raises(MoveNotAllowed):
        assign.remove(office.actor, key, office.readers[1].key, now=NOW)

    assert office.pairs() == [(office.applications[0].id, office.readers[1].id)]


@pytest.mark.feature("R4")
@pytest.mark.feature("R5")
def test_proposal_is_even_and_changes_nothing_until_it_is_made() -> None:
    office = Office(6, 4)
    wish = Wish(2, 3)

    proposal = allocate.propose(office.actor, office.round.key, wish, now=NOW)

    assert (proposal.count, proposal.shorts) == (12, ())
    assert [share.new for share in proposal.shares if share.name.startswith("Reader")] == [3] * 4
    assert office.pairs() == []
    made = allocate.make(office.actor, office.round.key, wish, proposal.mark, now=NOW)
    assert made == len(office.pairs()) == 12
    assert office.states() == {ApplicationState.ASSESSING}
    assert allocate.propose(office.actor, office.round.key, wish, now=NOW).count == 0


@pytest.mark.feature("R4")
def test_proposal_counts_what_is_there_and_goes_round_conflicts() -> None:
    office = Office(2, 2)
    office.give(0, 0)
    build.conflict(office.applications[1], office.readers[0])

    proposal = allocate.propose(office.actor, office.round.key, Wish(2, 9), now=NOW)

    assert [(row.reference, row.names) for row in proposal.given] == [
        (office.applications[0].reference, ("Reader 1",)),
        (office.applications[1].reference, ("Reader 1",)),
    ]
    assert [(row.reference, row.wanted, row.found) for row in proposal.shorts] == [
        (office.applications[1].reference, 2, 1)
    ]


@pytest.mark.feature("R4")
def test_proposal_that_is_no_longer_true_is_not_made() -> None:
    office = Office(2, 3)
    wish = Wish(2, 9)
    proposal = allocate.propose(office.actor, office.round.key, wish, now=NOW)
    build.conflict(office.applications[0], office.readers[0])

    with pytest.raises(Stale):
        allocate.make(office.actor, office.round.key, wish, proposal.mark, now=NOW)

    assert office.pairs() == []
    assert office.states() == {ApplicationState.SUBMITTED}


@pytest.mark.feature("R5")
def test_load_cap_holds_and_what_is_short_is_said() -> None:
    office = Office(3, 2)

    proposal = allocate.propose(office.actor, office.round.key, Wish(2, 2), now=NOW)

    assert proposal.count == 4
    assert sum(short.wanted - short.found for short in proposal.shorts) == 2
    assert max(share.before + share.new for share in proposal.shares) == 2


@pytest.mark.parametrize("wish", [Wish(0, 5), Wish(2, 0), Wish(10, 5)])
def test_wish_out_of_range_is_refused(wish) -> None:
    office = Office(1)

    with pytest.raises(Blocked):
        allocate.propose(office.actor, office.round.key, wish, now=NOW)


def test_usual_wish_is_the_funds_own() -> None:
    office = Office(4, 4)

    proposal = allocate.propose(office.actor, office.round.key, None, now=NOW)

    assert proposal.wish.readers == all_funds()[FUND].scoring.readers
    assert proposal.shorts == ()


@pytest.mark.feature("R9")
def test_conflicted_manager_does_not_meet_the_application() -> None:
    office = Office(2)
    build.conflict(office.applications[0], office.manager)

    board = assignments.board(office.actor, office.round.key)
    proposal = allocate.propose(office.actor, office.round.key, Wish(1, 9), now=NOW)

    assert [row.reference for row in board.rows] == [office.applications[1].reference]
    assert (board.all, board.unopened, board.short) == (1, 1, 1)
    assert [row.reference for row in proposal.given] == [office.applications[1].reference]
    with pytest.raises(NotFound):
        office.give(0, 0)


@pytest.mark.feature("R5")
def test_loads_count_by_state() -> None:
    office = Office(2, 2)
    office.give(0, 0)
    build.assessment(
        office.applications[1], office.readers[0], office.manager, state=AssessmentState.SUBMITTED
    )

    loads = assignments.loads(office.actor, office.round.key, now=NOW)

    found = {row.name: (row.active, row.to_declare, row.done) for row in loads.rows}
    assert (found["Reader 0"], found["Reader 1"]) == ((2, 1, 1), (0, 0, 0))


def test_board_is_for_managers_of_the_round_alone() -> None:
    office = Office(1)
    elsewhere = build.person(Role.FUND_MANAGER, at=build.programme())

    for person in (office.readers[0], elsewhere):
        with pytest.raises(NotFound):
            assignments.board(build.actor_of(person), office.round.key)
        with pytest.raises(NotFound):
            allocate.propose(build.actor_of(person), office.round.key, Wish(1, 1), now=NOW)


def terms(most=None, areas=(), is_lived=False) -> panel.Terms:
    return panel.Terms(most=most, is_lived=is_lived, areas=frozenset(areas))


def settle(office, reader=0, **said) -> None:
    person = office.readers[reader]
    panel.settle(office.actor, office.round.key, person.key, terms(**said), now=NOW)


@pytest.mark.feature("R5")
def test_terms_of_an_assessor_bound_what_they_are_given() -> None:
    office = Office(4, 3)
    settle(office, 0, most=1)
    settle(office, 1, is_lived=True)

    proposal = allocate.propose(office.actor, office.round.key, Wish(2, 9, 1), now=NOW)

    shares = {share.name: (share.new, share.most, share.is_lived) for share in proposal.shares}
    assert shares == {
        "Reader 0": (1, 1, False),
        "Reader 1": (4, 9, True),
        "Reader 2": (3, 9, False),
        office.manager.name: (0, 9, False),
    }
    assert (proposal.unseated, proposal.groups) == ((), 1)


@pytest.mark.feature("R4")
def test_those_who_know_the_area_are_preferred_and_strangers_counted() -> None:
    office = Office(2, 2)
    here, elsewhere = build.area_of(office.round), build.area_of(office.round, 1)
    settle(office, 0, areas=[elsewhere.id])
    settle(office, 1, areas=[here.id])

    proposal = allocate.propose(office.actor, office.round.key, Wish(1, 9), now=NOW)

    assert {row.names for row in proposal.given} == {("Reader 1",)}
    assert proposal.strangers == 0
    both = allocate.propose(office.actor, office.round.key, Wish(2, 9), now=NOW)
    assert both.strangers == 2


@pytest.mark.parametrize("said", [{"most": -1}, {"most": 10_000}, {"areas": [999_999]}])
def test_terms_out_of_range_are_refused(said) -> None:
    office = Office(1)

    with pytest.raises(Blocked):
        settle(office, **said)

    assert office.terms() == []


@pytest.mark.feature("R4")
def test_reader_who_stands_down_is_replaced_in_the_next_proposal() -> None:
    office = Office(3, 4)
    for place in range(3):
        office.give(place, 0)
        office.give(place, 1)
    begun, done = (office.assessment(place, 0) for place in (1, 2))
    begun.state, begun.declared_at = AssessmentState.SCORING, NOW
    done.state, done.declared_at, done.submitted_at, done.total = "submitted", NOW, NOW, 70
    db.session.commit()
    person, key = office.readers[0].key, office.round.key

    assert panel.stand_down(office.actor, key, person, now=NOW) == 1
    assert panel.stand_down(office.actor, key, person, with_begun=True, now=NOW) == 1

    proposal = allocate.propose(office.actor, key, Wish(2, 9), now=NOW)
    assert proposal.count == 2
    assert "Reader 0" not in {share.name for share in proposal.shares}
    assert office.pairs() == [
        *((made.id, office.readers[1].id) for made in office.applications[:2]),
        *((office.applications[2].id, reader.id) for reader in office.readers[:2]),
    ]
    with pytest.raises(Blocked):
        office.give(0, 0)
    chosen = next(one for one in office.readers if one.name == proposal.given[0].names[0])
    build.conflict(office.applications[0], chosen)
    before = office.pairs()
    with pytest.raises(Stale):
        allocate.make(office.actor, key, Wish(2, 9), proposal.mark, now=NOW)
    assert office.pairs() == before
    anew = allocate.propose(office.actor, key, Wish(2, 9), now=NOW)
    assert allocate.make(office.actor, key, Wish(2, 9), anew.mark, now=NOW) == 2
    assert len(office.pairs()) == 6
    panel.come_back(office.actor, key, person, now=NOW)
    assert panels.page(office.actor, key, person, now=NOW).terms.stood_down_at is None


@pytest.mark.feature("R18")
def test_marks_of_what_is_taken_back_stay_in_the_trail() -> None:
    office = Office(1, 2)
    build.assessment(
        office.applications[0], office.readers[0], office.manager, marks={"fit": 3, "need": 2}
    )
    db.session.get_one(Application, office.applications[0].id).state = ApplicationState.ASSESSING
    db.session.commit()

    panel.stand_down(
        office.actor, office.round.key, office.readers[0].key, with_begun=True, now=NOW
    )

    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "unassign")).one()
    assert entry.before["marks"] == {"fit": 3, "need": 2}
    assert office.pairs() == []


@pytest.mark.feature("R9")
def test_standing_down_leaves_alone_what_the_manager_may_not_know() -> None:
    office = Office(2)
    office.give(0, 0)
    build.conflict(office.applications[0], office.manager)

    taken = panel.stand_down(office.actor, office.round.key, office.readers[0].key, now=NOW)

    assert taken == 0
    assert len(office.pairs()) == 1


def test_terms_are_for_managers_of_the_round_and_their_assessors_alone() -> None:
    office = Office(1)
    elsewhere = build.actor_of(build.person(Role.FUND_MANAGER, at=build.programme()))
    stranger = build.person(Role.ASSESSOR, at=build.programme())

    for actor, person in ((elsewhere, office.readers[0]), (office.actor, stranger)):
        with pytest.raises(NotFound):
            panel.settle(actor, office.round.key, person.key, terms(), now=NOW)
        with pytest.raises(NotFound):
            panels.page(actor, office.round.key, person.key, now=NOW)
        with pytest.raises(NotFound):
            panel.stand_down(actor, office.round.key, person.key, now=NOW)
