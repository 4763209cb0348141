"""Charts: bars start at zero, what is hidden is seen to be hidden, and all is said in words."""

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import jinja2
import pytest

import grants
from grants.documents import charts
from grants.documents.charts import Unit, bar_chart, tile_map
from grants.funds.reference import council_areas

ROWS = [("Social", 434), ("Sport & games", 217), ("Choirs", None), ("None yet", 0)]


@pytest.fixture(scope="module")
def macros():
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(Path(grants.__file__).parent / "templates"),
    )
    return environment.get_template("components/chart.html").module


def svg(markup):
    return ET.fromstring(str(markup))


def of_class(drawing, name):
    return [element for element in drawing.iter() if name in element.get("class", "").split()]


def test_bars_are_in_proportion_from_zero():
    social, sport, choirs, none_yet = bar_chart("T", ROWS, Unit.PROJECTS).bars

    assert {bar.x for bar in (social, sport, choirs, none_yet)} == {charts.LABELS}
    assert (social.width, sport.width, none_yet.width) == (charts.BARS, charts.BARS / 2, 0)


def test_hidden_figure_is_hidden_and_zero_is_zero():
    bars = bar_chart("T", ROWS, Unit.PEOPLE, hidden="1 to 4").bars

    assert [bar.hidden for bar in bars] == [False, False, True, False]
    assert [bar.text for bar in bars] == ["434", "217", "1 to 4", "0"]


def test_description_says_every_figure():
    chart = bar_chart("Social projects come first", ROWS, Unit.PROJECTS)

    assert chart.description == (
        "Bar chart of projects. Social: 434; Sport & games: 217; "
        "Choirs: hidden: small number; None yet: 0."
    )


def test_chart_of_nothing_says_so():
    chart = bar_chart("T", [], Unit.PROJECTS)

    assert (chart.bars, chart.description) == (
        (),
        "Bar chart of projects. There are no figures.",
    )


def test_bars_are_all_empty_when_all_figures_are_nought():
    assert [bar.width for bar in bar_chart("T", [("A", 0), ("B", None)], Unit.PEOPLE).bars] == [
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_234, Unit.PEOPLE, "1,234"),
        (1_234_567, Unit.PENCE, "£12,346"),
        (45, Unit.PERCENT, "45%"),
        (None, Unit.PEOPLE, "hidden"),
    ],
)
def test_figure_in_words(value, unit, text):
    assert charts.figure(value, unit) == text


def test_long_name_is_broken_and_at_last_cut():
    bar = bar_chart("T", [("a fairly long name of a thing " * 8, 1)], Unit.AWARDS).bars[0]

    assert len(bar.lines) == 2
    assert bar.lines[1].endswith("…")
    assert max(len(line) for line in bar.lines) * charts.LETTER < charts.LABELS


@pytest.mark.feature("E14")
def test_map_has_a_tile_for_each_area_and_none_on_another():
    tiles = tile_map("T", council_areas(), {}, Unit.AWARDS).tiles

    assert sorted(tile.code for tile in tiles) == sorted(area.code for area in council_areas())
    touching = [
        (one.label, two.label)
        for one, two in combinations(tiles, 2)
        if abs(one.x - two.x) < one.size and abs(one.y - two.y) < one.size
    ]
    assert touching == []


@pytest.mark.feature("E14")
def test_tile_tells_no_figure_from_hidden_and_from_zero():
    first, second, third, fourth, *_ = council_areas()
    values = {first.code: None, second.code: 0, third.code: 100}
    tiles = {tile.code: tile for tile in tile_map("T", council_areas(), values, Unit.AWARDS).tiles}

    found = [
        (tiles[area.code].text, tiles[area.code].shade, tiles[area.code].hidden)
        for area in (first, second, third, fourth)
    ]
    assert found == [("hidden", 0, True), ("0", 1, False), ("100", 4, False), ("–", 0, False)]


@pytest.mark.feature("E14")
def test_shade_is_the_step_of_the_legend_that_names_the_figure():
    values = dict(zip((area.code for area in council_areas()), range(1, 33), strict=True))
    drawn = tile_map("T", council_areas(), values, Unit.PEOPLE)

    assert [shade.text for shade in drawn.shades] == [
        "from 0 to 8",
        "over 8 to 16",
        "over 16 to 24",
        "over 24 to 32",
    ]
    assert [tile.shade for tile in drawn.tiles] == [1] * 8 + [2] * 8 + [3] * 8 + [4] * 8


def test_money_in_a_tile_is_short():
    areas = council_areas()[:3]
    values = dict(zip((a.code for a in areas), (99_00, 12_345_67, 1_234_567_89), strict=True))

    assert [tile.text for tile in tile_map("T", areas, values, Unit.PENCE).tiles] == [
        "£99",
        "£12k",
        "£1.23m",
    ]


def drawings(macros):
    chart = bar_chart("<b>Social</b> & more", ROWS, Unit.PROJECTS)
    values = {area.code: 5 for area in council_areas()[1:]} | {council_areas()[0].code: None}
    yield macros.bar_chart(chart)
    yield macros.tile_map(tile_map("Areas", council_areas(), values, Unit.PEOPLE))


def test_drawing_is_named_for_those_who_cannot_see_it(macros):
    for markup in drawings(macros):
        drawing = svg(markup)
        named = [
            element.tag
            for key in drawing.get("aria-labelledby").split()
            for element in drawing.iter()
            if element.get("id") == key
        ]
        assert (drawing.get("role"), named) == ("img", ["title", "desc"])


def test_drawing_has_no_style_script_or_link(macros):
    for markup in drawings(macros):
        assert re.findall(r"style=|<style|<script|href=|\bon[a-z]+=", str(markup)) == []


def test_title_is_escaped(macros):
    chart = bar_chart("<b>Social</b> & more", ROWS, Unit.PROJECTS)

    assert svg(macros.bar_chart(chart)).find("title").text == "<b>Social</b> & more"


def test_hidden_bar_is_drawn_as_hidden(macros):
    drawing = svg(macros.bar_chart(bar_chart("T", ROWS, Unit.PROJECTS)))

    assert len(of_class(drawing, "chart__bar")) == 4
    assert [bar.get("stroke-dasharray") for bar in of_class(drawing, "chart__bar--hidden")] == [
        "3 3"
    ]
    assert [text.text for text in of_class(drawing, "chart__value--hidden")] == [
        "hidden: small number"
    ]


def test_two_drawings_on_a_page_share_no_id(macros):
    ids = [
        element.get("id")
        for markup in drawings(macros)
        for element in svg(markup).iter()
        if element.get("id")
    ]

    assert len(ids) == len(set(ids)) == 6


def test_figures_stand_in_a_table_too(macros):
    chart = bar_chart("T", ROWS, Unit.PROJECTS)
    table = svg(macros.figures(chart.title, chart.bars, "Activity", "Projects"))

    assert [cell.text for cell in table.iter("td")] == ["434", "217", "hidden: small number", "0"]
    assert [cell.text for cell in table.iter("th")] == [
        "Activity",
        "Projects",
        "Social",
        "Sport & games",
        "Choirs",
        "None yet",
    ]
