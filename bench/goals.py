"""What each workload may cost: how many times which bare limits, how many statements, what growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.measuring import Figures


@dataclass(frozen=True, slots=True)
class Goal:
    """``floor`` names the bare limits that are added up.

    ``most`` is the share of the best peer's cost that is aimed at, in milliseconds as they were on
    the day the peers were measured: for orientation, since it is not of the same run.
    """

    floor: tuple[str, ...]
    times: float
    statements: int
    growth: float
    commits: int = 0
    most: float | None = None


LIST = ("flask_table", "list_query")
PAGE = ("flask_table", "flask_query")
FORM = ("flask_table",)
SENDING = ("flask_query", "commit")
GOALS: Mapping[str, Goal] = {
    "staff home": Goal(PAGE, 4, 8, 0.2, most=11),
    "approver home": Goal(PAGE, 4, 8, 0.2, most=11),
    "assessor home": Goal(PAGE, 4, 8, 0.2, most=12),
    "assessor's list": Goal(LIST, 4, 8, 0.2, most=12),
    "list, page 1": Goal(LIST, 4, 8, 0.1, most=15),
    "list, last page": Goal(LIST, 4, 8, 0.3, most=15),
    "list, by state": Goal(LIST, 5, 8, 0.3, most=20),
    "list, by decision": Goal(LIST, 5, 8, 0.3, most=20),
    "list, by area": Goal(LIST, 5, 8, 0.3, most=20),
    "list, sorted by title": Goal(LIST, 5, 8, 0.3, most=20),
    "list, sorted by mean total": Goal(LIST, 5, 8, 0.3, most=20),
    "list, searched (1%)": Goal(LIST, 5, 8, 0.3, most=20),
    "assignments": Goal(LIST, 5, 8, 0.3),
    "staff application with scores": Goal(FORM, 6, 10, 0.1, most=13),
    "score form GET": Goal(FORM, 4, 8, 0.1, most=10),
    "application section GET": Goal(FORM, 3, 10, 0.1, most=7),
    "application check GET": Goal(FORM, 3, 10, 0.1),
    "ranking of a round": Goal(LIST, 5, 8, 0.9),
    "ranking of an area": Goal(LIST, 5, 8, 0.9),
    "workbench, a moved line": Goal(LIST, 12, 12, 0.9, most=100),
    "returns of a round": Goal(LIST, 5, 8, 0.3),
    "evaluation": Goal((*PAGE, "figures_query"), 10, 12, 0.9, most=50),
    "autosave of one answer": Goal(SENDING, 6, 12, 0.1, 1),
    "score submit POST": Goal(SENDING, 6, 12, 0.1, 1, most=11),
    "application submit POST": Goal(SENDING, 6, 12, 0.1, 1, most=12),
}


def floor_of(name: str, floors: Mapping[str, Figures]) -> float:
    """The bare limits of one workload, added up, in milliseconds."""
    return sum(floors[part].cost for part in GOALS[name].floor)
