"""Figures as geometry: bars and tiles with all their numbers, drawn by a template or on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from grants.rules.money import pounds

BAR, STEP = 22, 32  # height of a bar; distance from one bar to the next
LABELS, BARS, VALUES = 310, 340, 100  # widths: names, the longest bar, figures after it
LETTER = 7.4  # width of an average letter at the size of the names
TILE, GUTTER = 100, 6
SHADES = 4


class Unit(StrEnum):
    """What the figures of a chart count."""

    AWARDS = "awards"
    APPLICATIONS = "applications"
    PROJECTS = "projects"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    RETURNS = "returns"
    PENCE = "pence"  # printed in pounds
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar with its name and figure. A hidden bar has no length and says that it is hidden."""

    label: str
    lines: tuple[str, ...]  # the name, broken to fit beside the bar
    value: int | None
    text: str
    x: float
    y: float
    width: float
    height: float
    text_x: float
    text_y: float
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars from zero, in the order given."""

    key: str
    title: str
    description: str
    unit: Unit
    width: float
    height: float
    axis_x: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One area in its rough place. ``shade`` runs from 1 (least) to 4; 0 is no figure or hidden."""

    code: str
    label: str
    lines: tuple[str, ...]
    value: int | None
    text: str
    x: float
    y: float
    size: float
    shade: int
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One step of the legend."""

    shade: int
    text: str
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TileMap:
    """Areas as tiles, the figure in each."""

    key: str
    title: str
    description: str
    unit: Unit
    width: float
    height: float
    tiles: tuple[Tile, ...]
    shades: tuple[Shade, ...]
    legend_y: float


class TileArea(Protocol):
    """What a map needs to know of an area."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def tile_column(self) -> int: ...
    @property
    def tile_row(self) -> int: ...


def bar_chart(
    title: str,
    rows: Iterable[tuple[str, int | None]],
    unit: Unit,
    *,
    hidden: str = "hidden: small number",
) -> BarChart:
    """Bars for rows of name and figure; None is a figure that is hidden, never a zero."""
    rows = tuple(rows)
    longest = max((value or 0 for _, value in rows), default=0)
    return BarChart(
        key=_key(title),
        title=title,
        description=_description("Bar chart", rows, unit, hidden),
        unit=unit,
        width=LABELS + BARS + VALUES,
        height=STEP * max(len(rows), 1),
        axis_x=LABELS,
        bars=tuple(
            _bar(index, label, value, unit, longest=longest, hidden=hidden)
            for index, (label, value) in enumerate(rows)
        ),
    )


def tile_map(
    title: str,
    areas: Iterable[TileArea],
    values: Mapping[str, int | None],
    unit: Unit,
    *,
    hidden: str = "hidden",
) -> TileMap:
    """A tile for each area; an area without an entry has no figure, one with None is hidden."""
    areas = tuple(areas)
    most = max((value or 0 for value in values.values()), default=0)
    left = min((area.tile_column for area in areas), default=0)
    top = min((area.tile_row for area in areas), default=0)
    tiles = tuple(
        _tile(area, values, unit, most=most, hidden=hidden, corner=(left, top)) for area in areas
    )
    across = max((tile.x + tile.size for tile in tiles), default=TILE)
    down = max((tile.y + tile.size for tile in tiles), default=TILE)
    rows = [(area.name, values[area.code]) for area in areas if area.code in values]
    return TileMap(
        key=_key(title),
        title=title,
        description=_description("Map of tiles, one for each council area", rows, unit, hidden),
        unit=unit,
        width=across,
        height=down + 44,
        tiles=tiles,
        shades=_legend(most, unit, across),
        legend_y=down + 16,
    )


def figure(value: int | None, unit: Unit, hidden: str = "hidden") -> str:
    """A figure as it is printed beside its bar or in a table."""
    if value is None:
        return hidden
    if unit is Unit.PENCE:
        return pounds(round(value, -2))
    return f"{value}%" if unit is Unit.PERCENT else f"{value:,}"


def _bar(
    index: int, label: str, value: int | None, unit: Unit, *, longest: int, hidden: str
) -> Bar:
    width = round(BARS * (value or 0) / longest, 1) if longest else 0.0
    y = index * STEP + (STEP - BAR) / 2
    return Bar(
        label=label,
        lines=_broken(label, int((LABELS - 12) / LETTER), 2),
        value=value,
        text=figure(value, unit, hidden),
        x=LABELS,
        y=y,
        width=width,
        height=BAR,
        text_x=LABELS + width + 6,
        text_y=y + BAR / 2 + 5,
        hidden=value is None,
    )


def _tile(
    area: TileArea,
    values: Mapping[str, int | None],
    unit: Unit,
    *,
    most: int,
    hidden: str,
    corner: tuple[int, int],
) -> Tile:
    is_known = area.code in values
    value = values.get(area.code)
    return Tile(
        code=area.code,
        label=area.name,
        lines=_broken(area.name, 15, 3),
        value=value,
        text=_short(value, unit, hidden) if is_known else "–",
        x=(area.tile_column - corner[0]) * (TILE + GUTTER),
        y=(area.tile_row - corner[1]) * (TILE + GUTTER),
        size=TILE,
        shade=_shade(value, most),
        hidden=is_known and value is None,
    )


def _shade(value: int | None, most: int) -> int:
    if value is None or not most:
        return 0
    return max(1, -(-value * SHADES // most))


def _legend(most: int, unit: Unit, across: float) -> tuple[Shade, ...]:
    """Equal steps up to the largest figure."""
    if not most:
        return ()
    limits = [most * step // SHADES for step in range(SHADES + 1)]
    step = across / SHADES
    return tuple(
        Shade(
            shade=shade,
            text=f"{'from ' if shade == 1 else 'over '}{_short(limits[shade - 1], unit, '')} "
            f"to {_short(limits[shade], unit, '')}",
            x=round((shade - 1) * step, 1),
        )
        for shade in range(1, SHADES + 1)
    )


def _short(value: int | None, unit: Unit, hidden: str) -> str:
    """Money in a tile is in thousands or millions of pounds."""
    if value is None or unit is not Unit.PENCE:
        return figure(value, unit, hidden)
    for size, name, digits in ((100_000_000, "m", 2), (100_000, "k", 0)):  # pence
        if value >= size:
            return f"£{value / size:,.{digits}f}{name}"
    return f"£{value / 100:,.0f}"


def _description(what: str, rows: Iterable[tuple[str, int | None]], unit: Unit, hidden: str) -> str:
    named = {Unit.PENCE: "pounds", Unit.PERCENT: "percentages"}.get(unit, unit.value)
    figures = "; ".join(f"{label}: {figure(value, unit, hidden)}" for label, value in rows)
    return f"{what} of {named}. {figures or 'There are no figures'}."


def _broken(text: str, letters: int, most: int) -> tuple[str, ...]:
    """Lines of at most so many letters; what does not fit ends with an ellipsis."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    cut = [line if len(line) <= letters + 2 else line[:letters] + "…" for line in lines[:most]]
    if len(lines) > most:
        cut[-1] = cut[-1].rstrip("…")[: letters - 1] + "…"
    return tuple(cut)


def _key(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "chart"
