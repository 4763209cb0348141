"""Text, figures and dates as they are printed. Whatever people typed comes out as text and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from grants.rules.money import pounds

MAX_CHARACTERS = 60_000  # of one text; more than any answer may hold
MAX_LINES = 1_000  # of one text, blank lines not counted
MAX_PARAGRAPH = 4_000  # ReportLab takes time with the square of a paragraph's length
MAX_WORD = 120

CUT = "[The rest is too long to print. It is kept in full with the record.]"

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# Control characters, surrogates, non-characters, and the marks that turn reading direction round.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufff9-\uffff]"
)
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_LONG_WORD = re.compile(rf"(\S{{{MAX_WORD}}})(?=\S)")


def clean(text: str) -> str:
    """One line of printable text."""
    return " ".join(part for part in _printable(text).split() if part)


def printed_lines(text: str) -> list[str]:
    """The lines of a text, each short enough for one paragraph; cut, with a sentence, at the caps."""
    kept = text[:MAX_CHARACTERS]
    parts: list[str] = []
    for line in _BREAKS.split(kept):
        parts.extend(_pieces(clean(line)))
        if len(parts) > MAX_LINES:
            break
    if len(parts) > MAX_LINES or len(text) > MAX_CHARACTERS:
        return [*parts[:MAX_LINES], CUT]
    return parts


def pounds_column(amounts: Iterable[int]) -> list[str]:
    """Amounts in pence that stand under one another: all with pence, or none."""
    amounts = list(amounts)
    needed = any(pence % 100 for pence in amounts)
    return [pounds(pence, exact=needed) for pence in amounts]


def plain_date(day: date) -> str:
    """``3 February 2027``, whatever the machine's language."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def amount_in_words(pence: int) -> str:
    """``1234567`` as “twelve thousand, three hundred and forty-five pounds and sixty-seven pence”."""
    if pence < 0:
        raise ValueError("An amount on paper is never negative.")
    whole, rest = divmod(pence, 100)
    small = f"{_number(rest)} {'penny' if rest == 1 else 'pence'}"
    if not whole:
        return small
    large = f"{_number(whole)} {'pound' if whole == 1 else 'pounds'}"
    return f"{large} and {small}" if rest else large


def _printable(text: str) -> str:
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def _pieces(line: str) -> list[str]:
    """Cut a line between words where it is too long for one paragraph."""
    line = _LONG_WORD.sub(r"\1 ", line)
    pieces: list[str] = []
    while len(line) > MAX_PARAGRAPH:
        at = line.rfind(" ", 0, MAX_PARAGRAPH)
        pieces.append(line[:at])
        line = line[at + 1 :]
    return [*pieces, line] if line else pieces


_UNITS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = (
    "no", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_POWERS = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"))


def _number(number: int) -> str:
    parts: list[str] = []
    for size, name in _POWERS:
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_number(count)} {name}")
    hundreds, rest = divmod(number, 100)
    if hundreds:
        small = f"{_UNITS[hundreds]} hundred"
        parts.append(f"{small} and {_below_hundred(rest)}" if rest else small)
    elif rest and parts:
        return f"{', '.join(parts)} and {_below_hundred(rest)}"
    elif rest or not parts:
        parts.append(_below_hundred(rest))
    return ", ".join(parts)


def _below_hundred(number: int) -> str:
    if number < len(_UNITS):
        return _UNITS[number]
    tens, rest = divmod(number, 10)
    return f"{_TENS[tens]}-{_UNITS[rest]}" if rest else _TENS[tens]
