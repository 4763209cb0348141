"""Extracts: nothing comes alive in a spreadsheet, nothing is lost, nothing is held in memory."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import openpyxl
import pytest

from grants.documents import cells, extracts
from grants.documents.cells import HIDDEN, csv_cell, original_text
from grants.documents.columns import TABLES, Column, ColumnType, ExtractTable
from grants.documents.extracts import (
    BOM,
    Sheet,
    csv_chunks,
    data_dictionary,
    datapackage,
    json_chunks,
    write_csv,
    write_json,
    write_xlsx,
)
from grants.funds.reference import code_lists

MADE_AT = datetime(2027, 2, 3, 12, tzinfo=UTC)
LIVE = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    '=HYPERLINK("http://example.org","x")',
    "=cmd|'/C calc'!A0",
    "+cmd|'/C calc'!A0",
    "-cmd|'/C calc'!A0",
    "@cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "  +1+1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",  # noqa: RUF001
    "＋1+1",  # noqa: RUF001
    "－1+1",  # noqa: RUF001
    "＠SUM(1)",  # noqa: RUF001
    "+44 1595 555 0100",
    "- a point in a list",
    "-5+3",
    "'=1+1",
    '=1+1","=2+2',
    "=" + "A" * 40_000,
)
HARMLESS = (
    "-5",
    "-1.25",
    "-",
    "a=b",
    "O'Neill",
    "'tis",
    "1+1",
    "£5",
    "Mairi",
    "x@y.org",
    "",
    "007",
)
TEXT = Column("text", "Text", ColumnType.TEXT, "Any text.", "test")
EVERY_TYPE = ExtractTable(
    "every",
    "Every type",
    "One row is one test.",
    (
        TEXT,
        Column("count", "Count", ColumnType.INTEGER, "Whole.", "test", people=True),
        Column("share", "Share", ColumnType.NUMBER, "Any.", "test"),
        Column("money", "Money", ColumnType.MONEY, "Pounds.", "test"),
        Column("day", "Day", ColumnType.DATE, "Day.", "test"),
        Column("at", "At", ColumnType.INSTANT, "Instant.", "test"),
        Column("is_final", "Final", ColumnType.YES_NO, "Flag.", "test"),
    ),
)
ROW = {
    "text": "Còisir, “Łódź”",
    "count": -5,
    "share": Decimal("0.125"),
    "money": 1_234_567,
    "day": date(2027, 2, 3),
    "at": datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=1))),
    "is_final": True,
}
EMPTY = dict.fromkeys(ROW)
SECRET = EMPTY | {"count": HIDDEN}


def as_csv(table, rows):
    stream = io.StringIO()
    write_csv(stream, table.columns, rows)
    return list(csv.DictReader(io.StringIO(stream.getvalue().removeprefix(BOM), newline="")))


def as_workbook(tmp_path, *sheets):
    write_xlsx(tmp_path / "extract.xlsx", sheets, made_at=MADE_AT)
    return openpyxl.load_workbook(tmp_path / "extract.xlsx")


def as_json(*sheets):
    stream = io.StringIO()
    write_json(stream, sheets, {"round": "ADULT-2026-27"})
    return json.loads(stream.getvalue())


def texts(values):
    return ExtractTable("texts", "Texts", "One row is one text.", (TEXT,)), (
        {"text": value} for value in values
    )


def unified(text):
    """Text with one kind of line end: the only thing that a cell changes."""
    return text.replace("\r", "\n")


@pytest.mark.feature("E6")
@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("text", LIVE, ids=ascii)
def test_live_text_is_disarmed_in_csv_and_can_be_had_back(text):
    cell = as_csv(*texts([text]))[0]["text"]

    assert cell.startswith("'")
    assert original_text(cell) == unified(text)


@pytest.mark.feature("E6")
@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone_in_csv(text):
    assert csv_cell(TEXT, text) == text
    assert original_text(text) == text


@pytest.mark.feature("E7")
def test_no_text_becomes_a_formula_in_xlsx_and_none_is_lost(tmp_path):
    corpus = LIVE + HARMLESS
    sheet = as_workbook(tmp_path, Sheet(*texts(corpus)))["Texts"]

    found = [sheet.cell(row, 1) for row in range(2, len(corpus) + 2)]
    kept = [unified(text)[: extracts.MAX_CELL - 1] for text in corpus]
    assert [cell.data_type for cell, text in zip(found, corpus, strict=True) if text] == ["s"] * (
        len(corpus) - 1
    )
    assert [(cell.value or "").removesuffix("…") for cell in found] == kept


def test_control_characters_are_removed_everywhere(tmp_path):
    text = "a\x00b\x07c\x1bd\ud800e\ufffef\tg\nh"
    sheet = as_workbook(tmp_path, Sheet(*texts([text])))["Texts"]

    assert csv_cell(TEXT, text) == "abcdef\tg\nh"
    assert sheet["A2"].value == "abcdef\tg\nh"
    assert as_json(Sheet(*texts([text])))["tables"]["texts"]["rows"] == [{"text": "abcdef\tg\nh"}]


def test_text_that_looks_like_an_escape_is_escaped_for_excel(tmp_path):
    sheet = as_workbook(tmp_path, Sheet(*texts(["_x0041_"])))["Texts"]

    assert sheet["A2"].value == "_x005F_x0041_"  # Excel shows _x0041_; openpyxl shows the file


@pytest.mark.feature("E6")
def test_csv_begins_with_the_mark_and_the_names():
    assert next(csv_chunks(EVERY_TYPE.columns, [])) == (
        "\ufefftext,count,share,money,day,at,is_final\r\n"
    )


@pytest.mark.feature("E6")
def test_csv_holds_typed_values():
    assert as_csv(EVERY_TYPE, [ROW, SECRET]) == [
        {
            "text": "Còisir, “Łódź”",
            "count": "-5",
            "share": "0.125",
            "money": "12345.67",
            "day": "2027-02-03",
            "at": "2026-07-01T11:30:00Z",
            "is_final": "yes",
        },
        dict.fromkeys(ROW, "") | {"count": "[c]"},
    ]


@pytest.mark.feature("E6")
def test_csv_of_chosen_columns():
    chosen = EVERY_TYPE.choose(("money", "text"))

    assert as_csv(chosen, [ROW]) == [{"money": "12345.67", "text": "Còisir, “Łódź”"}]


@pytest.mark.feature("E7")
def test_xlsx_holds_typed_cells(tmp_path):
    sheet = as_workbook(tmp_path, Sheet(EVERY_TYPE, [ROW, SECRET]))["Every type"]

    assert [cell.value for cell in sheet[2]] == [
        "Còisir, “Łódź”",
        -5,
        0.125,
        12345.67,
        datetime(2027, 2, 3),  # noqa: DTZ001 - a workbook keeps no zone
        datetime(2026, 7, 1, 11, 30),  # noqa: DTZ001
        "yes",
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "d", "s"]
    assert sheet["D2"].number_format == "#,##0.00"
    assert sheet["B3"].value == "[c]"


@pytest.mark.feature("E7")
def test_xlsx_has_a_bold_frozen_header_with_a_filter(tmp_path):
    sheet = as_workbook(tmp_path, Sheet(EVERY_TYPE, [ROW, ROW]))["Every type"]

    assert [cell.value for cell in sheet[1]] == [column.title for column in EVERY_TYPE.columns]
    assert [cell.font.b for cell in sheet[1]] == [True] * len(EVERY_TYPE.columns)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:G3")


def test_xlsx_goes_on_in_another_sheet_when_one_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(extracts, "MAX_ROWS", 2)
    book = as_workbook(tmp_path, Sheet(*texts(["a", "b", "c"])))

    assert book.sheetnames[:2] == ["Texts", "Texts (2)"]
    assert book["Texts (2)"]["A2"].value == "c"


def test_xlsx_is_the_same_each_time(tmp_path):
    for name in ("one", "two"):
        write_xlsx(tmp_path / name, [Sheet(EVERY_TYPE, [ROW])], made_at=MADE_AT)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_xlsx_that_fails_leaves_no_file(tmp_path):
    rows = iter([ROW, ROW | {"count": "three"}])
    with pytest.raises(TypeError):
        write_xlsx(tmp_path / "extract.xlsx", [Sheet(EVERY_TYPE, rows)], made_at=MADE_AT)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.feature("E8")
def test_json_holds_typed_values_and_its_dictionary():
    document = as_json(Sheet(EVERY_TYPE, [ROW, SECRET]))

    assert document["about"] == {"round": "ADULT-2026-27"}
    assert len(document["data_dictionary"]) == len(EVERY_TYPE.columns)
    assert document["tables"]["every"]["rows"] == [
        {
            "text": "Còisir, “Łódź”",
            "count": -5,
            "share": 0.125,
            "money": 12345.67,
            "day": "2027-02-03",
            "at": "2026-07-01T11:30:00Z",
            "is_final": True,
        },
        EMPTY | {"count": "[c]"},
    ]


def test_json_of_no_rows_and_of_no_tables_is_json():
    assert as_json(Sheet(EVERY_TYPE, []))["tables"]["every"]["rows"] == []
    assert as_json()["tables"] == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 5),
        ("count", "5"),
        ("count", 5.0),
        ("count", True),
        ("money", 12.5),
        ("money", HIDDEN),
        ("day", "2027-02-03"),
        ("at", date(2027, 2, 3)),
        ("is_final", 1),
    ],
)
def test_value_of_the_wrong_type_is_a_fault(name, value):
    column = next(column for column in EVERY_TYPE.columns if column.name == name)

    with pytest.raises(TypeError, match=f"Column {name} takes"):
        cells.checked(column, value)


def made_up(table, count):
    values = {
        ColumnType.TEXT: "Some text of ordinary length, with a comma",
        ColumnType.INTEGER: 12,
        ColumnType.NUMBER: 1.5,
        ColumnType.MONEY: 123_456,
        ColumnType.DATE: date(2027, 2, 3),
        ColumnType.INSTANT: MADE_AT,
        ColumnType.YES_NO: True,
    }
    row = {column.name: values[column.type] for column in table.columns}
    return (row | {"title": f"Project {number}"} for number in range(count))


class Nowhere(io.TextIOBase):
    """A stream that keeps nothing."""

    def write(self, text):
        return len(text)


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.feature("E6", "E7", "E8")
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_twenty_thousand_rows_are_streamed(tmp_path, form):
    table = TABLES["projects"].choose(("round", "title", "themes", "awarded", "people_planned"))
    sheet = Sheet(table, made_up(table, 20_000))
    work = {
        "csv": lambda: write_csv(Nowhere(), table.columns, sheet.rows),
        "json": lambda: write_json(Nowhere(), [sheet], {}),
        "xlsx": lambda: write_xlsx(tmp_path / "x.xlsx", [sheet], made_at=MADE_AT),
    }

    assert peak(work[form]) < 32 * 1024 * 1024


def test_rows_are_read_only_as_they_are_written():
    read = []
    table, rows = texts(str(number) for number in range(5_000))
    chunks = csv_chunks(table.columns, (read.append(1) or row for row in rows))
    next(chunks)

    assert len(read) == extracts.CHUNK
    chunks.close()
    assert next(json_chunks([], {})).startswith("{")


@pytest.mark.feature("E5")
def test_dictionary_covers_every_column_of_every_table():
    rows = list(data_dictionary(TABLES.values()))

    assert [(row["table"], row["column"]) for row in rows] == [
        (table.name, column.name) for table in TABLES.values() for column in table.columns
    ]
    needed = ("title", "type", "description", "source", "counts")
    assert [row for row in rows if not all(row[key] for key in needed)] == []


@pytest.mark.feature("E5")
def test_code_lists_of_columns_exist():
    known = {codes.name for codes in code_lists()}
    named = {c.code_list for table in TABLES.values() for c in table.columns if c.code_list}

    assert {name for name in named - known if not name.startswith("the fund’s ")} == set()


@pytest.mark.feature("E5")
def test_dictionary_is_a_sheet_of_the_workbook(tmp_path):
    book = as_workbook(tmp_path, Sheet(EVERY_TYPE, []))

    assert book.sheetnames == ["Every type", "Data dictionary"]
    assert book["Data dictionary"]["B3"].value == "count"
    assert book["Data dictionary"]["G3"].value == "shown as [c]"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_columns_of_a_table_are_named_once(table):
    names = [column.name for column in table.columns]
    titles = [column.title for column in table.columns]

    assert (len(set(names)), len(set(titles))) == (len(names), len(titles))


@pytest.mark.feature("E5")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_datapackage_describes_the_csv_so_that_others_can_check_it(tmp_path):
    frictionless = pytest.importorskip("frictionless")
    package = datapackage("ADULT 2026-27", "An extract", [EVERY_TYPE], made_at=MADE_AT)
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with (tmp_path / "every.csv").open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, EVERY_TYPE.columns, [ROW, ROW | {"count": HIDDEN}])

    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["fieldName", "message"]) == []
    assert package["name"] == "adult-2026-27"
