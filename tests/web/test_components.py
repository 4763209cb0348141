"""The macros that show fields: what a person who hears the page is told."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string

import grants
from grants.funds.definition import Code, CodeList, Question, QuestionKind, Section
from grants.web import filters
from grants.web.form_builder import attach, page_form

PAGE = """{% from "components/fields.html" import fields %}
{% from "components/error_summary.html" import error_summary %}
{{ error_summary(form) }}{{ fields(form) }}"""
LISTED = tuple(Code(code=code, label=code.upper(), note="note") for code in "abc")
FUND = SimpleNamespace(
    code_lists={
        "abc": CodeList(name="abc", edition="1", source="", status="proposed", codes=LISTED)
    }
)


@pytest.fixture
def page():
    app = Flask(grants.__name__)
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False)
    filters.register(app)
    with app.test_request_context():
        yield lambda form: render_template_string(PAGE, form=form)


def ask(kind, **kwargs):
    key = kwargs.pop("key", kind.value)
    return Question(key=key, label=f"The {key}", kind=kind, choices="abc", **kwargs)


def every_kind():
    plain = [ask(kind, hint="A hint") for kind in QuestionKind if kind is not QuestionKind.ROWS]
    inside = tuple(ask(kind) for kind in (QuestionKind.TEXT, QuestionKind.MONEY))
    table = ask(QuestionKind.ROWS, key="line", columns=inside, min_rows=2)
    cards = ask(QuestionKind.ROWS, key="card", columns=tuple(plain), min_rows=2)
    return Section(key="s", title="S", questions=(*plain, table, cards))


def problem(question, row=""):
    text = f"Mend {question}."
    return SimpleNamespace(question=question, row=row, text=text, sentence=text)


def ids(html):
    return re.findall(r'\sid="([^"]+)"', re.sub(r"(?s)<template>.*?</template>", "", html))


def test_every_label_description_and_error_link_leads_somewhere(page):
    section = every_kind()
    form = page_form(section, FUND, {})()
    attach(form, [problem(question.key) for question in section.questions])
    attach(form, [problem("card.date", "0001"), problem("line.money", "0002")])

    html = page(form)

    shown = re.sub(r"(?s)<template>.*?</template>", "", html)
    targets = re.findall(r'\sfor="([^"]+)"', shown) + re.findall(r'href="#([^"]+)"', shown)
    targets += " ".join(re.findall(r'aria-describedby="([^"]+)"', shown)).split()
    assert sorted(set(targets) - set(ids(html))) == []


def test_no_id_is_given_twice(page):
    found = ids(page(page_form(every_kind(), FUND, {})()))

    assert sorted(found) == sorted(set(found))


def test_ticked_boxes_are_ticked_and_can_be(page):
    section = Section(key="s", title="S", questions=(ask(QuestionKind.MANY),))

    html = page(page_form(section, FUND, {("many", ""): "a\nc"})())

    boxes = re.findall(r'<input class="ds_checkbox__input"[^>]*>', html)
    assert [(re.search(r'value="(\w)"', box)[1], "checked" in box) for box in boxes] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]


@pytest.mark.feature("A7")
def test_guidance_and_example_stand_beside_the_question(page):
    question = ask(QuestionKind.LONG_TEXT, guidance="Say <who>.", example="In Unst,\nforty.")
    section = Section(key="s", title="S", questions=(question,))

    html = page(page_form(section, FUND, {})())

    texts = re.findall(r'<div class="ds_details__text">(.*?)</div>', html)
    assert texts == ["<p>Say &lt;who&gt;.</p>", "<p>In Unst,<br>forty.</p>"]


def test_typed_text_is_shown_again_and_never_as_markup(page):
    section = Section(key="s", title="S", questions=(ask(QuestionKind.LONG_TEXT),))

    html = page(page_form(section, FUND, {("long_text", ""): '\n"><script>'})())

    assert re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", html)[1] == (
        "\n&#34;&gt;&lt;script&gt;"
    )
