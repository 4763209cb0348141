"""The made-up applications that come with a fund: on its own form, and plainly made up."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from grants.funds.samples import samples_of
from grants.rules.answers import LONGEST_TEXT, parse
from grants.rules.calibration import ADVISED

pytestmark = pytest.mark.feature("R23")
SAMPLES = [(slug, one) for slug in sorted(all_funds()) for one in samples_of(slug)]


def asked(slug, place):
    table, _, column = place.partition(".")
    question = all_funds()[slug].question(table)
    if question is None or not column:
        return question
    return next((one for one in question.columns if one.key == column), None)


@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_shipped_fund_brings_as_many_as_are_advised(slug):
    keys = [one.key for one in samples_of(slug)]

    assert (len(keys), len(set(keys))) == (ADVISED, ADVISED)


def test_fund_without_a_file_has_none():
    assert samples_of("island-kitchens") == samples_of("../adult") == ()


@pytest.mark.parametrize(("slug", "sample"), SAMPLES, ids=lambda one: getattr(one, "key", one))
def test_answers_are_such_as_the_form_takes(slug, sample):
    wrong = [
        (one.question, one.row)
        for one in sample.answers
        if asked(slug, one.question) is None
        or parse(asked(slug, one.question), one.text).problem
        or len(one.text) > LONGEST_TEXT
        or bool(one.row) != ("." in one.question)
    ]

    assert wrong == []


@pytest.mark.parametrize(("slug", "sample"), SAMPLES, ids=lambda one: getattr(one, "key", one))
def test_sample_says_that_it_is_made_up(slug, sample):
    assert "made-up" in sample.title
    assert "made up" in sample.applicant
