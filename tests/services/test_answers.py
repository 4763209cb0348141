"""Saving answers: nothing typed is lost, and nobody overwrites a text unseen."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.application import Answer
from grants.models.audit import AuditEntry
from grants.queries import drafts, earlier_texts
from grants.rules.answers import LONGEST_TEXT
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState
from grants.services import answers
from grants.services.answer_sheet import TOO_LONG, Clash, Refused, Sent
from tests import applying, build

NOW = build.NOW
PLACE = ("plan_summary", "")
HARD = [
    "àèìòù ÀÈÌÒÙ Łukasz Зоряна",
    "مرحبا \u202eabc\u202c שלום",
    "👩🏽‍🌾 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "<script>alert(1)</script>",
    '=HYPERLINK("https://example.org")',
    "' OR 1=1 --",
    "line\n\n  two\ttab",
    "x" * 10_000,
]


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def key(at):
    return applying.drafted(at, full=False)


def save(at, key, texts, who="editor", now=NOW, **more):
    return answers.save(applying.actor(at, who), key, Sent(texts=texts, **more), now=now)


def earlier(at, key, *questions):
    draft = drafts.draft(applying.actor(at, "editor"), key)
    return {found.text for found in earlier_texts.of_draft(draft, questions)}


@pytest.mark.feature("A3")
@pytest.mark.parametrize("text", HARD)
def test_text_is_kept_word_for_word(at, key, text):
    save(at, key, {PLACE: text})

    assert applying.answers_of(key) == {PLACE: text}


@pytest.mark.feature("A3")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\x00b", "The text holds a character that cannot be shown. Delete it or type it again."),
        ("x" * (LONGEST_TEXT + 1), TOO_LONG),
    ],
)
def test_text_that_cannot_be_kept_is_refused_and_the_rest_is_kept(at, key, text, sentence):
    saved = save(at, key, {PLACE: text, ("governance", ""): "The board."})

    assert (saved.refused, applying.answers_of(key)) == (
        (Refused(*PLACE, sentence),),
        {("governance", ""): "The board."},
    )


def test_what_the_form_does_not_ask_is_not_kept(at, key):
    save(
        at,
        key,
        {
            ("no_such", ""): "x",
            ("plan_summary", "0001"): "x",
            ("plan_summary.title", "0001"): "x",
            ("projects.no_such", "0001"): "x",
            ("projects.title", ""): "x",
            ("projects.title", "r" * 61): "x",
            ("plan_file", ""): "x",
        },
    )

    assert applying.answers_of(key) == {}


@pytest.mark.parametrize(
    ("place", "sent", "kept"),
    [
        (("opens_to_groups", ""), "27\n3\n2027", "2027-03-27"),
        (("opens_to_groups", ""), "31\n2\n2027", "31 2 2027"),
        (("council_areas", ""), "S12000027\n\nS12000023\nS12000027", "S12000027\nS12000023"),
    ],
)
def test_parts_become_one_text(at, key, place, sent, kept):
    day = next(
        question.key
        for question in build.all_funds()["adult"].questions()
        if question.kind == "date"
    )
    place = (day, "") if place[0] == "opens_to_groups" else place

    save(at, key, {place: sent})

    assert applying.answers_of(key) == {place: kept}


@pytest.mark.feature("A3")
def test_every_change_counts_the_version_on(at, key):
    first = save(at, key, {PLACE: "one"}, seen={})
    second = save(at, key, {PLACE: "two"}, seen=first.versions)
    same = save(at, key, {PLACE: "two"}, seen=second.versions)

    assert [saved.versions for saved in (first, second, same)] == [
        {PLACE: 1},
        {PLACE: 2},
        {PLACE: 2},
    ]


@pytest.mark.feature("A3", "A10")
def test_change_of_somebody_else_is_not_overwritten(at, key):
    save(at, key, {PLACE: "theirs"}, who="sender")

    saved = save(at, key, {PLACE: "mine", ("governance", ""): "kept"}, seen={})

    assert (saved.clashes, applying.answers_of(key)) == (
        (Clash(*PLACE, "mine", "theirs", "Seonaidh Sender", NOW, 1),),
        {PLACE: "theirs", ("governance", ""): "kept"},
    )


def test_own_second_tab_does_not_overwrite_either(at, key):
    save(at, key, {PLACE: "first tab"}, seen={})

    saved = save(at, key, {PLACE: "second tab"}, seen={})

    assert (len(saved.clashes), applying.answers_of(key)) == (1, {PLACE: "first tab"})


def test_saving_again_after_a_clash_is_a_choice(at, key):
    save(at, key, {PLACE: "theirs"}, who="sender")
    known = save(at, key, {PLACE: "mine"}, seen={}).versions

    saved = save(at, key, {PLACE: "mine"}, seen=known)

    assert (saved.clashes, applying.answers_of(key)) == ((), {PLACE: "mine"})


def test_same_text_from_two_people_is_no_clash(at, key):
    save(at, key, {PLACE: "same"}, who="sender")

    assert save(at, key, {PLACE: "same"}, seen={}).clashes == ()


def test_row_is_removed_with_all_its_cells(at, key):
    save(at, key, {("projects.title", "0001"): "a", ("projects.asked", "0001"): "1"})
    save(at, key, {("projects.title", "0002"): "b"})

    answers.remove_row(applying.actor(at, "editor"), key, "projects", "0001", now=NOW)

    assert applying.answers_of(key) == {("projects.title", "0002"): "b"}
    assert earlier(at, key, "projects.title", "projects.asked") == {"a", "1"}


@pytest.mark.feature("A10")
def test_who_still_writes_in_a_removed_row_is_told(at, key):
    cell = ("projects.title", "0001")
    known = save(at, key, {cell: "a"}, seen={}).versions
    answers.remove_row(applying.actor(at, "sender"), key, "projects", "0001", now=NOW)

    saved = save(at, key, {cell: "ab"}, seen=known)

    assert [(clash.yours, clash.theirs) for clash in saved.clashes] == [("ab", "")]


@pytest.mark.feature("A10")
@pytest.mark.parametrize(("who", "chosen"), [("sender", ()), ("editor", (PLACE,))])
def test_text_that_another_takes_the_place_of_is_put_aside(at, key, who, chosen):
    known = save(at, key, {PLACE: "first"}, seen={}).versions

    save(at, key, {PLACE: "second"}, who=who, seen=known, chosen=chosen)

    assert earlier(at, key, PLACE[0]) == {"first"}


def test_own_next_words_put_nothing_aside(at, key):
    known = save(at, key, {PLACE: "fir"}, seen={}).versions

    save(at, key, {PLACE: "first"}, seen=known)

    assert earlier(at, key, PLACE[0]) == set()


@pytest.mark.parametrize(("section", "entries"), [("plan", 1), ("", 0)])
def test_section_is_audited_and_a_single_autosave_is_not(at, key, section, entries):
    save(at, key, {PLACE: "x"}, section=section)

    assert db.session.query(AuditEntry).filter_by(action="edit-application").count() == entries


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("rival", NotFound), ("assessor", NotFound), ("manager", NotFound), ("signatory", Forbidden)],
)
def test_others_write_nothing(at, key, who, refusal):
    with pytest.raises(refusal):
        save(at, key, {PLACE: "x"}, who=who)

    assert db.session.query(Answer).count() == 0


def test_sent_application_is_not_written_in(at):
    key = applying.drafted(at, state=ApplicationState.SUBMITTED, full=False)

    with pytest.raises(MoveNotAllowed):
        save(at, key, {PLACE: "x"})


def test_after_the_deadline_nothing_more_is_taken(at, key):
    with pytest.raises(Blocked, match="takes no more now"):
        save(at, key, {PLACE: "x"}, now=NOW + dt.timedelta(days=31))


@pytest.mark.feature("A3")
@pytest.mark.parametrize("count", [3, 300])
def test_saving_costs_four_statements_however_many(at, key, count, count_statements):
    texts = {("projects.title", f"{row:04d}"): "x" for row in range(count)}
    actor = applying.actor(at, "editor")
    save(at, key, {PLACE: "the rulebook is in memory now"})

    with count_statements() as found:
        answers.save(actor, key, Sent(texts=texts, seen={}), now=NOW)

    assert len(found) == 4
