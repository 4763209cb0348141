from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.funds.definition import Fund, Question, QuestionKind, ShowWhen
from grants.funds.loader import all_funds
from grants.funds.schema import FundError, door, from_document, from_json, to_document, to_json

FUNDS = [pytest.param(fund, id=slug) for slug, fund in all_funds().items()]


@pytest.mark.parametrize("fund", FUNDS)
def test_round_trip_gives_an_equal_fund(fund: Fund):
    assert from_document(to_document(fund)) == fund


@pytest.mark.parametrize("fund", FUNDS)
def test_round_trip_through_json_gives_the_same_bytes(fund: Fund):
    text = to_json(fund)

    assert to_json(from_document(json.loads(text))) == text
    assert from_json(text) == fund


@pytest.mark.parametrize("fund", FUNDS)
def test_to_document_holds_nothing_but_json(fund: Fund):
    document = to_document(fund)

    assert json.loads(json.dumps(document)) == document


words = st.text(max_size=20)
numbers = st.none() | st.integers(0, 10**12)
questions = st.builds(
    Question,
    key=words,
    label=words,
    kind=st.sampled_from(QuestionKind),
    hint=words,
    required=st.booleans(),
    max_words=numbers,
    minimum=numbers,
    choices=st.none() | words,
    show_when=st.none()
    | st.builds(ShowWhen, question=words, values=st.lists(words, max_size=3).map(tuple)),
    columns=st.lists(
        st.builds(Question, key=words, label=words, kind=st.sampled_from(QuestionKind)),
        max_size=2,
    ).map(tuple),
)


@given(questions)
def test_round_trip_of_any_question_is_exact(question: Question):
    document = json.loads(json.dumps(door(Question).dump(question)))

    assert door(Question).load(document) == question


@pytest.mark.parametrize("fund", FUNDS)
def test_from_document_refuses_an_unknown_key(fund: Fund):
    document = to_document(fund)
    document["sections"][1]["questions"][0]["colour"] = "blue"
    section, question = fund.sections[1], fund.sections[1].questions[0]

    with pytest.raises(FundError) as refused:
        from_document(document)

    assert str(refused.value) == (
        f"The fund's definition, sections.{section.key}.questions.{question.key}.colour: "
        "there is no such key."
    )


def test_from_document_refuses_something_that_is_no_table():
    with pytest.raises(FundError, match=r"^The fund's definition, the whole: .*[.]$"):
        from_document(json.loads("[1]"))


def test_from_json_of_a_changed_fund_is_a_different_fund():
    fund = next(iter(all_funds().values()))

    assert from_json(to_json(replace(fund, name="Another"))) != fund
