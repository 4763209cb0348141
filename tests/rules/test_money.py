"""Pence in, pounds out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules.money import LARGEST, parse_pounds, pounds
from grants.rules.refusals import Blocked


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£12,345.67", 1_234_567),
        ("12345", 1_234_500),
        (" 12,345 ", 1_234_500),
        ("£ 0.09", 9),
        ("0", 0),
        ("007", 700),
        ("1,000,000", 100_000_000),
        ("99999999.99", LARGEST),
        ("\u00a012,345\u00a0", 1_234_500),
    ],
)
def test_parse_pounds_reads_what_people_type(text, pence):
    assert parse_pounds(text) == pence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter an amount in pounds, such as 12,345 or 12,345.67."),
        ("12.5", "Write pence with two figures, such as 12,345.60, or leave them out."),
        ("12.", "Write pence with two figures, such as 12,345.60, or leave them out."),
        ("12.345", "Write pence with two figures, such as 12,345.60, or leave them out."),
        ("1,2345", "Put commas only between thousands, such as 12,345, or leave them out."),
        ("-5", "Enter an amount that is not less than £0."),
        ("£\u22125", "Enter an amount that is not less than £0."),
        ("5k", "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67."),
        ("1e3", "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67."),
        ("٣", "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67."),
        ("100000000", "Enter an amount of £99,999,999.99 or less."),
    ],
)
def test_parse_pounds_refuses_with_one_sentence(text, sentence):
    with pytest.raises(Blocked) as refused:
        parse_pounds(text)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("pence", "shown", "exact"),
    [
        (0, "£0", "£0.00"),
        (5, "£0.05", "£0.05"),
        (1_234_500, "£12,345", "£12,345.00"),
        (1_499_999_998, "£14,999,999.98", "£14,999,999.98"),
        (-250, "-£2.50", "-£2.50"),
    ],
)
def test_pounds_shows_pence_when_they_matter(pence, shown, exact):
    assert (pounds(pence), pounds(pence, exact=True)) == (shown, exact)


@given(st.integers(0, LARGEST), st.booleans())
def test_parse_pounds_reads_what_pounds_shows(pence, exact):
    assert parse_pounds(pounds(pence, exact=exact)) == pence


@given(st.text(max_size=30))
def test_parse_pounds_gives_pence_or_a_sentence(text):
    try:
        said = pounds(parse_pounds(text))
    except Blocked as refused:
        said = str(refused)

    assert said.startswith(("£", "Enter ", "Write ", "Put "))
