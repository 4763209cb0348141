"""The looks of the programme's paper: each kind of text in its usual size or large, and lines to write on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from grants.documents.tagging import TaggedCanvas

INK, QUIET = "#1a1a1a", "#52595f"
RULED = 12 * mm  # from one line to write on to the next
USUAL, LARGE = 1.0, 18 / 10.5  # of the running text
LARGE_HEADING, LARGE_LEADING = 1.45, 1.4
_SCALE: ContextVar[float] = ContextVar("scale of the text", default=USUAL)


@contextmanager
def set_in(scale: float) -> Iterator[None]:
    """Everything that is set inside is of this size."""
    before = _SCALE.set(scale)
    try:
        yield
    finally:
        _SCALE.reset(before)


def styles() -> dict[str, ParagraphStyle]:
    """Every look of a text. Set large, none is smaller than the running text."""
    return _styles(_SCALE.get())


class RuledLines(Flowable):
    """Lines to write on. They are decoration: nothing is there to read aloud."""

    def __init__(self, count: int, width: float) -> None:
        super().__init__()
        self.width, self.height = width, count * RULED

    def wrap(self, *_room: float) -> tuple[float, float]:
        """As wide as the text, so many lines high."""
        return self.width, self.height

    def draw(self) -> None:
        """One rule a line."""
        canvas = self.canv
        if not isinstance(canvas, TaggedCanvas):
            raise TypeError("lines are ruled on tagged paper alone")
        canvas.begin_artefact()
        canvas.setStrokeColor(HexColor(QUIET))
        canvas.setLineWidth(0.6)
        for line in range(int(self.height / RULED)):
            canvas.line(0, line * RULED, self.width, line * RULED)
        canvas.end_artefact()


@cache
def _styles(scale: float) -> dict[str, ParagraphStyle]:
    usual = _usual_styles()
    if scale == USUAL:
        return usual
    least = usual["body"].fontSize * scale
    return {
        name: ParagraphStyle(
            f"{name}_large",
            style,
            fontSize=max(least, style.fontSize * LARGE_HEADING),
            leading=max(least, style.fontSize * LARGE_HEADING) * LARGE_LEADING,
            spaceAfter=style.spaceAfter * scale,
            spaceBefore=style.spaceBefore * scale,
            leftIndent=style.leftIndent * scale,
        )
        for name, style in usual.items()
    }


@cache
def _usual_styles() -> dict[str, ParagraphStyle]:
    body = ParagraphStyle(
        "body",
        fontName="Roboto",
        fontSize=10.5,
        leading=15.5,
        spaceAfter=7,
        textColor=HexColor(INK),
        allowWidows=0,
        allowOrphans=0,
    )
    cell = ParagraphStyle("cell", body, fontSize=9.5, leading=13, spaceAfter=0)
    strong = ParagraphStyle("cell_strong", cell, fontName="Roboto-Bold")
    heading = ParagraphStyle("heading2", body, fontName="Roboto-Bold", keepWithNext=1)
    small = ParagraphStyle(
        "heading3", heading, fontSize=10.5, leading=15, spaceBefore=7, spaceAfter=3
    )
    return {
        "body": body,
        "strong": ParagraphStyle("strong", body, fontName="Roboto-Bold"),
        "quiet": ParagraphStyle("quiet", body, fontSize=9, leading=13, textColor=HexColor(QUIET)),
        "block": ParagraphStyle("block", body, spaceAfter=0),
        "point": ParagraphStyle("point", body, leftIndent=18, bulletIndent=2, spaceAfter=4),
        "cell": cell,
        "cell_strong": strong,
        "cell_right": ParagraphStyle("cell_right", cell, alignment=TA_RIGHT),
        "cell_strong_right": ParagraphStyle("cell_strong_right", strong, alignment=TA_RIGHT),
        "heading1": ParagraphStyle("heading1", heading, fontSize=19, leading=25, spaceAfter=10),
        "heading2": ParagraphStyle(
            "heading2", heading, fontSize=13, leading=18, spaceBefore=12, spaceAfter=5
        ),
        "heading3": small,
        "heading4": ParagraphStyle("heading4", small, textColor=HexColor(QUIET)),
    }
