"""The same thing written in two ways is the same text; different things are not."""

from __future__ import annotations

import pytest

from grants.rules import identity as rule
from grants.rules.identity import Body, Kind, Mark

A25 = pytest.mark.feature("A25")


@A25
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Hall Folk Ltd", "Hall Folk"),
        ("HALL  FOLK (SCIO)", "hall folk"),
        ("Comann Shìophort", "Comann Shiophort"),
        ("Morag's Café & Garden", "Morags Cafe and Garden"),
        ("Hall-Folk, Limited.", "Hall Folk"),
    ],
)
def test_names_that_are_one(one, other):
    assert rule.fold_name(one) == rule.fold_name(other)


@A25
@pytest.mark.parametrize(
    ("one", "other"), [("Hall Folk", "Hill Folk"), ("Hall Folk", "Hall Folk North")]
)
def test_names_that_are_two(one, other):
    assert rule.fold_name(one) != rule.fold_name(other)


@A25
@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["SC012345", "sc 12345", "SC12345"], "SC12345"),
        (["01234567", "1234567"], "1234567"),
        ([""], ""),
    ],
)
def test_register_numbers(texts, kept):
    assert {rule.fold_number(text) for text in texts} == {kept}


@A25
@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (
            ["Mo.Rag+grants@Example.org", "morag@example.org", "m.orag@example.org "],
            "morag@example.org",
        ),
        (["a@googlemail.com", "a@gmail.com"], "a@gmail.com"),
        (["nothing", "@example.org", ""], ""),
        (["+x@example.org"], "+x@example.org"),
    ],
)
def test_addresses_that_reach_one_box(texts, kept):
    assert {rule.fold_email(text) for text in texts} == {kept}


@A25
@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["01950 555 0123", "+44 1950 555 0123", "0044 (0)1950 5550123"], "019505550123"),
        (["123", ""], ""),
    ],
)
def test_phone_numbers(texts, kept):
    assert {rule.fold_phone(text) for text in texts} == {kept}


@A25
def test_place_needs_the_postcode_and_a_telling_word():
    marks = rule.marks_of(Body(names=("Garden Community Group",), postcode="ze1 0aa"))

    assert {mark for mark in marks if mark.kind == Kind.PLACE} == {
        Mark(Kind.PLACE, "ZE10AA garden")
    }
    assert rule.marks_of(Body()) == frozenset()


@A25
def test_those_that_share_marks_stand_together():
    pairs = {
        Mark(Kind.NAME, "a"): frozenset({1, 2}),
        Mark(Kind.EMAIL, "b"): frozenset({2, 5}),
        Mark(Kind.NAME, "c"): frozenset({7, 8}),
    }

    assert rule.together(pairs) == ((1, 2, 5), (7, 8))
