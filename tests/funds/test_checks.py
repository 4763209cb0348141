from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.checks import Fault, faults
from grants.funds.definition import (
    FILLS_COLUMNS,
    LETTER_KINDS,
    STATUSES,
    Anchor,
    Asking,
    Fills,
    Fund,
    Part,
    Question,
    QuestionKind,
    RowSource,
    Rule,
    RuleKind,
    Section,
    ShowWhen,
)
from grants.funds.loader import all_funds

FUNDS = [pytest.param(fund, id=slug) for slug, fund in all_funds().items()]
ADULT = all_funds()["adult"]
K = QuestionKind


def asked(key: str = "extra", kind: K = K.TEXT, **rest) -> Question:
    return Question(key=key, label="Extra", kind=kind, **rest)


def with_questions(*questions: Question, part: str = "form") -> Fund:
    section = Section(key="extra", title="Extra", questions=questions)
    if part == "form":
        return replace(ADULT, sections=(*ADULT.sections, section))
    sections = (*ADULT.return_form.sections, section)
    return replace(ADULT, return_form=replace(ADULT.return_form, sections=sections))


def found(fund: Fund) -> list[tuple[str, str, str]]:
    return [(fault.part, fault.key, fault.sentence) for fault in faults(fund)]


@pytest.mark.parametrize("fund", FUNDS)
def test_faults_of_a_shipped_fund_are_none(fund: Fund):
    assert list(faults(fund)) == []


@pytest.mark.parametrize(
    ("asking", "said"),
    [
        (Asking(section="nowhere"), "names no section or question of the form: nowhere"),
        (Asking(question="projects.no"), "names no section or question of the form: projects.no"),
        (Asking(label="Words"), "names no section or question of the form: "),
        (
            Asking(part=Part.RETURN, question="lead_organisation"),
            "names no section or question of the return: lead_organisation",
        ),
        (Asking(section="lead", label=""), "takes the name away of lead"),
    ],
)
def test_local_words_name_what_the_forms_have(asking, said):
    local = replace(ADULT.local, asks=(asking,))

    assert found(replace(ADULT, local=local)) == [("fund", "local.asks", said)]


@pytest.mark.parametrize("ties", [("oldest",), ("lot", "lot")])
def test_ties_are_parted_by_known_rules_named_once(ties):
    said = "names each of heaviest, asked, lot once at most, and nothing else"

    assert found(replace(ADULT, scoring=replace(ADULT.scoring, ties=ties))) == [
        ("criteria", "ties", said)
    ]


@pytest.mark.feature("S8")
@pytest.mark.parametrize("fund", FUNDS)
def test_every_criterion_has_a_written_anchor_for_every_score(fund: Fund):
    scores = list(range(fund.scoring.lowest, fund.scoring.highest + 1))

    assert sum(criterion.weight for criterion in fund.scoring.criteria) == 100
    for criterion in fund.scoring.criteria:
        assert [anchor.score for anchor in criterion.anchors] == scores
        assert all(anchor.text.endswith(".") for anchor in criterion.anchors)


@pytest.mark.feature("A27")
@pytest.mark.feature("A28")
@pytest.mark.parametrize("fund", FUNDS)
def test_every_fund_has_one_table_for_each_kind_of_typed_row(fund: Fund):
    for filled, needed in FILLS_COLUMNS.items():
        table = fund.table(filled)
        assert table is not None
        columns = tuple(column.key for column in table.columns)
        assert columns[: len(needed)] == needed
        assert set(columns[len(needed) :]) <= {"local_round"}


@pytest.mark.parametrize("fund", FUNDS)
def test_every_fund_has_its_letters_and_says_where_each_clause_comes_from(fund: Fund):
    assert tuple(letter.kind for letter in fund.letters) == LETTER_KINDS
    for letter in fund.letters:
        assert all(clause.source and clause.status for clause in letter.clauses)


@pytest.mark.parametrize("fund", FUNDS)
def test_every_return_asks_what_the_tables_are_made_of(fund: Fund):
    questions = {item.key: item for part in fund.return_form.sections for item in part.questions}

    assert {"unique_people", "people_16_24", "outcomes", "spending"} <= set(questions)
    assert questions["outcomes"].row_list == fund.outcome_list
    assert questions["spending"].row_source == RowSource.BUDGET
    assert [column.key for column in questions["outcomes"].columns] == [
        "measure",
        "n_started",
        "n_baseline",
        "n_paired",
        "n_improved",
        "n_same",
        "n_worse",
    ]


