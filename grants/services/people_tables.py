"""Tables of people: counts that are protected already, their shares, what they show, their charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from grants.documents import figure_tables
from grants.documents.cells import HIDDEN
from grants.documents.charts import Unit, bar_chart
from grants.documents.columns import ExtractTable
from grants.queries.reported import OutcomeRow
from grants.rules.disclosure import Cell, Hidden, percentage
from grants.services.figures import Figures, Row, Whose, drawn, printed
from grants.services.reach import REST, Breakdown, Reach

UNKNOWN = frozenset({REST, "not_known"})


def people_table_of(part: Breakdown) -> ExtractTable:
    """The columns of a breakdown of people."""
    key = part.question.key
    title = "People " + key.removeprefix("reach_").replace("_", " ")
    return figure_tables.people_by(key, title, part.question.label, several=part.several)


def people_by(whose: Whose, part: Breakdown, reach: Reach) -> Figures:
    """People reached by the codes of one question."""
    key = part.question.key
    counts = reach.breakdowns[key]
    rows = tuple(
        _people(whose, code.code, code.label, counts.get(code.code), reach)
        for code in part.codes.codes
    )
    if REST in counts:
        rows += (_people(whose, REST, "Not said", counts[REST], reach),)
    label = part.question.label
    named = (
        label if label.startswith("People") else f"People reached: {label[:1].lower()}{label[1:]}"
    )
    return _people_table(
        people_table_of(part),
        named,
        rows,
        note="One person may be in several rows, so they do not add up to all people."
        if part.several
        else "",
    )


def other_people(whose: Whose, questions: Mapping[str, str], reach: Reach) -> Figures:
    """Other counts of people in the return, by the label of their question."""
    rows = tuple(
        _people(whose, key, label, reach.others.get(key), reach) for key, label in questions.items()
    )
    return _people_table(
        figure_tables.OTHER_PEOPLE,
        "Other counts of people",
        rows,
    )


def _people(whose: Whose, code: str, label: str, cell: Cell | None, reach: Reach) -> Row:
    base = whose.fund.settings.percent_base
    share = (
        None
        if cell is None or reach.people is None or _is_more(cell, reach.people)
        else percentage(cell, reach.people, least=base)
    )
    return whose.start | {
        "code": code,
        "label": label,
        "people": printed(cell),
        "percent": HIDDEN if isinstance(share, Hidden) else share,
    }


def _is_more(part: Cell, whole: Cell) -> bool:
    """A share is of those reached: a count of others, such as volunteers, may be larger."""
    return isinstance(part, int) and isinstance(whole, int) and part > whole


def _people_table(
    table: ExtractTable, heading: str, rows: tuple[Row, ...], note: str = ""
) -> Figures:
    collected = [row for row in rows if row["people"] is not None]
    shown = [row for row in collected if drawn(row["people"])]
    known = [row for row in shown if row["code"] not in UNKNOWN]
    if known:
        first = max(known, key=lambda row: drawn(row["people"]) or 0)
        sentence = f"The most of the figures shown: {first['label']}, {first['people']:,} people"
    elif collected:
        sentence = "All numbers of people are too small to show"
    else:
        sentence = "No accepted return gives these figures yet"
    chart = bar_chart(
        f"{heading}: {sentence}",
        [(str(row["label"]), drawn(row["people"])) for row in collected],
        Unit.PEOPLE,
    )
    return Figures(
        table=table,
        heading=heading,
        sentence=sentence,
        rows=rows,
        chart=chart if collected else None,
        note=note,
    )


def outcomes(whose: Whose, found: Sequence[OutcomeRow], reach: Reach) -> Figures:
    """What changed for people, by outcome."""
    codes = whose.fund.code_lists.get(whose.fund.outcome_list)
    by_code = {row.outcome: row for row in found}
    order = [code.code for code in codes.codes if code.code in by_code] if codes else []
    order += sorted(set(by_code) - set(order))
    rows = tuple(
        _outcome(whose, codes.label(code) if codes else code, by_code[code], reach)
        for code in order
    )
    best = [row for row in rows if isinstance(row["improved_percent"], Decimal)]
    first = max(best, key=lambda row: Decimal(str(row["improved_percent"])), default=None)
    sentence = (
        f"{first['label']}: {first['improved']:,} of the {first['paired']:,} people asked both times "
        f"had improved, {first['improved_percent']}%"
        if first
        else "No outcome has figures that can be shown yet"
    )
    return Figures(
        table=figure_tables.OUTCOME_TOTALS,
        heading="Outcomes",
        sentence=sentence,
        rows=rows,
        chart=bar_chart(
            f"People who had improved, by outcome. {sentence}",
            [(str(row["label"]), drawn(row["improved"])) for row in rows],
            Unit.PEOPLE,
        )
        if rows
        else None,
        note="Improved is of those asked both times; those not asked again are shown beside it. "
        "Counts of different measures are pooled, scores never are.",
    )


def _outcome(whose: Whose, label: str, row: OutcomeRow, reach: Reach) -> Row:
    cells = reach.outcomes[row.outcome]
    base = whose.fund.settings.percent_base
    shares = {
        "improved_percent": percentage(cells["improved"], cells["paired"], least=base),
        "lost_percent": percentage(cells["lost"], cells["asked"], least=base),
    }
    return (
        whose.start
        | {"code": row.outcome, "label": label, "projects": row.projects}
        | {name: printed(cell) for name, cell in cells.items()}
        | {name: HIDDEN if isinstance(share, Hidden) else share for name, share in shares.items()}
    )
