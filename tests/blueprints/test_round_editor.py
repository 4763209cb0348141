"""The form editor: what a fund manager builds in the browser is what people are asked."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.funds.definition import Code, Question, QuestionKind, RowSource, ShowWhen
from grants.models.audit import AuditEntry
from grants.rules.people import Role
from tests import build, setting_up

K = QuestionKind


@pytest.fixture
def desk(app, client):
    return setting_up.desk(app, client)


def section(desk, key, part="form"):
    fund = desk.fund()
    sections = fund.sections if part == "form" else fund.return_form.sections
    return next(entry for entry in sections if entry.key == key)


def keys(desk, key):
    return [question.key for question in section(desk, key).questions]


def added(desk, label="How far is it?", kind=K.TEXT, home="need"):
    where = desk.done(f"forms/form/sections/{home}/questions/new", label=label, kind=kind.value)
    return where.rpartition("/")[2]


def typed(question, **changes):
    """What the page of a question sends, with some of it changed."""
    kept = {"label": question.label, "required": ["", "yes"], "identifies": [""]}
    return {**kept, **changes}


@pytest.mark.feature("S1")
def test_every_way_to_the_form_leads_to_the_one_that_it_names(desk):
    def form_links(page):
        return re.findall(
            r'href="/rounds/[0-9a-f-]+/((?:return-)?form)"[^>]*>\s*([^<]+?)\s*<', page
        )

    assert form_links(desk.get("")) == [("form", "Form"), ("form", "Application form")]
    assert form_links(desk.get("form")) == [("form", "Form"), ("return-form", "Return form")]
    assert form_links(desk.get("return-form")) == [("form", "Form"), ("form", "Application form")]


@pytest.mark.feature("S1")
def test_section_is_added_reworded_moved_and_removed(desk):
    where = desk.done("forms/form/sections/new", title="Getting there", intro="By bus or boat.")
    assert where == "form#section-getting-there"

    desk.done("forms/form/sections/getting-there", title="Travel", intro="")
    desk.done("forms/form/moves", move="up section getting-there")
    fund = desk.fund()
    assert fund.sections[-2].key == "getting-there"
    assert (fund.sections[-2].title, fund.sections[-2].intro) == ("Travel", "")

    assert "Travel" in desk.get("forms/form/remove/section/getting-there")
    desk.done("forms/form/remove/section/getting-there")
    assert desk.fund().section("getting-there") is None


@pytest.mark.feature("S1")
@pytest.mark.parametrize("kind", list(K))
def test_question_of_every_kind_is_added_and_shown(desk, kind):
    key = added(desk, kind=kind)

    question = desk.fund().question(key)
    assert (question.label, question.kind, question.locked) == ("How far is it?", kind, False)
    assert "How far is it?" in desk.get(f"forms/form/questions/{key}")
    assert "How far is it?" in desk.get("form")


@pytest.mark.feature("S1")
def test_words_and_limits_of_a_question_are_changed(desk):
    key = added(desk, kind=K.LONG_TEXT)
    words = {
        "label": "Dè cho fada ’s a tha e?",
        "hint": "In miles.",
        "guidance": "Ask around.",
        "example": "Eighteen.",
        "max_words": "40",
        "required": "",
        "identifies": ["", "yes"],
    }

    where = desk.done(f"forms/form/questions/{key}", **words)

    assert where == f"form#question-{key}"
    assert desk.fund().question(key) == Question(
        key=key,
        label="Dè cho fada ’s a tha e?",
        kind=K.LONG_TEXT,
        hint="In miles.",
        guidance="Ask around.",
        example="Eighteen.",
        max_words=40,
        required=False,
        identifies=True,
    )


@pytest.mark.feature("S1")
def test_limits_of_numbers_and_money_are_read_as_people_write_them(desk):
    number, money = added(desk, "How many?", K.NUMBER), added(desk, "How much?", K.MONEY)
    asked = desk.fund().question

    desk.done(
        f"forms/form/questions/{number}",
        **typed(asked(number), minimum="1", maximum="1,000", people=["", "yes"]),
    )
    desk.done(
        f"forms/form/questions/{money}", **typed(asked(money), minimum="", maximum="£2,000.50")
    )

    first, second = desk.fund().question(number), desk.fund().question(money)
    assert (first.minimum, first.maximum, first.people) == (1, 1000, True)
    assert (second.minimum, second.maximum) == (None, 200_050)


@pytest.mark.feature("S1")
@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        (K.TEXT, {"label": " "}, "Enter the words of the question."),
        (K.TEXT, {"label": "x" * 301}, "Use 300 characters or fewer."),
        (K.TEXT, {"label": "bell\x07"}, "The text holds a character that cannot be shown."),
        (K.TEXT, {"max_words": "many"}, "Enter a whole number, such as 200"),
        (K.TEXT, {"max_words": "0"}, "Enter 1 or more words."),
        (K.NUMBER, {"minimum": "5", "maximum": "4"}, "The most is below the least."),
        (K.MONEY, {"maximum": "lots"}, "Enter an amount"),
        (K.SINGLE, {"choices": "nowhere"}, "Choose a list of answers."),
        (K.ROWS, {"min_rows": "5", "max_rows": "4"}, "The most rows are below the fewest."),
        (K.ROWS, {"row_source": "code_list"}, "Choose the list whose answers are the rows."),
    ],
)
def test_wrong_words_and_limits_are_named_at_their_field_and_kept_in_sight(
    desk, kind, changes, sentence
):
    key = added(desk, kind=kind)
    before = desk.fund()

    status, page = desk.post(
        f"forms/form/questions/{key}", **typed(before.question(key), **changes)
    )

    assert status == 422
    assert page.count(sentence) >= 2
    assert desk.fund() == before


@pytest.mark.feature("S1")
def test_question_moves_within_its_section_and_into_the_next(desk):
    key = added(desk)
    assert keys(desk, "need") == ["need", "inequalities", key]

    desk.done("forms/form/moves", move=f"up question {key}")
    assert keys(desk, "need") == ["need", key, "inequalities"]

    desk.done("forms/form/moves", move=f"down question {key}")
    where = desk.done("forms/form/moves", move=f"down question {key}")
    assert (keys(desk, "need"), keys(desk, "projects")) == (
        ["need", "inequalities"],
        [key, "projects"],
    )
    assert where == f"form#question-{key}"

    desk.done("forms/form/moves", move=f"up question {key}")
    assert keys(desk, "need") == ["need", "inequalities", key]


@pytest.mark.feature("S1")
def test_question_is_removed_after_it_was_asked_for(desk):
    key = added(desk)

    assert "Remove this question?" in desk.get(f"forms/form/remove/question/{key}")
    assert desk.fund().question(key)
    desk.done(f"forms/form/remove/question/{key}")

    assert desk.fund().question(key) is None


@pytest.mark.feature("S1")
def test_two_questions_of_the_same_words_have_keys_of_their_own(desk):
    assert (added(desk), added(desk)) == ("how_far_is_it", "how_far_is_it_2")
    assert added(desk, "Continue") == "continue_2"
    assert added(desk, "Ⅻ ¿?") == "xii"
    assert added(desk, "…") == "q"
    assert added(desk, "1 more") == "q_1_more"


@pytest.mark.feature("S2")
@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (K.YES_NO, ["no"], "is “No”"),
        (K.DECLARATION, ["yes"], "is “Ticked”"),
        (K.SINGLE, ["stand_alone"], ""),
        (K.MANY, ["stand_alone"], ""),
    ],
)
def test_question_waits_for_an_earlier_answer_of_any_choice(desk, kind, values, words):
    first, second = added(desk, "First?", kind), added(desk, "Second?")
    if kind in {K.SINGLE, K.MANY}:
        fund = desk.fund()
        chosen = fund.code_lists[fund.question(first).choices].codes[0]
        values, words = [chosen.code], f"is “{chosen.label}”"

    where = desk.done(f"forms/form/questions/{second}/when", question=first)
    assert where == f"forms/form/questions/{second}/when/{first}"
    desk.done(where, values=["", *values])

    assert desk.fund().question(second).show_when == ShowWhen(question=first, values=tuple(values))
    assert words.replace("“", "").split("”")[0] in desk.get("form").replace("“", "")

    desk.done(f"forms/form/questions/{second}/when", question="")
    assert desk.fund().question(second).show_when is None


@pytest.mark.feature("S2")
def test_question_waits_only_for_what_is_asked_before_it(desk):
    first, second = added(desk, "First?", K.YES_NO), added(desk, "Second?", K.YES_NO)

    status, page = desk.post(f"forms/form/questions/{first}/when/{second}", values=["yes"])
    nothing = desk.post(f"forms/form/questions/{second}/when/{first}", values=[""])

    assert (status, nothing[0]) == (422, 422)
    assert "Choose a question that is asked before this one." in page
    assert "Choose at least one answer." in nothing[1]


@pytest.mark.feature("S2")
def test_condition_that_lost_its_question_is_told_with_its_page(desk):
    first, second = added(desk, "First?", K.YES_NO), added(desk, "Second?")
    desk.done(f"forms/form/questions/{second}/when/{first}", values=["yes"])
    desk.done(f"forms/form/remove/question/{first}")

    page = desk.get("form")

    assert (
        "Second?: it waits for an answer to &#39;first&#39;, which is no earlier question." in page
    )
    assert f'href="/rounds/{desk.key}/forms/form/questions/{second}"' in page


@pytest.mark.feature("S3")
def test_table_gets_columns_limits_and_rows_of_a_list(desk):
    key = added(desk, "Venues", K.ROWS)
    where = desk.done(f"forms/form/questions/{key}/columns/new", label="Seats", kind="number")
    assert where == f"forms/form/questions/{key}/columns/seats"
    column = desk.fund().question(key).columns[-1]
    desk.done(where, **typed(column, label="Seats in all", minimum="1", required=""))
    desk.done("forms/form/moves", move=f"up column {key}.seats")
    desk.done(f"forms/form/remove/column/{key}.item")
    desk.done(
        f"forms/form/questions/{key}",
        **typed(desk.fund().question(key), min_rows="2", max_rows="9"),
    )

    table = desk.fund().question(key)
    assert [(c.key, c.label, c.minimum, c.required) for c in table.columns] == [
        ("seats", "Seats in all", 1, False)
    ]
    assert (table.min_rows, table.max_rows, table.row_source) == (2, 9, RowSource.FREE)

    listed = {"row_source": "code_list", "row_list": "theme"}
    desk.done(f"forms/form/questions/{key}", **typed(table, **listed))
    assert desk.fund().question(key).row_list == "theme"


@pytest.mark.feature("S3")
def test_column_cannot_be_a_table_a_file_or_a_declaration(desk):
    key = added(desk, "Venues", K.ROWS)

    status, page = desk.post(f"forms/form/questions/{key}/columns/new", label="Rows", kind="rows")

    assert status == 422
    assert "A column can&#39;t be a table, a file or a declaration." in page


@pytest.mark.feature("S14")
@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("forms/form/questions/outcomes", {"label": "Other", "choices": "theme"}),
        ("forms/form/questions/outcomes/when", {"question": ""}),
        ("forms/form/remove/question/projects", {}),
        ("forms/form/remove/question/accept_accuracy", {}),
        ("forms/form/remove/section/projects", {}),
        ("forms/form/remove/column/projects.asked", {}),
        ("forms/form/questions/budget/columns/new", {"label": "More", "kind": "text"}),
        ("forms/form/questions/partners/columns/name", {"label": "Other"}),
        ("forms/return/questions/unique_people", {"label": "Other"}),
        ("lists/adult_outcome", {"title": "Ours", "labels": "One"}),
        ("lists/adult_outcome/remove", {}),
    ],
)
def test_national_core_is_locked(desk, page, sent):
    before = desk.fund()

    status, words = desk.post(page, **sent)

    assert (status, "This is national core" in words) == (403, True)
    assert desk.fund() == before


@pytest.mark.feature("S14")
@pytest.mark.parametrize("fund", ["adult", "children"])
def test_core_of_both_funds_is_marked(app, client, fund):
    rulebook = setting_up.desk(app, client, fund).fund()

    tables = [q for q in rulebook.questions() if q.fills]
    declarations = [q for q in rulebook.questions() if q.kind == K.DECLARATION]
    assert len(tables) == 3
    assert all(q.locked for q in (*tables, *declarations, rulebook.question("outcomes")))
    assert not any(listed.own for listed in rulebook.code_lists.values())


@pytest.mark.feature("S14")
def test_round_adds_a_list_of_its_own_whose_codes_outlive_their_words(desk):
    desk.done("lists/new", title="Ferries", labels="MV Loch Bhrusda\nMV Hebrides\n\n")
    key = added(desk, "Which ferry?", K.SINGLE)
    desk.done(f"forms/form/questions/{key}", **typed(desk.fund().question(key), choices="ferries"))

    desk.done("lists/ferries", title="Boats", labels="MV Loch Bhrusda (small)\nMV Hebrides")
    desk.done(
        "lists/ferries", title="Boats", labels="MV Hebrides\nMV Loch Bhrusda (small)\nA rowing boat"
    )

    listed = desk.fund().code_lists["ferries"]
    assert (listed.title, listed.own) == ("Boats", True)
    assert listed.codes == (
        Code(code="mv_hebrides", label="MV Hebrides"),
        Code(code="mv_loch_bhrusda", label="MV Loch Bhrusda (small)"),
        Code(code="a_rowing_boat", label="A rowing boat"),
    )
    assert desk.post("lists/ferries/remove")[0] == 422
    desk.done(f"forms/form/remove/question/{key}")
    desk.done("lists/ferries/remove")
    assert "ferries" not in desk.fund().code_lists


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"title": "", "labels": "One"}, "Enter a name for the list."),
        ({"title": "Boats", "labels": " \n"}, "Enter at least one answer."),
        ({"title": "Boats", "labels": "One\none"}, "Two answers are the same."),
    ],
)
def test_list_that_cannot_be_used_is_refused(desk, sent, sentence):
    status, page = desk.post("lists/new", **sent)

    assert (status, sentence in page) == (422, True)


@pytest.mark.feature("S4")
def test_rule_is_written_with_the_officers_own_sentence(desk):
    words = "Name a venue, or say why there is none."
    where = desk.done("rules/new", kind="at_least_one_of")
    desk.done(where, questions=["need", "inequalities"], at="need", sentence=words)

    rule = desk.fund().rules[-1]
    assert (rule.questions, rule.at, rule.sentence) == (("need", "inequalities"), "need", words)
    assert words in desk.get("rules")

    desk.done(f"rules/{rule.key}", questions=["need", "risks"], at="risks", sentence="Other.")
    changed = desk.fund().rules[-1]
    assert (changed.key, changed.questions, changed.sentence) == (
        rule.key,
        ("need", "risks"),
        "Other.",
    )
    desk.done(f"rules/{rule.key}/remove")
    assert rule.key not in [entry.key for entry in desk.fund().rules]


@pytest.mark.feature("S4")
def test_rule_holds_a_column_against_an_amount(desk):
    where = desk.done("rules/new", kind="less_or_equal")
    sent = {"questions": ["budget.amount"], "than": "", "at": "budget", "sentence": "Ask for less."}

    assert desk.post(where, **sent, amount="plenty")[0] == 422
    desk.done(where, **sent, amount="£50,000")

    rule = desk.fund().rules[-1]
    assert (rule.amount, rule.than) == (5_000_000, None)
    assert "is not above £50,000" in desk.get("rules")


@pytest.mark.feature("S4")
def test_rule_asks_for_an_answer_after_another(desk):
    first = desk.done("rules/new", kind="if_then_required")
    second = desk.done(first, question="has_other_funding")
    desk.done(second, values=["", "yes"], at="value_for_money", sentence="Say how you know.")

    rule = desk.fund().rules[-1]
    assert (rule.questions, rule.values, rule.at) == (
        ("has_other_funding",),
        ("yes",),
        "value_for_money",
    )


@pytest.mark.feature("S4")
def test_rule_that_means_nothing_is_refused(desk):
    sent = {"questions": ["local_opens", "budget.amount"], "than": "local_closes", "at": "budget"}

    status, page = desk.post("rules/new/sum_equals", **sent, sentence="No.")

    assert (status, "money against money" in page) == (422, True)


def test_return_form_is_edited_the_same_way(desk):
    home = desk.fund().return_form.sections[0].key

    where = desk.done(f"forms/return/sections/{home}/questions/new", label="Weather?", kind="text")

    assert where == "forms/return/questions/weather"
    assert section(desk, home, "return").questions[-1].label == "Weather?"
    assert "Weather?" in desk.get("return-form")


def test_each_step_is_in_the_audit_trail(app, desk):
    added(desk)

    with app.app_context():
        entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry.after["changed"] == "a new question in need"
        assert entry.before["definition"] != entry.after["definition"]


# An officer of the programme itself may read the form; tests/blueprints/test_rounds.py says the rest.
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FUND_MANAGER, Role.PARTNERSHIP_OFFICER}))
def test_others_cannot_use_the_editor(app, client, desk, role):
    with app.app_context():
        programme = db.session.get_one(build.Organisation, desk.programme_id)
        build.sign_in(client, build.person(role, at=programme))
    before = desk.fund()

    statuses = [
        client.get(desk.address("form")).status_code,
        client.post(desk.address("forms/form/sections/new"), data={"title": "X"}).status_code,
        client.post(desk.address("forms/form/remove/question/need")).status_code,
        client.post(desk.address("lists/new"), data={"title": "X", "labels": "Y"}).status_code,
    ]

    assert statuses == [404] * 4
    assert desk.fund() == before


def test_manager_of_another_programme_sees_nothing(app, client, desk):
    with app.app_context():
        build.sign_in(client, build.person(Role.FUND_MANAGER, at=build.programme()))

    assert client.get(desk.address("form")).status_code == 404
    assert (
        client.post(desk.address("forms/form/sections/new"), data={"title": "X"}).status_code == 404
    )


def test_published_form_is_frozen(desk):
    desk.done("moves/open-round")

    status, words = desk.post("forms/form/sections/need", title="Other")

    assert (status, "Begin a new version to change it." in words) == (409, True)
    assert "is published, so it is frozen" in desk.get("form")
    assert "Add a question" not in desk.get("form")


@pytest.mark.parametrize("page", ["form", "forms/form/questions/need"])
def test_sixty_questions_open_with_few_statements(desk, count_statements, page):
    desk.done("forms/form/sections/new", title="Many", intro="")
    desk.done("forms/form/sections/new", title="More", intro="")
    for number in range(20):
        added(desk, f"Question {number}", home="many")
    assert len(desk.fund().questions()) > 60

    with count_statements() as found:
        desk.get(page)

    assert len(found) == 3
