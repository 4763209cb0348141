"""Whatever is built in the editor: if it may be published, it can be shown, answered, scored, returned."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grants.funds.checks import faults
from grants.funds.definition import (
    Fund,
    Question,
    QuestionKind,
    RowSource,
    Rule,
    RuleKind,
    ShowWhen,
)
from grants.funds.loader import all_funds
from grants.funds.rule_checks import answers_to_wait_for
from grants.funds.schema import from_document, to_document
from grants.rules import form_edits, list_edits
from grants.rules.definition_changes import between, is_safe
from grants.rules.eligibility import Given, form_problems, is_shown, problems
from grants.rules.money import pounds
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.scoring import weighted_total
from grants.web.form_builder import page_form, typed
from tests import filled

K = QuestionKind
PARTS = st.sampled_from(["form", "return"])
WORDS = st.text(min_size=1, max_size=30) | st.sampled_from(["Dè?", "continue", "rows", "1", "<b>"])
NUMBERS = st.none() | st.integers(0, 2_000_000)
SMALL = st.integers(0, 4)


def places(fund: Fund, part: str) -> list[Question]:
    return [q for s in form_edits.sections_of(fund, part) for q in s.questions]


def step(fund: Fund, data: st.DataObject) -> Fund:
    """One thing that somebody does in the editor."""
    part = data.draw(PARTS)
    sections, questions = form_edits.sections_of(fund, part), places(fund, part)
    draw = data.draw
    verb = draw(st.sampled_from(VERBS))
    with suppress(Blocked, Forbidden, NotFound):
        return verb(fund, part, sections, questions, draw).fund
    return fund


def add_section(fund, part, sections, questions, draw):
    return form_edits.add_section(fund, part, draw(WORDS), draw(st.just("") | WORDS))


def move_section(fund, part, sections, questions, draw):
    return form_edits.move_section(
        fund, part, pick(draw, sections).key, draw(st.sampled_from([-1, 1]))
    )


def remove_section(fund, part, sections, questions, draw):
    return form_edits.remove_section(fund, part, pick(draw, sections).key)


def add_question(fund, part, sections, questions, draw):
    home = pick(draw, sections).key
    return form_edits.add_question(fund, part, home, draw(st.sampled_from(list(K))), draw(WORDS))


def pick(draw, things):
    """One of these, if there is one."""
    listed = list(things)
    if not listed:
        raise NotFound
    return draw(st.sampled_from(listed))


def own(questions):
    return [q for q in questions if not q.locked]


def tables(questions):
    return [q for q in questions if q.kind == K.ROWS]


def save_question(fund, part, sections, questions, draw):
    before = pick(draw, own(questions))
    return form_edits.save_question(fund, part, limited(before, fund, draw))


def limited(question, fund, draw):
    changed = replace(question, label=draw(WORDS), required=draw(st.booleans()))
    lists = st.sampled_from(sorted(fund.code_lists))
    if question.kind in {K.TEXT, K.LONG_TEXT}:
        changed = replace(changed, max_words=draw(st.none() | SMALL))
    if question.kind in {K.NUMBER, K.MONEY}:
        changed = replace(changed, minimum=draw(NUMBERS), maximum=draw(NUMBERS))
    if question.kind in {K.SINGLE, K.MANY}:
        changed = replace(changed, choices=draw(lists))
    if question.kind == K.ROWS:
        source = draw(st.sampled_from([RowSource.FREE, RowSource.CODE_LIST]))
        rows = draw(lists) if source == RowSource.CODE_LIST else None
        changed = replace(
            changed,
            row_source=source,
            row_list=rows,
            min_rows=draw(SMALL),
            max_rows=draw(st.none() | SMALL),
        )
    return changed


def move_question(fund, part, sections, questions, draw):
    key = pick(draw, questions).key
    return form_edits.move_question(fund, part, key, draw(st.sampled_from([-1, 1])))


def remove_question(fund, part, sections, questions, draw):
    return form_edits.remove_question(fund, part, pick(draw, own(questions)).key)


def wait(fund, part, sections, questions, draw):
    first, second = pick(draw, questions), pick(draw, own(questions))
    possible = answers_to_wait_for(fund, first) or ("yes",)
    values = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))
    condition = ShowWhen(question=first.key, values=tuple(values))
    return form_edits.set_show_when(fund, part, second.key, condition)


def add_column(fund, part, sections, questions, draw):
    table = pick(draw, tables(questions))
    kind = draw(st.sampled_from(list(K)))
    return form_edits.add_column(fund, part, table.key, kind, draw(WORDS))


def save_column(fund, part, sections, questions, draw):
    table = pick(draw, tables(questions))
    column = pick(draw, table.columns)
    return form_edits.save_column(fund, part, table.key, limited(column, fund, draw))


def remove_column(fund, part, sections, questions, draw):
    table = pick(draw, tables(questions))
    return form_edits.remove_column(fund, part, table.key, pick(draw, table.columns).key)


def add_list(fund, part, sections, questions, draw):
    return list_edits.add_list(fund, draw(WORDS), draw(st.lists(WORDS, max_size=5)))


def add_rule(fund, part, sections, questions, draw):
    asked = places(fund, "form")
    keys = draw(st.lists(st.sampled_from(asked), min_size=2, max_size=3, unique_by=lambda q: q.key))
    kind = draw(
        st.sampled_from(
            [RuleKind.AT_LEAST_ONE_OF, RuleKind.IF_THEN_REQUIRED, RuleKind.LESS_OR_EQUAL]
        )
    )
    first = keys[0]
    rule = Rule(
        key="",
        kind=kind,
        questions=tuple(q.key for q in keys) if kind == RuleKind.AT_LEAST_ONE_OF else (first.key,),
        at=keys[1].key,
        sentence=draw(WORDS),
        amount=10**12 if kind == RuleKind.LESS_OR_EQUAL else None,
        values=answers_to_wait_for(fund, first) if kind == RuleKind.IF_THEN_REQUIRED else (),
    )
    return list_edits.add_rule(fund, rule)


VERBS = [
    *[add_question] * 3,
    *[save_question] * 3,
    *[wait] * 2,
    *[add_column] * 2,
    *[save_column] * 2,
    add_section,
    move_section,
    remove_section,
    move_question,
    remove_question,
    remove_column,
    add_list,
    add_rule,
]


def fitting(fund: Fund, question: Question) -> str:
    """An answer within the question's own limits."""
    if question.kind in {K.TEXT, K.LONG_TEXT}:
        return "Ceòl"
    if question.kind in {K.NUMBER, K.MONEY}:
        number = question.minimum if question.minimum is not None else min(question.maximum or 0, 1)
        return str(number) if question.kind == K.NUMBER else pounds(number, exact=True)
    return filled.text(fund, question)


