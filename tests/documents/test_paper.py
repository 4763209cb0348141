"""Paper: tagged, repeatable, and deaf to whatever people type."""

import io

import pikepdf
import pytest

from grants.documents import paper, wording
from grants.documents.paper import (
    Facts,
    Furniture,
    Gap,
    Grid,
    Heading,
    Points,
    Together,
    Words,
    render,
)
from tests.documents.pdf_checks import active_parts, faults_of, page_count, roles_of, text_of

FURNITURE = Furniture(sender="A fund", strapline="Who grants", running="Later", footer="Foot")
EVERYTHING = (
    Heading("Duais", 1),
    Words("Àrd-neach-gnìomh: Mairi NicDhòmhnaill, Łukasz Żółć, Зоряна Їжак, £12,345.67"),
    Heading("Second level"),
    Points(("One point " * 40, "Another point")),
    Points(("First", "Second\nwith a second line"), numbered=True),
    Grid(
        ("Year", "Amount"),
        tuple((f"20{year}", "£1,234") for year in range(10, 80)),
        (3, 1),
        (1,),
        total=True,
    ),
    Facts((("Reference", "A-1"),)),
    Gap(5),
    Together((Heading("Third level", 3), Words("The end.", "quiet"))),
)
HOSTILE = (
    "<img src=/etc/passwd>",
    '<img src="/etc/passwd" width="10" height="10"/>',
    '<img src="http://127.0.0.1:9/x.png"/>',
    "<para>",
    "</para>",
    "<para><para>",
    "&",
    "&amp;",
    "&#60;b&#62;",
    "&nosuchentity;",
    '<a href="javascript:alert(1)">click</a>',
    '<link href="file:///etc/passwd">x</link>',
    '<font size="9999">big</font>',
    '<font name="NoSuchFont">x</font>',
    '<font color="[1 for x in ()]">x</font>',
    "<font color=\"[[[getattr(pow,Word('__globals__'))]]]\">x</font>",
    "<b><i></b></i>",
    "<br/>" * 50,
    '<seq id="x"/><seqreset id="x"/>',
    '<onDraw name="x" label="y"/>',
    '<unichar code="0"/>',
    '<span backColor="red">x</span>',
    "<!-- -->",
    "<![CDATA[x]]>",
    "<?xml version='1.0'?>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "{{7*7}} ${7*7} %(x)s {0.__class__}",
    "\u202egnp.exe",
)


def test_everything_drawn_is_tagged_and_every_font_embedded():
    assert faults_of(render("Everything", EVERYTHING, FURNITURE)) == []


def test_same_values_give_the_same_bytes():
    assert render("T", EVERYTHING, FURNITURE) == render("T", EVERYTHING, FURNITURE)


def test_other_values_give_other_bytes():
    assert render("T", (Words("one"),), FURNITURE) != render("T", (Words("two"),), FURNITURE)


def test_gaelic_polish_and_cyrillic_come_out_as_they_went_in():
    text = text_of(render("T", EVERYTHING, FURNITURE))

    assert "Àrd-neach-gnìomh: Mairi NicDhòmhnaill, Łukasz Żółć, Зоряна Їжак, £12,345.67" in text


def test_tree_has_headings_lists_and_tables_with_header_cells():
    roles = roles_of(render("T", EVERYTHING, FURNITURE))

    counts = {role: roles.count(role) for role in ("H1", "H2", "H3", "L", "LI", "Lbl", "LBody")}
    assert counts == {"H1": 1, "H2": 1, "H3": 1, "L": 2, "LI": 4, "Lbl": 4, "LBody": 4}
    assert (roles.count("Table"), roles.count("TR"), roles.count("TH")) == (2, 72, 3)


def test_table_over_three_pages_repeats_its_header_for_the_eye_alone():
    data = render("T", EVERYTHING, FURNITURE)

    assert (page_count(data), text_of(data).count("Year Amount")) == (3, 3)
    assert roles_of(data).count("TH") == 3


def test_title_and_language_are_in_the_file():
    with pikepdf.open(io.BytesIO(render("A <title> & more", (Words("x"),), FURNITURE))) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "A <title> & more"
        assert pdf.open_metadata()["dc:title"] == "A <title> & more"


