"""What stands in the place of what would tell who applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.definition import Fills, Stages
from grants.funds.loader import all_funds
from grants.rules.blind import blind_name, lines_shown
from grants.rules.score_sheet import Line

FUND = all_funds()["adult"]
LINES = (Line("a", "Alfa hall", 1), Line("b", "Beta hall", 2))


def fund(*, is_blind: bool, tells: bool):
    table = FUND.table(Fills.PROJECTS)
    columns = tuple(
        replace(column, identifies=tells) if column.key == "title" else column
        for column in table.columns
    )
    sections = tuple(
        replace(
            section,
            questions=tuple(
                replace(one, columns=columns) if one.key == table.key else one
                for one in section.questions
            ),
        )
        for section in FUND.sections
    )
    return replace(FUND, sections=sections, stages=Stages(blind=is_blind))


@pytest.mark.feature("R10")
@pytest.mark.parametrize(
    ("is_blind", "tells", "titles"),
    [
        (True, True, ["Project 1", "Project 2"]),
        (True, False, ["Alfa hall", "Beta hall"]),
        (False, True, ["Alfa hall", "Beta hall"]),
    ],
)
def test_titles_of_projects_are_numbers_where_they_tell(is_blind, tells, titles) -> None:
    shown = lines_shown(fund(is_blind=is_blind, tells=tells), LINES)

    assert [line.title for line in shown] == titles


@pytest.mark.feature("R10")
def test_file_keeps_nothing_of_its_name_but_its_kind() -> None:
    assert blind_name("Alfa hall.PDF", 2) == "File 2.pdf"
    assert blind_name("alfa") == "file"
