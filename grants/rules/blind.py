"""Reading without names: what stands in the place of what would tell who applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from grants.funds.definition import Fills, Fund, Question
from grants.rules.score_sheet import Line


def blind_name(name: str, place: int | None = None) -> str:
    """What a file is called, without what its sender called it."""
    suffix = PurePosixPath(name).suffix.lower()
    return f"File {place}{suffix}" if place else f"file{suffix}"


def without_names(fund: Fund) -> Fund:
    """A fund's form without the questions and columns that tell who applies."""
    return replace(
        fund,
        sections=tuple(
            replace(section, questions=tuple(_silent(section.questions)))
            for section in fund.sections
        ),
    )


def _silent(questions: Iterable[Question]) -> Iterator[Question]:
    """A table loses its columns one by one where they say which of them tell."""
    for question in questions:
        columns = tuple(column for column in question.columns if not column.identifies)
        if len(columns) < len(question.columns):
            yield replace(question, columns=columns)
        elif not question.identifies:
            yield question


def lines_shown(fund: Fund, lines: Iterable[Line]) -> tuple[Line, ...]:
    """The proposed projects as those who score see them: numbered where their titles tell."""
    if not titles_tell(fund):
        return tuple(lines)
    return tuple(replace(line, title=f"Project {place}") for place, line in enumerate(lines, 1))


def titles_tell(fund: Fund) -> bool:
    """Whether the titles of proposed projects are hidden, for they tell who applies."""
    table = fund.table(Fills.PROJECTS)
    if table is None or not fund.stages.blind:
        return False
    telling = {column.key for column in table.columns if column.identifies}
    return "title" in telling or (table.identifies and not telling)