@pytest.mark.parametrize("fund", FUNDS)
def test_long_questions_tell_the_reader_how_much_to_write(fund: Fund):
    long = [question for question in fund.questions() if question.kind == K.LONG_TEXT]

    assert all(question.max_words for question in long)
    assert all(question.label != question.hint for question in long)


@pytest.mark.parametrize(
    ("questions", "key", "sentence"),
    [
        ([asked("need")], "need", "the question 'need' is there more than once"),
        ([asked("Extra")], "Extra", "a question's key is small letters, figures and underscores"),
        (
            [asked(kind=K.SINGLE)],
            "extra",
            "a choice needs choices, the name of a code list",
        ),
        ([asked(choices="theme")], "extra", "only single and many take choices"),
        (
            [asked(kind=K.MANY, choices="colours")],
            "extra",
            "choices names 'colours', which is no listed code list",
        ),
        ([asked(kind=K.DATE, max_words=9)], "extra", "max_words is for text, and is 1 or more"),
        ([asked(max_words=0)], "extra", "max_words is for text, and is 1 or more"),
        ([asked(minimum=1)], "extra", "minimum and maximum are for number and money"),
        (
            [asked(kind=K.NUMBER, minimum=2, maximum=1)],
            "extra",
            "the maximum is below the minimum",
        ),
        ([asked(people=True)], "extra", "only a number counts people"),
        (
            [
                asked(show_when=ShowWhen(question="following", values=("yes",))),
                asked("following", K.YES_NO),
            ],
            "extra",
            "it waits for an answer to 'following', which is no earlier question",
        ),
        (
            [
                asked("first", K.YES_NO),
                asked(show_when=ShowWhen(question="first", values=("no!",))),
            ],
            "extra",
            "it waits for 'no!', no answer of 'first'",
        ),
        ([asked(kind=K.ROWS)], "extra", "a table of rows needs columns"),
        (
            [asked(columns=(asked("a"),))],
            "extra",
            "only a table of rows has columns, fills or row_list",
        ),
        (
            [asked(kind=K.ROWS, columns=(asked("a"), asked("a")))],
            "extra.a",
            "the column 'a' is there more than once",
        ),
        (
            [asked(kind=K.ROWS, columns=(asked("a", K.UPLOAD),))],
            "extra.a",
            "a column is a plain question: no table, upload, declaration or show_when",
        ),
        (
            [asked(kind=K.ROWS, columns=(asked("a"),), min_rows=3, max_rows=2)],
            "extra",
            "max_rows is below min_rows",
        ),
        (
            [asked(kind=K.ROWS, columns=(asked("a"),), row_source=RowSource.CODE_LIST)],
            "extra",
            "row_list goes with row_source 'code_list', and only with it",
        ),
        (
            [
                asked(
                    kind=K.ROWS,
                    columns=(asked("a"),),
                    row_source=RowSource.CODE_LIST,
                    row_list="colours",
                )
            ],
            "extra",
            "row_list names 'colours', which is no listed code list",
        ),
        (
            [asked(kind=K.ROWS, columns=(asked("a"),), row_source=RowSource.BUDGET)],
            "extra",
            "rows from the budget are for the return",
        ),
    ],
)
def test_faults_of_a_question_are_one_sentence_each(questions, key, sentence):
    assert found(with_questions(*questions)) == [("form", key, sentence)]


def test_faults_refuse_typed_rows_in_a_return():
    table = asked(kind=K.ROWS, columns=(asked("a"),), fills=Fills.PARTNERS)

    assert found(with_questions(table, part="return")) == [
        ("return", "extra", "fills is for a table of the form whose rows people add")
    ]


def test_faults_find_a_second_table_that_fills_the_same_rows():
    table = ADULT.table(Fills.PARTNERS)

    assert found(with_questions(replace(table, key="more_partners"))) == [
        ("form", "sections", "one table should fill 'partners', there are 2")
    ]


