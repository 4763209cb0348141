"""What a typed answer means, by kind of question. Reading never raises: a draft keeps anything."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import phonenumbers

from grants.funds.definition import Fund, Question, QuestionKind
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked

Value = str | int | dt.date | tuple[str, ...] | None

# The white space of JavaScript's \s, so that the page and the server count alike:
# in the browser, text.split(/\s+/u).filter(Boolean).length
SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
GAPS = re.compile(f"[{SPACE}]+")

LONGEST_LINE = 500  # characters: bounds what paper and tables must hold
LONGEST_TEXT = 50_000
LONGEST_LINK = 2_000
LONGEST_EMAIL = 254
LARGEST_NUMBER = 999_999_999_999
YEARS = range(1900, 2200)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
MINUS = ("-", "\u2212")
BOXES = 3  # day, month and year
EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]+@[^\s@<>(),;:\\\"\[\].]+(\.[^\s@<>(),;:\\\"\[\].]+)+")
LINK = re.compile(r"https?://[^\s/?#@:.]+(\.[^\s/?#@:.]+)+(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)
POSTCODE = re.compile(
    r"(GIR0AA|[A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]([0-9ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW])"
    r"[0-9][ABD-HJLNP-UW-Z]{2})"
)
WHOLE = re.compile(r"\d{1,3}(,\d{3})+|\d+", re.ASCII)
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer means. Blank is value None without a problem; a problem is one sentence."""

    value: Value = None
    problem: str = ""


class _Unclear(ValueError):
    """The text cannot be read as its question asks. ``str()`` of it is the sentence."""


def parse(question: Question, text: str, codes: Collection[str] | None = None) -> Parsed:
    """What this text means. ``codes`` are the choices; None leaves them unchecked."""
    reader = READERS.get(question.kind)
    problem = unfit(text)
    if problem:
        return Parsed(problem=problem)
    if reader is None or is_blank(text):
        return Parsed()
    try:
        return Parsed(value=reader(text, codes))
    except (_Unclear, Blocked) as unclear:
        return Parsed(problem=str(unclear))


def fault(question: Question, text: str, codes: Collection[str] | None = None) -> str:
    """The first thing wrong with an answer by itself, limits included; blank has no fault."""
    parsed = parse(question, text, codes)
    return parsed.problem or _beyond(question, parsed.value)


def is_blank(text: str) -> bool:
    """Whether nothing but white space was typed."""
    return not GAPS.sub("", text)


def unfit(text: str) -> str:
    """Why this text cannot be kept at all: NUL, control characters and broken characters."""
    if UNFIT.search(text):
        return "The text holds a character that cannot be shown. Delete it or type it again."
    return ""


def count_words(text: str) -> int:
    """How many words: runs of characters that are not white space. The only word count there is.

    "well-being" is one word, a dash between spaces is one too, and so is an emoji.
    """
    return len([word for word in GAPS.split(text) if word])


def words_left(question: Question, text: str) -> int | None:
    """How many words may still be typed, negative when over; None where there is no limit."""
    return None if question.max_words is None else question.max_words - count_words(text)


def split_codes(text: str) -> tuple[str, ...]:
    """The codes of an answer of several: one a line, in the order given, none twice."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def join_codes(codes: Iterable[str]) -> str:
    """How several codes are kept as one text."""
    return "\n".join(codes)


def codes_of(fund: Fund, question: Question) -> frozenset[str] | None:
    """The codes this question may take in this fund; None where it is no choice."""
    if question.choices is None:
        return None
    listed = fund.code_lists.get(question.choices)
    return frozenset(entry.code for entry in listed.codes) if listed else frozenset()


def plain(value: Value) -> str | int | list[str] | None:
    """The value as JSON can hold it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _beyond(question: Question, value: Value) -> str:
    """Why a readable value is outside the question's limits."""
    if isinstance(value, str) and question.max_words is not None:
        over = count_words(value) - question.max_words
        limit = _words(question.max_words)
        return f"Use {limit} or fewer: this is {_words(over)} over." if over > 0 else ""
    if not isinstance(value, int):
        return ""
    shown = pounds if question.kind == QuestionKind.MONEY else "{:,}".format
    if question.minimum is not None and value < question.minimum:
        return f"Enter {shown(question.minimum)} or more."
    if question.maximum is not None and value > question.maximum:
        return f"Enter {shown(question.maximum)} or less."
    return ""


def _words(number: int) -> str:
    return "1 word" if number == 1 else f"{number:,} words"


def _line(text: str, _codes: Collection[str] | None) -> str:
    line = text.strip()
    if "\n" in line or "\r" in line:
        raise _Unclear("Write this on one line.")
    return _short(line, LONGEST_LINE)


