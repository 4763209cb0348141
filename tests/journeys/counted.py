"""The end of a life: what the evaluation page shows, and the same figures as files."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl

from grants.funds.definition import Fills
from grants.rules.money import pounds
from tests.journeys.pages import Page, Visitor
from tests.journeys.world import (
    AREA,
    ASKED,
    AWARD,
    DECIDED,
    LINES,
    PEOPLE,
    REACHED,
    RIVAL_AREA,
    RIVAL_LINES,
    SHARE,
    World,
)

HIDDEN = "[c]"
WORDS = {None: "–not collected", HIDDEN: "hidden"}
Files = dict[str, list[dict[str, str]]]


def evaluate(world: World) -> Page:
    """The exact figures of this life, on the page of those who may see them."""
    place = f"{world.places['round']}/evaluation"
    world.barred(place, "finance", "first", "sender", "rival", "public")
    page = world.at("evaluator").open(place)
    _headline(page)
    _areas(page)
    _activity_types(page, world)
    _people(page)
    return page


def _headline(page: Page) -> None:
    shown = page.tree.xpath("//section[@id='headline']//*[contains(@class, 'figures__value')]")
    assert [value.text_content().strip() for value in shown] == [
        "2",
        "0",
        "1",
        str(len(DECIDED)),
        str(len({LINES[place].group_name for place in DECIDED})),
        pounds(ASKED + RIVAL_LINES[0].asked),
        pounds(AWARD),
        str(sum(LINES[place].people for place in DECIDED)),
        str(PEOPLE),
    ]


def _areas(page: Page) -> None:
    rows = {row[""]: row for row in page.table("areas")}
    here, there = rows[AREA], rows[RIVAL_AREA]
    columns = (
        "Allocated (£)",
        "Applications",
        "Asked for (£)",
        "Awards",
        "Awarded (£)",
        "Projects",
    )
    assert [here[name] for name in columns] == [pounds(SHARE), "1", pounds(ASKED), "1",
                                                pounds(AWARD), "3"]  # fmt: skip
    assert [there[name] for name in columns] == [pounds(SHARE), "1",
                                                 pounds(RIVAL_LINES[0].asked), "0", "£0", "0"]  # fmt: skip
    assert here["People reached"] == str(PEOPLE)


def _activity_types(page: Page, world: World) -> None:
    """Two projects of the first type and one of the second, with their decided money."""
    listed = world.fund.column_list(Fills.PROJECTS, "activity_type")
    assert listed is not None
    rows = page.table("activity_types")
    assert len(rows) == len(listed.codes) + 1  # and the total
    money = [sum(DECIDED[p] for p in DECIDED if LINES[p].kind == kind) for kind in (0, 1)]
    shown = [(row["Projects"], row["Awarded (£)"]) for row in rows[:-1]]
    assert shown[:2] == [("2", pounds(money[0])), ("1", pounds(money[1]))]
    assert set(shown[2:]) == {("0", "£0")}
    for row, code in zip(rows, listed.codes, strict=False):
        assert row[""].startswith(code.label)


def _people(page: Page) -> None:
    """Outcomes are pooled counts; three people are too few to show anywhere."""
    every = [reach for project in REACHED for reach in project]
    outcome = page.table("outcome_totals")[0]
    totals = {name: sum(reach.steps[f"n_{name}"] for reach in every)
              for name in ("paired", "improved", "same", "worse")}  # fmt: skip
    columns = ("Asked at the start", "Asked both times", "Improved", "No change", "Worse")
    assert [outcome[name] for name in columns] == [str(n) for n in (PEOPLE, *totals.values())]
    share = (Decimal(totals["improved"]) * 100 / totals["paired"]).quantize(Decimal("0.1"))
    assert outcome["% improved"] == f"{share}%"
    few = sum(reach.second for reach in every)
    assert few == 3
    for section in page.tree.xpath("//section[starts-with(@id, 'people_')]/@id"):
        assert str(few) not in [row["People"] for row in page.table(section)], section


def extract(world: World, page: Page) -> None:
    """The same figures as CSV, XLSX and JSON, made by the worker, for their maker alone."""
    place = f"{world.places['round']}/extracts"
    world.barred(place, "approver", "finance", "first", "sender", "rival", "public")
    visitor = world.at("evaluator")
    whole = json.loads(_taken(world, visitor, place, "json"))
    tables: dict[str, Any] = whole["tables"]
    titles = {(row["table"], row["column"]): row["title"] for row in whole["data_dictionary"]}
    for name in page.tree.xpath("//section[.//table]/@id"):
        _same_as_page(page, name, tables[name]["rows"], titles)
    by_csv = _csv_tables(_taken(world, visitor, place, "csv"))
    by_xlsx = _xlsx_tables(_taken(world, visitor, place, "xlsx"))
    for name, table in tables.items():
        texts = [_texts(row) for row in table["rows"]]
        assert [_numbers(row) for row in by_csv[name]] == texts, name
        shown = [{titles[name, key]: text for key, text in row.items()} for row in texts]
        assert by_xlsx[table["title"][:25]] == shown, name


def _taken(world: World, visitor: Visitor, place: str, kind: str) -> bytes:
    """Asked for, made by the worker, downloaded; nobody else may."""
    page = visitor.open(place)
    names = page.tree.xpath("//input[@type='checkbox'][@name='tables']/@value")
    given = {"tables": names, "format": kind, "reason": ""}
    visitor.press(page, "Make the extract", given, status=422)
    page = visitor.press(page, "Make the extract", given | {"reason": "The yearly report"})
    world.work()
    done = visitor.open(page.address)
    world.barred(page.address, "manager", "auditor", "sender", "public")
    file = done.links("^/extracts/")[0]
    world.barred(file, "manager", "auditor", "sender", "public")
    return visitor.open(file).data


def _same_as_page(
    page: Page, name: str, rows: list[dict[str, Any]], titles: dict[tuple[str, str], str]
) -> None:
    columns = {title: column for (table, column), title in titles.items() if table == name}
    shown = [
        row for row in page.table(name) if not row[""].startswith(("All areas", "All projects"))
    ]
    assert len(shown) == len(rows), name
    for seen, row in zip(shown, rows, strict=True):
        for title, text in seen.items():
            if title:
                assert text == _as_shown(columns[title], title, row[columns[title]]), (name, title)


def _as_shown(column: str, title: str, value: Any) -> str:
    """A figure of the file as the page words it."""
    if value in WORDS:
        return WORDS[value]
    if "(£)" in title:
        return pounds(round(value * 100))
    if column.endswith("percent"):
        return f"{value}%"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _texts(row: dict[str, Any]) -> dict[str, str]:
    return {key: _text(value) for key, value in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float | str) -> str:
    """A number in one way of writing, whatever the file's."""
    return f"{Decimal(str(value)):f}".rstrip("0").rstrip(".") if "." in str(value) else str(value)


def _numbers(row: dict[str, str]) -> dict[str, str]:
    return {
        key: _number(text) if re.fullmatch(r"-?\d+\.\d+", text) else text.removeprefix("'")
        for key, text in row.items()
    }


def _csv_tables(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            )
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def _xlsx_tables(data: bytes) -> Files:
    book = openpyxl.load_workbook(io.BytesIO(data))
    found: Files = {}
    for sheet in book:
        head, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        found[sheet.title] = [
            {str(title): _cell(value) for title, value in zip(head, row, strict=True)}
            for row in rows
        ]
    return found


def _cell(value: Any) -> str:
    if hasattr(value, "isoformat"):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if is_day else f"{value.isoformat()}Z"
    return _text(value)
