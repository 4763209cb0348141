from __future__ import annotations

import csv
from collections import Counter

import pytest

from grants.funds import reference
from grants.funds.definition import STATUSES
from grants.funds.reference import FOLDER

FURTHER = "counselling or therapeutic, and further types (not itemised in the source)"


def test_allocations_of_year_2_are_31_rows_and_fifteen_million_pounds():
    rows = reference.allocations("2022-23")

    assert len(rows) == 31
    assert sum(row.pence for row in rows) == 1_500_000_000
    joint = [row for row in rows if len(row.area_codes) > 1]
    assert [(row.name, row.area_codes) for row in joint] == [
        ("Clackmannanshire and Stirling", ("S12000005", "S12000030"))
    ]


def test_allocations_of_year_3_are_32_rows_and_two_pence_short():
    rows = reference.allocations("2023-24")

    assert len(rows) == 32
    assert sum(row.pence for row in rows) == 1_499_999_998
    assert all(len(row.area_codes) == 1 for row in rows)


def test_allocations_of_year_3_read_the_mislabelled_row_as_clackmannanshire_alone():
    rows = {row.area_codes: row for row in reference.allocations("2023-24")}

    row = rows["S12000005",]
    assert (row.name, row.printed_label) == ("Clackmannanshire", "Clackmannanshire and Stirling")
    assert row.pence == 13_340_957
    assert rows["S12000030",].pence == 25_127_777


@pytest.mark.parametrize("year", ["2022-23", "2023-24"])
def test_allocations_cover_every_council_once(year):
    covered = [code for row in reference.allocations(year) for code in row.area_codes]

    assert sorted(covered) == sorted(area.code for area in reference.council_areas())


def test_allocations_of_an_unknown_year_say_so():
    with pytest.raises(LookupError, match=r"^there is no allocation table for '1999-00'$"):
        reference.allocations("1999-00")


def test_council_areas_are_32_with_boards_and_a_tile_each():
    areas = reference.council_areas()

    assert len({area.code for area in areas}) == 32
    assert len({(area.tile_column, area.tile_row) for area in areas}) == 32
    assert len({area.board_code for area in areas}) == 14
    assert sum(area.population for area in areas) == 5_463_300
    assert sorted(area.name for area in areas if area.is_island) == [
        "Argyll and Bute",
        "Highland",
        "Na h-Eileanan Siar",
        "North Ayrshire",
        "Orkney Islands",
        "Shetland Islands",
    ]


def test_every_reference_row_names_its_source_and_its_status():
    for path in FOLDER.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["source"], path.name
                assert row["status"] in STATUSES, path.name


@pytest.mark.parametrize("edition", ["y2-2024", "y3-2024", "y3-2025"])
def test_activity_types_and_published_counts_have_the_same_codes(edition):
    listed = [entry.code for entry in reference.code_list("activity_type", edition).codes]
    counted = [
        figure.code
        for figure in reference.published_figures()
        if (figure.table, figure.edition) == ("activity_type", edition)
    ]

    assert counted == listed


def test_published_activity_counts_of_june_2025_add_up_to_the_awards():
    figures = [row for row in reference.published_figures() if row.edition == "y3-2025"]
    counts = {row.code: int(row.value) for row in figures if row.table == "activity_type"}
    awards = next(int(row.value) for row in figures if row.code == "awards")

    assert counts == {
        "social": 434,
        "peer_support": 227,
        "sport": 203,
        "arts": 110,
        "financial_inclusion": 77,
        "education": 52,
        "equipment": 27,
        "other": 13,
        "further": 287,
    }
    assert sum(counts.values()) == awards == 1430


def test_the_rest_of_the_activity_types_is_labelled_as_derived():
    activity_types = reference.code_list("activity_type", "y3-2025")
    figure = next(row for row in reference.published_figures() if row.code == "further")

    assert activity_types.status == "derived"
    assert activity_types.label("further") == FURTHER
    assert activity_types.codes[-1].note.startswith("Derived")
    assert (figure.status, figure.label) == ("derived", FURTHER)


def test_at_risk_groups_drop_shielding_in_year_3():
    second = {entry.code for entry in reference.code_list("at_risk_group", "y2").codes}
    third = {entry.code for entry in reference.code_list("at_risk_group", "y3").codes}

    assert second - third == {"shielding"}


def test_themes_gain_poverty_in_year_2():
    first = {entry.code for entry in reference.code_list("theme", "y1").codes}
    second = {entry.code for entry in reference.code_list("theme", "y2").codes}

    assert second - first == {"poverty_inequality"}


def test_code_lists_repeat_no_code():
    for listed in reference.code_lists():
        repeated = [
            code for code, n in Counter(entry.code for entry in listed.codes).items() if n > 1
        ]
        assert repeated == [], (listed.name, listed.edition)


def test_code_list_of_an_unknown_edition_says_what_there_is():
    with pytest.raises(LookupError) as refused:
        reference.code_list("theme", "y9")

    assert refused.value.args == (
        "the code list 'theme' has no edition 'y9', only y1, y2, y3, y4, y5",
    )


def test_outcome_measures_never_show_items_that_need_a_licence():
    may_show = {measure.key: measure.may_show_items for measure in reference.outcome_measures()}

    assert len(may_show) == 14
    assert [may_show[key] for key in ("swemwbs", "wemwbs", "core10", "sdq", "outcomes_star")] == [
        False
    ] * 5
