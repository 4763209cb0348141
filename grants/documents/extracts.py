"""Extracts: declared columns out of values as CSV, XLSX and JSON, streamed, each cell safe to open."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count, islice
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from grants.documents.cells import (
    HIDDEN,
    Cell,
    checked,
    csv_cell,
    in_pounds,
    iso,
    json_cell,
    naive,
)
from grants.documents.columns import TABLES, Column, ColumnType, ExtractTable

__all__ = ["HIDDEN", "TABLES", "Column", "ColumnType", "ExtractTable", "Sheet"]

BOM = "\ufeff"  # without it Excel reads a CSV as if it were not UTF-8
MAX_CELL = 32_767  # characters Excel keeps in one cell
MAX_ROWS = 1_048_575  # rows of one worksheet below its header
CHUNK = 200  # rows written to a stream at once

Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its rows, which may be read once."""

    table: ExtractTable
    rows: Iterable[Row]


DICTIONARY = ExtractTable(
    "data_dictionary",
    "Data dictionary",
    "One row is one column of this extract.",
    tuple(
        Column(name, title, ColumnType.TEXT, description, "this product")
        for name, title, description in (
            ("table", "Table", "The table that has the column."),
            ("column", "Column", "The column's name in CSV and JSON."),
            ("title", "Title", "The column's title in XLSX."),
            ("type", "Type", "What its cells are."),
            ("description", "Description", "What it holds."),
            ("source", "Source", "Where it comes from."),
            ("hidden", "Small numbers", "Whether small numbers of people are hidden."),
            ("code_list", "Code list", "The list that its codes come from."),
            ("counts", "What a row is", "What one row of the table stands for."),
        )
    ),
)

_TYPES_IN_WORDS = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.NUMBER: "number",
    ColumnType.MONEY: "pounds, with two decimals",
    ColumnType.DATE: "date",
    ColumnType.INSTANT: "date and time in UTC",
    ColumnType.YES_NO: "yes or no",
}


def data_dictionary(tables: Iterable[ExtractTable]) -> Iterator[dict[str, Cell]]:
    """One row for each column of each table."""
    for table in tables:
        for column in table.columns:
            yield {
                "table": table.name,
                "column": column.name,
                "title": column.title,
                "type": _TYPES_IN_WORDS[column.type],
                "description": column.description,
                "source": column.source,
                "hidden": f"shown as {HIDDEN}" if column.people else "",
                "code_list": column.code_list or "",
                "counts": table.counts,
            }


# CSV


