"""The offline workbook: what goes out comes back, and what is wrong is named by its cell."""

from __future__ import annotations

import datetime as dt
import io
import os
import zipfile
from random import Random

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.documents import workbook_reading
from grants.documents.workbook_cells import meaning
from grants.documents.workbook_plan import RECORD, sheets
from grants.documents.workbook_reading import NOT_OURS
from grants.funds.checks import faults
from grants.funds.definition import Fund, QuestionKind, RowSource
from grants.funds.loader import all_funds
from grants.rules.refusals import Blocked
from tests import filled
from tests.documents.books import WHO, cell_at, changes, edited, made, typed
from tests.web.test_random_definitions import mended, step

FUNDS = all_funds()
ADULT = FUNDS["adult"]
K = QuestionKind
HARD = [
    "=1+1",
    '=HYPERLINK("https://example.org")',
    "@SUM(1)",
    "-2+3",
    "'quoted",
    "Àird nam Murchan – “ceò”",
    "مرحبا \u202eabc שלום",
    "👩🏽‍🌾 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "<script>alert(1)</script>",
    "  two\n\n  lines \t",
    "0123",
    "1e5",
    "TRUE",
    "3/4",
    "_x000D_ and _x0041_",
    "x" * 10_000,
    "x" * 40_000,
    "\uffff",
]
LONG = os.environ.get("GRANTS_TEST_LONG") == "1"
CHANCE = settings(
    max_examples=300 if LONG else 15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SHOWN = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t")
TEXTS = st.lists(st.text(SHOWN, max_size=60) | st.sampled_from(HARD), min_size=1, max_size=6)


def everything(fund: Fund, texts=(), chance=None) -> dict[tuple[str, str], str]:
    """Every question answered; by chance with these texts, which may fit nothing."""
    answers = filled.answers(fund)
    for question in fund.questions():
        if question.row_source == RowSource.CODE_LIST and question.kind == K.ROWS:
            rows = [code.code for code in fund.code_lists[question.row_list].codes]
            answers |= {
                (f"{question.key}.{c.key}", row): filled.text(fund, c)
                for c in question.columns
                for row in rows
            }
    if chance is None:
        return answers
    return {place: chance.choice((text, text, *texts)) for place, text in answers.items()}


def blank_record(book) -> None:
    book[RECORD].delete_rows(6, book[RECORD].max_row)


def faults_of(data: bytes, fund: Fund = ADULT) -> list[str]:
    with pytest.raises(Blocked) as refused:
        workbook_reading.changes(data, fund)
    return [reason.text for reason in refused.value.reasons]


@pytest.mark.feature("A26")
@CHANCE
@given(
    data=st.data(),
    slug=st.sampled_from(sorted(FUNDS)),
    steps=st.integers(0, 12),
    texts=TEXTS,
    seed=st.integers(0, 999),
)
def test_any_definition_with_any_answers_comes_back_unchanged(data, slug, steps, texts, seed):
    fund = FUNDS[slug]
    for _ in range(steps):
        fund = step(fund, data)
    fund = mended(fund)
    if list(faults(fund)):
        return
    answers = everything(fund, texts, Random(seed))

    assert changes(made(fund, answers), fund) == {}


@pytest.mark.feature("A26")
@pytest.mark.parametrize("slug", sorted(FUNDS))
def test_every_answer_can_be_brought_to_an_empty_draft(slug):
    fund = FUNDS[slug]
    answers = everything(fund)
    for number, text in enumerate(HARD[:-2]):
        answers["projects.group_name", f"{100 + number:04d}"] = text.replace("\n", " ")[:400]
    writing = next(q.key for q in fund.questions() if q.kind == K.LONG_TEXT)
    answers[writing, ""] = "=1+1\n  and two\n"

    found = changes(edited(made(fund, answers), blank_record), fund)

    assert found.keys() == {place for place, text in answers.items() if text.strip()}
    for place, text in answers.items():
        asked = fund.asked(place[0])
        assert meaning(fund, asked, found[place]) == meaning(fund, asked, text)
    assert found[writing, ""] == "=1+1\n  and two\n"


@pytest.mark.feature("A26")
@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_a_hard_text_survives_untouched_and_typed(text):
    place = ("plan_summary", "")
    place = place if ADULT.question(place[0]) else (next(_writing(ADULT)), "")
    assert changes(made(ADULT, {place: text}), ADULT) == {}
    if len(text) > 32_767 or "\uffff" in text or "_x" in text:
        return
    book = made(ADULT, {})
    sheet, cell = cell_at(ADULT, place)

    def write(opened):
        opened[sheet][cell].value = text
        opened[sheet][cell].data_type = "s"

    assert changes(edited(book, write), ADULT) == {place: text}


def _writing(fund):
    return (q.key for q in fund.questions() if q.kind == K.LONG_TEXT)


@pytest.mark.feature("A26")
def test_outgoing_text_is_never_a_formula():
    answers = {(key, ""): "=1+1" for key in _writing(ADULT)}
    answers |= {("projects.title", "0001"): "@x", ("projects.asked", "0001"): "=2"}

    book = openpyxl.load_workbook(io.BytesIO(made(ADULT, answers)))

    live = {
        cell.coordinate[0]
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" and "SUM(" not in cell.value and "LEN(" not in cell.value
    }
    assert live == set()


@pytest.mark.feature("A26")
def test_tables_have_totals_drop_downs_locked_heads_and_spare_rows():
    book = openpyxl.load_workbook(io.BytesIO(made(ADULT, filled.answers(ADULT))))
    sheet, cell = cell_at(ADULT, ("projects.asked", ""))
    table = book[sheet]

    assert table.protection.sheet
    assert table.column_dimensions["A"].hidden
    assert table[cell.replace("6", "3")].value.startswith("=SUM(")
    assert table[cell.replace("6", "4")].protection.locked
    assert not table[cell].protection.locked
    assert {v.type for v in table.data_validations.dataValidation} >= {"list", "decimal", "whole"}
    assert table["A8"].value
    assert not table["B8"].value
    assert book[RECORD].sheet_state == "veryHidden"
    assert table.page_setup.fitToHeight == 0


@pytest.mark.feature("A26")
def test_everything_wrong_is_named_at_once_by_sheet_and_cell():
    asked, people = ("projects.asked", "0001"), ("projects.people", "0001")
    kind = ("projects.activity_type", "0001")
    book = made(ADULT, {**filled.answers(ADULT), asked: ""})
    sheet, cell = cell_at(ADULT, asked)
    counted, chosen = cell_at(ADULT, people)[1], cell_at(ADULT, kind)[1]

    found = faults_of(typed(book, sheet, **{cell: "lots", counted: "many", chosen: "Juggling"}))

    assert set(found) == {
        f"Sheet ‘{sheet}’, cell {cell}: type an amount in pounds, such as 2,500.",
        f"Sheet ‘{sheet}’, cell {counted}: type a whole number in figures, such as 40.",
        f"Sheet ‘{sheet}’, cell {chosen}: choose one of the answers in the list.",
    }


@pytest.mark.feature("A26")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2500, "2500"),
        (2500.5, "2500.50"),
        ("£2,500", "£2,500"),
        ("2500", "2500"),
        (0.1 + 0.2, "0.30"),
    ],
)
def test_amounts_may_be_numbers_or_typed(value, text):
    sheet, cell = cell_at(ADULT, ("projects.asked", ""))

    assert list(changes(typed(made(ADULT, {}), sheet, **{cell: value}), ADULT).values()) == [text]


