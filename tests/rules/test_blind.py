"""What stands in the place of what would tell who applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.definition import Fills, QuestionKind, Stages
from grants.funds.loader import all_funds
from grants.rules.blind import blind_name, lines_shown, without_names
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
@pytest.mark.parametrize(("is_blind", "first"), [(True, "Project 1"), (False, "Alfa hall")])
def test_titles_of_a_table_that_tells_as_a_whole_are_numbers(is_blind, first) -> None:
    table = FUND.table(Fills.PROJECTS)
    telling = replace(
        table,
        identifies=True,
        columns=tuple(replace(column, identifies=False) for column in table.columns),
    )
    whole = replace(
        FUND,
        sections=(replace(FUND.sections[0], questions=(telling,)),),
        stages=Stages(blind=is_blind),
    )

    assert lines_shown(whole, LINES)[0].title == first


@pytest.mark.feature("R10")
def test_form_without_names_loses_questions_and_columns_that_tell() -> None:
    table = FUND.table(Fills.PROJECTS)
    first, *others = (replace(column, identifies=False) for column in table.columns)
    telling = replace(first, identifies=True)
    some = replace(table, identifies=True, columns=(telling, *others))
    plain = next(one for one in FUND.sections[0].questions if not one.columns)
    questions = (
        some,
        replace(some, columns=tuple(others)),
        replace(plain, key="tells", identifies=True),
        replace(plain, key="says", identifies=False),
    )
    form = replace(FUND, sections=(replace(FUND.sections[0], questions=questions),))

    (section,) = without_names(form).sections

    assert [(one.key, one.columns) for one in section.questions] == [
        (table.key, tuple(others)),
        ("says", ()),
    ]


@pytest.mark.feature("R10")
def test_file_keeps_nothing_of_its_name_but_its_kind() -> None:
    assert blind_name("Alfa hall.PDF", 2) == "File 2.pdf"
    assert blind_name("alfa") == "file"


@pytest.mark.feature("R10")
@pytest.mark.parametrize("name", sorted(all_funds()))
def test_areas_and_links_that_tell_who_applies_are_left_out(name):
    shown = without_names(all_funds()[name])
    left = [
        (field.key, field.kind)
        for section in shown.sections
        for question in section.questions
        for field in (question, *question.columns)
    ]

    assert [
        key
        for key, kind in left
        if kind == QuestionKind.LINK or key in {"areas", "council_areas", "routing_council"}
    ] == []
