"""Workbooks for tests: made from a fund, edited as a spreadsheet would, and read back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl

from grants.documents import workbook_reading
from grants.documents.workbook_plan import Identity, Place, sheets
from grants.documents.workbooks import WorkbookValues, workbook
from grants.funds.definition import Fund

NOW = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
WHO = Identity("0" * 36, "ADULT-2026-0042", "Round (fictional)", 1)


def made(fund: Fund, answers: dict[Place, str]) -> bytes:
    return workbook(
        WorkbookValues(
            fund=fund,
            identity=WHO,
            organisation="Comann (fictional)",
            closes="Closes soon.",
            answers=answers,
            versions=dict.fromkeys(answers, 1),
            made_at=NOW,
        )
    )


def edited(data: bytes, edit: Callable[[Any], None]) -> bytes:
    """What another program saves after this change to the workbook."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed(data: bytes, sheet: str, **cells: Any) -> bytes:
    """With these cells typed in: ``typed(data, "Projects", D7="40")``."""

    def edit(book: Any) -> None:
        for cell, value in cells.items():
            book[sheet][cell] = value

    return edited(data, edit)


def changes(data: bytes, fund: Fund) -> dict[Place, str]:
    return {change.place: change.text for change in workbook_reading.changes(data, fund)}


def cell_at(fund: Fund, place: Place, row: int = 6) -> tuple[str, str]:
    """(sheet, cell) where a question, or the column of a table in this line, stands."""
    key, _, column = place[0].partition(".")
    for sheet in sheets(fund):
        if sheet.table is not None and sheet.table.key == key:
            names = [entry.key for entry in sheet.table.columns]
            number = sheet.first + names.index(column)
            return sheet.name, f"{openpyxl.utils.get_column_letter(number)}{row}"
        for line, question in enumerate(sheet.questions, 4):
            if question.key == key:
                return sheet.name, f"C{line}"
    raise LookupError(place)
