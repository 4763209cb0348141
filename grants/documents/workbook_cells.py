"""One answer as a spreadsheet's cell, and back: what is written and what is read mean the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

from grants.funds.definition import Fund, Question, QuestionKind
from grants.rules.answers import GAPS, codes_of, fault, join_codes, parse, split_codes, unfit
from grants.rules.money import POUND

CellValue = str | int | float | dt.date | None

LONGEST_CELL = 32_767  # of a spreadsheet, counted as it counts
UNKEEPABLE = re.compile("[\ufffe\uffff]")
TOO_LONG = (
    "This answer is too long for a spreadsheet. It is kept as it is: change it on the web page."
)
ELSEWHERE = "Send files on the web page: a spreadsheet can't hold them."
FIRST_DAY = dt.date(1900, 3, 1)  # spreadsheets miscount the days before
SPELT = re.compile(r"_x00(0[0-8BCEFbcef]|1[0-9A-Fa-f]|7[Ff])_")  # a control character, spelt out
CHOICES = {QuestionKind.YES_NO: ("Yes", "No"), QuestionKind.DECLARATION: ("Yes",)}
ALIKE = frozenset(
    {
        QuestionKind.NUMBER,
        QuestionKind.MONEY,
        QuestionKind.DATE,
        QuestionKind.YES_NO,
        QuestionKind.SINGLE,
        QuestionKind.MANY,
        QuestionKind.DECLARATION,
    }
)  # kinds in which several spellings mean the same
SENTENCES = {
    QuestionKind.MONEY: "type an amount in pounds, such as 2,500",
    QuestionKind.NUMBER: "type a whole number in figures, such as 40",
    QuestionKind.DATE: "type a date with day, month and year, such as 27/3/2026",
    QuestionKind.YES_NO: "choose Yes or No",
    QuestionKind.DECLARATION: "choose Yes to confirm, or leave it empty",
    QuestionKind.SINGLE: "choose one of the answers in the list",
    QuestionKind.MANY: "use the words of the sheet ‘Lists’, one answer a line",
}


def cell_of(fund: Fund, question: Question, text: str) -> CellValue:
    """What is written into the cell: a number, a date, a label, or the text word for word."""
    if (
        UNKEEPABLE.search(text)
        or len(text.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_CELL
    ):
        return TOO_LONG
    value = parse(question, text, codes_of(fund, question)).value
    if question.kind == QuestionKind.NUMBER and isinstance(value, int):
        return value
    if question.kind == QuestionKind.MONEY and isinstance(value, int):
        return value / POUND
    if question.kind == QuestionKind.DATE and isinstance(value, dt.date) and value >= FIRST_DAY:
        return value
    if question.kind in CHOICES and isinstance(value, str):
        return value.capitalize()
    if question.kind in {QuestionKind.SINGLE, QuestionKind.MANY} and value is not None:
        labels = labels_of(fund, question)
        codes = value if isinstance(value, tuple) else (str(value),)
        return "\n".join(labels.get(code, code) for code in codes)
    return text


def text_of(fund: Fund, question: Question, value: object) -> str:
    """What the answer says, given what a spreadsheet's cell holds."""
    text = _plain(question, value)
    if question.kind in CHOICES:
        words = text.strip().casefold()
        return {"yes": "yes", "true": "yes", "no": "no", "false": "no"}.get(words, text)
    if question.kind == QuestionKind.SINGLE:
        return _code(fund, question, text) or text
    if question.kind == QuestionKind.MANY:
        return _codes(fund, question, text)
    return text


def written_and_read(fund: Fund, question: Question, text: str) -> str:
    """What comes back of an answer that nobody touched."""
    return text_of(fund, question, cell_of(fund, question, text))


def _plain(question: Question, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and question.kind == QuestionKind.MONEY:
        return pounds_typed(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return same_ends(str(value))


def pounds_typed(value: float) -> str:
    """A sum may be a hair off; anything further from a penny is left for its sentence."""
    pence = round(value * POUND)
    if abs(value * POUND - pence) > 0.001:  # noqa: PLR2004 - a thousandth of a penny
        return repr(value)
    whole, rest = divmod(pence, POUND)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def same_ends(text: str) -> str:
    """One kind of line end; a control character that a spreadsheet spelt out is one again."""
    spelt = text.replace("_x000D_\n", "\n").replace("_x000D_", "\n")
    plain = SPELT.sub(lambda found: chr(int(found[1], 16)), spelt)
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def labels_of(fund: Fund, question: Question) -> dict[str, str]:
    """The words of each choice; where two share them, with the code."""
    listed = fund.code_lists.get(question.choices or "")
    codes = listed.codes if listed else ()
    words = [_folded(entry.label) for entry in codes]
    return {
        entry.code: entry.label
        if words.count(_folded(entry.label)) == 1
        else f"{entry.label} ({entry.code})"
        for entry in codes
    }


def _folded(text: str) -> str:
    return GAPS.sub(" ", text).strip().casefold()


def _code(fund: Fund, question: Question, text: str) -> str:
    labels = labels_of(fund, question)
    known = {_folded(label): code for code, label in labels.items()}
    stripped = text.strip()
    return known.get(_folded(text)) or (stripped if stripped in labels else "")


def _codes(fund: Fund, question: Question, text: str) -> str:
    """One choice a line, or several with ; between. A choice's own words may hold a ; too."""
    found: list[str] = []
    for line in text.splitlines():
        parts = [part for part in line.split(";") if part.strip()]
        while parts:
            code, used = _longest(fund, question, parts)
            found.append(code)
            parts = parts[used:]
    return join_codes(found)


def _longest(fund: Fund, question: Question, parts: list[str]) -> tuple[str, int]:
    """The choice that the most of these parts spell together, and how many they are."""
    for used in range(len(parts), 0, -1):
        code = _code(fund, question, ";".join(parts[:used]))
        if code:
            return code, used
    return parts[0].strip(), 1


def meaning(fund: Fund, question: Question, text: str) -> str:
    """The same for all spellings of one answer: "£2,500" and "2500" are no change."""
    if question.kind == QuestionKind.MANY:
        return join_codes(sorted(split_codes(text)))
    parsed = parse(question, text, codes_of(fund, question))
    if question.kind in ALIKE and parsed.value is not None:
        return str(parsed.value)
    return same_ends(text)


def mark_of(fund: Fund, question: Question, text: str) -> str:
    """The fingerprint of what a cell says, by which a change is known later."""
    said = meaning(fund, question, text)
    return hashlib.sha256(said.encode("utf8", "surrogatepass")).hexdigest()[:32]


def wrong_with(fund: Fund, question: Question, text: str) -> str:
    """Why this cannot be taken, as the end of a sentence; blank where it can."""
    problem = unfit(text) or parse(question, text, codes_of(fund, question)).problem
    if not problem or unfit(text):
        return problem[:1].lower() + problem[1:].rstrip(".")
    return SENTENCES.get(question.kind, problem[:1].lower() + problem[1:].rstrip("."))


def beyond(fund: Fund, question: Question, text: str) -> str:
    """A limit that it passes: a draft keeps it, and says so."""
    return fault(question, text, codes_of(fund, question))
