"""Numbers of registers: what they look like, and what a look-up says. The two Scottish kinds look alike."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from grants.rules.answers import GAPS


class Register(StrEnum):
    """Which register a number belongs to: always kept with the number."""

    CHARITIES = "charities"
    COMPANIES = "companies"


# Scottish charity numbers are SC0 and five figures; SC and six figures is a Scottish company too.
CHARITY = re.compile(r"SC\d{6}", re.ASCII)
COMPANY = re.compile(r"\d{8}|[A-Z]{2}\d{6}|[A-Z]\d{7}", re.ASCII)
PATTERNS = {Register.CHARITIES: CHARITY, Register.COMPANIES: COMPANY}
SENTENCES = {
    Register.CHARITIES: "Enter a Scottish charity number: SC and six figures, such as SC098765.",
    Register.COMPANIES: (
        "Enter a company number: eight characters, such as SC123456 or 01234567. "
        "Keep the zeros at the beginning."
    ),
}
USUAL_CHARITY = "SC0"


def packed(number: str) -> str:
    """As registers write it: capital letters, no spaces."""
    return GAPS.sub("", number).upper()


def fault(register: Register, number: str) -> str:
    """Why this cannot be a number of the register; blank has no fault."""
    written = packed(number)
    return "" if not written or PATTERNS[register].fullmatch(written) else SENTENCES[register]


def doubt(register: Register, number: str) -> str:
    """What is odd about a number. It stands in nobody's way."""
    written = packed(number)
    if fault(register, written):
        return SENTENCES[register]
    if register == Register.CHARITIES and written and not written.startswith(USUAL_CHARITY):
        return "Scottish charity numbers begin with SC0. Is this the company number?"
    return ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A register as an administrator loaded it."""

    register: Register
    source: str
    as_at: dt.date
    entries: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What the register says about a number. It informs and never blocks."""

    register: Register
    number: str
    loaded: Loaded | None
    name: str = ""  # as the register has it; empty where the number is not in it
    status: str = ""

    @property
    def is_found(self) -> bool:
        """Whether the number is in the register."""
        return bool(self.name)

    def is_named(self, name: str) -> bool:
        """Whether the register has it under this name, capitals and marks apart."""
        return _folded(self.name) == _folded(name)


def _folded(name: str) -> str:
    words = re.sub(r"[^\w\s&]", "", name.casefold().replace("&", " and "))
    return " ".join(word for word in words.split() if word != "the")
