"""Every kind of question, in and out of a table, meets every hard text through both real doors."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import pytest
from markupsafe import escape

from grants.extensions import db
from grants.funds.definition import Question, QuestionKind, Section
from grants.funds.loader import all_funds
from grants.funds.schema import to_document
from grants.models.round import Round, RoundDefinition
from tests import applying

UNTYPED = frozenset({QuestionKind.UPLOAD, QuestionKind.ROWS})
KINDS = sorted(set(QuestionKind) - UNTYPED)
CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MANY})
ROW = "0001"
NUL = "The text holds a character that cannot be shown. Delete it or type it again."
TOO_LONG = "This is too long to keep. Use 50,000 characters or fewer."
HARD = {
    "long": "àé" * 5_000,
    "long words": "a " * 4_999 + "end",
    "emoji": "👩🏽‍🌾🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "Gaelic": "Àird nam Murchan – “ceò”",
    "right to left": "مرحبا \u202eabc\u202c שלום",
    "script": "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}",
    "formula": '=HYPERLINK("https://example.org";"x")',
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "quotes": "' OR 1=1; -- \\ %00 &amp; &#0;",
    "lines": "=1+1\n\n\tand a second line\u2028and a third",
}
UNFIT = {"NUL": "a\x00b", "escape": "a\x1bb", "far too long": "x" * 50_001}


def _asked(kind: QuestionKind) -> Question:
    choices = "council_areas" if kind in CHOICES else None
    return Question(key=f"hard_{kind}", label=f"Hard {kind}", kind=kind, choices=choices)


@pytest.fixture
def at(app):
    """A round whose form asks every kind, alone and in a table."""
    with app.app_context():
        found = applying.place("adult")
        fund = all_funds()["adult"]
        lists = sorted(fund.code_lists)
        asked = [
            replace(_asked(kind), choices=lists[0] if kind in CHOICES else None) for kind in KINDS
        ]
        table = Question(
            key="hard_rows", label="Hard rows", kind=QuestionKind.ROWS, columns=tuple(asked[:4]),
            max_rows=5,
        )  # fmt: skip
        other = replace(table, key="wide_rows", columns=tuple(asked))
        extra = Section(key="hard", title="Hard", intro="", questions=(*asked, table, other))
        record = db.session.query(Round).filter_by(key=found.round_key).one()
        definition = db.session.get_one(RoundDefinition, record.definition_id)
        definition.content = to_document(replace(fund, sections=(*fund.sections, extra)))
        text = json.dumps(definition.content, sort_keys=True)
        definition.sha256 = hashlib.sha256(text.encode()).hexdigest()
        db.session.commit()
        return found


@pytest.fixture
def key(app, at):
    with app.app_context():
        return applying.drafted(at, full=False)


@pytest.fixture
def browser(app, sign_in, at, key):
    return applying.entered(app, sign_in, at, "editor")


def values(kind: QuestionKind, text: str) -> list[str]:
    """As a browser sends it: a date in three boxes of one line each."""
    return [text.replace("\n", " "), "", ""] if kind == QuestionKind.DATE else [text]


def by_autosave(browser, key, fields):
    sent = browser.post(
        f"/applications/{key}/autosave",
        data={**fields, "_versions": "{}"},
        headers={"Accept": "application/json"},
    )
    told = [entry["message"] for entry in sent.json.get("refused", [])]
    return sent.status_code, told


def by_button(browser, key, fields):
    row = "?row=0001&table=wide_rows" if next(iter(fields)).startswith("wide") else ""
    sent = browser.post(
        f"/applications/{key}/sections/hard{row}",
        data={**fields, "_versions": "{}", "later": "1"},
    )
    found = re.findall(r"ds_question__error-message[^>]*>.*?</span>([^<]+)<", sent.text, re.DOTALL)
    return sent.status_code, [sentence.strip() for sentence in found]


def page(browser, key) -> str:
    """All that its own people see of it."""
    places = ["/sections/hard", "/sections/hard?row=0001&table=wide_rows", "/check", ""]
    answers = [browser.get(f"/applications/{key}{place}") for place in places]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.text for answer in answers)


def names(where: str, kind: QuestionKind) -> str:
    return f"hard_{kind}" if where == "alone" else f"wide_rows.{ROW}.hard_{kind}"


DOORS = pytest.mark.parametrize("door", [by_autosave, by_button])
WHERE = pytest.mark.parametrize("where", ["alone", "in a row"])


@pytest.mark.feature("A3", "A4")
@DOORS
@WHERE
@pytest.mark.parametrize("name", HARD)
def test_hard_text_is_shown_word_for_word_whatever_the_kind(browser, key, door, where, name):
    text = HARD[name]
    fields = {names(where, kind): values(kind, text) for kind in KINDS}

    status, _ = door(browser, key, fields)
    shown = page(browser, key)

    assert status in {200, 302}
    for line in filter(str.strip, text.split("\n")):
        assert shown.count(str(escape(line.strip()))) >= len(KINDS) - 2, line[:60]
    packed = "".join(text.split())
    assert str(escape(packed)) in shown, "the box of the date shows it without its spaces"
    assert "<script>alert" not in shown


@pytest.mark.feature("A3", "A4")
@DOORS
@WHERE
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {QuestionKind.DECLARATION}))
@pytest.mark.parametrize("name", UNFIT)
def test_unfit_text_is_refused_with_a_sentence_whatever_the_kind(
    app, browser, key, door, where, kind, name
):
    text = UNFIT[name]

    status, told = door(browser, key, {names(where, kind): values(kind, text)})

    assert (status, sorted(set(told))) == (422, [TOO_LONG if name == "far too long" else NUL])
    with app.app_context():
        assert applying.answers_of(key) == {}


@DOORS
def test_tick_is_only_ever_a_tick(app, browser, key, door):
    status, _ = door(browser, key, {"hard_declaration": ["<script>"]})

    assert status in {200, 302}
    with app.app_context():
        assert set(applying.answers_of(key).values()) <= {""}
