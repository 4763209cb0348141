"""Whether a form is complete: required, limits, what is shown, rows, and answers in step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.definition import (
    Ages,
    Code,
    CodeList,
    Contact,
    Fills,
    Fund,
    Question,
    QuestionKind,
    ReturnForm,
    RowSource,
    Scoring,
    Section,
    Settings,
    ShowWhen,
)
from grants.rules.eligibility import (
    Given,
    SectionStatus,
    Totals,
    filled_rows,
    form_problems,
    problems,
    section_statuses,
    totals,
)

K = QuestionKind


def ask(key, kind, **more):
    return Question(key=key, label=key.title(), kind=kind, **more)


def code_list(name, *codes):
    entries = tuple(Code(code=code, label=code.title()) for code in codes)
    return CodeList(name=name, edition="1", source="", status="proposed", codes=entries)


PLAN = Section(
    key="plan",
    title="Plan",
    questions=(
        ask("why", K.LONG_TEXT, max_words=3),
        ask("online", K.YES_NO),
        ask("link", K.LINK, show_when=ShowWhen(question="online", values=("yes",))),
        ask("note", K.TEXT, required=False),
        ask("file", K.UPLOAD),
    ),
)
PROJECTS = ask(
    "projects",
    K.ROWS,
    fills=Fills.PROJECTS,
    max_rows=3,
    columns=(
        ask("title", K.TEXT),
        ask("main_group", K.SINGLE, choices="group"),
        ask("groups", K.MANY, choices="group"),
        ask("asked", K.MONEY, minimum=100),
        ask("minimum", K.MONEY),
    ),
)
BUDGET = ask(
    "budget",
    K.ROWS,
    fills=Fills.BUDGET,
    columns=(ask("category", K.SINGLE, choices="category"), ask("amount", K.MONEY)),
)
MONEY = Section(key="money", title="Money", questions=(PROJECTS, BUDGET))
SIGN = Section(key="sign", title="Sign", questions=(ask("true", K.DECLARATION),))
FUND = Fund(
    slug="test",
    name="Test",
    short_name="Test",
    edition="1",
    summary="",
    audience="",
    source="",
    ages=Ages(youngest=16, oldest=None),
    settings=Settings(
        acceptance_days=28,
        small_count=4,
        percent_base=10,
        approvals_needed=1,
        second_approval_over=None,
        size_bands=(),
    ),
    contact=Contact(name="", email="", phone=""),
    funder="",
    legal_power="",
    code_lists={
        "group": code_list("group", "women", "older"),
        "category": code_list("category", "projects", "staff"),
        "sex": code_list("sex", "female", "male"),
    },
    sections=(PLAN, MONEY, SIGN),
    scoring=Scoring(
        scheme="weighted_percent",
        lowest=0,
        highest=4,
        readers=2,
        criterion_spread=2,
        total_spread=20,
        source="",
        status="proposed",
    ),
    return_form=ReturnForm(title="", intro="", sections=(), periods=()),
)
COMPLETE = {
    ("why", ""): "It is needed",
    ("online", ""): "no",
    ("projects.title", "1"): "Walks",
    ("projects.main_group", "1"): "older",
    ("projects.groups", "1"): "women\nolder",
    ("projects.asked", "1"): "1,000",
    ("projects.minimum", "1"): "600",
    ("budget.category", "1"): "projects",
    ("budget.amount", "1"): "1,000.00",
    ("budget.category", "2"): "staff",
    ("budget.amount", "2"): "250",
    ("true", ""): "yes",
}
FILES = {"file": 1}


def found(changes=None, files=None, most=None, fund=FUND):
    answers = {**COMPLETE, **(changes or {})}
    listed = problems(fund, answers, attachments=FILES if files is None else files, most=most)
    return [(item.question, item.row, item.text) for item in listed]


def test_a_complete_application_has_no_problem():
    assert found() == []


@pytest.mark.feature("A6")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({("why", ""): " "}, [("why", "", "Enter an answer.")]),
        ({("why", ""): "a b c d"}, [("why", "", "Use 3 words or fewer: this is 1 word over.")]),
        ({("online", ""): "yes"}, [("link", "", "Enter an answer.")]),
        ({("online", ""): "yes", ("link", ""): "https://example.org"}, []),
        ({("online", ""): ""}, [("online", "", "Choose yes or no.")]),
        ({("link", ""): "not a link, but not asked either"}, []),
        ({("true", ""): ""}, [("true", "", "Tick the box to confirm.")]),
        (
            {("projects.main_group", "1"): "men"},
            [("projects.main_group", "1", "Choose one of the answers listed.")],
        ),
        ({("projects.title", "1"): ""}, [("projects.title", "1", "Enter an answer.")]),
    ],
)
def test_problems_of_single_answers(changes, expected):
    assert found(changes) == expected


def test_problems_of_a_missing_file():
    assert found(files={}) == [("file", "", "Add a file.")]


@pytest.mark.feature("A28")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {("projects.minimum", "1"): "1,000.01"},
            [
                (
                    "projects.minimum",
                    "1",
                    "The smallest workable amount, £1,000.01, is more than the £1,000 asked for.",
                )
            ],
        ),
        ({("projects.minimum", "1"): "1000"}, []),
        (
            {("projects.groups", "1"): "women"},
            [],
        ),  # other groups: the main one need not be told twice
    ],
)
def test_problems_inside_a_proposed_project(changes, expected):
    assert found(changes) == expected


@pytest.mark.feature("A15")
@pytest.mark.parametrize(
    ("changes", "most", "expected"),
    [
        (
            {("budget.amount", "1"): "999.99"},
            None,
            (
                "The budget sets aside £999.99 for projects, but the proposed projects ask for "
                "£1,000 in all. Make the two the same."
            ),
        ),
        ({}, 125_000, None),
        ({}, 124_999, "The budget comes to £1,250. The most that can be asked for is £1,249.99."),
    ],
)
def test_problems_of_the_budget(changes, most, expected):
    assert found(changes, most=most) == ([] if expected is None else [("budget", "", expected)])


def test_the_category_for_projects_is_the_funds_own():
    fund = replace(FUND, onward_category="staff")

    assert [item[0] for item in found(fund=fund)] == ["budget"]
    assert totals(fund, COMPLETE) == Totals(100_000, 25_000, 100_000)


def test_rows_are_counted_and_blank_rows_are_not():
    blank = {("projects.title", "2"): "  ", ("projects.asked", "2"): ""}
    many = {("projects.title", str(row)): "x" for row in range(2, 5)}

    assert found(blank) == []
    assert found(many)[0] == ("projects", "", "Keep to 3 rows or fewer: there are 4.")
    assert filled_rows(PROJECTS, {**COMPLETE, **blank}) == ("1",)


def test_a_required_table_needs_a_row():
    none = {key: "" for key in COMPLETE if key[0].startswith("projects.")}

    assert found(none)[0] == ("projects", "", "Add at least one row.")


@pytest.mark.parametrize(
    ("required", "answers", "expected"),
    [
        (True, {}, [("by.people", "female"), ("by.people", "male")]),
        (True, {("by.people", "female"): "0"}, [("by.people", "male")]),
        (False, {}, []),
        (False, {("by.people", "male"): "x"}, [("by.people", "male")]),
    ],
)
def test_rows_of_a_code_list_are_all_given_where_required(required, answers, expected):
    table = ask(
        "by",
        K.ROWS,
        required=required,
        row_source=RowSource.CODE_LIST,
        row_list="sex",
        columns=(ask("people", K.NUMBER),),
    )
    section = Section(key="reach", title="Reach", questions=(table,))

    listed = form_problems((section,), FUND.code_lists, Given(answers))

    assert [(item.question, item.row) for item in listed] == expected


def test_rows_of_the_budget_come_from_the_award():
    table = ask("spend", K.ROWS, row_source=RowSource.BUDGET, columns=(ask("spent", K.MONEY),))
    section = Section(key="money", title="Money", questions=(table,))
    given = Given({("spend.spent", "1"): "5"}, rows={"spend": ("1", "2")})

    listed = form_problems((section,), {}, given)

    assert [item.sentence for item in listed] == ["Spend, row 2, Spent: Enter an amount."]


def test_a_question_behind_a_hidden_question_is_hidden():
    first = ask("a", K.YES_NO)
    second = ask("b", K.YES_NO, show_when=ShowWhen(question="a", values=("yes",)))
    third = ask("c", K.TEXT, show_when=ShowWhen(question="b", values=("yes",)))
    section = Section(key="s", title="S", questions=(first, second, third))

    hidden = form_problems((section,), {}, Given({("a", ""): "no", ("b", ""): "yes"}))
    shown = form_problems((section,), {}, Given({("a", ""): "yes", ("b", ""): "yes"}))

    assert ([item.question for item in hidden], [item.question for item in shown]) == ([], ["c"])


@pytest.mark.parametrize(
    ("answers", "files", "expected"),
    [
        ({}, {}, SectionStatus.NOT_STARTED),
        ({("why", ""): "x"}, {}, SectionStatus.IN_PROGRESS),
        ({}, FILES, SectionStatus.IN_PROGRESS),
        ({("why", ""): "x", ("online", ""): "no"}, FILES, SectionStatus.COMPLETE),
    ],
)
def test_section_statuses_say_how_far_it_is(answers, files, expected):
    listed = problems(FUND, answers, attachments=files)

    statuses = section_statuses(FUND.sections, listed, Given(answers, files))

    assert statuses == {
        "plan": expected,
        "money": SectionStatus.NOT_STARTED,
        "sign": SectionStatus.NOT_STARTED,
    }


def test_totals_leave_out_what_cannot_be_read():
    sums = totals(FUND, {**COMPLETE, ("budget.amount", "2"): "lots"})

    assert (sums, sums.asked) == (Totals(100_000, 100_000, 0), 100_000)
