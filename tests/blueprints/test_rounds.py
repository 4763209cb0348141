"""Setting up a round in the browser."""

from __future__ import annotations

import dataclasses

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.funds.schema import from_document
from grants.models.audit import AuditEntry
from grants.models.ledger import LedgerLine
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round, RoundDefinition
from grants.rules.people import Role
from grants.rules.states import RoundState
from tests import build

FUND = min(all_funds())


@dataclasses.dataclass
class Desk:
    """A manager's browser, and the round on it."""

    client: object
    key: object
    id: int


@pytest.fixture
def desk(app, client) -> Desk:
    with app.app_context():
        programme = build.programme()
        manager = build.person(Role.FUND_MANAGER, at=programme)
        record = build.round_(FUND, programme, state=RoundState.DRAFT)
        db.session.query(RoundDefinition).update({"is_published": False})
        db.session.commit()
        build.sign_in(client, manager)
        return Desk(client, record.key, record.id)


def definition(app, desk):
    with app.app_context():
        row = db.session.query(RoundDefinition).filter_by(round_id=desk.id).one()
        return from_document(row.content), row.is_published


def weights(fund, **changes):
    return {item.key: str(changes.get(item.key, item.weight)) for item in fund.scoring.criteria}


@pytest.mark.feature("S8")
def test_weights_that_add_up_are_saved(app, desk):
    fund, _ = definition(app, desk)
    first, second = (item.key for item in fund.scoring.criteria[:2])
    typed = weights(fund, **{first: 25, second: 15})

    answer = desk.client.post(f"/rounds/{desk.key}/criteria/weights", data=typed)

    assert answer.status_code == 302
    changed, _ = definition(app, desk)
    assert {item.key: str(item.weight) for item in changed.scoring.criteria} == typed


@pytest.mark.feature("S8")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("99", "They must add up to 100"), ("many", "Enter a whole number")],
)
def test_weights_that_do_not_add_up_are_refused_and_kept(app, desk, typed, sentence):
    fund, _ = definition(app, desk)
    first = fund.scoring.criteria[0].key

    answer = desk.client.post(
        f"/rounds/{desk.key}/criteria/weights", data=weights(fund, **{first: typed})
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed}"' in answer.text
    assert definition(app, desk)[0] == fund


def anchors(fund, **changes):
    scores = range(fund.scoring.lowest, fund.scoring.highest + 1)
    typed = {f"anchor_{score}": f"What {score} means here" for score in scores}
    return {"title": "Fit", "guidance": "Read it", "minimum": "2", **typed, **changes}


@pytest.mark.feature("S8")
def test_anchor_for_every_score_is_written_in_the_browser(app, desk):
    fund, _ = definition(app, desk)
    key = fund.scoring.criteria[0].key

    answer = desk.client.post(f"/rounds/{desk.key}/criteria/{key}", data=anchors(fund))

    assert answer.status_code == 302
    changed = definition(app, desk)[0].scoring.criteria[0]
    assert (changed.title, changed.minimum) == ("Fit", 2)
    assert [anchor.text for anchor in changed.anchors] == [
        f"What {score} means here" for score in range(fund.scoring.lowest, fund.scoring.highest + 1)
    ]


@pytest.mark.feature("S8")
def test_missing_anchor_is_named_beside_its_field(app, desk):
    fund, _ = definition(app, desk)
    key = fund.scoring.criteria[0].key

    answer = desk.client.post(
        f"/rounds/{desk.key}/criteria/{key}", data=anchors(fund, anchor_1=" ")
    )

    assert answer.status_code == 422
    assert answer.text.count("Say what a score of 1 means.") == 2
    assert definition(app, desk)[0] == fund


def test_open_round_keeps_its_criteria(app, desk):
    fund, _ = definition(app, desk)
    assert desk.client.post(f"/rounds/{desk.key}/moves/open-round").status_code == 302

    answer = desk.client.post(f"/rounds/{desk.key}/criteria/weights", data=weights(fund))

    assert answer.status_code == 409
    assert definition(app, desk)[1]
    assert "criteria are frozen" in desk.client.get(f"/rounds/{desk.key}/criteria").text


def test_opening_writes_pot_and_shares_to_the_ledger(app, desk):
    desk.client.post(f"/rounds/{desk.key}/moves/open-round")

    with app.app_context():
        lines = db.session.query(LedgerLine).order_by(LedgerLine.id).all()
        assert [(line.kind.value, line.amount) for line in lines] == [
            ("pot", 22_000_000),
            ("allocation", 10_000_000),
            ("allocation", 12_000_000),
        ]
        assert db.session.get_one(Round, desk.id).state == RoundState.OPEN


def test_round_without_shares_does_not_open(app, client):
    with app.app_context():
        programme = build.programme()
        build.sign_in(client, build.person(Role.FUND_MANAGER, at=programme))
        record = build.round_(FUND, programme, state=RoundState.DRAFT, areas=())
        key = record.key

    answer = client.post(f"/rounds/{key}/moves/open-round")

    assert answer.status_code == 422
    assert "Give at least one area a share of the pot." in answer.text


@pytest.mark.feature("S11")
def test_share_past_the_pot_is_refused(app, desk):
    typed = {"name": "Fife", "amount": "1", "councils": ["S12000047"]}

    answer = desk.client.post(f"/rounds/{desk.key}/areas/new", data=typed)

    assert answer.status_code == 422
    assert "This would give out more than the pot holds." in answer.text


