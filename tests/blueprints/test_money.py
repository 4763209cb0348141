"""Sizes of grants, caps and strands, divided in the browser and held to when people apply."""

from __future__ import annotations

import pytest

from grants.extensions import db
from grants.funds.definition import Cap, Level, Strand
from grants.models.round import BudgetStrand, Round
from grants.rules.eligibility import problems
from grants.rules.grant_sizes import level_of
from tests import filled, setting_up

SMALL = {"title": "Small grants", "least": "", "most": "£2,000", "asked": "Less detail."}
CAP = {"values": ["yes"], "most": "500", "sentence": "With other money the most is £500."}


@pytest.fixture
def desk(app, client):
    return setting_up.desk(app, client, "adult")


@pytest.mark.feature("S11")
def test_sizes_of_grants_are_added_changed_removed_and_told(app, client, desk):
    desk.done("money/levels/new", **SMALL)
    desk.done("money/levels/new", title="Large", least="2,000.01", most="10,000", asked="")
    assert desk.fund().levels == (
        Level(key="small_grants", title="Small grants", most=200_000, asked="Less detail."),
        Level(key="large", title="Large", least=200_001, most=1_000_000),
    )

    desk.done("money/levels/large", title="Standard", least="2,000.01", most="5,000", asked="")
    assert level_of(desk.fund(), 500_000).title == "Standard"
    assert "up to £2,000" in desk.get("money")

    desk.done("money/remove/level/small_grants")
    desk.done("moves/open-round")
    with app.app_context():
        reference = db.session.get_one(Round, desk.id).reference
    notice = client.get(f"/rounds-open/{reference}").text
    assert "£2,000.01 to £5,000" in notice
    assert "Small grants" not in notice


@pytest.mark.feature("S11")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Enter what the level is called."),
        ({"most": "lots"}, "Enter an amount"),
        ({"least": "3,000"}, "The largest grant is below the smallest."),
    ],
)
def test_size_that_cannot_be_is_refused(desk, changes, sentence):
    status, page = desk.post("money/levels/new", **{**SMALL, **changes})

    assert (status, sentence in page) == (422, True)


@pytest.mark.feature("S11")
def test_two_sizes_do_not_share_an_amount(desk):
    desk.done("money/levels/new", **SMALL)

    status, page = desk.post("money/levels/new", **{**SMALL, "least": "1,000"})

    assert (status, "Another level has some of these amounts" in page) == (422, True)


@pytest.mark.feature("S11")
def test_cap_after_an_answer_keeps_an_application_with_the_officers_sentence(desk):
    where = desk.done("money/caps/new", question="has_other_funding")
    assert where == "money/caps/new/has_other_funding"
    desk.done(where, **CAP)
    fund = desk.fund()
    assert fund.caps == (
        Cap(
            key="has_other_funding",
            question="has_other_funding",
            values=("yes",),
            most=50_000,
            sentence=CAP["sentence"],
        ),
    )

    given = dict(filled.answers(fund))
    told = {
        answer: [
            problem.text
            for problem in problems(
                fund, {**given, ("has_other_funding", ""): answer}, attachments={}
            )
            if problem.text == CAP["sentence"]
        ]
        for answer in ("yes", "no")
    }

    assert told == {"yes": [CAP["sentence"]], "no": []}


@pytest.mark.feature("S11")
def test_amount_that_no_size_has_is_told_beside_the_budget(desk):
    desk.done("money/levels/new", **{**SMALL, "most": "1"})
    fund = desk.fund()

    found = problems(fund, filled.answers(fund), attachments={})

    told = [p for p in found if p.text.endswith("Grants of this round are up to £1.")]
    assert [problem.question for problem in told] == ["budget"]


@pytest.mark.feature("S11")
def test_strands_follow_an_answer_and_stand_once_the_round_is_open(app, desk):
    assert desk.done("money/strands/new") == "money/strands-by"
    desk.done("money/strands-by", question="projects.activity_type")
    codes = [code.code for code in desk.fund().code_lists["activity_type"].codes]
    arts = {"title": "Arts", "amount": "25%", "values": codes[:2]}
    desk.done("money/strands/new", **arts)
    assert desk.fund().strands == (
        Strand(key="arts", title="Arts", amount=5_500_000, values=tuple(codes[:2])),
    )
    status, page = desk.post("money/strands/new", **{**arts, "title": "More"})
    assert (status, "Another strand has one of these answers" in page) == (422, True)

    desk.done("money/strands/arts", **{**arts, "amount": "£70,000"})
    desk.done("moves/open-round")
    with app.app_context():
        kept = [(row.title, row.amount) for row in db.session.query(BudgetStrand)]
    assert kept == [("Arts", 7_000_000)]
    assert "Arts" in desk.get("areas")
    assert desk.post("money/strands/arts", **arts)[0] == 409


@pytest.mark.feature("S11")
def test_strands_beyond_the_pot_cannot_be_opened(desk):
    desk.done("money/strands-by", question="lead_body_type")
    codes = [code.code for code in desk.fund().code_lists["lead_body_type"].codes]
    desk.done("money/strands/new", title="All", amount="£9,999,999", values=codes[:1])

    status, page = desk.post("moves/open-round")

    assert (status, "The strands come to £9,999,999, more than the pot." in page) == (422, True)


@pytest.mark.feature("S11")
def test_rulebook_whose_cap_lost_its_question_says_so(desk):
    desk.done("money/caps/new/has_other_funding", **CAP)
    desk.done("forms/form/remove/question/has_other_funding")

    assert "which is no question of the form" in desk.get()