def test_faults_find_a_typed_table_without_one_of_its_columns():
    table = asked(kind=K.ROWS, fills=Fills.PARTNERS, columns=(asked("name"), asked("part")))
    sections = tuple(
        replace(
            section,
            questions=tuple(
                table if question.fills == Fills.PARTNERS else question
                for question in section.questions
            ),
        )
        for section in ADULT.sections
    )

    assert found(replace(ADULT, sections=sections)) == [
        ("form", "extra", "a table that fills 'partners' needs the column 'partner_type'")
    ]


def test_faults_of_section_keys():
    asks = {"title": "Again", "questions": (asked(),)}
    again = replace(ADULT, sections=(*ADULT.sections, Section(key="need", **asks)))
    shouted = replace(ADULT, sections=(*ADULT.sections, Section(key="Big Need", **asks)))
    empty = replace(ADULT, sections=(*ADULT.sections, Section(key="bare", title="Bare")))

    assert found(again) == [("form", "need", "the section 'need' is there more than once")]
    assert found(shouted) == [
        ("form", "Big Need", "a section's key is small letters, figures and hyphens")
    ]
    assert found(empty) == [("form", "bare", "this section asks nothing yet")]


def scored(**changes) -> list[tuple[str, str, str]]:
    return found(replace(ADULT, scoring=replace(ADULT.scoring, **changes)))


def criterion(**changes) -> list[tuple[str, str, str]]:
    first, *others = ADULT.scoring.criteria
    return scored(criteria=(replace(first, **changes), *others))


def test_faults_of_the_criteria():
    anchors = ADULT.scoring.criteria[0].anchors

    assert criterion(weight=19) == [("criteria", "criteria", "the weights add up to 99, not 100")]
    assert criterion(anchors=anchors[1:]) == [
        ("criteria", "fit", "there is no anchor for the score 0")
    ]
    assert criterion(anchors=(*anchors, Anchor(score=5, text="More."))) == [
        ("criteria", "fit", "the anchor for 5 is repeated, or is no score of this fund")
    ]
    assert criterion(minimum=9) == [("criteria", "fit", "the minimum 9 is no score of this fund")]
    assert criterion(key="a fit") == [
        ("criteria", "a fit", "a criterion's key is small letters, figures and underscores")
    ]
    assert criterion(key="need") == [
        ("criteria", "need", "the criterion 'need' is there more than once")
    ]
    assert scored(readers=0) == [("criteria", "readers", "should be 1 or more")]


def test_faults_of_a_negative_weight():
    first, second, *others = ADULT.scoring.criteria
    pair = (replace(first, weight=-5), replace(second, weight=45))

    assert scored(criteria=(*pair, *others)) == [
        ("criteria", "fit", "a weight may not be negative")
    ]


def letter(**changes) -> list[tuple[str, str, str]]:
    first, *others = ADULT.letters
    return found(replace(ADULT, letters=(replace(first, **changes), *others)))


def test_faults_of_the_letters():
    clause = replace(ADULT.letters[0].clauses[0], status="rumoured")

    assert letter(subject="{amout}") == [
        ("letters", "award", "there is nothing to fill the placeholder '{amout}' with")
    ]
    assert letter(paragraphs=("Up to {amount:>10}",)) == [
        ("letters", "award", "there is nothing to fill the placeholder '{amount}' with")
    ]
    assert letter(paragraphs=("A lone { bracket",)) == [
        ("letters", "award", "a curly bracket stands alone in 'A lone { bracket'")
    ]
    assert letter(clauses=(clause,)) == [
        (
            "letters",
            "award",
            f"the status of 'What the words mean' is not one of: {', '.join(STATUSES)}",
        )
    ]
    assert letter(kind="poem") == [
        ("letters", "award", "there is no 'award' letter"),
        ("letters", "poem", "is no kind of letter; the kinds are award, part_award, decline"),
    ]
    assert letter(kind="decline") == [
        ("letters", "decline", "the letter 'decline' is there more than once"),
        ("letters", "award", "there is no 'award' letter"),
    ]


def periods(*changed) -> list[tuple[str, str, str]]:
    return found(replace(ADULT, return_form=replace(ADULT.return_form, periods=tuple(changed))))