@pytest.mark.feature("A26")
def test_dates_may_be_spreadsheet_dates_or_typed():
    key = next(q.key for f in FUNDS.values() for q in f.questions() if q.kind == K.DATE)
    fund = next(f for f in FUNDS.values() if f.question(key))
    sheet, cell = cell_at(fund, (key, ""))
    book = made(fund, {})

    for value, text in (
        (dt.date(2027, 3, 31), "2027-03-31"),
        (46_477, "2027-03-31"),
        ("31 March 2027", "31 March 2027"),
    ):
        assert changes(typed(book, sheet, **{cell: value}), fund) == {(key, ""): text}
    wrong = faults_of(typed(book, sheet, **{cell: "soon"}), fund)
    assert "type a date with day, month and year" in wrong[0]


@pytest.mark.feature("A26")
def test_a_formula_without_a_result_is_a_fault_and_never_an_empty_answer():
    place = (next(_writing(ADULT)), "")
    sheet, cell = cell_at(ADULT, place)

    found = faults_of(typed(made(ADULT, {place: "Words"}), sheet, **{cell: "=A1&B1"}))

    assert found == [
        f"Sheet ‘{sheet}’, cell {cell}: this is a formula without a result; type the answer itself."
    ]


@pytest.mark.feature("A26")
def test_the_result_of_a_formula_is_taken():
    sheet, cell = cell_at(ADULT, ("projects.asked", ""))
    data = typed(made(ADULT, {}), sheet, **{cell: "=1000*2"})

    assert list(changes(_with_result(data, "1000*2", "2000"), ADULT).values()) == ["2000"]


