"""What projects report, and when."""

from __future__ import annotations

from dataclasses import dataclass

from grants.funds.definition.form import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch that is reported on. Dates are ISO text; periods are data, never half-years."""

    key: str
    label: str
    starts: str
    ends: str
    due: str
    final: bool = False
    over: int = 0  # pence: asked only of projects that were given more than this


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForm:
    """What projects report, and when."""

    title: str
    intro: str
    sections: tuple[Section, ...]
    periods: tuple[Period, ...]

    def asked_of(self, amount: int) -> tuple[Period, ...]:
        """What a project of this size (pence) owes: what the notice promises and the award makes."""
        return tuple(period for period in self.periods if amount > period.over or not period.over)
