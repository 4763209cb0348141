"""A whole form filled in, for any fund: every question answered as its kind asks."""

from __future__ import annotations

from grants.funds.definition import Fills, Fund, Question, QuestionKind
from grants.rules.eligibility import is_shown

MANY = 20
WORDS = "Sgioba a’ ghlinne meets weekly – “all welcome” ☕"
TEXTS = {
    QuestionKind.TEXT: "Hillside Carers’ Collective (fictional)",
    QuestionKind.LONG_TEXT: WORDS,
    QuestionKind.NUMBER: "40",
    QuestionKind.MONEY: "1,000",
    QuestionKind.DATE: "2027-03-31",
    QuestionKind.YES_NO: "no",
    QuestionKind.POSTCODE: "ZE1 0AA",
    QuestionKind.EMAIL: "contact@example.org",
    QuestionKind.PHONE: "01595 496000",
    QuestionKind.LINK: "https://example.org/plan",
    QuestionKind.DECLARATION: "yes",
}


def answers(fund: Fund, *, projects: int = 2) -> dict[tuple[str, str], str]:
    """Every question that is asked, with so many proposed projects and a budget that agrees.

    Many projects ask for little each, so that they stay within the area's share.
    """
    asked, least = ("4,000", "2,500.50") if projects <= MANY else ("400", "250.50")
    found: dict[tuple[str, str], str] = {}
    questions = {question.key: question for question in fund.questions()}
    for question in fund.questions():
        if question.kind == QuestionKind.ROWS:
            found |= _table(fund, question, projects, (asked, least))
        elif question.kind != QuestionKind.UPLOAD and is_shown(question, questions, found):
            found[question.key, ""] = text(fund, question)
    return found


def text(fund: Fund, question: Question) -> str:
    """One answer that is right for its question."""
    if question.choices is None:
        return TEXTS[question.kind]
    codes = [code.code for code in fund.code_lists[question.choices].codes]
    return "\n".join(codes[:2]) if question.kind == QuestionKind.MANY else codes[0]


def _table(
    fund: Fund, table: Question, projects: int, amounts: tuple[str, str]
) -> dict[tuple[str, str], str]:
    asked, least = amounts
    if table.fills == Fills.BUDGET:
        return _budget(fund, table, projects, asked)
    count = projects if table.fills == Fills.PROJECTS else 1
    cells = {
        (f"{table.key}.{column.key}", f"{row:04d}"): text(fund, column)
        for row in range(1, count + 1)
        for column in table.columns
    }
    if table.fills == Fills.PROJECTS:
        for row in range(1, count + 1):
            cells[f"{table.key}.title", f"{row:04d}"] = f"Tuesday Table {row}"
            cells[f"{table.key}.asked", f"{row:04d}"] = asked
            cells[f"{table.key}.minimum", f"{row:04d}"] = least
    return cells


def _budget(fund: Fund, table: Question, projects: int, asked: str) -> dict[tuple[str, str], str]:
    categories = next(column for column in table.columns if column.key == "category")
    codes = [code.code for code in fund.code_lists[categories.choices or ""].codes]
    own = next(code for code in codes if code != fund.onward_category)
    year = next(column for column in table.columns if column.key == "financial_year")
    onward = projects * int(asked.replace(",", ""))
    lines = (("0001", fund.onward_category, f"{onward:,}"), ("0002", own, "750"))
    return {
        (f"{table.key}.{key}", row): value
        for row, category, amount in lines
        for key, value in {
            "category": category,
            "description": "What it pays for",
            "financial_year": text(fund, year),
            "amount": amount,
        }.items()
    }
