"""What can be wrong with a rule across several answers: each a key and one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grants.funds.definition import Fund, Question, QuestionKind, Rule, RuleKind

KEY = re.compile(r"[a-z][a-z0-9_]*")
CHOICES = {QuestionKind.SINGLE, QuestionKind.MANY, QuestionKind.YES_NO, QuestionKind.DECLARATION}
COMPARED = {QuestionKind.NUMBER, QuestionKind.MONEY, QuestionKind.DATE}
LEAST_CHOICE = 2  # "at least one of" needs a choice


def rule_faults(fund: Fund) -> Iterator[tuple[str, str]]:
    """Everything that is wrong with the fund's rules."""
    keys = [rule.key for rule in fund.rules]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield key, f"the rule '{key}' is there more than once"
    for rule in fund.rules:
        for sentence in _rule(fund, rule):
            yield rule.key, sentence


def _rule(fund: Fund, rule: Rule) -> Iterator[str]:
    if not KEY.fullmatch(rule.key):
        yield "a rule's key is small letters, figures and underscores"
    if not rule.sentence.strip():
        yield "a rule needs the sentence that people read when it is broken"
    if not rule.questions:
        yield "a rule needs at least one question"
    unknown = [place for place in rule.places if fund.asked(place) is None]
    for place in unknown:
        yield f"it names '{place}', which is no question of the form"
    if "." in rule.at:
        yield "its sentence stands beside a question, not a column"
    if rule.questions and not unknown:
        yield from _meaning(fund, rule)


def _meaning(fund: Fund, rule: Rule) -> Iterator[str]:
    named = [question for place in rule.questions if (question := fund.asked(place))]
    if rule.kind == RuleKind.AT_LEAST_ONE_OF:
        if len(set(rule.questions)) < LEAST_CHOICE:
            yield "'at least one of' needs two questions or more"
    elif rule.kind == RuleKind.IF_THEN_REQUIRED:
        yield from _condition(fund, rule, named)
    else:
        yield from _amounts(fund, rule, named)


def _condition(fund: Fund, rule: Rule, named: list[Question]) -> Iterator[str]:
    if len(named) != 1 or named[0].kind not in CHOICES or "." in rule.questions[0]:
        yield "'if … then' begins with one question that has choices"
        return
    if rule.at == rule.questions[0]:
        yield "'if … then' needs another question to be answered"
    possible = answers_to_wait_for(fund, named[0])
    if not rule.values:
        yield "'if … then' needs at least one answer to wait for"
    for value in rule.values:
        if value not in possible:
            yield f"it waits for '{value}', no answer of '{named[0].key}'"


def _amounts(fund: Fund, rule: Rule, named: list[Question]) -> Iterator[str]:
    if (rule.than is None) == (rule.amount is None):
        yield "it holds the sum against either another question or an amount"
        return
    other = fund.asked(rule.than) if rule.than else None
    sides = [*named, other] if other else named
    kinds = {question.kind for question in sides}
    if len(kinds) != 1 or not kinds <= COMPARED:
        yield "it holds numbers against numbers, money against money or a date against a date"
    elif kinds == {QuestionKind.DATE} and not _is_pair_of_dates(rule):
        yield "dates are held against each other one by one, and cannot be added up"


def _is_pair_of_dates(rule: Rule) -> bool:
    is_one = len(rule.questions) == 1 and rule.than is not None
    return is_one and rule.kind == RuleKind.LESS_OR_EQUAL and "." not in rule.questions[0]


def answers_to_wait_for(fund: Fund, question: Question) -> tuple[str, ...]:
    """The answers that something later may wait for; none for a question without choices."""
    if question.kind == QuestionKind.YES_NO:
        return ("yes", "no")
    if question.kind == QuestionKind.DECLARATION:
        return ("yes",)
    listed = fund.code_lists.get(question.choices or "")
    return tuple(entry.code for entry in listed.codes) if listed else ()