def csv_chunks(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """A CSV file in pieces, beginning with the mark that Excel needs."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([BOM + columns[0].name, *(column.name for column in columns[1:])])
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        writer.writerows(
            [csv_cell(column, row[column.name]) for column in columns] for row in chunk
        )
        yield _emptied(buffer)
    if buffer.tell():
        yield _emptied(buffer)


def write_csv(stream: IO[str], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write to a text stream opened with ``encoding="utf-8", newline=""``."""
    for chunk in csv_chunks(columns, rows):
        stream.write(chunk)


# JSON


def json_chunks(sheets: Sequence[Sheet], about: Mapping[str, str]) -> Iterator[str]:
    """One JSON document in pieces: what it is, its data dictionary, then each table's rows."""
    dictionary = list(data_dictionary(sheet.table for sheet in sheets))
    yield f'{{"about": {_json(dict(about))},\n"data_dictionary": {_json(dictionary)},\n"tables": {{'
    for number, sheet in enumerate(sheets):
        yield from ("," if number else "", f"\n{_json(sheet.table.name)}: ")
        yield f'{{"title": {_json(sheet.table.title)}, "counts": {_json(sheet.table.counts)}, "rows": ['
        yield from _json_rows(sheet)
        yield "]}"
    yield "\n}}\n"


def write_json(stream: IO[str], sheets: Sequence[Sheet], about: Mapping[str, str]) -> None:
    """Write to a text stream opened with ``encoding="utf-8"``."""
    for chunk in json_chunks(sheets, about):
        stream.write(chunk)


# XLSX


def write_xlsx(path: Path, sheets: Sequence[Sheet], *, made_at: datetime) -> None:
    """A workbook with a sheet for each table and one for the data dictionary; row by row.

    The file appears under its name when it is whole, or not at all.
    """
    tables = [sheet.table for sheet in sheets]
    every = [*sheets, Sheet(DICTIONARY, data_dictionary(tables))]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / "workbook"
        book = xlsxwriter.Workbook(str(made), {"constant_memory": True, "tmpdir": folder})
        try:
            book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
            formats = _Formats(book)
            for sheet in every:
                _write_sheets(book, sheet, formats)
        finally:
            book.close()
        made.replace(path)


class _Formats:
    """The looks of cells, made once for a workbook."""

    def __init__(self, book: Any) -> None:
        self.header = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.by_type = {
            ColumnType.INTEGER: book.add_format({"num_format": "#,##0"}),
            ColumnType.NUMBER: book.add_format({"num_format": "General"}),
            ColumnType.MONEY: book.add_format({"num_format": "#,##0.00"}),
            ColumnType.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            ColumnType.INSTANT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }


_WIDTHS = {ColumnType.TEXT: 28, ColumnType.INSTANT: 19}


def _write_sheets(book: Any, sheet: Sheet, formats: _Formats) -> None:
    """Go on in another worksheet when one is full."""
    rows = iter(sheet.rows)
    title = sheet.table.title[:25]
    for number in count(1):
        worksheet = book.add_worksheet(title if number == 1 else f"{title} ({number})")
        if _write_sheet(worksheet, sheet.table, islice(rows, MAX_ROWS), formats) < MAX_ROWS:
            return


def _write_sheet(
    worksheet: Any, table: ExtractTable, rows: Iterable[Row], formats: _Formats
) -> int:
    """Write rows and say how many there were."""
    for index, column in enumerate(table.columns):
        width = max(_WIDTHS.get(column.type, 12), min(len(column.title) + 4, 40))
        worksheet.set_column(index, index, width)
        worksheet.write_string(0, index, column.title, formats.header)
    worksheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, start=1):
        for index, column in enumerate(table.columns):
            _write_cell(worksheet, (last, index), column, row[column.name], formats)
    worksheet.autofilter(0, 0, last, len(table.columns) - 1)
    return last


def _write_cell(
    worksheet: Any, at: tuple[int, int], column: Column, value: Cell, formats: _Formats
) -> None:
    """Typed cells: text is never a formula, a date is a date, money is a number of pounds."""
    value = checked(column, value)
    look = formats.by_type.get(column.type)
    if value is None:
        return
    if isinstance(value, bool):
        worksheet.write_string(*at, "yes" if value else "no")
    elif isinstance(value, str):
        worksheet.write_string(
            *at, value if len(value) <= MAX_CELL else value[: MAX_CELL - 1] + "…"
        )
    elif isinstance(value, date):
        worksheet.write_datetime(*at, naive(value), look)
    else:
        number = in_pounds(value) if column.type is ColumnType.MONEY else value
        worksheet.write_number(*at, float(number), look)


# The description that machines read


def datapackage(
    name: str, title: str, tables: Iterable[ExtractTable], *, made_at: datetime
) -> dict[str, Any]:
    """``datapackage.json``: the data dictionary in the form of Frictionless Data, for ``<table>.csv``."""
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.lower()),
        "title": title,
        "created": iso(made_at),
        "resources": [_resource(table) for table in tables],
    }


def _resource(table: ExtractTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "description": table.counts,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": ["", HIDDEN],
        },
    }


_FIELD_TYPES: dict[ColumnType, dict[str, Any]] = {
    ColumnType.TEXT: {"type": "string"},
    ColumnType.INTEGER: {"type": "integer"},
    ColumnType.NUMBER: {"type": "number"},
    ColumnType.MONEY: {"type": "number"},
    ColumnType.DATE: {"type": "date"},
    ColumnType.INSTANT: {"type": "datetime"},
    ColumnType.YES_NO: {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
}


def _field(column: Column) -> dict[str, Any]:
    field = {
        "name": column.name,
        "title": column.title,
        "description": column.description,
        **_FIELD_TYPES[column.type],
    }
    return field | ({"codeList": column.code_list} if column.code_list else {})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _json_rows(sheet: Sheet) -> Iterator[str]:
    columns = sheet.table.columns
    lead = "\n"
    for row in sheet.rows:
        yield lead + _json({column.name: json_cell(column, row[column.name]) for column in columns})
        lead = ",\n"


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
