"""Which answers a query opens, and what counts as changed."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from grants.rules import opening as rule
from grants.rules.opening import WHOLE, Opening

FUND = all_funds()["adult"]
TEXTS = {("projects.title", "r1"): "Tuesday Table", ("plan_summary", ""): "Words"}


@pytest.mark.feature("A20")
@pytest.mark.parametrize(
    ("named", "place", "is_open"),
    [
        (("plan_summary", ""), ("plan_summary", ""), True),
        (("plan_summary", ""), ("governance", ""), False),
        (("projects", ""), ("projects.title", "r1"), True),
        (("projects", "r1"), ("projects.title", "r1"), True),
        (("projects", "r1"), ("projects.title", "r2"), False),
        (("projects.title", "r1"), ("projects.title", "r1"), True),
        (("projects.title", "r1"), ("projects.asked", "r1"), False),
        (("projects.title", "r1"), ("projects.title", "r2"), False),
    ],
)
def test_named_place_opens_itself_and_what_is_in_it(named, place, is_open):
    assert Opening(frozenset({named})).takes(place) is is_open


@pytest.mark.feature("A20")
@pytest.mark.parametrize(
    ("named", "may_remove", "may_add"),
    [
        (("projects", ""), True, True),
        (("projects", "r1"), True, False),
        (("projects.title", "r1"), False, False),
    ],
)
def test_row_is_taken_out_only_where_all_of_it_was_named(named, may_remove, may_add):
    made = Opening(frozenset({named}))

    assert (made.takes_row("projects", "r1"), made.takes_all_of("projects")) == (
        may_remove,
        may_add,
    )


def test_whole_form_opens_everything():
    assert (WHOLE.takes(("x", "y")), WHOLE.takes_row("x", "y"), WHOLE.touches("x")) == (
        True,
        True,
        True,
    )


@pytest.mark.parametrize("fund", all_funds().values(), ids=lambda fund: fund.slug)
def test_question_that_hangs_on_a_named_one_opens_with_it(fund):
    for question in fund.questions():
        if question.show_when:
            made = rule.opening_of(fund, [(question.show_when.question, "")])
            assert made.takes((question.key, ""))


@pytest.mark.parametrize(
    ("place", "is_there"),
    [
        (("plan_summary", ""), True),
        (("plan_summary", "r1"), False),
        (("projects", ""), True),
        (("projects", "r1"), True),
        (("projects", "r9"), False),
        (("projects.title", "r1"), True),
        (("projects.title", ""), False),
        (("projects.nothing", "r1"), False),
        (("nothing", ""), False),
        (("plan_summary.title", ""), False),
    ],
)
def test_only_what_the_form_has_can_be_asked_about(place, is_there):
    assert rule.is_askable(FUND, place, ["r1"]) is is_there


@pytest.mark.parametrize(
    ("after", "is_changed"),
    [
        ({("a", ""): "one "}, False),
        ({("a", ""): "two"}, True),
        ({}, True),
        ({("b", ""): "x"}, True),
    ],
)
def test_changed_is_what_reads_otherwise(after, is_changed):
    assert rule.is_changed(("a", ""), {("a", ""): "one"}, after) is (
        is_changed if ("b", "") not in after else True
    )


def test_place_is_called_by_its_question_row_and_column():
    said = rule.label_of(FUND, ("projects.asked", "r1"), TEXTS)

    table = FUND.question("projects")
    asked = next(column.label for column in table.columns if column.key == "asked")
    assert said == f"{table.label}, Tuesday Table, {asked}"
