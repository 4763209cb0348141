"""Rows for extracts: what is public of awards and projects, and returns under a pseudonym."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from grants.documents.cells import HIDDEN
from grants.documents.cells import Cell as Printed
from grants.documents.extracts import TABLES, ExtractTable
from grants.queries import extract_rows as rows
from grants.rules import dates
from grants.rules.disclosure import Cell, Hidden
from grants.rules.people import Actor
from grants.rules.row_disclosure import HiddenRows, results_to_hide, rows_to_hide
from grants.services.evaluate import Evaluation

VOLUNTEERS, SESSIONS = "volunteers", "sessions"  # questions of a return that have columns
ALL = ""  # the one group of rows whose total is of the whole round
# Returns are for evaluation; awards and projects are public, and for those who run or audit the fund.
PSEUDONYMOUS: tuple[ExtractTable, ...] = (TABLES["returns"], TABLES["outcomes"])
NAMED: tuple[ExtractTable, ...] = (TABLES["awards"], TABLES["projects"], TABLES["organisations"])
Row = Mapping[str, Printed]


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: for whom, of which round, and the figures that are published beside them."""

    actor: Actor
    found: Evaluation
    at: Session

    def rows(self, table: ExtractTable) -> Iterator[Row]:
        """The rows of this table, one after another."""
        makers = {
            "awards": self._awards,
            "projects": self._projects,
            "organisations": self._organisations,
            "returns": self._returns,
            "outcomes": self._outcomes,
        }
        return makers[table.name]()

    @property
    def _small(self) -> int:
        return self.found.whose.fund.settings.small_count

    def _areas(self) -> dict[int | None, dict[str, Printed]]:
        return {
            area.id: {"area_code": ";".join(area.codes), "area": area.name}
            for area in self.found.areas
        }

    def _awards(self) -> Iterator[Row]:
        areas, start = self._areas(), self.found.whose.start
        for row in rows.awards(self.actor, self.found.round.id, at=self.at):
            yield {
                **start,
                **row,
                **areas[row["area_id"]],
                "state": row["state"].value.capitalize(),
                "approved_on": _day(row["decided_at"]),
                "accepted_on": _day(row["answered_at"]),
            }

    def _projects(self) -> Iterator[Row]:
        areas, start, hidden = self._areas(), self.found.whose.start, self._hidden_plans()
        for row in rows.projects(self.actor, self.found.round.id, at=self.at):
            codes = row["codes"]
            others = [code for code in codes.get("group", ()) if code != row["main_group"]]
            people = row["people_expected"]
            yield {
                **start,
                **row,
                **areas[row["area_id"]],
                "groups": ";".join(others),
                "themes": ";".join(codes.get("theme", ())),
                "decision": f"In {row['decision'].value}" if row["decision"] else None,
                "people_planned": HIDDEN if hidden.hides(row["id"], ALL) else people,
            }

    def _hidden_plans(self) -> HiddenRows:
        plans = rows.planned(self.actor, self.found.round.id, at=self.at)
        is_hidden = self.found.headline.rows[0]["people_planned"] == HIDDEN
        return rows_to_hide(
            ((row["id"], ALL, row["number"]) for row in plans),
            hidden_totals={ALL} if is_hidden else (),
            small=self._small,
        )

    def _organisations(self) -> Iterator[Row]:
        start = self.found.whose.start
        for row in rows.organisations(self.actor, self.found.round.id, at=self.at):
            yield {**start, **row, "awarded": int(row["awarded"])}

    def _returns(self) -> Iterator[Row]:
        people = self.found.form.people
        areas, start = self._areas(), self.found.whose.start
        by_area = self._hidden_counts(people, self.found.reach.areas)
        volunteers = self._hidden_counts(VOLUNTEERS, None)
        asked = (people, VOLUNTEERS, SESSIONS)
        for row in rows.returns(self.actor, self.found.round.id, asked, at=self.at):
            figures, area = row["figures"], str(row["area_id"])
            yield {
                **start,
                **row,
                **areas[row["area_id"]],
                "submitted_on": _day(row["submitted_at"]),
                "people_reached": _count(
                    figures.get(people), is_hidden=by_area.hides(row["id"], area)
                ),
                "volunteers": _count(
                    figures.get(VOLUNTEERS), is_hidden=volunteers.hides(row["id"], ALL)
                ),
                "sessions": figures.get(SESSIONS),
            }

    def _hidden_counts(self, question: str, areas: Mapping[int, Cell] | None) -> HiddenRows:
        """Of a question whose totals are published by area, or only of the whole round."""
        found = rows.counts(self.actor, self.found.round.id, question, at=self.at)
        if areas is None:
            totals = {ALL: self.found.reach.others.get(question)}
        else:
            totals = {str(area): cell for area, cell in areas.items()}
        return rows_to_hide(
            (
                (row["id"], ALL if areas is None else str(row["area_id"]), row["number"])
                for row in found
            ),
            hidden_totals={name for name, cell in totals.items() if isinstance(cell, Hidden)},
            small=self._small,
        )

    def _outcomes(self) -> Iterator[Row]:
        areas, start, hidden = self._areas(), self.found.whose.start, self._hidden_results()
        for row in rows.outcomes(self.actor, self.found.round.id, at=self.at):
            is_hidden = hidden.hides(row["id"], row["outcome"])
            counts = {
                "asked": row["paired"],
                "improved": row["improved"],
                "same": row["same"],
                "worse": row["worse"],
            }
            yield {
                **start,
                **row,
                **areas[row["area_id"]],
                **{name: _count(number, is_hidden=is_hidden) for name, number in counts.items()},
            }

    def _hidden_results(self) -> HiddenRows:
        found = rows.outcomes(self.actor, self.found.round.id, at=self.at)
        return results_to_hide(
            (
                (
                    row["id"],
                    row["outcome"],
                    (row["paired"], row["improved"], row["same"], row["worse"]),
                )
                for row in found
            ),
            hidden_outcomes={
                outcome
                for outcome, cells in self.found.reach.outcomes.items()
                if any(isinstance(cell, Hidden) for cell in cells.values())
            },
            small=self._small,
        )


def _count(number: int | None, *, is_hidden: bool) -> int | str | None:
    """A count of people, kept back or not; None where it was not collected."""
    return HIDDEN if number is not None and is_hidden else number


def _day(instant: Any) -> dt.date | None:
    return dates.local(instant).date() if instant else None
