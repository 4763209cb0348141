"""How values are printed."""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from grants.rules import states
from grants.web import filters

ENUMS = [
    states.RoundState,
    states.Tier,
    states.ApplicationState,
    states.AssessmentState,
    states.AwardState,
    states.LineDecision,
    states.LetterState,
    states.ReturnState,
    states.JobState,
    states.MessageState,
    states.ScanState,
]
NOW = datetime(2027, 2, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("state", [state for enum in ENUMS for state in enum])
def test_every_state_has_a_word_and_a_colour(state):
    word, colour = filters.state_words(state), filters.state_colour(state)

    assert word == word.strip() != ""
    assert colour in {
        "grey",
        "green",
        "blue",
        "darkblue",
        "teal",
        "purple",
        "yellow",
        "orange",
        "red",
    }


def test_states_of_the_same_name_keep_their_own_words():
    same = [states.ApplicationState.SUBMITTED, states.AssessmentState.SUBMITTED]

    assert [filters.state_words(state) for state in same] == ["Submitted", "Scored"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((2027, 2, 26, 12, 0), "noon on Friday 26 February 2027, UK time"),
        ((2027, 6, 25, 11, 0), "noon on Friday 25 June 2027, UK time"),
        ((2027, 6, 25, 23, 0), "midnight on Saturday 26 June 2027, UK time"),
        ((2027, 6, 25, 16, 5), "5:05pm on Friday 25 June 2027, UK time"),
    ],
)
def test_deadline_is_told_on_a_scottish_clock(moment, words):
    assert filters.deadline(datetime(*moment, tzinfo=UTC)) == words


def test_datetime_long_is_local():
    assert filters.datetime_long(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)) == (
        "12:30am on 1 July 2027, UK time"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2027, 2, 3), "3 February 2027"),
        ("2027-02-03", "3 February 2027"),
        (datetime(2027, 7, 31, 23, 0, tzinfo=UTC), "1 August 2027"),
        (None, ""),
    ],
)
def test_date_long_takes_days_moments_and_text(value, words):
    assert filters.date_long(value) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2027, 2, 22), "today"),
        (date(2027, 2, 23), "tomorrow"),
        (date(2027, 2, 21), "yesterday"),
        (date(2027, 2, 26), "in 4 days"),
        (date(2027, 2, 19), "3 days ago"),
    ],
)
def test_in_days_counts_days_on_the_calendar(day, words):
    assert filters.in_days(day, NOW) == words


def test_pounds_shows_pence_only_where_they_matter():
    assert [filters.pounds(p) for p in (1234500, 1499999998, 0, None)] == [
        "£12,345",
        "£14,999,999.98",
        "£0",
        "–",
    ]


def test_plural_agrees_with_its_count():
    assert [filters.plural(n, "project", "projects") for n in (0, 1, 1430)] == [
        "0 projects",
        "1 project",
        "1,430 projects",
    ]


def test_percent_of_nothing_is_a_dash():
    assert [filters.percent(1, 3), filters.percent((434, 1430)), filters.percent(1, 0)] == [
        "33%",
        "30%",
        "–",
    ]


def test_paragraphs_keeps_lines_and_trusts_nothing():
    assert filters.paragraphs("a <b>\r\nb\n\n\n c") == "<p>a &lt;b&gt;<br>b</p><p> c</p>"


def test_word_count_counts_by_white_space():
    assert filters.word_count(" one\u00a0two\u2003three\n– four ") == 5


@pytest.mark.feature("A5")
def test_the_count_in_the_browser_parts_words_where_the_server_does():
    script = (Path(filters.__file__).parents[1] / "static" / "app.js").read_text("utf-8")
    space = re.compile(re.search(r"const SPACE = /(\[.+\])\+/;", script)[1])

    characters = [chr(number) for number in range(sys.maxunicode + 1)]

    assert [c for c in characters if space.match(c)] == [c for c in characters if c.isspace()]


def test_words_list_reads_as_a_sentence():
    assert [filters.words_list(items) for items in ([], ["a"], ["a", "b", "c"])] == [
        "",
        "a",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (4, 24, [1, None, 3, 4, 5, None, 24]),
        (24, 24, [1, None, 23, 24]),
    ],
)
def test_near_pages_leaves_gaps(page, pages, shown):
    assert filters.near_pages(page, pages) == shown


def test_file_size_in_words():
    assert [filters.file_size(n) for n in (1, 940, 12_288, 3_565_158)] == [
        "1 byte",
        "940 bytes",
        "12 KB",
        "3.4 MB",
    ]


def test_address_changes_one_part_of_the_query():
    app = Flask("addresses")
    app.add_url_rule("/rounds/<key>", "round", lambda key: key)
    with app.test_request_context("/rounds/x?state=open&page=3&area=a&area=b"):
        assert filters.address(sort="-asked", page=None) == (
            "/rounds/x?state=open&area=a&area=b&sort=-asked"
        )


def test_tag_of_two_things_in_a_state_of_the_same_name_differs():
    sent, scored = states.ApplicationState.SUBMITTED, states.AssessmentState.SUBMITTED

    assert [filters.tag(state) for state in (sent, scored, sent)] == [
        '<strong class="ds_tag ds_tag--blue">Submitted</strong>',
        '<strong class="ds_tag ds_tag--green">Scored</strong>',
        '<strong class="ds_tag ds_tag--blue">Submitted</strong>',
    ]