def test_faults_of_the_periods():
    interim, final = ADULT.return_form.periods

    assert periods() == [("return", "periods", "there should be at least one period")]
    assert periods(interim, replace(final, key="interim")) == [
        ("return", "interim", "the period 'interim' is there more than once")
    ]
    assert periods(replace(interim, final=True), final) == [
        ("return", "periods", "only one period may be final")
    ]
    assert periods(replace(interim, due="2026-09-01")) == [
        ("return", "interim", "should start before it ends and be due after it ends")
    ]
    assert periods(replace(interim, ends="the summer")) == [
        ("return", "interim", "starts, ends and due are dates such as 2026-04-01")
    ]


def settings(**changes) -> list[tuple[str, str, str]]:
    return found(replace(ADULT, settings=replace(ADULT.settings, **changes)))


def test_faults_of_the_fund_file():
    assert found(replace(ADULT, ages=replace(ADULT.ages, oldest=9))) == [
        ("fund", "ages.oldest", "is younger than the youngest age")
    ]
    assert settings(size_bands=(2, 1)) == [
        ("fund", "settings.size_bands", "should rise from the smallest to the largest")
    ]
    assert settings(approvals_needed=0) == [
        ("fund", "settings.approvals_needed", "should be 1 or more")
    ]
    assert settings(needs_routing_council=True) == [
        ("fund", "settings.needs_routing_council", "needs the question 'routing_council'")
    ]
    assert found(replace(ADULT, outcome_list="dreams")) == [
        ("fund", "outcome_list", "names 'dreams', which is no listed code list")
    ]
    assert found(replace(ADULT, onward_category="onward")) == [
        ("fund", "onward_category", "is no code of the list the budget's category uses")
    ]


def test_faults_of_a_form_without_sections_begin_with_the_form():
    fault = next(faults(replace(ADULT, sections=())))

    assert fault == Fault(
        part="form", key="sections", sentence="there should be at least one section"
    )


def ruled(kind: RuleKind = RuleKind.SUM_EQUALS, questions=("budget.amount",), **rest) -> Fund:
    values = {"key": "own", "at": "budget", "sentence": "No.", **rest}
    return replace(ADULT, rules=(Rule(kind=kind, questions=tuple(questions), **values),))


@pytest.mark.feature("S4")
@pytest.mark.parametrize(
    ("fund", "sentence"),
    [
        (
            ruled(amount=5, sentence=" "),
            "a rule needs the sentence that people read when it is broken",
        ),
        (ruled(amount=5, at="nowhere"), "it names 'nowhere', which is no question of the form"),
        (
            ruled(amount=5, questions=("budget.no",)),
            "it names 'budget.no', which is no question of the form",
        ),
        (
            ruled(amount=5, at="budget.amount"),
            "its sentence stands beside a question, not a column",
        ),
        (ruled(amount=5, questions=()), "a rule needs at least one question"),
        (ruled(), "it holds the sum against either another question or an amount"),
        (
            ruled(amount=5, questions=("need",)),
            "it holds numbers against numbers, money against money or a date against a date",
        ),
        (
            ruled(questions=("local_opens", "local_closes"), than="grants_paid_by"),
            "dates are held against each other one by one, and cannot be added up",
        ),
        (
            ruled(RuleKind.AT_LEAST_ONE_OF, ("plan_link", "plan_link")),
            "'at least one of' needs two questions or more",
        ),
        (
            ruled(RuleKind.IF_THEN_REQUIRED, ("need",), values=("yes",)),
            "'if … then' begins with one question that has choices",
        ),
        (
            ruled(RuleKind.IF_THEN_REQUIRED, ("has_conflicts",), values=("perhaps",)),
            "it waits for 'perhaps', no answer of 'has_conflicts'",
        ),
        (
            ruled(RuleKind.IF_THEN_REQUIRED, ("has_conflicts",)),
            "'if … then' needs at least one answer to wait for",
        ),
    ],
)
def test_faults_of_a_rule_are_one_sentence_each(fund, sentence):
    assert found(fund) == [("form", "own", sentence)]


@pytest.mark.feature("S4")
def test_faults_of_a_sound_rule_are_none():
    assert found(ruled(amount=5)) == []
    assert found(ruled(RuleKind.LESS_OR_EQUAL, ("local_opens",), than="local_closes")) == []
    assert found(ruled(RuleKind.IF_THEN_REQUIRED, ("has_conflicts",), values=("no",))) == []


def test_words_of_the_pages_cannot_be_keys():
    assert found(with_questions(asked("continue"))) == [
        ("form", "continue", "'continue' is a word that the pages need for themselves")
    ]