def _long(text: str, _codes: Collection[str] | None) -> str:
    return _short(text, LONGEST_TEXT)


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise _Unclear(f"Use {longest:,} characters or fewer.")
    return text


def _number(text: str, _codes: Collection[str] | None) -> int:
    typed = text.strip()
    if typed.startswith(MINUS):
        raise _Unclear("Enter a number that is not less than 0.")
    if not WHOLE.fullmatch(typed):
        raise _Unclear("Enter a whole number with figures only, such as 40.")
    figures = typed.replace(",", "").lstrip("0") or "0"
    if len(figures) > len(str(LARGEST_NUMBER)):
        raise _Unclear(f"Enter {LARGEST_NUMBER:,} or less.")
    return int(figures)


def _money(text: str, _codes: Collection[str] | None) -> int:
    return parse_pounds(text)


def _date(text: str, _codes: Collection[str] | None) -> dt.date:
    """An ISO date, or day, month and year with a space (or / or .) between."""
    found = ISO.fullmatch(text.strip())
    year, month, day = found.groups() if found else _parts(text)
    try:
        when = dt.date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        raise _Unclear("Enter a real date, such as 27 3 2026.") from None
    if when.year not in YEARS:
        raise _Unclear("Write the year with four figures, such as 2026.")
    return when


def _parts(text: str) -> tuple[str, str, str]:
    """Day, month and year: a form joins its three boxes with one space each, empty ones too."""
    is_joined = text.count(" ") == BOXES - 1
    parts = text.split(" ") if is_joined else re.split(r"[\s/.]+", text.strip())
    if len(parts) != BOXES:
        raise _Unclear("Enter a date with day, month and year, such as 27 3 2026.")
    missing = [
        name for name, part in zip(("a day", "a month", "a year"), parts, strict=True) if not part
    ]
    if missing:
        raise _Unclear(f"The date must include {' and '.join(missing)}.")
    day, month, year = parts
    return year, _month(month), day


def _month(text: str) -> str:
    for number, name in enumerate(MONTHS, start=1):
        if text.casefold() in {name.casefold(), name[:3].casefold()}:
            return str(number)
    return text


def _yes_no(text: str, _codes: Collection[str] | None) -> str:
    if text.strip() not in {"yes", "no"}:
        raise _Unclear("Choose yes or no.")
    return text.strip()


def _tick(text: str, _codes: Collection[str] | None) -> str:
    if text.strip() != "yes":
        raise _Unclear("Tick the box to confirm.")
    return "yes"


def _one(text: str, codes: Collection[str] | None) -> str:
    code = text.strip()
    if codes is not None and code not in codes:
        raise _Unclear("Choose one of the answers listed.")
    return code


def _several(text: str, codes: Collection[str] | None) -> tuple[str, ...]:
    chosen = split_codes(text)
    if codes is not None and not set(chosen) <= set(codes):
        raise _Unclear("Choose only from the answers listed.")
    return chosen


def _postcode(text: str, _codes: Collection[str] | None) -> str:
    packed = GAPS.sub("", text).upper()
    if not POSTCODE.fullmatch(packed):
        raise _Unclear("Enter a full UK postcode, such as AB10 1AB.")
    return f"{packed[:-3]} {packed[-3:]}"


def _email(text: str, _codes: Collection[str] | None) -> str:
    address = text.strip()
    if len(address) > LONGEST_EMAIL or not EMAIL.fullmatch(address):
        raise _Unclear("Enter an email address, such as name@example.org.")
    return address


def _phone(text: str, _codes: Collection[str] | None) -> str:
    typed = text.strip()
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(typed, "GB"))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible or any(character.isalpha() for character in typed):
        raise _Unclear("Enter a phone number, such as 01632 960 001.")
    return typed


def _link(text: str, _codes: Collection[str] | None) -> str:
    address = text.strip()
    if len(address) > LONGEST_LINK or not LINK.fullmatch(address):
        raise _Unclear("Enter a web address that starts with https:// or http://.")
    return address


Reader = Callable[[str, Collection[str] | None], Value]
# A kind that is not here holds no text of its own: uploads are attachments, rows are cells.
READERS: dict[QuestionKind, Reader] = {
    QuestionKind.TEXT: _line,
    QuestionKind.LONG_TEXT: _long,
    QuestionKind.NUMBER: _number,
    QuestionKind.MONEY: _money,
    QuestionKind.DATE: _date,
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.SINGLE: _one,
    QuestionKind.MANY: _several,
    QuestionKind.POSTCODE: _postcode,
    QuestionKind.EMAIL: _email,
    QuestionKind.PHONE: _phone,
    QuestionKind.LINK: _link,
    QuestionKind.DECLARATION: _tick,
}
