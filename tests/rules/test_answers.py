"""What typed texts mean, kind by kind."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.funds.definition import Question, QuestionKind
from grants.rules.answers import (
    SPACE,
    Parsed,
    count_words,
    fault,
    is_blank,
    join_codes,
    parse,
    plain,
    split_codes,
    unfit,
    words_left,
)

K = QuestionKind
CODES = {"arts", "sport"}
UNSHOWABLE = "The text holds a character that cannot be shown. Delete it or type it again."
# What ECMAScript calls white space: its WhiteSpace and LineTerminator productions.
ECMASCRIPT_SPACE = [
    *(0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0x1680),
    *range(0x2000, 0x200B),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF),
]


def question(kind, **more):
    return Question(key="q", label="Q", kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (K.TEXT, "  Clach agus uisge ", "Clach agus uisge"),
        (K.LONG_TEXT, "One\r\n\r\ntwo ", "One\r\n\r\ntwo "),
        (K.NUMBER, "1,200", 1200),
        (K.NUMBER, " 007 ", 7),
        (K.NUMBER, "0", 0),
        (K.MONEY, "£1,200.50", 120_050),
        (K.DATE, "2026-03-27", dt.date(2026, 3, 27)),
        (K.DATE, "27 3 2026", dt.date(2026, 3, 27)),
        (K.DATE, "27/03/2026", dt.date(2026, 3, 27)),
        (K.DATE, "27 March 2026", dt.date(2026, 3, 27)),
        (K.DATE, " 27  mar 2026 ", dt.date(2026, 3, 27)),
        (K.DATE, "29 2 2028", dt.date(2028, 2, 29)),
        (K.YES_NO, "no", "no"),
        (K.SINGLE, "arts", "arts"),
        (K.MANY, "sport\narts\nsport\n", ("sport", "arts")),
        (K.POSTCODE, "kw15 1aa", "KW15 1AA"),
        (K.POSTCODE, "ZE10AA", "ZE1 0AA"),
        (K.EMAIL, " a.b+c@example.org ", "a.b+c@example.org"),
        (K.PHONE, "01632 960 001", "01632 960 001"),
        (K.PHONE, "+44 1632 960001", "+44 1632 960001"),
        (K.LINK, "https://example.org/plan?a=1#b", "https://example.org/plan?a=1#b"),
        (K.DECLARATION, "yes", "yes"),
    ],
)
def test_parse_reads_what_the_kind_asks(kind, text, value):
    assert parse(question(kind), text, CODES) == Parsed(value)


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (K.TEXT, "two\nlines", "Write this on one line."),
        (K.TEXT, "x" * 501, "Use 500 characters or fewer."),
        (K.NUMBER, "-1", "Enter a number that is not less than 0."),
        (K.NUMBER, "4.5", "Enter a whole number with figures only, such as 40."),
        (K.NUMBER, "about 40", "Enter a whole number with figures only, such as 40."),
        (K.NUMBER, "9" * 400, "Enter 999,999,999,999 or less."),
        (
            K.MONEY,
            "lots",
            "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67.",
        ),
        (K.DATE, "27  2026", "The date must include a month."),
        (K.DATE, " 3 2026", "The date must include a day."),
        (K.DATE, "27 3", "Enter a date with day, month and year, such as 27 3 2026."),
        (K.DATE, "29 2 2026", "Enter a real date, such as 27 3 2026."),
        (K.DATE, "27 13 2026", "Enter a real date, such as 27 3 2026."),
        (K.DATE, f"27 3 {'9' * 30}", "Enter a real date, such as 27 3 2026."),
        (K.DATE, "27 3 26", "Write the year with four figures, such as 2026."),
        (K.YES_NO, "maybe", "Choose yes or no."),
        (K.SINGLE, "chess", "Choose one of the answers listed."),
        (K.MANY, "arts\nchess", "Choose only from the answers listed."),
        (K.POSTCODE, "KW15", "Enter a full UK postcode, such as AB10 1AB."),
        (K.EMAIL, "a@b", "Enter an email address, such as name@example.org."),
        (K.EMAIL, "a@b.org, c@d.org", "Enter an email address, such as name@example.org."),
        (K.PHONE, "call me", "Enter a phone number, such as 01632 960 001."),
        (
            K.LINK,
            "javascript:alert(1)",
            "Enter a web address that starts with https:// or http://.",
        ),
        (K.LINK, "www.example.org", "Enter a web address that starts with https:// or http://."),
        (K.LINK, "https://[", "Enter a web address that starts with https:// or http://."),
        (K.DECLARATION, "no", "Tick the box to confirm."),
        (K.TEXT, "a\x00b", UNSHOWABLE),
        (K.LONG_TEXT, "a\x1bb", UNSHOWABLE),
        (K.LONG_TEXT, "a\ud800b", UNSHOWABLE),
        (K.SINGLE, "\x00", UNSHOWABLE),
    ],
)
def test_parse_says_what_is_wrong_in_one_sentence(kind, text, problem):
    assert parse(question(kind), text, CODES) == Parsed(None, problem)


@pytest.mark.parametrize(
    "text",
    ["Tha sinn ann an Leòdhas", "👩🏽‍🚒 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "مرحبا \u202bبكم\u202c", "a\u200eb", "a\tb\nc"],
)
def test_parse_keeps_emoji_gaelic_and_right_to_left_verbatim(text):
    assert parse(question(K.LONG_TEXT), text) == Parsed(text)


@pytest.mark.parametrize("kind", list(K))
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2003\ufeff"])
def test_parse_of_blank_is_nothing_without_a_problem(kind, text):
    assert parse(question(kind), text, CODES) == Parsed()


@pytest.mark.feature("A3")
@given(st.sampled_from(list(K)), st.text(st.characters(), max_size=40))
def test_parse_never_raises(kind, text):
    parsed = parse(question(kind), text, CODES)

    assert parsed.value is None or not parsed.problem


@pytest.mark.feature("A6")
@pytest.mark.parametrize(
    ("asked", "text", "problem"),
    [
        (question(K.LONG_TEXT, max_words=3), "one two three", ""),
        (
            question(K.LONG_TEXT, max_words=3),
            "one two three four",
            "Use 3 words or fewer: this is 1 word over.",
        ),
        (
            question(K.TEXT, max_words=1),
            "one two three",
            "Use 1 word or fewer: this is 2 words over.",
        ),
        (question(K.NUMBER, minimum=5), "4", "Enter 5 or more."),
        (question(K.NUMBER, minimum=5, maximum=5), "5", ""),
        (question(K.NUMBER, maximum=5000), "5,001", "Enter 5,000 or less."),
        (question(K.MONEY, minimum=100_000), "999.99", "Enter £1,000 or more."),
        (question(K.MONEY, maximum=100_050), "1000.51", "Enter £1,000.50 or less."),
        (question(K.MONEY, maximum=1), "", ""),
        (
            question(K.MONEY, maximum=1),
            "x",
            "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67.",
        ),
    ],
)
def test_fault_is_the_first_thing_wrong(asked, text, problem):
    assert fault(asked, text) == problem


@pytest.mark.feature("A5")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  \n ", 0),
        ("well-being for all", 3),
        ("one – two", 3),
        ("a\u00a0b\u3000c\u2028d\ufeffe", 5),
        ("a\u200bb", 1),
        ("👩🏽‍🚒", 1),
    ],
)
def test_count_words_splits_on_white_space_alone(text, words):
    assert count_words(text) == words


@pytest.mark.feature("A5")
def test_count_words_knows_the_same_white_space_as_the_browser():
    split_here = [code for code in range(0x11000) if count_words(f"a{chr(code)}b") == 2]

    assert split_here == ECMASCRIPT_SPACE


@given(
    st.lists(
        st.text(st.characters(blacklist_characters=[chr(c) for c in ECMASCRIPT_SPACE]), min_size=1)
    )
)
def test_count_words_counts_what_was_joined(words):
    assert count_words(" ".join(words)) == len(words)


def test_words_left_goes_below_nought_and_is_none_without_a_limit():
    limited, free = question(K.LONG_TEXT, max_words=2), question(K.LONG_TEXT)

    assert (words_left(limited, "a"), words_left(limited, "a b c"), words_left(free, "a")) == (
        1,
        -1,
        None,
    )


@given(st.lists(st.from_regex(r"[a-z_0-9]{1,9}", fullmatch=True), unique=True))
def test_split_codes_reads_what_join_codes_keeps(codes):
    assert split_codes(join_codes(codes)) == tuple(codes)


def test_plain_is_what_json_can_hold():
    values = [plain(dt.date(2026, 3, 27)), plain(("a", "b")), plain(5), plain("x"), plain(None)]

    assert values == ["2026-03-27", ["a", "b"], 5, "x", None]


def test_unfit_lets_tabs_and_lines_through():
    assert (unfit("a\tb\r\nc"), unfit("a\x85b"), is_blank(SPACE[:4])) == ("", UNSHOWABLE, True)