def answered(fund: Fund, part: str) -> dict[tuple[str, str], str]:
    """Every question that is asked, with rows enough in every table."""
    found = filled.answers(fund) if part == "form" else {}
    asked = {q.key: q for q in places(fund, part)}
    for question in asked.values():
        if question.fills is not None or question.kind == K.UPLOAD:
            continue
        found = {
            place: text
            for place, text in found.items()
            if place[0].partition(".")[0] != question.key
        }
        if not is_shown(question, asked, found):
            continue
        if question.kind != K.ROWS:
            found[question.key, ""] = fitting(fund, question)
            continue
        for row in rows_of(fund, question):
            found |= {(f"{question.key}.{c.key}", row): fitting(fund, c) for c in question.columns}
    return found


def rows_of(fund: Fund, table: Question) -> list[str]:
    if table.row_source == RowSource.CODE_LIST:
        return [code.code for code in fund.code_lists[table.row_list].codes]
    return [f"{number:04d}" for number in range(1, max(table.min_rows, 1) + 1)]


def uploads(fund: Fund) -> dict[str, int]:
    return {q.key: 1 for q in fund.questions() if q.kind == K.UPLOAD}


def mended(fund: Fund) -> Fund:
    """What is at fault is taken out again, as far as it is the round's own."""
    for _ in range(20):
        for fault in list(faults(fund)):
            fund = without(fund, fault.part, *fault.key.partition(".")[::2])
    return fund


def without(fund: Fund, part: str, key: str, column: str) -> Fund:
    """The fund without the first thing of this key that may go."""
    for remove, where in (
        (form_edits.remove_column, (part, key, column)),
        (form_edits.remove_question, (part, key)),
        (form_edits.remove_section, (part, key)),
        (list_edits.remove_rule, (key,)),
    ):
        with suppress(Blocked, Forbidden, NotFound):
            return remove(fund, *where).fund
    return fund


LONG = os.environ.get("GRANTS_TEST_LONG") == "1"
RANDOM = settings(
    max_examples=500 if LONG else 50,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.feature("S1", "S2", "S3", "S4")
@RANDOM
@given(data=st.data(), slug=st.sampled_from(sorted(all_funds())), steps=st.integers(1, 30))
def test_what_may_be_published_can_be_shown_answered_scored_and_returned(app, data, slug, steps):
    fund = before = all_funds()[slug]
    for _ in range(steps):
        fund = step(fund, data)
    fund = mended(fund)
    assert from_document(to_document(fund)) == fund
    assert between(before, before) == ()
    if list(faults(fund)):
        return

    given_form, given_return = answered(fund, "form"), answered(fund, "return")
    with app.test_request_context():
        for part, answers in (("form", given_form), ("return", given_return)):
            for section in form_edits.sections_of(fund, part):
                form = page_form(
                    section, fund, answers, {q.key: [("1", "A line")] for q in section.questions}
                )()
                names = [field.short_name for field in form if field.name != "csrf_token"]
                assert names == [q.key for q in section.questions]
                assert typed(form) == {}

    assert problems(fund, given_form, attachments=uploads(fund)) == ()
    lines = {q.key: ["1"] for q in places(fund, "return") if q.row_source == RowSource.BUDGET}
    for table in (q for q in places(fund, "return") if q.row_source == RowSource.BUDGET):
        given_return |= {(f"{table.key}.{c.key}", "1"): fitting(fund, c) for c in table.columns}
    files = {q.key: 1 for q in places(fund, "return") if q.kind == K.UPLOAD}
    given = Given(given_return, files, lines)
    assert form_problems(fund.return_form.sections, fund.code_lists, given) == ()

    marks = {item.key: fund.scoring.highest for item in fund.scoring.criteria}
    assert weighted_total(marks, fund.scoring) == 100


@pytest.mark.feature("S5")
@RANDOM
@given(data=st.data(), steps=st.integers(1, 12))
def test_a_safe_change_never_makes_a_finished_draft_unfinished(app, data, steps):
    before = all_funds()["adult"]
    finished = answered(before, "form")
    after = before
    for _ in range(steps):
        after = step(after, data)
    if list(faults(after)) or not is_safe(between(before, after)):
        return

    assert problems(after, finished, attachments=uploads(before)) == ()
