"""What two organisations or applications can have in common: names, numbers and addresses, folded so
that the same thing written in two ways is the same text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 200
BRACKETS = re.compile(r"\([^)]*\)")
APART = re.compile(r"[^a-z0-9]+")
NO_DIGIT = re.compile(r"\D+")
# Words that say what a body is in law, or nothing: they do not tell two of them apart.
EMPTY = frozenset("the a an ltd limited cic scio sco plc llp co company of for and".split())
# Words that too many bodies share to be a likeness.
COMMON = frozenset(
    "group groups community association club society council trust project centre scotland "
    "scottish partnership interface third sector voluntary action".split()
)
LEAST_WORD = 4
LEAST_DIGITS = 9
SCOTTISH = re.compile(r"(SC)0*(\d+)")


class Kind(StrEnum):
    """One way in which two applications can be alike."""

    ORGANISATION = "organisation"
    CHARITY = "charity"
    COMPANY = "company"
    NAME = "name"
    PLACE = "place"  # the postcode, and a word of the name
    EMAIL = "email"
    PHONE = "phone"
    PROJECT = "project"  # its title and who runs it


KINDS: dict[Kind, str] = {
    Kind.ORGANISATION: "Same organisation",
    Kind.CHARITY: "Same charity number",
    Kind.COMPANY: "Same company number",
    Kind.NAME: "Same name",
    Kind.PLACE: "Same postcode and a like name",
    Kind.EMAIL: "Same e-mail address",
    Kind.PHONE: "Same phone number",
    Kind.PROJECT: "Same project and group",
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One folded thing by which others may be alike."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is known of an organisation, as it was typed."""

    names: tuple[str, ...] = ()
    charity_number: str = ""
    company_number: str = ""
    postcode: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def marks_of(body: Body, projects: Iterable[tuple[str, str]] = ()) -> frozenset[Mark]:
    """Every mark of a body and of its (title, group) projects. What is blank marks nothing."""
    names = {fold_name(name) for name in body.names}
    place = "".join(body.postcode.upper().split())
    found = {
        *(Mark(Kind.NAME, name) for name in names),
        Mark(Kind.CHARITY, fold_number(body.charity_number)),
        Mark(Kind.COMPANY, fold_number(body.company_number)),
        *(Mark(Kind.EMAIL, fold_email(email)) for email in body.emails),
        *(Mark(Kind.PHONE, fold_phone(phone)) for phone in body.phones),
        *(Mark(Kind.PROJECT, fold_project(*project)) for project in projects),
        *(Mark(Kind.PLACE, f"{place} {word}") for name in names for word in telling(name) if place),
    }
    return frozenset(Mark(mark.kind, mark.value[:LONGEST]) for mark in found if mark.value)


def fold_name(name: str) -> str:
    """Without case, accents, punctuation, brackets, and words such as "Ltd" and "The"."""
    apart = unicodedata.normalize("NFKD", BRACKETS.sub(" ", name).replace("&", " and "))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
    bare = re.sub("['\u2019\u2018`]", "", bare)
    words = APART.sub(" ", bare).split()
    return " ".join(word for word in words if word not in EMPTY)


def telling(name: str) -> frozenset[str]:
    """The words of a folded name that tell it from others."""
    words = name.split()
    return frozenset(word for word in words if len(word) >= LEAST_WORD and word not in COMMON)


def fold_number(number: str) -> str:
    """A register's number: capitals, no gaps, no noughts at the front."""
    bare = re.sub(r"[^A-Z0-9]", "", number.upper())
    scottish = SCOTTISH.fullmatch(bare)
    return "".join(scottish.groups()) if scottish else bare.lstrip("0")


def fold_email(email: str) -> str:
    """Lower case; what follows a plus and the dots before the @ reach the same box."""
    name, at, host = email.strip().casefold().rpartition("@")
    if not at or not name:
        return ""
    bare = name.partition("+")[0].replace(".", "")
    return f"{bare or name}@{'gmail.com' if host == 'googlemail.com' else host}"


def fold_phone(phone: str) -> str:
    """The digits, as dialled within the country. Too few are no number."""
    digits = NO_DIGIT.sub("", phone.replace("(0)", ""))
    if phone.strip().startswith("+44") or digits.startswith("0044"):
        digits = "0" + digits.removeprefix("00").removeprefix("44")
    return digits if len(digits) >= LEAST_DIGITS else ""


def fold_project(title: str, group: str) -> str:
    """What is done and by whom; one without the other is no likeness."""
    what, who = fold_name(title), fold_name(group)
    return f"{what} | {who}" if what and who else ""


def together(pairs: Mapping[Mark, frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    """Groups of those that share a mark with one another, each in order, the largest first."""
    leader: dict[int, int] = {}

    def lead(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for members in pairs.values():
        first, *others = sorted(members)
        for other in others:
            low, high = sorted((lead(first), lead(other)))
            leader[high] = low
    groups: dict[int, list[int]] = {}
    for one in sorted(leader):
        groups.setdefault(lead(one), []).append(one)
    found = [tuple(group) for group in groups.values() if len(group) > 1]
    return tuple(sorted(found, key=lambda group: (-len(group), group)))