def test_pages_are_numbered_of_all():
    data = render("T", (Words("word " * 3_000),), FURNITURE)
    pages = page_count(data)

    text = text_of(data)
    assert pages > 1
    assert [f"Page {page} of {pages}" in text for page in range(1, pages + 1)] == [True] * pages


@pytest.mark.parametrize("payload", HOSTILE)
def test_markup_is_printed_as_text(payload):
    row = (payload, payload)
    blocks = (
        Heading(payload, 1),
        Words(payload),
        Points((payload,)),
        Grid(row, (row,), (1, 1)),
        Facts((row,)),
    )
    furniture = Furniture(sender=payload, strapline=payload, running=payload, footer=payload)
    data = render(payload, blocks, furniture)

    shown = wording.clean(payload)
    assert active_parts(data) == []
    assert faults_of(data) == []
    assert shown.replace(" ", "") in text_of(data).replace(" ", "")


def test_twenty_thousand_newlines_are_no_paragraphs():
    assert paper.paragraphs(Words("\n" * 20_000)) == []


def test_twenty_thousand_lines_are_cut_at_the_cap_and_say_so():
    lines = wording.printed_lines("x\n" * 20_000)

    assert (len(lines), lines[-1]) == (wording.MAX_LINES + 1, wording.CUT)


def test_no_paragraph_is_longer_than_the_cap():
    lines = wording.printed_lines("word " * 11_000)

    assert max(len(line) for line in lines) <= wording.MAX_PARAGRAPH
    assert " ".join(lines) == ("word " * 11_000).strip()


def test_a_word_without_end_is_divided():
    lines = wording.printed_lines("x" * 50_000)

    longest = max(len(word) for line in lines for word in line.split())
    assert longest == wording.MAX_WORD
    assert "".join("".join(line.split()) for line in lines) == "x" * 50_000


def test_text_over_the_cap_is_cut_and_says_so():
    lines = wording.printed_lines("word " * 40_000)

    assert sum(len(line) for line in lines[:-1]) <= wording.MAX_CHARACTERS
    assert lines[-1] == wording.CUT


def test_each_line_is_one_paragraph():
    assert len(paper.paragraphs(Words("one\r\ntwo\n\n\nthree\u2028four"))) == 4


def test_a_cell_never_outgrows_its_page():
    rows = (("x" * 100_000, "word " * 20_000), ("a", "b"))
    data = render("T", (Grid(("A", "B"), rows, (1, 9)),), FURNITURE)

    assert faults_of(data) == []
    assert page_count(data) <= 2


def test_control_characters_and_reversing_marks_are_taken_out():
    assert wording.clean("a\x00b\x1bc\u202ed\ud800e") == "abcde"


@pytest.mark.parametrize(
    ("pence", "words"),
    [
        (0, "no pence"),
        (1, "one penny"),
        (100, "one pound"),
        (101, "one pound and one penny"),
        (2_000, "twenty pounds"),
        (2_100, "twenty-one pounds"),
        (100_000, "one thousand pounds"),
        (100_100, "one thousand and one pounds"),
        (
            1_234_567,
            "twelve thousand, three hundred and forty-five pounds and sixty-seven pence",
        ),
        (10_000_000, "one hundred thousand pounds"),
        (
            1_499_999_998,
            (
                "fourteen million, nine hundred and ninety-nine thousand, "
                "nine hundred and ninety-nine pounds and ninety-eight pence"
            ),
        ),
        (100_000_002_500, "one billion and twenty-five pounds"),
        (11_000_000_000, "one hundred and ten million pounds"),
    ],
)
def test_amount_in_words(pence, words):
    assert wording.amount_in_words(pence) == words


def test_amount_in_words_refuses_less_than_nothing():
    with pytest.raises(ValueError, match="never negative"):
        wording.amount_in_words(-1)


def test_amounts_under_one_another_all_show_pence_or_none_does():
    assert wording.pounds_column([100_00, 50]) == ["£100.00", "£0.50"]
    assert wording.pounds_column([100_00, 50_00]) == ["£100", "£50"]
