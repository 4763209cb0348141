"""Answers to every question of a fund's form: complete, in made-up words, the same each time."""

from __future__ import annotations

import random

from grants.funds.definition import Fills, Fund, Question, QuestionKind
from grants.rules.answers import join_codes
from grants.rules.eligibility import is_shown

Answers = dict[tuple[str, str], str]
WORDS = (
    "people group week walk kitchen garden hall music listen talk small quiet steady neighbour "
    "island village town school evening share cook plant mend learn meet visit bus carer parent "
    "young older support friend notice early help tea story craft swim sing paint build reach"
).split()
PROJECTS = 5
PROJECT_ASKS, OWN_COSTS = 4_000, 1_500  # pounds
KNOWN = {
    "lead_organisation": "Partnership (fictional)",
    "postcode": "ZE1 0AA",
    "contact_email": "contact@example.org",
    "contact_phone": "0131 496 0100",
    "council_areas": "S12000027",
    "plan_link": "https://example.org/plan",
    "local_opens": "2026-05-01",
    "local_closes": "2026-06-01",
    "grants_paid_by": "2026-07-01",
}


def complete(fund: Fund, seed: int) -> Answers:
    """Everything that is asked: about ten kilobytes, most of it in long answers."""
    dice = random.Random(seed)
    answers: Answers = {}
    asked = {question.key: question for question in fund.questions()}
    for question in fund.questions():
        if question.fills is None and is_shown(question, asked, answers):
            text = KNOWN.get(question.key) or _text(fund, question, dice)
            if text:
                answers[question.key, ""] = text
    answers |= _rows("partners", [_partner(number) for number in range(3)])
    answers |= _rows("projects", [_project(fund, number, dice) for number in range(PROJECTS)])
    answers |= _rows("budget", _budget(fund))
    return answers


def _text(fund: Fund, question: Question, dice: random.Random) -> str:
    codes = _codes(fund, question.choices) if question.choices else []
    match question.kind:
        case QuestionKind.LONG_TEXT:
            most = question.max_words or 100
            return words(dice, min(most, dice.randint(60, 110)))
        case QuestionKind.TEXT:
            return words(dice, min(question.max_words or 4, 4))
        case QuestionKind.MANY:
            return join_codes(codes[:4])
        case QuestionKind.SINGLE:
            return dice.choice(codes)
        case QuestionKind.YES_NO:
            return "no"
        case QuestionKind.DECLARATION:
            return "yes"
        case _:
            return ""


def words(dice: random.Random, count: int) -> str:
    """So many words."""
    return " ".join(dice.choices(WORDS, k=count)).capitalize()


def _codes(fund: Fund, name: str) -> list[str]:
    return [code.code for code in fund.code_lists[name].codes]


def _rows(table: str, rows: list[dict[str, str]]) -> Answers:
    return {
        (f"{table}.{column}", f"r{number:03d}"): text
        for number, row in enumerate(rows, start=1)
        for column, text in row.items()
    }


def _partner(number: int) -> dict[str, str]:
    kinds = ("hscp", "la_mh", "third_mh")
    return {
        "name": f"Partner {number} (fictional)",
        "partner_type": kinds[number],
        "part": "Plans, reads bids and shares what it learns",
    }


def _project(fund: Fund, number: int, dice: random.Random) -> dict[str, str]:
    listed = {
        name: fund.column_list(Fills.PROJECTS, name)
        for name in ("activity_type", "main_group", "themes")
    }
    codes = {name: [code.code for code in one.codes] for name, one in listed.items() if one}
    main = dice.choice(codes["main_group"])
    return {
        "title": words(dice, 4),
        "group_name": f"{words(dice, 2)} group {number} (fictional)",
        "activity_type": dice.choice(codes["activity_type"]),
        "main_group": main,
        "groups": main,
        "themes": dice.choice(codes["themes"]),
        "areas": "S12000027",
        "summary": words(dice, 40),
        "people": str(dice.randint(20, 90)),
        "asked": f"{PROJECT_ASKS}.00",
        "minimum": "2000.00",
    }


def _budget(fund: Fund) -> list[dict[str, str]]:
    onward = fund.onward_category or ""
    year = _codes(fund, "financial_year")[0]
    lines = ((onward, PROJECT_ASKS * PROJECTS), ("staff", OWN_COSTS))
    return [
        {
            "category": category,
            "description": "Made-up figure",
            "financial_year": year,
            "amount": f"{pounds}.00",
        }
        for category, pounds in lines
    ]
