"""The offline workbook of a draft: a sheet for each section, one for each table, safe to open.

What it holds is read back by ``workbook_reading.py``; both ask ``workbook_plan.py`` where things stand.
Text is always written as text, so nothing that a person typed can come alive as a formula.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from grants.documents.workbook_cells import LONGEST_CELL, mark_of, written_and_read
from grants.documents.workbook_plan import (
    LISTS,
    READ_ME,
    RECORD,
    Identity,
    Place,
    Sheet,
    sheets,
)
from grants.documents.workbook_sheets import Lists, Looks, write_section, write_table
from grants.funds.definition import Fund, QuestionKind

FORMAT = "community-fund-grants workbook 1"
HOW = (
    "Fill in the white cells. Grey cells are locked. You can leave any of it empty and finish later.",
    "Load the file back on the web page where you downloaded it. You see what will change first.",
    "Nothing is saved if there is a cell that can't be read. You are told which.",
    "In a table, use one line for each row. To take a row out, empty its cells.",
    "Where several answers may be chosen, write one a line, in the words of the sheet ‘Lists’.",
    "Keep the sheets, headings and columns as they are, and don't merge cells.",
    "Macros and links to other workbooks can't be loaded. Of a formula the result is taken.",
    "Files are sent on the web page.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookValues:
    """What the workbook is made from."""

    fund: Fund
    identity: Identity
    organisation: str
    closes: str  # a sentence
    answers: Mapping[Place, str]
    versions: Mapping[Place, int]
    made_at: dt.datetime


def workbook(values: WorkbookValues) -> bytes:
    """The workbook as XLSX. The same values make the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    try:
        book.set_properties(
            {
                "title": f"{values.identity.reference}: {values.identity.round_title}"[:250],
                "created": values.made_at.astimezone(dt.UTC).replace(tzinfo=None),
            }
        )
        looks = Looks(book)
        plan = sheets(values.fund)
        _read_me(book, looks, values, plan)
        made = [(sheet, book.add_worksheet(sheet.name)) for sheet in plan]
        lists = Lists(values.fund, book.add_worksheet(LISTS), looks)
        for sheet, worksheet in made:
            write = write_table if sheet.table is not None else write_section
            write(worksheet, sheet, values.fund, values, looks, lists)
        lists.close()
        _record(book.add_worksheet(RECORD), values)
    finally:
        book.close()
    return out.getvalue()


def _read_me(book: Any, looks: Looks, values: WorkbookValues, plan: tuple[Sheet, ...]) -> None:
    worksheet = book.add_worksheet(READ_ME)
    worksheet.set_column(0, 0, 90)
    worksheet.hide_gridlines(2)
    lines = (
        (f"Application {values.identity.reference}", looks.title),
        (f"{values.identity.round_title}. {values.organisation}.", looks.words),
        (values.closes, looks.words),
        ("How to fill it in", looks.heading),
        *((line, looks.words) for line in HOW),
        ("The sheets", looks.heading),
    )
    for row, (text, look) in enumerate(lines):
        worksheet.write_string(row, 0, text[:LONGEST_CELL], look)
    for row, sheet in enumerate(plan, len(lines)):
        quoted = sheet.name.replace("'", "''")
        worksheet.write_url(row, 0, f"internal:'{quoted}'!A1", looks.link, sheet.name)
    looks.lay_out(worksheet, landscape=False)
    worksheet.protect("", {"select_locked_cells": True})


def _record(worksheet: Any, values: WorkbookValues) -> None:
    """Hidden: whose it is, and of each answer the version and the mark it had when this was made."""
    identity = values.identity
    head = (
        FORMAT,
        identity.application,
        identity.reference,
        identity.round_title,
        str(identity.version),
    )
    for row, text in enumerate(head):
        worksheet.write_string(row, 0, text)
    places = sorted({*values.answers, *values.versions})
    row = len(head)
    for place in places:
        asked = values.fund.asked(place[0])
        if asked is None or asked.kind in {QuestionKind.UPLOAD, QuestionKind.ROWS}:
            continue
        text = values.answers.get(place, "")
        worksheet.write_string(row, 0, place[0])
        worksheet.write_string(row, 1, place[1])
        worksheet.write_number(row, 2, values.versions.get(place, 0))
        worksheet.write_string(row, 3, mark_of_cell(values.fund, place, text))
        row += 1
    worksheet.very_hidden()
    worksheet.protect()


def mark_of_cell(fund: Fund, place: Place, text: str) -> str:
    """The mark of what the cell will say when it is read back untouched."""
    asked = fund.asked(place[0])
    return "" if asked is None else mark_of(fund, asked, written_and_read(fund, asked, text))
