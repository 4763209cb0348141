"""An application as it is sent: its frozen content, and the typed rows that are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grants.funds.definition import Fills, Fund, Question, QuestionKind
from grants.models.search import fold
from grants.rules import eligibility
from grants.rules.answers import Value, parse
from grants.rules.eligibility import Answers, Totals, filled_rows
from grants.rules.frozen import File, asked_answers, content_of, fingerprint

LONGEST_NAME = 300
SEARCHED = frozenset({QuestionKind.TEXT, QuestionKind.LONG_TEXT})


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is kept of an application the moment it is sent."""

    content: dict[str, Any]
    sha256: str
    totals: Totals
    partners: tuple[dict[str, Any], ...]
    projects: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    search: str


def freeze(fund: Fund, answers: Answers, files: Sequence[File], names: Iterable[str]) -> Frozen:
    """Everything of it, from the answers that were asked. ``names`` can be found besides."""
    kept = asked_answers(fund, answers)
    content = content_of(fund, answers, files)
    return Frozen(
        content=content,
        sha256=fingerprint(content),
        totals=eligibility.totals(fund, kept),
        partners=tuple(_partners(fund, kept)),
        projects=tuple(_projects(fund, kept)),
        lines=tuple(_lines(fund, kept)),
        search=fold(" ".join([*names, *_searched(fund, kept)])),
    )


def _rows(fund: Fund, fills: Fills, answers: Answers) -> Iterable[tuple[str, dict[str, Value]]]:
    table = fund.table(fills)
    if table is None:
        return
    for row in filled_rows(table, answers):
        yield row, {column.key: _value(table, column, row, answers) for column in table.columns}


def _value(table: Question, column: Question, row: str, answers: Answers) -> Value:
    return parse(column, answers.get((f"{table.key}.{column.key}", row), "")).value


def _partners(fund: Fund, answers: Answers) -> Iterable[dict[str, Any]]:
    for row, cells in _rows(fund, Fills.PARTNERS, answers):
        yield {
            "row": row,
            "name": _name(cells["name"]),
            "partner_type": cells["partner_type"],
            "part": cells["part"] or "",
        }


def _projects(fund: Fund, answers: Answers) -> Iterable[dict[str, Any]]:
    for line, (row, cells) in enumerate(_rows(fund, Fills.PROJECTS, answers), start=1):
        yield {
            "row": row,
            "line": line,
            "title": _name(cells["title"]),
            "group_name": _name(cells["group_name"]),
            "activity_type": cells["activity_type"],
            "main_group": cells["main_group"],
            "summary": cells["summary"] or "",
            "people": cells["people"],
            "asked": cells["asked"],
            "minimum": cells["minimum"],
            "is_local_round": cells.get("local_round") == "yes",
            "codes": _codes(cells),
        }


def _codes(cells: Mapping[str, Value]) -> list[list[str]]:
    """The main group is one of its groups, whether it was ticked again or not."""
    chosen = {
        "group": (str(cells["main_group"]), *_several(cells["groups"])),
        "theme": _several(cells["themes"]),
        "area": _several(cells["areas"]),
    }
    return [[kind, code] for kind, codes in chosen.items() for code in dict.fromkeys(codes)]


def _several(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _lines(fund: Fund, answers: Answers) -> Iterable[dict[str, Any]]:
    for line, (row, cells) in enumerate(_rows(fund, Fills.BUDGET, answers), start=1):
        yield {
            "row": row,
            "line": line,
            "category": cells["category"],
            "description": cells["description"] or "",
            "financial_year": cells["financial_year"],
            "amount": cells["amount"],
            "is_onward": cells["category"] == fund.onward_category,
        }


def _searched(fund: Fund, answers: Answers) -> Iterable[str]:
    """What is written for the fund to read: never a contact's name, address or number."""
    columns = {
        f"{question.key}.{column.key}"
        for question in fund.questions()
        for column in question.columns
        if column.kind in SEARCHED
    }
    single = {q.key for q in fund.questions() if q.kind in SEARCHED and not q.identifies}
    return (text for (question, _), text in answers.items() if question in columns | single)


def _name(value: Value) -> str:
    return str(value)[:LONGEST_NAME]
