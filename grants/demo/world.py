"""Reads world.toml: what is in the demonstration, and what it is called."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from grants.funds import reference
from grants.funds.definition import Fund, Period
from grants.funds.loader import all_funds, with_editions
from grants.funds.reference import CouncilArea

SMALL, NATIONAL = "small", "national"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A round that is over: every area has one accepted award of all its money. Money in pence."""

    reference: str
    title: str
    fund: str
    fund_year: str
    pot: int
    projects: int
    organisations: int
    small_projects: int
    opens: dt.date
    closes: dt.date
    reported_percent: int
    note: str
    small_note: str
    editions: dict[str, str]
    periods: list[dict[str, Any]]
    allocations: str = ""
    """The year of the published table; empty where shares are fictional, by population."""
    activity_edition: str = ""
    """Of the published counts; empty where activities are spread evenly."""
    stages: dict[str, bool] = field(default_factory=dict)
    """Steps that differ from the fund's."""

    def rulebook(self) -> Fund:
        """The fund as this round froze it: its year's code lists and its own periods."""
        fund = with_editions(all_funds()[self.fund], self.editions)
        periods = tuple(Period(**period) for period in self.periods)
        fund = replace(fund, return_form=replace(fund.return_form, periods=periods))
        return replace(fund, stages=replace(fund.stages, **self.stages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local round of the accepted award of one area, and the groups that apply to it. Pence."""

    area: str
    """The council area whose partnership opens it."""
    title: str
    pot: int
    host: str
    """The body that holds the money of groups without a constitution."""
    texts: dict[str, str]
    """What groups answer, by question key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A round that takes applications now, with one in every state."""

    reference: str
    title: str
    fund: str
    fund_year: str
    pot: int
    first_case: int
    note: str
    stages: dict[str, bool] = field(default_factory=dict)
    """Steps that differ from the fund's."""
    local: Local | None = None

    def rulebook(self) -> Fund:
        """The fund as it is, with the steps of this round."""
        fund = all_funds()[self.fund]
        return replace(fund, stages=replace(fund.stages, **self.stages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people and groups are called."""

    first: list[str]
    last: list[str]
    bodies_first: list[str]
    bodies_last: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All of world.toml."""

    seed: str
    password: str
    programme: str
    notice: str
    small: list[str]
    areas: dict[str, str]
    closed: tuple[Closed, ...]
    open: tuple[Open, ...]
    names: Names
    projects: dict[str, list[str]]
    texts: dict[str, str]
    numbers: dict[str, int]

    def text(self, key: str, **values: str) -> str:
        """The words for this key, filled in."""
        return self.texts.get(key, self.texts["other"]).format(**values)

    def places(self, size: str) -> tuple[CouncilArea, ...]:
        """The areas of this size: those of the small demonstration first."""
        by_code = {area.code: area for area in reference.council_areas()}
        first = [by_code[code] for code in self.small]
        others = [area for area in by_code.values() if area not in first]
        return tuple(first if size == SMALL else first + others)


@cache
def world() -> World:
    """The demonstration as the file has it. Read once."""
    document = tomllib.loads(Path(__file__).with_name("world.toml").read_text(encoding="utf8"))
    document["closed"] = tuple(Closed(**entry) for entry in document["closed"])
    document["open"] = tuple(_open(entry) for entry in document["open"])
    document["names"] = Names(**document["names"])
    return World(**document)


def _open(entry: dict[str, Any]) -> Open:
    local = entry.pop("local", None)
    return Open(**entry, local=Local(**local) if local else None)