@pytest.mark.feature("S11")
def test_changed_share_moves_the_running_balance(app, desk):
    with app.app_context():
        area = db.session.query(AllocationArea).filter_by(name="Orkney Islands").one().id
    typed = {"name": "Orkney", "amount": "£100,000.50", "councils": ["S12000023", "S12000027"]}

    answer = desk.client.post(f"/rounds/{desk.key}/areas/{area}", data=typed)

    assert answer.status_code == 302
    with app.app_context():
        assert db.session.get_one(Round, desk.id).allocated == 10_000_000 + 10_000_050
        councils = db.session.query(AllocationAreaCouncil).filter_by(allocation_area_id=area)
        assert sorted(row.area_code for row in councils) == ["S12000023", "S12000027"]
    page = desk.client.get(f"/rounds/{desk.key}/areas").text
    assert "£19,999.50 of it is not given to an area" in page


@pytest.mark.feature("S11")
def test_published_shares_are_loaded_with_their_source(app, client):
    with app.app_context():
        programme = build.programme()
        build.sign_in(client, build.person(Role.FUND_MANAGER, at=programme))
        record = build.round_(FUND, programme, state=RoundState.DRAFT, areas=())
        record.pot = 1_500_000_000
        db.session.commit()
        key, record_id = record.key, record.id

    client.post(f"/rounds/{key}/areas/published", data={"year": "2023-24"})

    with app.app_context():
        areas = db.session.query(AllocationArea).filter_by(round_id=record_id).all()
        assert (len(areas), sum(area.amount for area in areas)) == (32, 1_499_999_998)
    assert "gov.scot" in client.get(f"/rounds/{key}/areas").text


def test_new_round_begins_with_the_edition_of_today(app, desk):
    with app.app_context():
        programme = db.session.get_one(Round, desk.id).organisation_id
    typed = {
        "fund": f"{programme}:{FUND}",
        "title": "Coming year",
        "fund_year": "2027-28",
        "opens": ["1", "4", "2027"],
        "closes": ["1", "6", "2027"],
        "pot": "15,000,000",
    }

    answer = desk.client.post("/rounds/new", data=typed)

    assert answer.status_code == 302
    with app.app_context():
        record = db.session.query(Round).filter_by(fund_year="2027-28").one()
        content = db.session.get_one(RoundDefinition, record.definition_id).content
        assert (record.pot, record.state) == (1_500_000_000, RoundState.DRAFT)
        assert from_document(content) == all_funds()[FUND]
        assert record.closes_at.isoformat() == "2027-06-01T11:00:00+00:00"


def test_new_round_without_a_fund_keeps_what_was_typed(desk):
    typed = {"title": "Kept", "fund_year": "2027-29", "pot": "lots"}

    answer = desk.client.post("/rounds/new", data=typed)

    assert answer.status_code == 422
    for sentence in ("Choose a fund.", "such as 2027-28", "Enter the opening date", 'value="lots"'):
        assert sentence in answer.text


OTHERS = sorted(set(Role) - {Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER})


@pytest.mark.parametrize("role", OTHERS)
def test_others_cannot_change_a_round(app, client, desk, role):
    with app.app_context():
        programme = db.session.get_one(
            Organisation, db.session.get_one(Round, desk.id).organisation_id
        )
        build.sign_in(client, build.person(role, at=programme))
        before = db.session.query(AuditEntry).count()

    answers = [
        client.post(f"/rounds/{desk.key}/moves/open-round"),
        client.post(f"/rounds/{desk.key}/criteria/weights", data={}),
        client.post(f"/rounds/{desk.key}/areas/new", data={}),
        client.get("/rounds/new"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    with app.app_context():
        assert db.session.query(AuditEntry).count() == before


@pytest.mark.feature("S10")
def test_officers_who_open_local_rounds_change_no_national_one(app, client, desk):
    with app.app_context():
        programme = db.session.get_one(
            Organisation, db.session.get_one(Round, desk.id).organisation_id
        )
        build.sign_in(client, build.person(Role.PARTNERSHIP_OFFICER, at=programme))
        before = db.session.query(AuditEntry).count()

    pages = ("moves/open-round", "areas/new", "dates", "extension", "late", "copy")
    typed = {"closes": ["1", "6", "2027"], "reason": "More time.", "reference": "X"}
    answers = [client.post(f"/rounds/{desk.key}/{page}", data=typed) for page in pages]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert client.post(f"/rounds/{desk.key}/criteria/weights").status_code == 403
    assert client.get("/rounds/new").status_code == 404
    with app.app_context():
        assert db.session.query(AuditEntry).count() == before


@pytest.mark.parametrize("count", [3, 300])
def test_areas_cost_the_same_whatever_their_number(app, client, count_statements, count):
    with app.app_context():
        programme = build.programme()
        build.sign_in(client, build.person(Role.FUND_MANAGER, at=programme))
        areas = tuple((f"Area {n:03d}", 100, ("S12000027",)) for n in range(count))
        key = build.round_(FUND, programme, areas=areas).key

    with count_statements() as found:
        assert client.get(f"/rounds/{key}/areas").status_code == 200

    assert len(found) == 5


def test_assessor_learns_nothing_of_the_money_before_release(app, client, desk):
    assert client.post(f"/rounds/{desk.key}/moves/open-round").status_code == 302
    with app.app_context():
        record = db.session.get_one(Round, desk.id)
        programme = db.session.get_one(Organisation, record.organisation_id)
        build.sign_in(client, build.person(Role.ASSESSOR, at=programme))

    pages = [client.get(f"/rounds/{desk.key}{page}") for page in ("", "/criteria", "/areas")]

    assert [page.status_code for page in pages] == [200, 200, 404]
    assert ["Committed" in page.text for page in pages] == [False] * 3
