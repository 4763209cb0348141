"""A section becomes a form: what is typed comes back, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from grants.funds.definition import (
    Code,
    CodeList,
    Question,
    QuestionKind,
    RowSource,
    Section,
    ShowWhen,
)
from grants.web.field_view import described, kind_of, options_of, problems_of, shown_when
from grants.web.form_builder import (
    RowCommand,
    attach,
    new_row_key,
    page_form,
    row_command,
    row_keys,
    typed,
)

K = QuestionKind


@dataclass(frozen=True)
class Problem:
    question: str
    row: str
    text: str

    @property
    def sentence(self) -> str:
        return f"Named: {self.text}"


def ask(key, kind, **kwargs):
    return Question(key=key, label=key.capitalize(), kind=kind, **kwargs)


def codes(*names):
    entries = tuple(Code(code=name, label=name.upper()) for name in names)
    return CodeList(name="x", edition="1", source="", status="proposed", codes=entries)


FUND = SimpleNamespace(
    code_lists={
        "few": codes("a", "b", "c"),
        "many": codes(*(f"n{number}" for number in range(20))),
    }
)
COSTS = ask(
    "costs",
    K.ROWS,
    max_rows=3,
    columns=(ask("what", K.TEXT), ask("who", K.MANY, choices="few"), ask("amount", K.MONEY)),
)


@pytest.fixture(autouse=True)
def _request():
    app = Flask("forms")
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False)
    with app.test_request_context():
        yield


def build(*questions, answers=None, sent=None, rows=None, blank=""):
    section = Section(key="s", title="S", questions=questions)
    made = page_form(section, FUND, answers or {}, rows, blank)
    return made(formdata=MultiDict(sent) if sent is not None else None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (K.TEXT, "  Càirdeas’s <b> & co "),
        (K.LONG_TEXT, "One\n\n  two"),
        (K.NUMBER, "about 40"),
        (K.MONEY, "£1,2oo.5"),
        (K.POSTCODE, "ze1 0"),
        (K.EMAIL, "not an address"),
        (K.PHONE, "+44 (0)1595"),
        (K.LINK, "www"),
        (K.YES_NO, "perhaps"),
    ],
)
@pytest.mark.feature("A3")
def test_typed_text_of_any_sense_comes_back_word_for_word(kind, text):
    assert typed(build(ask("q", kind), sent=[("q", text)])) == {("q", ""): text}


@pytest.mark.parametrize("kind", [kind for kind in K if kind not in {K.UPLOAD, K.ROWS}])
def test_page_form_shows_the_answer_that_was_kept(kind):
    text = {K.MANY: "a\nc", K.SINGLE: "b", K.DATE: "2027-03-27", K.DECLARATION: "yes"}.get(
        kind, "x"
    )

    form = build(ask("q", kind, choices="few"), answers={("q", ""): text})

    assert form["asked_q"].data == text


def test_typed_line_ends_are_of_one_kind():
    form = build(ask("q", K.LONG_TEXT), sent=[("q", "a\r\nb\rc")])

    assert typed(form) == {("q", ""): "a\nb\nc"}


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("27", "3", "2027"), "2027-03-27"),
        (("27", "March", "2027"), "2027-03-27"),
        ((" 1", "sept", "2027 "), "2027-09-01"),
        (("31", "", "2027"), "31  2027"),
        (("31", "2", "2027"), "31 2 2027"),
        (("1", "2", "27"), "1 2 27"),
        (("1", "2", "9" * 30), f"1 2 {'9' * 30}"),
        (("", "", ""), ""),
    ],
)
def test_date_is_iso_or_its_parts_as_typed(parts, text):
    form = build(ask("q", K.DATE), sent=[("q", part) for part in parts])

    assert typed(form) == {("q", ""): text}


@pytest.mark.parametrize("text", ["31  2027", "31 2 2027", "  2027", "1 2 27", f"1 2 {'9' * 30}"])
def test_date_that_makes_no_sense_is_shown_again_in_its_parts(text):
    form = build(ask("q", K.DATE), answers={("q", ""): text})

    assert " ".join(form["asked_q"].parts) == text


def test_many_with_all_ticks_taken_away_is_sent_as_nothing():
    form = build(ask("q", K.MANY, choices="few"), answers={("q", ""): "a\nb"}, sent=[("q", "")])

    assert typed(form) == {("q", ""): ""}


def test_many_that_was_not_on_the_page_is_left_alone():
    question = ask("q", K.MANY, choices="few")
    form = build(question, ask("other", K.TEXT), answers={("q", ""): "a"}, sent=[("other", "x")])

    assert typed(form) == {("other", ""): "x"}


def test_many_keeps_a_code_that_is_no_longer_listed():
    form = build(ask("q", K.MANY, choices="few"), answers={("q", ""): "a\nold"})

    assert [(o.code, o.chosen) for o in options_of(form["asked_q"])] == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("old", True),
    ]


def test_upload_has_no_answer():
    assert typed(build(ask("q", K.UPLOAD), sent=[("q", "plan.pdf")])) == {}


def test_single_with_many_choices_is_a_list_to_open():
    form = build(ask("few", K.SINGLE, choices="few"), ask("many", K.SINGLE, choices="many"))

    assert [kind_of(form["asked_few"]), kind_of(form["asked_many"])] == ["radios", "select"]


def test_question_named_like_a_part_of_a_form_is_a_question():
    form = build(ask("data", K.TEXT), ask("errors", K.TEXT), sent=[("data", "x"), ("errors", "y")])

    assert typed(form) == {("data", ""): "x", ("errors", ""): "y"}


def test_rows_come_back_under_their_keys_in_order():
    sent = [
        ("costs.rows", "0002"),
        ("costs.rows", "0001-ab"),
        ("costs.0001-ab.what", "Hall"),
        ("costs.0002.what", "Van"),
        ("costs.0002.who", ""),
        ("costs.0002.who", "a"),
        ("costs.0002.who", "c"),
    ]
    form = build(COSTS, sent=sent)

    assert typed(form) == {
        ("costs.what", "0002"): "Van",
        ("costs.who", "0002"): "a\nc",
        ("costs.what", "0001-ab"): "Hall",
    }
    assert row_keys(form) == {"costs": ("0002", "0001-ab")}


@pytest.mark.feature("A3")
def test_one_cell_sent_by_itself_says_nothing_about_other_rows():
    form = build(COSTS, answers={("costs.what", "0001"): "Hall"}, sent=[("costs.0002.what", "V")])

    assert typed(form) == {("costs.what", "0002"): "V"}
    assert row_keys(form) == {}


def test_rows_with_unsafe_keys_are_not_taken():
    form = build(COSTS, sent=[("costs.rows", "<b>"), ("costs.rows", "a b"), ("costs.rows", "ok")])

    assert row_keys(form) == {"costs": ("ok",)}


def test_rows_beyond_the_most_are_not_taken():
    form = build(COSTS, sent=[("costs.rows", f"{number:04d}") for number in range(9)])

    assert row_keys(form) == {"costs": ("0000", "0001", "0002")}


def test_rows_kept_are_shown_with_one_more_when_asked():
    answers = {("costs.what", "0002"): "b", ("costs.what", "0001"): "a"}

    plain = build(COSTS, answers=answers)["asked_costs"]
    more = build(COSTS, answers=answers, blank="costs")["asked_costs"]

    assert [row.key for row in plain.rows] == ["0001", "0002"]
    assert [row.fields["what"].data for row in more.rows] == ["a", "b", ""]


def test_an_empty_table_shows_a_row_to_type_in():
    assert [row.key for row in build(COSTS)["asked_costs"].rows] == ["0001"]


def test_rows_of_a_code_list_are_fixed_and_labelled():
    table = ask(
        "reach",
        K.ROWS,
        row_source=RowSource.CODE_LIST,
        row_list="few",
        columns=(ask("people", K.NUMBER),),
    )
    form = build(table, sent=[("reach.b.people", "7"), ("reach.zzz.people", "9")])

    assert [(row.key, row.label) for row in form["asked_reach"].rows] == [
        ("a", "A"),
        ("b", "B"),
        ("c", "C"),
    ]
    assert typed(form) == {("reach.people", "b"): "7"}


def test_rows_of_a_budget_are_handed_in():
    table = ask("spend", K.ROWS, row_source=RowSource.BUDGET, columns=(ask("spent", K.MONEY),))
    form = build(
        table,
        rows={"spend": [("0001", "Hall hire")]},
        answers={("spend.spent", "0001"): "12.50"},
    )

    row = form["asked_spend"].rows[0]
    assert (row.label, row.fields["spent"].data) == ("Hall hire", "12.50")


def test_attach_puts_each_problem_where_it_can_be_mended():
    form = build(ask("q", K.DATE), COSTS, answers={("costs.what", "0001"): "x"})

    attach(
        form,
        [
            Problem("costs.amount", "0001", "Enter an amount."),
            Problem("costs", "", "Add a row."),
            Problem("q", "", "Enter a date."),
            Problem("elsewhere", "", "The totals differ."),
        ],
    )

    assert [(line.text, line.anchor) for line in problems_of(form)] == [
        ("Named: The totals differ.", ""),
        ("Named: Enter a date.", "#q-day"),
        ("Named: Add a row.", "#costs"),
        ("Named: Enter an amount.", "#costs-0001-amount"),
    ]
    assert form["asked_costs"].rows[0].fields["amount"].errors == ["Enter an amount."]


def test_a_field_with_hint_error_and_limit_says_so_to_those_who_hear_it():
    form = build(ask("q", K.LONG_TEXT, hint="Short", max_words=10))
    attach(form, [Problem("q", "", "Write something.")])

    assert described(form["asked_q"]) == (
        ' aria-describedby="q-hint q-error q-count" aria-invalid="true"'
    )


def test_a_question_that_depends_names_its_row():
    when = ShowWhen(question="other", values=("yes", "maybe"))
    table = ask("t", K.ROWS, columns=(ask("q", K.TEXT, show_when=when),))

    cell = build(table)["asked_t"].rows[0].fields["q"]

    assert shown_when(cell) == ' data-show-when="t.0001.other" data-show-values="yes|maybe"'


@pytest.mark.parametrize(
    ("sent", "command"),
    [
        ({"add_row": "costs"}, RowCommand("add", "costs")),
        ({"remove_row": "costs.0001-ab"}, RowCommand("remove", "costs", "0001-ab")),
        ({"remove_row": "costs"}, None),
        ({}, None),
    ],
)
def test_row_command_reads_the_button(sent, command):
    assert row_command(sent) == command


def test_new_row_key_sorts_after_all_and_is_never_the_same():
    keys = ["0001", "0009-abcdef"]
    made = {new_row_key(keys) for _ in range(50)}

    assert len(made) == 50
    assert {key[:5] for key in made} == {"0010-"}
