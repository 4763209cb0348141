"""Interests told once, the conflicts that they suggest, and setting one aside."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import ApplicationPartner
from grants.models.audit import AuditEntry
from grants.models.interest import ConflictOverride, PersonInterest
from grants.models.organisation import Organisation, OrganisationPerson
from grants.models.person import PanelSeat, Person
from grants.models.round import Round
from grants.models.share import Comment
from grants.queries import assignments, interest_register, interests, own_interests
from grants.queries.paging import PAGE
from grants.rules.people import Role, Seat
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import allocate, assign
from grants.services import interests as services
from grants.services.allocate import Wish
from grants.services.interests import Typed
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.usefixtures("context")


STATEMENTS = 13  # of the register, however long it is


class Office:
    """A round with two sent applications, of two bodies, and two assessors."""

    def __init__(self) -> None:
        self.programme = build.programme()
        self.manager = build.actor_of(build.person(Role.FUND_MANAGER, at=self.programme))
        self.round = build.round_("adult", self.programme)
        self.bodies = [build.organisation("Northern Hope (fictional)"), build.organisation("South")]
        self.made = [
            build.application(
                self.round,
                body,
                db.session.get_one(Person, self.manager.person_id),
                state=ApplicationState.SUBMITTED,
            )
            for body in self.bodies
        ]
        self.people = [
            build.person(Role.ASSESSOR, at=self.programme, name=f"Reader {number}")
            for number in range(2)
        ]
        self.readers = [build.actor_of(person) for person in self.people]

    def partner(self, name: str, place: int = 0) -> None:
        build.kept(
            ApplicationPartner(
                application_id=self.made[place].id, row="p1", name=name, partner_type="other"
            )
        )

    def tell(self, body: str = "", reader: int = 0, tie: str = "employer", **more) -> None:
        services.tell(self.readers[reader], Typed(tie=tie, body=body, **more), now=NOW)

    def chair(self):
        person = build.person(Role.ASSESSOR, at=self.programme, name="Chair")
        build.kept(PanelSeat(round_id=self.round.id, person_id=person.id, seat=Seat.CHAIR))
        return build.actor_of(person)

    def give(self, place: int = 0, reader: int = 0) -> None:
        assign.assign(self.manager, self.made[place].key, self.people[reader].key, now=NOW)

    def override(self, actor=None, reason: str = "They left years ago", reader: int = 0) -> None:
        services.override(
            actor or self.manager, self.made[0].key, self.people[reader].key, reason, now=NOW
        )

    def why(self, place: int = 0) -> dict[str, str]:
        page = assignments.readers_of(self.manager, self.made[place].key, now=NOW)
        return {row.name: row.barred for row in page.people}


@pytest.fixture
def office(context) -> Office:
    return Office()


@pytest.mark.feature("R8")
@pytest.mark.parametrize("name", ["Helping Hands", "The Helping Hands Ltd", "helping  hands"])
def test_employer_that_is_a_partner_is_a_conflict(office, name) -> None:
    office.partner("Helping Hands")
    office.tell(name)

    assert office.why() == {"Reader 0": f"Told us: works for {name}, a partner", "Reader 1": ""}
    assert office.why(1) == {"Reader 0": "", "Reader 1": ""}
    with pytest.raises(Blocked, match="Told us: works for"):
        office.give()
    office.give(reader=1)


@pytest.mark.feature("R8")
@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("charity_number", "SC098765", {"number": "sc 098765"}),
        ("company_number", "SC000123", {"number": "SC123"}),
        ("postcode", "ZE1 0AA", {"postcode": "ze10aa", "tie": "address"}),
    ],
)
def test_number_and_address_of_the_applicant_are_found(office, column, value, told) -> None:
    setattr(db.session.get_one(Organisation, office.bodies[0].id), column, value)
    db.session.commit()

    office.tell("Under another name", **told)

    assert office.why()["Reader 0"].endswith("Under another name, the applicant")


@pytest.mark.feature("R8")
def test_mail_host_and_office_bearers_are_found(office) -> None:
    db.session.get_one(Organisation, office.bodies[0].id).email = "post@northern.scot"
    office.people[0].email = "reader@NORTHERN.scot".lower()
    build.kept(
        OrganisationPerson(organisation_id=office.bodies[0].id, place=1, name="READER  1", role="")
    )

    assert office.why() == {
        "Reader 0": "Shares a mail host with the applicant",
        "Reader 1": "Has the name of an office-bearer of the applicant",
    }


@pytest.mark.feature("R8")
def test_who_commented_on_a_bid_helped_with_it(office) -> None:
    build.kept(
        Comment(
            application_id=office.made[0].id,
            question="need",
            text="Say more",
            written_at=NOW,
            written_by=office.people[0].id,
        )
    )

    assert office.why()["Reader 0"] == "Took part in writing it"
    with pytest.raises(Blocked, match="Took part in writing it"):
        office.override()


@pytest.mark.feature("R8")
def test_allocation_never_crosses_what_is_suggested(office) -> None:
    office.tell("Northern Hope")

    found = allocate.propose(office.manager, office.round.key, Wish(2, 9), now=NOW)

    assert {one.reference: one.names for one in found.given} == {
        office.made[0].reference: ("Reader 1",),
        office.made[1].reference: ("Reader 0", "Reader 1"),
    }


@pytest.mark.feature("R8")
def test_what_is_over_for_three_years_or_taken_back_counts_no_more(office) -> None:
    office.tell("Northern Hope", ends_on=NOW.date() - dt.timedelta(days=365 * 3 + 1))
    office.tell("Northern Hope", tie="member")
    key = next(row.key for row in own_interests.told_by(office.readers[0]) if row.tie == "member")
    services.take_back(office.readers[0], key, now=NOW)
    services.take_back(office.readers[0], key, now=NOW)

    assert office.why()["Reader 0"] == ""
    office.tell("Northern Hope", ends_on=NOW.date() - dt.timedelta(days=365 * 3 - 1))
    assert office.why()["Reader 0"] != ""


def test_interest_is_kept_once_and_is_one_s_own(office) -> None:
    office.tell("Northern Hope")
    office.tell(" Northern Hope ")
    key = db.session.query(PersonInterest).one().key

    with pytest.raises(NotFound):
        services.take_back(office.readers[1], key, now=NOW)
    assert own_interests.told_by(office.readers[1]) == ()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Typed(tie="boss", body="A"), "tie"),
        (Typed(tie="employer", body="  "), "body"),
        (Typed(tie="address", body="Home"), "postcode"),
        (Typed(tie="employer", body="A" * 301), "body"),
        (
            Typed(tie="employer", body="A", starts_on=NOW.date(), ends_on=dt.date(2000, 1, 1)),
            "ends_on",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(office, typed, field) -> None:
    with pytest.raises(Blocked) as blocked:
        services.tell(office.readers[0], typed, now=NOW)

    assert [reason.key for reason in blocked.value.reasons] == [field]


@pytest.mark.feature("R8")
@pytest.mark.parametrize("by", ["manager", "chair"])
def test_override_needs_a_reason_and_stands_in_register_and_trail(office, by) -> None:
    actor = office.manager if by == "manager" else office.chair()
    office.tell("Northern Hope")
    with pytest.raises(Blocked, match="Say why"):
        office.override(actor, "  ")

    office.override(actor)
    office.override(actor, "Twice")
    chaired = [(office.round.key, office.round.title)] if by == "chair" else []
    assert list(own_interests.chaired(actor)) == chaired

    assert office.why()["Reader 0"] == ""
    office.give()
    row = interest_register.register(actor, office.round.key, now=NOW).rows[0]
    assert (row.name, row.set_aside_by, row.reason) == (
        "Reader 0",
        actor.name,
        "They left years ago",
    )
    assert (row.why, row.state) == (
        ("Told us: works for Northern Hope, the applicant",),
        AssessmentState.ASSIGNED,
    )
    entry = db.session.query(AuditEntry).filter_by(action="override-conflict").one()
    assert (entry.reason, entry.person_id) == ("They left years ago", actor.person_id)


@pytest.mark.feature("R8")
def test_nobody_sets_aside_their_own(office) -> None:
    build.kept(PanelSeat(round_id=office.round.id, person_id=office.people[0].id, seat=Seat.CHAIR))
    chair = build.actor_of(office.people[0])
    office.tell("Northern Hope")

    with pytest.raises(Forbidden, match="of your own"):
        office.override(chair)

    assert db.session.query(ConflictOverride).count() == 0


@pytest.mark.feature("R8")
def test_what_is_declared_can_not_be_set_aside(office) -> None:
    office.tell("Northern Hope")
    build.conflict(office.made[0], office.people[0])

    with pytest.raises(Blocked, match="Has declared an interest"):
        office.override()
    with pytest.raises(Blocked, match="Nothing suggests"):
        office.override(reader=1)


@pytest.mark.feature("R8")
@pytest.mark.feature("R9")
def test_register_has_no_line_of_what_its_reader_has_an_interest_in(office) -> None:
    office.tell("Northern Hope")
    office.tell("South", reader=1)
    build.conflict(office.made[0], db.session.get_one(Person, office.manager.person_id))
    build.conflict(office.made[1], office.people[0])

    found = interest_register.register(office.manager, office.round.key, now=NOW)

    assert [(row.name, row.reference, row.is_declared) for row in found.rows] == [
        ("Reader 0", office.made[1].reference, True),
        ("Reader 1", office.made[1].reference, False),
    ]
    assert (found.declared, found.suggested, found.set_aside) == (1, 1, 0)
    with pytest.raises(NotFound):
        interest_register.register(office.readers[0], office.round.key, now=NOW)


@pytest.mark.feature("R8")
@pytest.mark.parametrize("many", [1, 30])
def test_register_asks_as_often_however_much_stands_in_it(office, many, count_statements) -> None:
    for number in range(many):
        office.tell(f"Body {number}")
    office.partner("Body 0")
    key = office.round.key
    with count_statements() as found:
        interest_register.register(office.manager, key, now=NOW)

    assert len(found) == STATEMENTS


def declared(office, many):
    """So many more people of the fund declared an interest in the second application."""
    for number in range(many):
        person = build.person(Role.ASSESSOR, at=office.programme, name=f"Told {number:03}")
        build.conflict(office.made[1], person)


@pytest.mark.feature("R8")
@pytest.mark.parametrize("many", [3, 300])
def test_register_takes_a_page_at_a_time_from_the_database(office, many, count_statements) -> None:
    declared(office, many)
    office.tell("Northern Hope")
    office.tell("South", reader=1)
    office.tell("Northern Hope", reader=1)
    office.override(reader=1)
    key, last = office.round.key, -(-(many + 3) // PAGE)

    pages = []
    for number in (1, last):
        with count_statements() as found:
            pages.append(interest_register.register(office.manager, key, page=number, now=NOW))
        taken = [one for one in found if "declared_at" in one]
        assert len(found) == STATEMENTS
        assert ("LIMIT" in taken[0], len(taken)) == (True, 1)

    first, end = pages
    assert (first.declared, first.suggested, first.set_aside, first.pages) == (many, 2, 1, last)
    assert len(first.rows) == min(many + 3, PAGE)
    assert [(row.name, row.is_declared, bool(row.set_aside_by)) for row in end.rows[-3:]] == [
        ("Reader 0", False, False),
        ("Reader 1", False, False),
        ("Reader 1", False, True),
    ]


@pytest.mark.feature("R8")
def test_register_past_its_end_is_its_last_page(office) -> None:
    declared(office, 3)

    found = interest_register.register(office.manager, office.round.key, page=99, now=NOW)

    assert (found.page, len(found.rows)) == (1, 3)


@pytest.mark.feature("R8")
def test_assessor_is_told_why_on_the_page_of_the_declaration(office) -> None:
    office.give()
    office.partner("Helping Hands")
    office.tell("Helping Hands", tie="board")

    said = interests.reasons_for(office.readers[0], office.made[0].key, now=NOW)

    assert said == (
        "You told us that you are an office-bearer of Helping Hands, a partner of this application",
    )
    assert interests.reasons_for(office.readers[1], office.made[0].key, now=NOW) == ()


@pytest.mark.feature("R10")
def test_chair_of_a_blind_round_is_not_told_who_applies(office) -> None:
    office.partner("Helping Hands")
    office.tell("Helping Hands")
    chair = office.chair()
    db.session.get_one(Round, office.round.id).is_blind = True
    db.session.commit()
    person = office.people[0].key
    assert own_interests.chaired(chair) == ()

    with pytest.raises(NotFound):
        interest_register.register(chair, office.round.key, now=NOW)
    with pytest.raises(NotFound):
        office.override(chair)
    with pytest.raises(NotFound):
        interests.pair(chair, office.made[0].key, person, now=NOW)
    assert interest_register.register(office.manager, office.round.key, now=NOW).suggested == 1
