"""Reads the reference tables beside the funds: areas, allocations, code lists, measures, figures."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grants.funds.definition import STATUSES, Code, CodeList

FOLDER = Path(__file__).parent / "reference"
PENCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilArea:
    """One of the 32 council areas. The tile is our own drawing, not a boundary."""

    code: str
    name: str
    gaelic_name: str
    other_names: tuple[str, ...]
    earlier_code: str
    board_code: str
    board: str
    partnership_code: str
    partnership: str
    is_island: bool  # has inhabited islands; general knowledge, unverified
    urban_rural: str  # general knowledge, unverified
    population: int  # middle of 2019
    source: str
    status: str
    tile_column: int
    tile_row: int

    @property
    def is_rural(self) -> bool:
        """Whether the council is mainly rural, or islands and remote rural."""
        return self.urban_rural in {"mainly rural", "islands and remote rural"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    """One published share of a year's money, for one or more councils."""

    name: str
    printed_label: str
    area_codes: tuple[str, ...]
    pence: int
    note: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeMeasure:
    """A way of measuring change. Only counts are collected, never the questionnaire's answers."""

    key: str
    name: str
    population: str
    scale_min: int | None
    scale_max: int | None
    higher_is_better: str
    change_threshold: str
    may_show_items: bool
    licence_note: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualityQuestion:
    """One question of equality monitoring. ``follows`` is the answer of another that it refines."""

    key: str
    label: str
    hint: str
    options: tuple[tuple[str, str], ...]
    follows: tuple[str, str] | None
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure already in print, to check our own tables against."""

    fund_year: str
    edition: str
    table: str
    code: str
    label: str
    value: str
    unit: str
    source: str
    status: str
    note: str


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _pence(pounds: str) -> int:
    whole, _, part = pounds.partition(".")
    return int(whole) * PENCE + int(part.ljust(2, "0"))


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


@cache
def council_areas() -> tuple[CouncilArea, ...]:
    """The 32 council areas by name."""
    return tuple(
        CouncilArea(
            code=row["code"],
            name=row["name"],
            gaelic_name=row["gaelic_name"],
            other_names=tuple(filter(None, row["other_names"].split("; "))),
            earlier_code=row["earlier_code"],
            board_code=row["board_code"],
            board=row["board"],
            partnership_code=row["partnership_code"],
            partnership=row["partnership"],
            is_island=row["is_island"] == "yes",
            urban_rural=row["urban_rural"],
            population=int(row["population_mid_2019"]),
            source=row["source"],
            status=row["status"],
            tile_column=int(row["tile_column"]),
            tile_row=int(row["tile_row"]),
        )
        for row in _rows("council_areas")
    )


@cache
def allocations(financial_year: str) -> tuple[AllocationRow, ...]:
    """The published allocation table of a year such as ``2023-24``."""
    name = f"allocations_{financial_year.replace('-', '_')}"
    if not (FOLDER / f"{name}.csv").is_file():
        raise LookupError(f"there is no allocation table for '{financial_year}'")
    return tuple(
        AllocationRow(
            name=row["name"],
            printed_label=row["printed_label"],
            area_codes=tuple(row["area_codes"].split(";")),
            pence=_pence(row["amount_gbp"]),
            note=row["note"],
            source=row["source"],
            status=row["status"],
        )
        for row in _rows(name)
    )


@cache
def outcome_measures() -> tuple[OutcomeMeasure, ...]:
    """The measures a return may name."""
    return tuple(
        OutcomeMeasure(
            key=row["key"],
            name=row["name"],
            population=row["population"],
            scale_min=_whole(row["scale_min"]),
            scale_max=_whole(row["scale_max"]),
            higher_is_better=row["higher_is_better"],
            change_threshold=row["change_threshold"],
            may_show_items=row["may_show_items"] == "yes",
            licence_note=row["licence_note"],
            source=row["source"],
            status=row["status"],
        )
        for row in _rows("outcome_measures")
    )


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """Figures in print, each with its edition and source."""
    return tuple(PublishedFigure(**row) for row in _rows("published_figures"))


@cache
def equality_questions() -> tuple[EqualityQuestion, ...]:
    """What equality monitoring asks, each with its source. Saying nothing is always an answer."""
    return tuple(
        EqualityQuestion(
            key=row["key"],
            label=row["question"],
            hint=row["hint"],
            options=tuple(_pair(option) for option in row["options"].split("|")),
            follows=_pair(row["follows"]) if row["follows"] else None,
            source=row["source"],
            status=row["status"],
        )
        for row in _rows("equality_questions")
    )


def _pair(text: str) -> tuple[str, str]:
    first, _, second = text.partition("=")
    return first, second


def code_list(name: str, edition: str) -> CodeList:
    """One edition of a code list, or a LookupError that says what there is instead."""
    lists = _code_lists()
    if (name, edition) in lists:
        return lists[name, edition]
    editions = sorted(known for listed, known in lists if listed == name)
    if not editions:
        raise LookupError(f"there is no code list '{name}'")
    raise LookupError(
        f"the code list '{name}' has no edition '{edition}', only {', '.join(editions)}"
    )


def code_lists() -> tuple[CodeList, ...]:
    """Every code list in every edition."""
    return tuple(_code_lists().values())


@cache
def _code_lists() -> dict[tuple[str, str], CodeList]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in _rows("code_lists"):
        grouped.setdefault((row["list"], row["edition"]), []).append(row)
    lists = {key: _code_list(key, rows) for key, rows in grouped.items()}
    for made in (_areas_list(), _measures_list()):
        lists[made.name, made.edition] = made
    return lists


def _code_list(key: tuple[str, str], rows: list[dict[str, str]]) -> CodeList:
    rows = sorted(rows, key=lambda row: int(row["sort"]))
    return CodeList(
        name=key[0],
        edition=key[1],
        source=" ; ".join(dict.fromkeys(row["source"] for row in rows)),
        status=max((row["status"] for row in rows), key=STATUSES.index),
        codes=tuple(Code(code=row["code"], label=row["label"], note=row["note"]) for row in rows),
    )


def _areas_list() -> CodeList:
    areas = council_areas()
    return CodeList(
        name="council_area",
        edition="current",
        source="reference/council_areas.csv",
        status="published",
        codes=tuple(
            Code(code=area.code, label=area.name, note="; ".join(area.other_names))
            for area in areas
        ),
    )


def _measures_list() -> CodeList:
    measures = outcome_measures()
    return CodeList(
        name="outcome_measure",
        edition="current",
        source="reference/outcome_measures.csv",
        status=max((measure.status for measure in measures), key=STATUSES.index),
        codes=tuple(
            Code(code=measure.key, label=measure.name, note=measure.licence_note)
            for measure in measures
        ),
    )
