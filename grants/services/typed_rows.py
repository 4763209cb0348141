"""An application as it is sent: its frozen content, and the typed rows that are made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grants.funds.definition import Fills, Fund, Question, QuestionKind
from grants.models.search import fold
from grants.rules import eligibility
from grants.rules.answers import Value, is_blank, parse
from grants.rules.eligibility import Answers, Totals, filled_rows

LONGEST_NAME = 300
File = tuple[str, str, str]  # question, name, sha256
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
    content = {
        "answers": [[question, row, text] for (question, row), text in sorted(kept.items())],
        "attachments": [list(file) for file in sorted(files)],
    }
    return Frozen(
        content=content,
        sha256=fingerprint(content),
        totals=eligibility.totals(fund, kept),
        partners=tuple(_partners(fund, kept)),
        projects=tuple(_projects(fund, kept)),
        lines=tuple(_lines(fund, kept)),
        search=fold(" ".join([*names, *_searched(fund, kept)])),
    )


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: what the receipt shows."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def asked_answers(fund: Fund, answers: Answers) -> dict[tuple[str, str], str]:
    """The answers to questions that were asked, in the order of their rows; blanks left out."""
    asked = {question.key: question for question in fund.questions()}
    shown = {
        key for key, question in asked.items() if eligibility.is_shown(question, asked, answers)
    }
    places = sorted(answers, key=lambda place: (place[1], place[0]))
    return {
        place: answers[place]
        for place in places
        if place[0].partition(".")[0] in shown and not is_blank(answers[place])
    }


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
