"""The programme's paper: fonts, letterhead, footers, and the blocks that every printed document is made of."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab.rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
)

from grants.documents.paper_looks import INK, LARGE, QUIET, USUAL, RuledLines, set_in, styles
from grants.documents.tagging import (
    LANGUAGE,
    ListMarks,
    TableMarks,
    TaggedCanvas,
    TaggedParagraph,
    TaggedPoint,
    finish,
)
from grants.documents.wording import clean, printed_lines

FONTS = Path(__file__).parents[1] / "static" / "fonts"
ACCENT, RULE, BAND = "#0065bd", "#b3b3b3", "#f0f4f8"
MARGIN, TOP, TOP_FIRST, BOTTOM = 24 * mm, 24 * mm, 44 * mm, 26 * mm
WIDTH, HEIGHT = A4
MEASURE = WIDTH - 2 * MARGIN
LARGE_MARGIN = 1.5  # how much larger what stands at head and foot is
MAX_CELL = 2_000  # characters
MAX_ROW = 0.5 * (HEIGHT - TOP_FIRST - BOTTOM)  # a row is never broken, so it must fit


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the document's title and stands once."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Words:
    """A text as typed, one paragraph a line. ``look``: body, strong, quiet or block (an address)."""

    text: str
    look: str = "body"


@dataclass(frozen=True, slots=True)
class Points:
    """A list, numbered or with bullets."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. ``widths`` are parts of the measure; ``figures`` are columns set to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    figures: tuple[int, ...] = ()
    total: bool = False  # the last row is a sum


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values side by side."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """White space, in millimetres."""

    height: float


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that stay on one page where they fit."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """Lines to write on by hand."""

    count: int


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Heading | Words | Points | Grid | Facts | Gap | Together | Ruled | NewPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What stands at the head and foot of the pages."""

    sender: str  # the fund's name, large on the first page
    strapline: str = ""  # who grants
    running: str = ""  # at the head of later pages
    footer: str = ""
    notice: str = ""  # above the footer, for example that all is fictional
    watermark: str = ""  # across every page: whose copy it is
    is_large: bool = False  # 18 point and more, for who needs it


def render(title: str, blocks: Iterable[Block], furniture: Furniture) -> bytes:
    """The document as a tagged PDF. The same values give the same bytes."""
    _register_fonts()
    title = clean(title)
    out = io.BytesIO()
    canvases: list[TaggedCanvas] = []
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=title,
        author=clean(furniture.sender),
        lang=LANGUAGE,
        invariant=1,
        initialFontName="Roboto",
        topMargin=TOP,
    )
    document.addPageTemplates(
        [
            PageTemplate("first", [_frame(TOP_FIRST)], autoNextPageTemplate="later"),
            PageTemplate("later", [_frame(TOP)]),
        ]
    )

    def canvas(*arguments: object, **options: object) -> TaggedCanvas:
        made = TaggedCanvas(*arguments, **options)
        made.furnish = _Furnisher(furniture)
        canvases.append(made)
        return made

    with set_in(LARGE if furniture.is_large else USUAL):
        flowables = list(_flowables(blocks))
    document.build(flowables, canvasmaker=canvas)
    return finish(out.getvalue(), canvases[0].root, title)


def paragraphs(block: Words) -> list[TaggedParagraph]:
    """One paragraph a line, each escaped."""
    style = styles()[block.look]
    return [TaggedParagraph(escape(line), style) for line in printed_lines(block.text)]


class _Furnisher:
    """Draws header and footer on a finished page."""

    def __init__(self, furniture: Furniture) -> None:
        self.furniture = furniture

    def __call__(self, canvas: TaggedCanvas, page: int, pages: int) -> None:
        self._watermark(canvas)
        if page == 1:
            self._letterhead(canvas)
        else:
            canvas.setFillColor(HexColor(QUIET))
            self._line(canvas, 9, HEIGHT - 15 * mm, self.furniture.running or self.furniture.sender)
        self._foot(canvas, page, pages)

    def _watermark(self, canvas: TaggedCanvas) -> None:
        if not self.furniture.watermark:
            return
        canvas.saveState()
        canvas.setFillColor(HexColor(QUIET))
        canvas.setFillAlpha(0.13)
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(50)
        text = clean(self.furniture.watermark)[:80]
        size = min(54.0, 54.0 * (0.8 * HEIGHT) / pdfmetrics.stringWidth(text, "Roboto-Bold", 54))
        canvas.setFont("Roboto-Bold", size)
        canvas.drawCentredString(0, 0, text)
        canvas.restoreState()

    def _letterhead(self, canvas: TaggedCanvas) -> None:
        canvas.setFillColor(HexColor(ACCENT))
        self._line(canvas, 15, HEIGHT - 21 * mm, self.furniture.sender, bold=True)
        canvas.setFillColor(HexColor(QUIET))
        self._line(canvas, 10, HEIGHT - 27 * mm, self.furniture.strapline)
        canvas.setStrokeColor(HexColor(ACCENT))
        canvas.setLineWidth(1.5)
        canvas.line(MARGIN, HEIGHT - 32 * mm, WIDTH - MARGIN, HEIGHT - 32 * mm)

    def _foot(self, canvas: TaggedCanvas, page: int, pages: int) -> None:
        canvas.setStrokeColor(HexColor(RULE))
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, 20 * mm, WIDTH - MARGIN, 20 * mm)
        canvas.setFillColor(HexColor(QUIET))
        self._line(canvas, 8.5, 15 * mm, self.furniture.footer, room=MEASURE - 30 * mm)
        self._line(
            canvas, 8.5, 9 * mm if self.furniture.is_large else 11 * mm, self.furniture.notice
        )
        canvas.setFont("Roboto", 8.5 * (LARGE_MARGIN if self.furniture.is_large else 1))
        canvas.drawRightString(WIDTH - MARGIN, 15 * mm, f"Page {page} of {pages}")

    def _line(
        self,
        canvas: TaggedCanvas,
        size: float,
        height: float,
        text: str,
        *,
        bold: bool = False,
        room: float = MEASURE,
    ) -> None:
        """One line, set smaller and at last cut so that it never leaves its room."""
        font = "Roboto-Bold" if bold else "Roboto"
        size *= LARGE_MARGIN if self.furniture.is_large else 1
        text = clean(text)[:300]
        wide = pdfmetrics.stringWidth(text, font, size)
        size = max(size * 0.75, min(size, size * room / wide)) if wide else size
        while text and pdfmetrics.stringWidth(text, font, size) > room:
            text = text[:-2] + "…"
        canvas.setFont(font, size)
        canvas.drawString(MARGIN, height, text)


