"""Counts of people of a round, protected together: none leaves here that gives away a small one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grants.funds.definition import (
    CodeList,
    Fills,
    Fund,
    Question,
    QuestionKind,
    RowSource,
    Section,
)
from grants.queries.reported import OutcomeRow, PeopleRow
from grants.rules.disclosure import GRAND, TOTAL, Cell, Table, protect_all

REST = "not_given"  # people of whom a breakdown says nothing
_AGES = re.compile(r"(?:.*_)?(\d+)[-_](\d+)")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A question that counts people by the codes of a list."""

    question: Question
    codes: CodeList
    several: bool  # one person may be counted in several codes


@dataclass(frozen=True, slots=True)
class ReachForm:
    """Which questions of a fund's return count people reached."""

    people: str
    others: tuple[Question, ...]
    breakdowns: tuple[Breakdown, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every question asked for."""
        parts = (*self.others, *(part.question for part in self.breakdowns))
        return (self.people, *(question.key for question in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Protected counts. What was not collected has no entry."""

    people: Cell | None
    areas: Mapping[int, Cell]
    others: Mapping[str, Cell]
    breakdowns: Mapping[str, Mapping[str, Cell]]
    outcomes: Mapping[str, Mapping[str, Cell]]


def reach_form(fund: Fund) -> ReachForm:
    """The first count of people in the return is the people reached; its section's lists add up to it."""
    sections = fund.return_form.sections
    home = next(section for section in sections if _counts(section))
    people, *others = _counts(home)
    return ReachForm(
        people.key,
        tuple(others),
        tuple(
            Breakdown(question, codes, several=_several(fund, section, home, codes))
            for section in sections
            for question in section.questions
            if (codes := _list_of_people(fund, question)) is not None
        ),
    )


def _counts(section: Section) -> list[Question]:
    return [
        question
        for question in section.questions
        if question.people and question.kind == QuestionKind.NUMBER
    ]


def _list_of_people(fund: Fund, question: Question) -> CodeList | None:
    """The rows of a table whose only column counts people."""
    is_list = question.row_source == RowSource.CODE_LIST
    if not is_list or [column.people for column in question.columns] != [True]:
        return None
    return fund.code_lists.get(question.row_list or "")


def _several(fund: Fund, section: Section, home: Section, codes: CodeList) -> bool:
    groups = fund.column_list(Fills.PROJECTS, "groups")
    return section is not home or (groups is not None and groups.name == codes.name)


def protected(
    form: ReachForm, rows: Iterable[PeopleRow], outcomes: Sequence[OutcomeRow], *, small: int
) -> Reach:
    """All counts of people of a round, with what is small hidden and what would give it away."""
    raw = _Raw(form, rows)
    tables = [*raw.tables(), *_outcome_tables(outcomes)]
    named = _by_name(tables, protect_all(tables, small=small))
    return Reach(
        people=named.get("people"),
        areas={area: named[f"area:{area}"] for area in raw.areas},
        others={key: named[f"other:{key}"] for key in raw.others},
        breakdowns={
            key: {code: named[f"{key}:{code}"] for code in counts}
            for key, counts in raw.lists.items()
        },
        outcomes={
            row.outcome: {name: named[f"{row.outcome}:{name}"] for name in _PARTS}
            for row in outcomes
        },
    )


def _by_name(before: Sequence[Table], after: Sequence[Table]) -> dict[str, Cell]:
    """Every cell of ours has one name, in whichever tables it stands."""
    return {
        name: safe.cells[at]
        for table, safe in zip(before, after, strict=True)
        for at, name in table.same_as.items()
    }


class _Raw:
    """Counts as they were reported, by question."""

    def __init__(self, form: ReachForm, rows: Iterable[PeopleRow]) -> None:
        self.areas: dict[int, int] = {}
        self.others: dict[str, int] = {}
        self.lists: dict[str, dict[str, int]] = {part.question.key: {} for part in form.breakdowns}
        for row in rows:
            if row.question in self.lists:
                self.lists[row.question][row.code] = row.people
            elif row.question == form.people:
                self.areas[row.area_id or 0] = row.people
            else:
                self.others[row.question] = row.people
        self.total = sum(self.areas.values())
        self.adds_up = {
            part.question.key for part in form.breakdowns if not part.several
        } & self._fitting()
        for key in self.adds_up:
            rest = self.total - sum(self.lists[key].values())
            if rest:
                self.lists[key][REST] = rest

    def _fitting(self) -> set[str]:
        """Lists that say no more than the people reached: only these add up to them."""
        return {key for key, counts in self.lists.items() if 0 < sum(counts.values()) <= self.total}

    def tables(self) -> Iterable[Table]:
        if self.areas:
            yield _list({f"area:{area}": people for area, people in self.areas.items()}, self.total)
        for key, counts in self.lists.items():
            total = self.total if key in self.adds_up else None
            yield _list({f"{key}:{code}": people for code, people in counts.items()}, total)
        for key, people in self.others.items():
            yield self._part(key, people)
            yield from self._ages(key, people)

    def _part(self, key: str, people: int) -> Table:
        """One count of people, and all the others of those reached, whom anybody can work out."""
        name, rest = f"other:{key}", self.total - people
        if rest < 0:
            return _list({name: people}, None)
        return _list({name: people, f"not:{key}": rest}, self.total)

    def _ages(self, key: str, people: int) -> Iterable[Table]:
        """A count of some ages that is exactly the sum of some age bands."""
        wanted = _AGES.fullmatch(key)
        for name, counts in self.lists.items() if wanted else ():
            inside = {
                f"{name}:{code}": number
                for code, number in counts.items()
                if (band := _AGES.fullmatch(code))
                and wanted
                and int(wanted[1]) <= int(band[1])
                and int(band[2]) <= int(wanted[2])
            }
            if inside and sum(inside.values()) == people:
                yield _list(inside, people, total_name=f"other:{key}")


def _list(counts: Mapping[str, int], total: int | None, total_name: str = "people") -> Table:
    """Named counts that add up to a named total, or that only stand beside one another."""
    cells = {(name, TOTAL): number for name, number in counts.items()}
    same = {at: at[0] for at in cells}
    if total is not None:
        cells[GRAND], same[GRAND] = total, total_name
    return Table(rows=tuple(counts), cells=cells, same_as=same, down=total is not None)


_CHANGES = ("improved", "same", "worse")
_PARTS = ("asked", "paired", "lost", *_CHANGES)


def _outcome_tables(outcomes: Sequence[OutcomeRow]) -> Iterable[Table]:
    """Improved, the same and worse make the paired; the paired and the lost make those asked."""
    for row in outcomes:
        yield _list(
            {f"{row.outcome}:{name}": getattr(row, name) for name in _CHANGES},
            row.paired,
            f"{row.outcome}:paired",
        )
        yield _list(
            {f"{row.outcome}:paired": row.paired, f"{row.outcome}:lost": row.baseline - row.paired},
            row.baseline,
            f"{row.outcome}:asked",
        )
