"""Reading without names: what stands in the place of what would tell who applies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from grants.funds.definition import Fills, Fund
from grants.rules.score_sheet import Line


def blind_name(name: str, place: int | None = None) -> str:
    """What a file is called, without what its sender called it."""
    suffix = PurePosixPath(name).suffix.lower()
    return f"File {place}{suffix}" if place else f"file{suffix}"


def lines_shown(fund: Fund, lines: Iterable[Line]) -> tuple[Line, ...]:
    """The proposed projects as those who score see them: numbered where their titles tell."""
    if not _titles_tell(fund):
        return tuple(lines)
    return tuple(replace(line, title=f"Project {place}") for place, line in enumerate(lines, 1))


def _titles_tell(fund: Fund) -> bool:
    table = fund.table(Fills.PROJECTS)
    if table is None or not fund.stages.blind:
        return False
    telling = {column.key for column in table.columns if column.identifies}
    return "title" in telling or (table.identifies and not telling)