def _frame(top: float) -> Frame:
    return Frame(
        MARGIN,
        BOTTOM,
        MEASURE,
        HEIGHT - top - BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def _flowables(blocks: Iterable[Block]) -> Iterator[Flowable]:
    for block in blocks:
        match block:
            case Heading():
                yield from _heading(block)
            case Words():
                yield from paragraphs(block)
            case Points():
                yield from _points(block)
            case Grid():
                yield from _grid(block)
            case Facts():
                yield from _facts(block)
            case Together():
                yield KeepTogether(list(_flowables(block.blocks)))
            case _:
                yield _space(block)


def _space(block: Gap | Ruled | NewPage) -> Flowable:
    match block:
        case Gap():
            return Spacer(0, block.height * mm)
        case Ruled():
            return RuledLines(block.count, MEASURE)
        case NewPage():
            return PageBreak()


def _heading(block: Heading) -> Iterator[Flowable]:
    if block.level > 1:
        yield CondPageBreak(28 * mm)
    style = styles()[f"heading{block.level}"]
    for line in printed_lines(clean(block.text))[:1]:
        yield TaggedParagraph(escape(line), style, role=f"H{block.level}")


def _points(block: Points) -> Iterator[Flowable]:
    marks = ListMarks()
    style = styles()["point"]
    for number, item in enumerate(block.items, start=1):
        lines = [TaggedPoint(escape(line), style) for line in printed_lines(item)]
        for line in lines:  # all lines of a point stand under its one label
            line.marks, line.shared = marks, lines[0].shared
            line.label = f"{number}." if block.numbered else "•"
            yield line


def _grid(block: Grid) -> Iterator[Flowable]:
    if not block.rows:
        return
    part = MEASURE / sum(block.widths)
    widths = [width * part for width in block.widths]
    last = len(block.rows) - 1
    rows = [_row(block.header, widths, block.figures, "cell_strong")]
    for index, row in enumerate(block.rows):
        look = "cell_strong" if block.total and index == last else "cell"
        rows.append(_row(row, widths, block.figures, look))
    marks = TableMarks(header_rows=1, header_column=False)
    style = [*_RULES, ("BACKGROUND", (0, 0), (-1, 0), HexColor(BAND))]
    if block.total:
        style.append(("LINEABOVE", (0, -1), (-1, -1), 0.9, HexColor(INK)))
    yield Table(
        rows,
        colWidths=widths,
        repeatRows=1,
        style=style,
        renderCB=marks,
        spaceBefore=2,
        spaceAfter=10,
        hAlign="LEFT",
    )


def _facts(block: Facts) -> Iterator[Flowable]:
    if not block.rows:
        return
    widths = [MEASURE * 0.32, MEASURE * 0.68]
    rows = [
        [_cell(name, widths[0], "cell_strong"), _cell(value, widths[1], "cell")]
        for name, value in block.rows
    ]
    marks = TableMarks(header_rows=0, header_column=True)
    yield Table(
        rows,
        colWidths=widths,
        style=_RULES,
        renderCB=marks,
        spaceBefore=2,
        spaceAfter=10,
        hAlign="LEFT",
    )


def _row(
    values: tuple[str, ...], widths: list[float], figures: tuple[int, ...], look: str
) -> list[TaggedParagraph]:
    return [
        _cell(value, width, f"{look}_right" if column in figures else look)
        for column, (value, width) in enumerate(zip(values, widths, strict=True))
    ]


def _cell(text: str, width: float, look: str) -> TaggedParagraph:
    """One paragraph, shortened until its row fits on any page."""
    style = styles()[look]
    whole = clean(text)
    kept = whole[:MAX_CELL]
    while True:
        words = " ".join(printed_lines(kept)) + ("" if kept == whole else " …")
        paragraph = TaggedParagraph(escape(words), style)
        if paragraph.wrap(width - 2 * _PADDING, HEIGHT)[1] <= MAX_ROW:
            return paragraph
        kept = kept[: len(kept) // 2]


_PADDING = 5
_RULES: list[Any] = [
    ("FONTNAME", (0, 0), (-1, -1), "Roboto"),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
    ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), 3.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
]


@cache
def _register_fonts() -> None:
    for name, weight in (("Roboto", 400), ("Roboto-Bold", 700)):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"Roboto-{weight}.ttf")))
    pdfmetrics.registerFontFamily(
        "Roboto", normal="Roboto", bold="Roboto-Bold", italic="Roboto", boldItalic="Roboto-Bold"
    )
    reportlab.rl_config.canvas_basefontname = "Roboto"  # or Helvetica, which is not embedded
