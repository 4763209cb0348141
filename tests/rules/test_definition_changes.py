"""What each difference of two rulebooks means for the drafts that are being written."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from grants.funds.definition import (
    Code,
    CodeList,
    Question,
    QuestionKind,
    Rule,
    RuleKind,
    Section,
    ShowWhen,
)
from grants.funds.loader import all_funds
from grants.rules.definition_changes import Weight, between, is_safe

FUND = all_funds()["adult"]
LISTED = CodeList(
    name="boats",
    edition="1",
    source="",
    status="proposed",
    own=True,
    codes=(Code(code="a", label="A"), Code(code="b", label="B")),
)
ASKED = Question(
    key="far",
    label="How far?",
    kind=QuestionKind.NUMBER,
    minimum=1,
    maximum=9,
    show_when=ShowWhen(question="has_conflicts", values=("yes",)),
)
TABLE = Question(
    key="venues",
    label="Venues",
    kind=QuestionKind.ROWS,
    min_rows=2,
    max_rows=4,
    columns=(Question(key="name", label="Name", kind=QuestionKind.TEXT, max_words=5),),
)
RULE = Rule(
    key="r", kind=RuleKind.LESS_OR_EQUAL, questions=("far",), amount=5, at="far", sentence="No."
)


def rulebook(*questions, rules=(RULE,), listed=LISTED, title="Extra"):
    section = Section(key="extra", title=title, questions=questions)
    lists = {**FUND.code_lists, "boats": listed} if listed else dict(FUND.code_lists)
    return replace(FUND, sections=(*FUND.sections, section), rules=rules, code_lists=lists)


BEFORE = rulebook(ASKED, TABLE)


def column(**changes):
    return replace(TABLE, columns=(replace(TABLE.columns[0], **changes),))


NEW = Question(key="new", label="New?", kind=QuestionKind.TEXT, required=False)
NEW_COLUMN = replace(TABLE, columns=(*TABLE.columns, NEW))
FEWER = replace(LISTED, codes=LISTED.codes[:1])
MORE = replace(LISTED, codes=(*LISTED.codes, Code(code="c", label="C")))
SAFE = {
    "nothing": BEFORE,
    "words": rulebook(replace(ASKED, label="How far is it?", hint="Miles"), TABLE),
    "section's words": rulebook(ASKED, TABLE, title="More"),
    "optional question": rulebook(ASKED, TABLE, NEW),
    "order": rulebook(TABLE, ASKED),
    "no longer required": rulebook(replace(ASKED, required=False), TABLE),
    "higher most": rulebook(replace(ASKED, maximum=10), TABLE),
    "no most": rulebook(replace(ASKED, maximum=None), TABLE),
    "lower least": rulebook(replace(ASKED, minimum=0), TABLE),
    "no least": rulebook(replace(ASKED, minimum=None), TABLE),
    "more rows": rulebook(ASKED, replace(TABLE, min_rows=1, max_rows=None)),
    "more words in a column": rulebook(ASKED, column(max_words=6)),
    "optional column": rulebook(ASKED, NEW_COLUMN),
    "one more answer": rulebook(ASKED, TABLE, listed=MORE),
    "no rule": rulebook(ASKED, TABLE, rules=()),
    "letters": replace(BEFORE, letters=(replace(FUND.letters[0], subject="S"), *FUND.letters[1:])),
    "guidance": replace(BEFORE, summary="Another"),
    "equality": replace(BEFORE, stages=replace(FUND.stages, equality=True)),
    "no sign-off": (replace(BEFORE, stages=replace(FUND.stages, sign_off=True)), BEFORE),
}
HOLDS = {
    "required question": rulebook(ASKED, TABLE, replace(NEW, required=True)),
    "question gone": rulebook(TABLE),
    "now required": (rulebook(replace(ASKED, required=False), TABLE), BEFORE),
    "lower most": rulebook(replace(ASKED, maximum=8), TABLE),
    "higher least": rulebook(replace(ASKED, minimum=2), TABLE),
    "first most": (rulebook(replace(ASKED, maximum=None), TABLE), BEFORE),
    "fewer rows": rulebook(ASKED, replace(TABLE, max_rows=3)),
    "another kind": rulebook(replace(ASKED, kind=QuestionKind.MONEY), TABLE),
    "another condition": rulebook(replace(ASKED, show_when=None), TABLE),
    "column gone": (rulebook(ASKED, NEW_COLUMN), BEFORE),
    "fewer words in a column": rulebook(ASKED, column(max_words=4)),
    "one answer fewer": rulebook(ASKED, TABLE, listed=FEWER),
    "a new rule": rulebook(ASKED, TABLE, rules=(RULE, replace(RULE, key="s"))),
    "a rule changed": rulebook(ASKED, TABLE, rules=(replace(RULE, amount=4),)),
    "sign-off": replace(BEFORE, stages=replace(FUND.stages, sign_off=True)),
    "partners confirm": replace(BEFORE, stages=replace(FUND.stages, partners_confirm=True)),
    "dates": replace(
        BEFORE,
        return_form=replace(
            FUND.return_form,
            periods=(
                replace(FUND.return_form.periods[0], due="2026-11-01"),
                *FUND.return_form.periods[1:],
            ),
        ),
    ),
}
REFUSED = {
    "moderation": replace(BEFORE, stages=replace(FUND.stages, moderation=False)),
    "blind": replace(BEFORE, stages=replace(FUND.stages, blind=True)),
    "criteria": replace(BEFORE, scoring=replace(FUND.scoring, readers=9)),
    "stages": replace(BEFORE, settings=replace(FUND.settings, acceptance_days=3)),
    "ages": replace(BEFORE, ages=replace(FUND.ages, youngest=3)),
}


@pytest.mark.feature("S5")
@pytest.mark.parametrize("name", SAFE)
def test_drafts_move_when_nothing_is_lost_and_nothing_more_is_asked(name):
    was, now = SAFE[name] if isinstance(SAFE[name], tuple) else (BEFORE, SAFE[name])

    changes = between(was, now)

    assert is_safe(changes)
    assert bool(changes) == (name != "nothing")


@pytest.mark.feature("S5")
@pytest.mark.parametrize("name", HOLDS)
def test_drafts_are_held_when_more_is_asked_or_something_is_lost(name):
    was, now = HOLDS[name] if isinstance(HOLDS[name], tuple) else (BEFORE, HOLDS[name])

    assert {change.weight for change in between(was, now)} == {Weight.HOLDS}


@pytest.mark.feature("S5")
@pytest.mark.parametrize("name", REFUSED)
def test_what_all_are_judged_by_may_not_change(name):
    assert [change.weight for change in between(BEFORE, REFUSED[name])] == [Weight.REFUSED]


@pytest.mark.feature("S5")
@pytest.mark.parametrize("field", [field.name for field in fields(Question) if field.name != "key"])
def test_no_difference_of_a_question_goes_unseen(field):
    other = {str: "x", bool: not getattr(ASKED, field), type(None): 3}.get(
        type(getattr(ASKED, field)), 3
    )
    if field == "columns":
        other = TABLE.columns
    if field == "show_when":
        other = None

    changes = between(BEFORE, rulebook(replace(ASKED, **{field: other}), TABLE))

    assert changes != ()