def _with_result(data: bytes, formula: str, result: str) -> bytes:
    """As a spreadsheet program keeps it: the formula with its last result."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode("utf8")
            bare = f"<f>{formula}</f><v></v>", f"<f>{formula}</f><v />", f"<f>{formula}</f><v/>"
            for empty in bare:
                part = part.replace(empty, f"<f>{formula}</f><v>{result}</v>")
            new.writestr(name, part)
    return out.getvalue()


def test_several_choices_are_read_by_their_words_or_with_semicolons():
    place = ("projects.themes", "0001")
    codes = ADULT.code_lists[ADULT.asked(place[0]).choices].codes
    answers = filled.answers(ADULT)
    sheet, cell = cell_at(ADULT, place)
    words = f"{codes[2].label.upper()} ; {codes[0].label}"

    found = changes(typed(made(ADULT, answers), sheet, **{cell: words}), ADULT)

    assert found == {place: f"{codes[2].code}\n{codes[0].code}"}


@pytest.mark.feature("A26")
def test_a_row_that_is_emptied_or_deleted_goes_and_spare_rows_stay_the_same_rows():
    answers = filled.answers(ADULT)
    book = made(ADULT, answers)
    sheet, cell = cell_at(ADULT, ("projects.title", ""))
    lines = {place for place, text in answers.items() if place[0].startswith("projects.") and text}

    gone = changes(edited(book, lambda b: b[sheet].delete_rows(6, 1)), ADULT)
    new = typed(book, sheet, **{cell.replace("6", "8"): "A third"})

    assert gone == {place: "" for place in lines if place[1] == "0001"}
    assert changes(new, ADULT) == changes(edited(new, lambda _: None), ADULT)
    assert list(changes(new, ADULT).values()) == ["A third"]


def test_a_line_below_the_table_and_a_copied_line_become_rows_of_their_own():
    book = made(ADULT, filled.answers(ADULT))
    sheet, cell = cell_at(ADULT, ("projects.title", ""))
    column = cell[0]

    def edit(opened):
        opened[sheet][f"{column}60"] = "Below"
        for number, value in enumerate(opened[sheet][6], 1):
            opened[sheet].cell(61, number).value = value.value

    found = changes(edited(book, edit), ADULT)

    titles = [text for place, text in found.items() if place[0] == "projects.title"]
    assert titles == ["Below", "Tuesday Table 1"]
    assert len({row for _, row in found}) == 2


@pytest.mark.feature("A26")
@pytest.mark.parametrize("slug", sorted(FUNDS))
def test_broken_layouts_are_named(slug):
    fund = FUNDS[slug]
    book = made(fund, filled.answers(fund))
    table = next(s for s in sheets(fund) if s.table is not None)
    section = next(s for s in sheets(fund) if s.table is None)

    missing = faults_of(edited(book, lambda b: b.remove(b[table.name])), fund)
    merged = faults_of(edited(book, lambda b: b[section.name].merge_cells("B4:C4")), fund)
    moved = faults_of(edited(book, lambda b: b[table.name].delete_cols(2)), fund)
    extra = faults_of(typed(book, table.name, AB7="More"), fund)
    question = faults_of(edited(book, lambda b: b[section.name].delete_rows(4)), fund)

    assert missing == [
        f"Sheet ‘{table.name}’: this sheet is missing; put it back, or download it again."
    ]
    assert f"Sheet ‘{section.name}’: cells are merged; split them again." in merged
    assert any("the heading here should be" in fault for fault in moved)
    assert f"Sheet ‘{table.name}’, cell AB7: there is no such column" in extra[0]
    assert any("is missing" in fault for fault in question)


@pytest.mark.feature("A26")
def test_nul_in_a_cell_is_refused_with_a_sentence():
    place = (next(_writing(ADULT)), "")
    sheet, cell = cell_at(ADULT, place)

    found = faults_of(typed(made(ADULT, {}), sheet, **{cell: "a_x0000_b"}))

    assert "holds a character that cannot be shown" in found[0]


def test_whose_it_is_can_be_read_and_another_spreadsheet_is_not_ours():
    book = made(ADULT, {})
    assert workbook_reading.identity(book) == WHO
    with pytest.raises(Blocked, match=NOT_OURS[:40]):
        workbook_reading.identity(edited(book, lambda b: b.remove(b[RECORD])))


def test_the_same_values_make_the_same_bytes():
    assert made(ADULT, filled.answers(ADULT)) == made(ADULT, filled.answers(ADULT))


def test_names_of_sheets_are_short_distinct_and_allowed():
    for fund in FUNDS.values():
        names = [sheet.name for sheet in sheets(fund)]
        assert len({name.casefold() for name in names}) == len(names)
        assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
