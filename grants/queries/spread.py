"""Where the money goes: by theme, group of people, place, size and whether it is a first award.

Only what applications say: what a round does not ask is not shown, and nothing is guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache

from grants.funds.definition import CodeList, Fills, Fund
from grants.funds.reference import council_areas
from grants.queries.candidate_rows import Codes, Entry
from grants.queries.candidates import BANDS
from grants.rules.money import pounds
from grants.rules.workbench import Share, Sums

ISLAND, RURAL, OTHER = (
    "Council areas with islands",
    "Mainly rural council areas",
    "Other council areas",
)
FIRST, NOT_FIRST = "No earlier award on record", "Had an award before"
Kinds = Callable[[Entry], Collection[str]]
Tables = tuple[tuple[str, Sums], ...]
Spread = tuple[tuple[str, tuple[Share, ...]], ...]


def tables(fund: Fund, lines: Sequence[Entry]) -> Tables:
    """Each table with its title and what is asked in it; an empty one is left out."""
    themes = fund.column_list(Fills.PROJECTS, "themes")
    groups = fund.column_list(Fills.PROJECTS, "groups")
    bands, sizes = fund.settings.size_bands, _sizes(fund)
    wanted: list[tuple[str, Kinds, Sequence[str]]] = [
        ("Theme", _coded("theme", themes), ()),
        ("Group of people", _coded("group", groups), ()),
        ("Island and rural", lambda line: _places(line[2].codes), (ISLAND, RURAL, OTHER)),
        ("Strand", _strand(fund), ()),
        ("Size of what is asked", _size(bands, sizes), sizes),
        ("First-time groups", _first, (FIRST, NOT_FIRST)),
        *(
            (fund.code_lists[name].words, _coded(name, fund.code_lists[name]), ())
            for name in BANDS
            if name in fund.code_lists
        ),
    ]
    made = [
        (title, Sums([(kinds(line), line[2].asked) for line in lines], labels))
        for title, kinds, labels in wanted
    ]
    return tuple((title, sums) for title, sums in made if sums.order)


def of_lines(found: Tables, given: Sequence[tuple[int, int]]) -> Spread:
    """Each table with what goes to it: (place of a line, pence above 0)."""
    return tuple((title, sums.shares(given)) for title, sums in found)


def _coded(kind: str, listed: CodeList | None) -> Kinds:
    labels = {entry.code: entry.label for entry in listed.codes} if listed else {}

    @cache
    def kinds(codes: Codes) -> Collection[str]:
        return {labels.get(code, code) for at, code in codes if at == kind}

    return lambda line: kinds(line[2].codes)


def _strand(fund: Fund) -> Kinds:
    titles = {strand.key: strand.title for strand in fund.strands}

    def kinds(line: Entry) -> Collection[str]:
        key = line[2].strand or line[1].strand
        return (titles.get(key, key),) if key else ()

    return kinds


@lru_cache(maxsize=4096)
def _places(codes: Codes) -> frozenset[str]:
    """A project in several council areas counts once for each kind of them."""
    found: set[str] = set()
    for kind, code in codes:
        area = _AREAS.get(code) if kind == "area" else None
        if area is not None:
            found |= {ISLAND} if area.is_island else set()
            found |= {RURAL} if area.is_rural else set()
            found |= set() if area.is_island or area.is_rural else {OTHER}
    return frozenset(found)


def _first(line: Entry) -> Collection[str]:
    is_first = line[1].is_first
    return () if is_first is None else (FIRST if is_first else NOT_FIRST,)


def _size(bands: tuple[int, ...], sizes: tuple[str, ...]) -> Kinds:
    labels = [(size,) for size in sizes]
    return lambda line: labels[bisect_left(bands, line[2].asked)]


def _sizes(fund: Fund) -> tuple[str, ...]:
    bands = fund.settings.size_bands
    if not bands:
        return ("Any amount",)
    return (*(f"Up to {pounds(most)}" for most in bands), f"More than {pounds(bands[-1])}")


_AREAS = {area.code: area for area in council_areas()}
