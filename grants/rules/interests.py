"""What a person's ties to bodies have in common with those behind an application: suggested conflicts.

Both sides are folded to marks; a mark that stands on both sides is a reason to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grants.rules.identity import fold_name, fold_number


class Tie(StrEnum):
    """How a person has to do with a body or a place."""

    EMPLOYER = "employer"
    BOARD = "board"
    MEMBER = "member"
    FAMILY = "family"
    ADDRESS = "address"


TIES: dict[Tie, str] = {
    Tie.EMPLOYER: "I work for it, or have in the last 3 years",
    Tie.BOARD: "I am a trustee, committee member or office-bearer",
    Tie.MEMBER: "I am a member or volunteer",
    Tie.FAMILY: "A family member or close friend works for it or helps to run it",
    Tie.ADDRESS: "I live or have a base at its address",
}
# As it is said of another person, and to the person.
OF_THEM: dict[Tie, str] = {
    Tie.EMPLOYER: "works for",
    Tie.BOARD: "is an office-bearer of",
    Tie.MEMBER: "is a member of",
    Tie.FAMILY: "is close to somebody in",
    Tie.ADDRESS: "shares an address with",
}
OF_YOU: dict[Tie, str] = {
    Tie.EMPLOYER: "work for",
    Tie.BOARD: "are an office-bearer of",
    Tie.MEMBER: "are a member of",
    Tie.FAMILY: "are close to somebody in",
    Tie.ADDRESS: "share an address with",
}
# Whose mail hosts anybody may have a box at, and the ones that stand for no host at all.
ANYBODYS = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com live.co.uk msn.com "
    "yahoo.com yahoo.co.uk icloud.com me.com aol.com btinternet.com sky.com talktalk.net "
    "virginmedia.com proton.me protonmail.com example.org example.com example.net".split()
)
APPLICANT, PARTNER, RUNNER = "the applicant", "a partner", "a group that runs a project"
LEAST_POSTCODE = 5
YEARS_AFTER = 3  # an interest that is over is asked about for so long


@dataclass(frozen=True, slots=True)
class Told:
    """An interest that a person told of once."""

    tie: Tie
    body: str
    number: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """One of those behind an application: what it is in it, and what is known of it."""

    part: str  # "the applicant", "a partner"
    name: str
    numbers: tuple[str, ...] = ()
    postcode: str = ""
    email: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why a person might have an interest, for those who hand out and for the person."""

    of_them: str
    of_you: str


Ways = Mapping[str, tuple[str, str]]  # mark -> how this person has it, said of them and to them
Parts = Mapping[str, str]  # mark -> what has it behind an application


def counts_since(today: dt.date) -> dt.date:
    """What ended before this day is no interest any more."""
    return today - dt.timedelta(days=365 * YEARS_AFTER)


def ways_of(name: str, email: str, told: Iterable[Told] = ()) -> Ways:
    """The marks of a person: their name, their mail host and what they told."""
    found: dict[str, tuple[str, str]] = {}
    who = fold_name(name)
    if who:
        found[f"person {who}"] = (
            "Has the name of an office-bearer of {}",
            "An office-bearer of {} has your name",
        )
    host = _host(email)
    if host:
        found[f"host {host}"] = ("Shares a mail host with {}", "Your e-mail address is of {}")
    for one in told:
        said = (
            f"Told us: {OF_THEM[one.tie]} {one.body}, {{}}",
            f"You told us that you {OF_YOU[one.tie]} {one.body}, {{}}",
        )
        found |= {mark: _plain(said) for mark in _of_told(one)}
    return found


def parts_of(bodies: Iterable[Body]) -> Parts:
    """The marks of those behind an application. What is said of the applicant comes first."""
    found: dict[str, str] = {}
    for body in bodies:
        marks = [*_names(body.name), *_numbers(body.numbers), *_places(body.postcode)]
        marks += [f"host {host}" for host in [_host(body.email)] if host]
        marks += [f"person {who}" for who in map(fold_name, body.people) if who]
        for mark in marks:
            found.setdefault(mark, body.part)
    return found


def suggested(ways: Ways, parts: Parts) -> tuple[Suggestion, ...]:
    """What stands on both sides, each said once."""
    found = (_said(ways[mark], parts[mark]) for mark in ways if mark in parts)
    return tuple(dict.fromkeys(found))


def _said(way: tuple[str, str], part: str) -> Suggestion:
    here = part if part == APPLICANT else f"{part} of this application"
    return Suggestion(way[0].replace("{}", part), way[1].replace("{}", here))


def same_body(one: str, other: str) -> bool:
    """Whether two names are of the same body."""
    return bool(fold_name(one)) and fold_name(one) == fold_name(other)


def _plain(said: tuple[str, str]) -> tuple[str, str]:
    """What a person typed is no place to put words in: the last pair of braces alone is."""
    of_them, of_you = (text[:-2].replace("{}", "") + text[-2:] for text in said)
    return of_them, of_you


def _of_told(one: Told) -> Iterable[str]:
    return (*_names(one.body), *_numbers((one.number,)), *_places(one.postcode))


def _names(name: str) -> Iterable[str]:
    folded = fold_name(name)
    return (f"name {folded}",) if folded else ()


def _numbers(numbers: Iterable[str]) -> Iterable[str]:
    return (f"number {number}" for number in map(fold_number, numbers) if number)


def _places(postcode: str) -> Iterable[str]:
    place = "".join(postcode.upper().split())
    return (f"place {place}",) if len(place) >= LEAST_POSTCODE else ()


def _host(email: str) -> str:
    host = email.strip().casefold().rpartition("@")[2]
    return "" if "." not in host or host in ANYBODYS else host
