"""Which answers of a returned application may be changed, and what became of those asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grants.funds.definition import Fund, Question, QuestionKind

Place = tuple[str, str]  # question, table or "table.column"; and row key
Texts = Mapping[Place, str]
LOCKED = "The fund has not asked about this answer, so it can't be changed now."


@dataclass(frozen=True, slots=True)
class Opening:
    """The places that were named. A table without a row is all of it; None opens everything."""

    places: frozenset[Place] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every answer may be changed."""
        return self.places is None

    def takes(self, place: Place) -> bool:
        """Whether the answer at this place may be changed."""
        return self.places is None or any(covers(named, place) for named in self.places)

    def takes_all_of(self, question: str) -> bool:
        """Whether a whole question may be changed: of a table, its rows taken out and added too."""
        return self.places is None or (question, "") in self.places

    def takes_row(self, table: str, row: str) -> bool:
        """Whether every cell of a row may be changed, so that it may be taken out."""
        return self.takes_all_of(table) or (table, row) in (self.places or ())

    def touches(self, question: str) -> bool:
        """Whether anything of a question may be changed."""
        return self.places is None or any(
            named.partition(".")[0] == question for named, _ in self.places
        )

    def rows_of(self, table: str) -> frozenset[str]:
        """The rows of which at least one cell may be changed; empty where all of the table may."""
        return frozenset(
            row for named, row in self.places or () if row and named.partition(".")[0] == table
        )


WHOLE = Opening()


def covers(named: Place, place: Place) -> bool:
    """Whether naming the one names the other: a table its rows, a row its cells."""
    table = place[0].partition(".")[0]
    return named in {place, (table, ""), (table, place[1])}


def opening_of(fund: Fund, named: Iterable[Place]) -> Opening:
    """What opens when these are named: with each question those that hang on its answer."""
    places = set(named)
    while more := {place for place in _hanging(fund, places) if place not in places}:
        places |= more
    return Opening(frozenset(places))


def _hanging(fund: Fund, places: set[Place]) -> Iterable[Place]:
    for question in fund.questions():
        if question.show_when and (question.show_when.question, "") in places:
            yield question.key, ""
        yield from _hanging_columns(question, places)


def _hanging_columns(table: Question, places: set[Place]) -> Iterable[Place]:
    for column in table.columns:
        if column.show_when is None:
            continue
        on = column.show_when.question.rpartition(".")[2]
        for named, row in places:
            if named == f"{table.key}.{on}":
                yield f"{table.key}.{column.key}", row


def is_askable(fund: Fund, place: Place, rows: Iterable[str]) -> bool:
    """Whether the form has such a place. ``rows`` are those that the table has."""
    table, _, column = place[0].partition(".")
    question = fund.question(table)
    if question is None or (column and question.kind != QuestionKind.ROWS):
        return False
    if question.kind != QuestionKind.ROWS:
        return not place[1]
    if column and column not in {found.key for found in question.columns}:
        return False
    return (place[1] in set(rows)) if place[1] else not column


def is_changed(named: Place, before: Texts, after: Texts) -> bool:
    """Whether anything that was named reads otherwise than before. Blank is as good as absent."""
    return any(
        before.get(place, "").strip() != after.get(place, "").strip()
        for place in {*before, *after}
        if covers(named, place)
    )


def label_of(fund: Fund, place: Place, texts: Texts) -> str:
    """What a place is called: the question; of a table also the row's first answer and the column."""
    table, _, column = place[0].partition(".")
    question = fund.question(table)
    if question is None:
        return place[0]
    words = [question.label]
    if place[1] and question.columns:
        first = texts.get((f"{table}.{question.columns[0].key}", place[1]), "").strip()
        words.append(first or f"row {place[1]}")
    words += [found.label for found in question.columns if found.key == column]
    return ", ".join(words)
