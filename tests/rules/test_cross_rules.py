"""Rules across several answers: when each kind is broken, and where its sentence stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from grants.funds.definition import Question, QuestionKind, Rule, RuleKind, Section, ShowWhen
from grants.funds.loader import all_funds
from grants.rules.cross_rules import is_broken
from grants.rules.eligibility import problems

ADULT = all_funds()["adult"]
SENTENCE = "Say it in the officer's own words."
DAY = dt.date(2027, 3, 31)


def rule(kind, *questions, **rest):
    values = {"key": "own", "at": questions[0].partition(".")[0], "sentence": SENTENCE, **rest}
    return Rule(kind=kind, questions=questions, **values)


@pytest.mark.feature("S4")
@pytest.mark.parametrize(
    ("kind", "rest", "seen", "expected"),
    [
        (RuleKind.AT_LEAST_ONE_OF, {}, {}, True),
        (RuleKind.AT_LEAST_ONE_OF, {}, {"b": ("x",)}, False),
        (RuleKind.AT_LEAST_ONE_OF, {}, {"b": (None,)}, False),
        (RuleKind.SUM_EQUALS, {"than": "c"}, {"a": (1, 2), "b": (3,), "c": (6,)}, False),
        (RuleKind.SUM_EQUALS, {"than": "c"}, {"a": (1, 2), "c": (6,)}, True),
        (RuleKind.SUM_EQUALS, {"than": "c"}, {"a": (1, 2)}, False),
        (RuleKind.SUM_EQUALS, {"amount": 6}, {"a": (1, None)}, False),
        (RuleKind.SUM_EQUALS, {"amount": 0}, {"a": (0,)}, False),
        (RuleKind.LESS_OR_EQUAL, {"amount": 6}, {"a": (6,)}, False),
        (RuleKind.LESS_OR_EQUAL, {"amount": 6}, {"a": (6,), "b": (1,)}, True),
        (RuleKind.LESS_OR_EQUAL, {"than": "c"}, {"a": (DAY,), "c": (DAY,)}, False),
        (
            RuleKind.LESS_OR_EQUAL,
            {"than": "c"},
            {"a": (DAY,), "c": (DAY - dt.timedelta(days=1),)},
            True,
        ),
        (RuleKind.IF_THEN_REQUIRED, {"at": "z", "values": ("yes",)}, {"a": ("yes",)}, True),
        (RuleKind.IF_THEN_REQUIRED, {"at": "z", "values": ("yes",)}, {"a": ("no",)}, False),
        (RuleKind.IF_THEN_REQUIRED, {"at": "z", "values": ("q",)}, {"a": (("p", "q"),)}, True),
        (
            RuleKind.IF_THEN_REQUIRED,
            {"at": "z", "values": ("yes",)},
            {"a": ("yes",), "z": ("x",)},
            False,
        ),
    ],
)
def test_rule_is_broken_by_what_it_forbids_alone(kind, rest, seen, expected):
    assert is_broken(rule(kind, "a", "b", **rest), seen) is expected


def told(fund, answers, files=()):
    found = problems(fund, answers, attachments=dict.fromkeys(files, 1))
    return [(item.section, item.question) for item in found if item.text == SENTENCE]


def with_rule(own, *questions):
    section = Section(key="extra", title="Extra", questions=questions)
    return replace(ADULT, sections=(*ADULT.sections, section), rules=(own,))


@pytest.mark.feature("S4")
def test_plan_is_linked_or_attached():
    own = replace(ADULT.rules[0], sentence=SENTENCE)
    fund = replace(ADULT, rules=(own,))

    assert ADULT.rules[0].sentence == "Link to your plan or attach it."
    assert told(fund, {}) == [("plan", "plan_link")]
    assert told(fund, {("plan_link", ""): "https://example.org"}) == []
    assert told(fund, {}, files=["plan_file"]) == []


@pytest.mark.feature("S4")
def test_sum_of_a_column_is_held_against_a_constant():
    fund = with_rule(rule(RuleKind.LESS_OR_EQUAL, "budget.amount", amount=100_000))
    lines = {("budget.amount", "1"): "600", ("budget.amount", "2"): "400"}

    assert told(fund, lines) == []
    assert told(fund, {**lines, ("budget.amount", "3"): "0.01"}) == [("budget", "budget")]


@pytest.mark.feature("S4")
def test_rule_leaves_out_questions_that_are_not_asked():
    asks = Question(key="a", label="A", kind=QuestionKind.YES_NO)
    hidden = Question(
        key="b",
        label="B",
        kind=QuestionKind.TEXT,
        required=False,
        show_when=ShowWhen(question="a", values=("yes",)),
    )
    other = Question(key="c", label="C", kind=QuestionKind.TEXT, required=False)
    fund = with_rule(rule(RuleKind.AT_LEAST_ONE_OF, "b", "c"), asks, hidden, other)

    assert told(fund, {("a", ""): "no", ("b", ""): "kept from before"}) == [("extra", "c")]
    assert told(fund, {("a", ""): "yes"}) == [("extra", "b")]
    assert told(fund, {("a", ""): "yes", ("b", ""): "given"}) == []
