"""What a ranking shows of an application, and by what a round can be put in order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from grants.funds.definition import Fund
from grants.queries.ranked_lines import RankedLine
from grants.rules.scoring import ASKED, HEAVIEST, LOT, Spread, heaviest_of
from grants.rules.severity import Merit
from grants.rules.states import ApplicationState, AwardState

CRITERION = "criterion-"
ADJUSTED = "adjusted"
MODERATED = "moderated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that applications can be put in order by."""

    key: str
    label: str
    is_money: bool = False
    is_low_better: bool = False
    is_criterion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One application in rank, with every measure of it. Pence."""

    key: uuid.UUID
    award_key: uuid.UUID | None
    reference: str
    title: str
    organisation: str
    area: str
    state: ApplicationState
    award: AwardState | None
    rank: int | None
    is_tied: bool
    total: Decimal | None
    merit: Merit | None  # adjusted for who read it, where that can be said
    spread: Spread
    readings: int
    below: tuple[str, ...]
    measures: Mapping[str, Decimal | int | None]
    asked: int
    amount: int | None
    projects: int
    straddles: bool = False
    lines: tuple[RankedLine, ...] = ()


def measures_of(fund: Fund) -> tuple[Measure, ...]:
    """By what a round of this fund can be put in order."""
    return (
        Measure(key="total", label="Weighted total"),
        Measure(key=ADJUSTED, label="Adjusted total"),
        *([Measure(key=MODERATED, label="Moderated total")] if fund.stages.moderation else []),
        *(
            Measure(key=f"{CRITERION}{criterion.key}", label=criterion.title, is_criterion=True)
            for criterion in fund.scoring.criteria
            if criterion.weight
        ),
        Measure(key="asked", label="Amount asked", is_money=True, is_low_better=True),
        Measure(key="person", label="Asked per person", is_money=True, is_low_better=True),
        Measure(key="projects", label="Projects"),
    )


def tie_rule(fund: Fund) -> str:
    """How equal totals are parted, said to people."""
    words = {
        HEAVIEST: f"the higher mean score for “{heaviest_of(fund.scoring).title}” comes first",
        ASKED: "whoever asks for less comes first",
        LOT: "a lot that the round's reference fixes",
    }
    named = [words[rule] for rule in fund.scoring.ties if rule in words]
    return f"Equal totals: {', then '.join(named)}." if named else "Equal totals share a rank."
