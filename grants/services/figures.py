"""One evaluation table each: its rows, the sentence that says what they show, and its chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from grants.documents import figure_tables
from grants.documents.cells import HIDDEN
from grants.documents.cells import Cell as Printed
from grants.documents.charts import BarChart, TileMap, Unit, bar_chart, tile_map
from grants.documents.columns import AREAS, Column, ExtractTable
from grants.funds.definition import Code, CodeList, Fund
from grants.funds.reference import CouncilArea, council_areas
from grants.queries.evaluation import AreaRow, RoundRow
from grants.queries.reported import DueRow
from grants.rules.disclosure import Cell, Hidden
from grants.rules.money import pounds
from grants.rules.outcomes import percent
from grants.services.reach import Reach

PER = 100_000
NAMED = 2  # equals that a sentence names
IN_FRONT = ("fund", "round", "code", "area_code", "board", "note")  # columns of files alone
Row = Mapping[str, Printed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A table as the page and the files show it. ``total`` is the row below, where there is one."""

    table: ExtractTable
    heading: str
    sentence: str
    rows: tuple[Row, ...]
    total: Row | None = None
    chart: BarChart | None = None
    map: TileMap | None = None
    note: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the page shows."""
        return tuple(column for column in self.table.columns if column.name not in IN_FRONT)


@dataclass(frozen=True, slots=True)
class Whose:
    """Of which round the figures are, and by which rulebook."""

    round: RoundRow
    fund: Fund

    @property
    def start(self) -> dict[str, Printed]:
        """The first cells of every row."""
        return {"fund": self.fund.short_name, "round": self.round.reference}


def printed(cell: Cell | None) -> int | str | None:
    """A protected count as files and pages have it; None where it was not collected."""
    return HIDDEN if isinstance(cell, Hidden) else cell


def drawn(cell: Printed) -> int | None:
    """A figure for a chart; None is drawn as hidden."""
    return cell if isinstance(cell, int) else None


def by_area(whose: Whose, areas: Sequence[AreaRow], reach: Reach) -> Figures:
    """Applications, awards, projects and people by council area."""
    known = {area.code: area for area in council_areas()}
    rows = tuple(_area(whose, row, known, reach) for row in areas)
    total = _sums(rows, ("allocated", "applications", "asked", "awards", "awarded", "projects"))
    total |= {"area": "All areas", "people_reached": printed(reach.people)}
    awarded = [row for row in areas if row.awarded]
    first = max(awarded, key=lambda row: row.awarded, default=None)
    sentence = (
        f"{len(awarded)} of {len(areas)} areas have an award; the largest is "
        f"{pounds(round(first.awarded, -2))} in {first.name}"
        if first
        else "No award is released yet"
    )
    shared = ", ".join(row.name for row in areas if len(row.codes) > 1)
    return Figures(
        table=AREAS,
        heading="By council area",
        sentence=sentence,
        rows=rows,
        total=total,
        map=tile_map(
            f"Awarded: {sentence}",
            known.values(),
            {code: row.awarded for row in awarded for code in row.codes},
            Unit.PENCE,
        ),
        note="Population: middle of 2019, as published with the Wellbeing Fund analysis."
        + (f" One figure stands in each tile of {shared}." if shared else ""),
    )


def _area(whose: Whose, row: AreaRow, known: Mapping[str, CouncilArea], reach: Reach) -> Row:
    councils = [known[code] for code in row.codes if code in known]
    people = sum(council.population for council in councils)
    return whose.start | {
        "area_code": ";".join(row.codes),
        "area": row.name,
        "board": ", ".join(dict.fromkeys(council.board for council in councils)),
        "population": people or None,
        "allocated": row.allocated,
        "applications": row.applications,
        "asked": row.asked,
        "awards": row.awards,
        "awarded": row.awarded,
        "projects": row.projects,
        "projects_per_100000": _rate(row.projects * PER, people),
        "awarded_per_head": round(row.awarded / people) if people else None,
        "organisations": row.organisations,
        "people_reached": printed(reach.areas.get(row.id)),
    }


def _rate(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def _sums(rows: Iterable[Row], names: Sequence[str]) -> dict[str, Printed]:
    found = dict.fromkeys(names, 0)
    for row in rows:
        for name in names:
            found[name] += drawn(row[name]) or 0
    return dict(found)


@dataclass(frozen=True, slots=True)
class Counted:
    """Projects of one code, and their money."""

    projects: int = 0
    amount: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.projects + other.projects, self.amount + other.amount)


def projects_by(
    whose: Whose,
    table: ExtractTable,
    codes: Sequence[Code],
    counts: Mapping[str, Counted],
    whole: Counted,
    *,
    several: bool = False,
    source: CodeList | None = None,
) -> Figures:
    """Projects by the codes of a list, in its order; codes that are no longer listed come last."""
    gone = sorted(set(counts) - {code.code for code in codes})
    every = (*codes, *(Code(code=code, label=code) for code in gone))
    rows = tuple(
        _projects(whose, code, counts.get(code.code, Counted()), whole.projects) for code in every
    )
    sentence = _most(rows, whole.projects, several=several)
    total: Row = {"label": "All projects", "projects": whole.projects, "awarded": whole.amount}
    return Figures(
        table=table,
        heading=table.title,
        sentence=sentence,
        rows=rows,
        total=total,
        chart=bar_chart(
            f"{table.title}: {sentence}",
            [(str(row["label"]), drawn(row["projects"])) for row in rows],
            Unit.PROJECTS,
        ),
        note=_source(source),
    )


def _projects(whose: Whose, code: Code, counted: Counted, whole: int) -> Row:
    return whose.start | {
        "code": code.code,
        "label": _derived(code),
        "note": code.note,
        "projects": counted.projects,
        "percent": percent(counted.projects, whole),
        "awarded": counted.amount,
    }


def _derived(code: Code) -> str:
    is_derived = code.note.lower().startswith("derived")
    return f"{code.label} (derived)" if is_derived else code.label


def _most(rows: Sequence[Row], whole: int, *, several: bool) -> str:
    """What the table shows, from its own figures; equals are named together."""
    if not whole:
        return "No project is recorded yet"
    most = max(drawn(row["projects"]) or 0 for row in rows)
    first = [row for row in rows if row["projects"] == most]
    share = f"{most:,} of {whole:,}, {first[0]['percent']}%"
    if len(first) > NAMED:
        return f"{len(first)} rows have the most projects, {share} each"
    names = " and ".join(str(row["label"]) for row in first)
    names = names[:1].upper() + names[1:]
    if several:
        return f"{names} {'are' if len(first) > 1 else 'is'} named by the most projects: {share}"
    return f"{names} {'have' if len(first) > 1 else 'has'} the most projects: {share}"


def _source(codes: CodeList | None) -> str:
    if codes is None:
        return ""
    return f"Code list: {codes.name}, edition {codes.edition} ({codes.status})."


def size_codes(limits: Sequence[int]) -> tuple[Code, ...]:
    """Bands of size, each up to and including its limit, and one above them all."""
    if not limits:
        return (Code(code="B1", label="any amount"),)
    names = [f"up to {pounds(limits[0])}"]
    names += [f"over {pounds(low)} and up to {pounds(high)}" for low, high in pairwise(limits)]
    names.append(f"over {pounds(limits[-1])}")
    return tuple(Code(code=f"B{n}", label=name) for n, name in enumerate(names, start=1))


def completeness(
    whose: Whose, areas: Sequence[AreaRow], found: Sequence[DueRow], given: Mapping[int, int]
) -> Figures:
    """Returns owed and come. ``given`` says how many accepted ones say how many people."""
    by_area = {row.area_id: row for row in found}
    rows = tuple(
        _returns(whose, area, by_area[area.id], given.get(area.id, 0))
        for area in areas
        if area.id in by_area
    )
    names = [name for name in figure_tables.COMPLETENESS.columns if name.type == "integer"]
    total = _sums(rows, [column.name for column in names])
    sentence = (
        f"{total['received']:,} of {total['owed']:,} returns have come; {total['missing']:,} are overdue"
        if rows
        else "No return is owed yet"
    )
    return Figures(
        table=figure_tables.COMPLETENESS,
        heading="Returns",
        sentence=sentence,
        rows=rows,
        total=total | {"area": "All areas"} if rows else None,
        chart=bar_chart(
            f"Returns received, by area. {sentence}",
            [(str(row["area"]), drawn(row["received"])) for row in rows],
            Unit.RETURNS,
        )
        if rows
        else None,
        note="Only accepted returns count towards people and outcomes.",
    )


def _returns(whose: Whose, area: AreaRow, row: DueRow, given: int) -> Row:
    return whose.start | {
        "area_code": ";".join(area.codes),
        "area": area.name,
        "owed": row.owed,
        "due": row.due,
        "received": row.received,
        "accepted": row.accepted,
        "late": row.late,
        "missing": row.missing,
        "reach_given": given,
    }
