"""Every check on a return at once, for every fund that ships."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from grants.funds.loader import all_funds
from grants.rules.eligibility import SectionStatus
from grants.rules.outcomes import Severity
from grants.rules.return_check import (
    GRANT,
    Promise,
    as_form,
    check,
    is_there,
    label_of,
    place_of,
    reasons_in,
    reply_place,
    statuses,
)
from tests.returning import answers

FUNDS = list(all_funds().values())
ADULT, CHILDREN = sorted(FUNDS, key=lambda fund: fund.slug)
ENDS = dt.date(2026, 9, 30)
AFTER = ENDS + dt.timedelta(days=3)
SEX = ADULT.code_lists["adult_sex"].codes[0].code
PROMISE = Promise(amount=500_000, people=20, ends_on=ENDS, is_final=False)


def by_name(fund) -> str:
    return fund.slug


def said(fund, promise=PROMISE, today=AFTER, **changes):
    texts = answers(fund) | {(key.replace("__", "."), ""): text for key, text in changes.items()}
    return check(fund, texts, promise, today)


@pytest.mark.parametrize("fund", FUNDS, ids=by_name)
def test_whole_return_has_nothing_in_the_way(fund):
    checked = said(fund)

    assert (checked.problems, checked.warnings) == ((), ())
    assert {finding.severity for finding in checked.notes} == {Severity.NOTE}


@pytest.mark.parametrize("fund", FUNDS, ids=by_name)
def test_empty_return_says_all_that_is_missing_and_nothing_else(fund):
    checked = check(fund, {}, PROMISE, AFTER)

    required = [
        question.key
        for section in fund.return_form.sections
        for question in section.questions
        if question.required and not question.show_when and not question.columns
    ]
    assert [p.question for p in checked.problems if "." not in p.question] == required
    assert [(p.question, p.row) for p in checked.problems if "." in p.question] == [
        ("spending.spent", GRANT)
    ]
    assert (checked.warnings, checked.notes) == ((), ())


@pytest.mark.feature("T4")
@pytest.mark.parametrize(
    ("people", "before", "is_final", "text"),
    [
        ("41", 0, False, "41 delivered, where 20 was promised."),
        ("40", 0, True, ""),
        ("9", 0, False, ""),
        ("9", 0, True, "9 delivered, where 20 was promised."),
        ("9", 1, True, ""),
        ("19", 500, True, ""),
    ],
)
def test_people_are_held_against_the_promise_of_the_whole_project(people, before, is_final, text):
    promise = replace(
        PROMISE, is_final=is_final, people_before=before, spent_before=PROMISE.amount - 250_050
    )
    texts = answers(ADULT, people=int(people))

    checked = check(ADULT, texts, promise, AFTER)

    found = [w.text for w in checked.warnings if w.question == "unique_people"]
    assert found == ([text] if text else [])


@pytest.mark.feature("T4")
@pytest.mark.parametrize(
    ("before", "is_final", "text"),
    [
        (0, False, ""),
        (0, True, "£2,499.50 of the £5,000 grant is not spent."),
        (249_950, True, ""),
        (
            300_000,
            False,
            "£2,500.50 spent is more than the £2,000 that was left of the grant.",
        ),
    ],
)
def test_money_is_held_against_what_was_left(before, is_final, text):
    checked = said(ADULT, replace(PROMISE, spent_before=before, is_final=is_final))

    assert [w.text for w in checked.warnings if w.question == "spending"] == (
        [text] if text else []
    )


def test_return_before_the_end_of_its_period_wants_a_reason():
    early, on_the_day = said(ADULT, today=ENDS - dt.timedelta(days=1)), said(ADULT, today=ENDS)

    assert [warning.question for warning in early.warnings] == ["period"]
    assert on_the_day.warnings == ()


def test_reason_explains_its_own_warning_alone():
    promise, today = PROMISE, ENDS - dt.timedelta(days=1)
    texts = answers(ADULT, people=90) | {("_reason.period", ""): "The work is done."}

    checked = check(ADULT, texts, promise, today)

    assert [warning.question for warning in checked.warnings] == ["period", "unique_people"]
    assert [warning.question for warning in checked.unexplained] == ["unique_people"]
    assert reasons_in(texts) == {("period", ""): "The work is done."}


@pytest.mark.parametrize(
    ("fund", "is_problem"), [(ADULT, True), (CHILDREN, False)], ids=["must agree", "may differ"]
)
def test_breakdown_over_the_total_is_wrong_unless_the_fund_lets_them_differ(fund, is_problem):
    listed = as_form(fund).question("reach_by_sex").row_list
    code = fund.code_lists[listed].codes[1].code
    texts = answers(fund) | {("reach_by_sex.people", code): "15"}

    checked = check(fund, texts, PROMISE, AFTER)

    wrong = [p.question for p in checked.problems], [w.question for w in checked.warnings]
    assert wrong == ((["reach_by_sex"], []) if is_problem else ([], ["reach_by_sex"]))


@pytest.mark.parametrize("fund", FUNDS, ids=by_name)
def test_groups_and_whatever_stands_apart_from_reach_may_overlap(fund):
    texts = answers(fund)
    for table in ("reach_by_group", "presenting_issues"):
        question = as_form(fund).question(table)
        for code in fund.code_lists[question.row_list].codes if question else ():
            texts[f"{table}.people", code.code] = "20"

    assert check(fund, texts, PROMISE, AFTER).problems == ()


def test_outcome_without_every_figure_is_said_to_be_left_out():
    code = ADULT.code_lists["adult_outcome"].codes[0]
    texts = answers(ADULT) | {("outcomes.n_started", code.code): ""}

    checked = check(ADULT, texts, PROMISE, AFTER)

    sentence = f"{code.label}: not every figure is given, so it is not added to the fund's totals."
    assert [note.text for note in checked.notes if "not every figure" in note.text] == [sentence]


def test_error_stands_at_the_first_figure_of_its_row_and_names_it():
    code = ADULT.code_lists["adult_outcome"].codes[0]
    texts = answers(ADULT) | {("outcomes.n_worse", code.code): "4"}

    (problem,) = check(ADULT, texts, PROMISE, AFTER).problems

    assert (problem.section, problem.question, problem.row) == (
        "outcomes",
        "outcomes.n_started",
        code.code,
    )
    assert problem.label == f"Change for people, {code.label}"
    found = statuses(ADULT, texts, (problem,))
    assert [key for key, status in found.items() if status != SectionStatus.COMPLETE] == [
        "outcomes"
    ]


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        (("worked", ""), True),
        (("spending.spent", GRANT), True),
        (("spending.spent", "b1"), False),
        (("reach_by_sex.people", SEX), True),
        (("reach_by_sex.people", "no_such"), False),
        (("no_such", ""), False),
    ],
)
def test_rows_of_a_return_are_given(place, is_one):
    assert is_there(as_form(ADULT), place) == is_one


def test_places_and_labels_of_what_is_no_question():
    form = as_form(ADULT)

    assert place_of(form, "unique_people", "") == ("unique_people", "")
    assert place_of(form, "spending", "") == ("spending", "")
    assert label_of(form, "period") == "The period"
    assert (label_of(form, ""), label_of(form, "no_such")) == ("", "no_such")
    assert (reply_place("worked"), reply_place("")) == (
        ("_reply.worked", ""),
        ("_reply.the-whole", ""),
    )
