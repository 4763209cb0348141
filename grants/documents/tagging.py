"""What makes a PDF readable aloud: marks around all that is drawn, and the tree that orders the marks."""

# ruff: noqa: N802, N803, N815 - methods and parameters that ReportLab calls have its names

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pikepdf
from pikepdf import Array, ContentStreamInstruction, Dictionary, Name, Object, Pdf, String
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph
from reportlab.platypus.tables import TableRenderCB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reportlab.lib.styles import ParagraphStyle

LANGUAGE = "en-GB"


class Mark(NamedTuple):
    """One run of drawing on one page."""

    page: int
    number: int


@dataclass(slots=True, eq=False)
class Element:
    """One node of the structure tree: a heading, a paragraph, a table …"""

    role: str
    children: list[Element | Mark] = field(default_factory=list)
    scope: str = ""  # of a header cell: Row or Column


class TaggedCanvas(Canvas):
    """A canvas that marks what it draws, and adds header and footer once the pages are counted."""

    furnish: Callable[[TaggedCanvas, int, int], None] | None = None
    root: Element
    _code: list[str]  # ReportLab's: the page's operators so far

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.root = Element("Document")
        self._open = [self.root]
        self._marks = 0
        self._quiet = 0
        self._kept: list[dict[str, Any]] = []

    def begin(self, role: str, again: Element | None = None, scope: str = "") -> Element:
        """Open an element; ``again`` goes on with one begun on an earlier page."""
        element = again or Element(role, scope=scope)
        if again is None and not self._quiet:
            self._open[-1].children.append(element)
        self._open.append(element)
        return element

    def end(self) -> None:
        self._open.pop()

    def begin_artefact(self, kind: str = "Layout") -> None:
        """From here on what is drawn is decoration, which readers skip."""
        if not self._quiet:
            self._code.append(f"/Artifact <</Type /{kind}>> BDC")
        self._quiet += 1

    def end_artefact(self) -> None:
        self._quiet -= 1
        if not self._quiet:
            self._code.append("EMC")

    @contextmanager
    def element(self, role: str, again: Element | None = None) -> Iterator[Element]:
        yield self.begin(role, again)
        self.end()

    @contextmanager
    def content(self) -> Iterator[None]:
        """Mark what is drawn inside as belonging to the open element."""
        if self._quiet:
            yield
            return
        element = self._open[-1]
        element.children.append(Mark(self.getPageNumber() - 1, self._marks))
        self._code.append(f"/{element.role} <</MCID {self._marks}>> BDC")
        self._marks += 1
        yield
        self._code.append("EMC")

    def showPage(self) -> None:
        """Keep the page: it is written when the number of pages is known."""
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out
        self._marks = 0

    def save(self) -> None:
        kept = self._kept
        for number, page in enumerate(kept, start=1):
            self.__dict__.update(page)
            if self.furnish:
                self.begin_artefact("Pagination")
                self.furnish(self, number, len(kept))
                self.end_artefact()
            super().showPage()
        super().save()


class TaggedParagraph(Paragraph):
    """A paragraph that knows its role; its parts on several pages are one element."""

    def __init__(self, text: str, style: ParagraphStyle, role: str = "P", **options: Any) -> None:
        super().__init__(text, style, **options)
        self.role = role
        self.shared: dict[str, Element] = {}

    def split(self, availWidth: float, availHeight: float) -> list[Any]:
        parts: list[Any] = super().split(availWidth, availHeight)
        for part in parts:
            part.role, part.shared = self.role, self.shared
        return parts

    def draw(self) -> None:
        canvas = cast("TaggedCanvas", self.canv)
        with canvas.element(self.role, self.shared.get("element")) as element:
            self.shared["element"] = element
            with canvas.content():
                super().draw()


class ListMarks:
    """The element that all points of one list stand under."""

    def __init__(self) -> None:
        self.element: Element | None = None


class TaggedPoint(TaggedParagraph):
    """One point of a list: its number or bullet, and its words."""

    label = ""
    marks = ListMarks()

    def split(self, availWidth: float, availHeight: float) -> list[Any]:
        parts: list[Any] = super().split(availWidth, availHeight)
        for part in parts:
            part.label, part.marks = self.label, self.marks
        return parts

    def draw(self) -> None:
        canvas = cast("TaggedCanvas", self.canv)
        with canvas.element("L", self.marks.element) as self.marks.element:
            if "element" not in self.shared:
                self._begin(canvas)
            super().draw()

    def _begin(self, canvas: TaggedCanvas) -> None:
        with canvas.element("LI"):
            with canvas.element("Lbl"), canvas.content():
                self._draw_label(canvas)
            with canvas.element("LBody") as body:
                self.shared["element"] = body

    def _draw_label(self, canvas: TaggedCanvas) -> None:
        style = self.style
        canvas.setFont(style.fontName, style.fontSize)
        canvas.setFillColor(style.textColor)
        canvas.drawString(style.bulletIndent, self.height - style.fontSize, self.label)


class TableMarks(TableRenderCB):
    """ReportLab's call-back for a table: rows, header cells, cells; repeated headers are decoration."""

    def __init__(self, *, header_rows: int, header_column: bool) -> None:
        self.header_rows = header_rows
        self.header_column = header_column
        self.element: Element | None = None
        self.repeated = False

    def startTable(self, T: Any) -> None:
        self.repeated = self.element is not None
        self.element = T.canv.begin("Table", self.element)

    def startRow(self, T: Any, rowNo: int) -> None:
        self.in_repeat = self.repeated and rowNo < self.header_rows
        if self.in_repeat:
            T.canv.begin_artefact("Pagination")
        T.canv.begin("TR")

    def startCell(self, T: Any, rowNo: int, colNo: int, *_: Any) -> None:
        T.canv.begin(*self._cell(rowNo, colNo))

    def endRow(self, T: Any) -> None:
        T.canv.end()
        if self.in_repeat:
            T.canv.end_artefact()

    def endCell(self, T: Any) -> None:
        T.canv.end()

    def endTable(self, T: Any) -> None:
        T.canv.end()

    def startBG(self, T: Any) -> None:
        T.canv.begin_artefact()

    def endBG(self, T: Any) -> None:
        T.canv.end_artefact()

    startLines, endLines = startBG, endBG

    def _cell(self, row: int, column: int) -> tuple[str, None, str]:
        if row < self.header_rows:
            return "TH", None, "Column"
        if self.header_column and column == 0:
            return "TH", None, "Row"
        return "TD", None, ""


def finish(drawn: bytes, root: Element, title: str) -> bytes:
    """The drawn pages with structure tree, language and title; the same input gives the same bytes."""
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        _write_tree(pdf, root)
        _drop_unused_fonts(pdf)
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.Lang = String(LANGUAGE)
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = title
            metadata["dc:language"] = [LANGUAGE]
        out = io.BytesIO()
        pdf.save(out, min_version="1.7", deterministic_id=True)
    return out.getvalue()


def _write_tree(pdf: Pdf, root: Element) -> None:
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    owners: list[dict[int, Object]] = [{} for _ in pdf.pages]
    tree.K = _write_element(pdf, root, tree, owners)
    numbers = Array()
    for index, page in enumerate(pdf.pages):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        marks = owners[index]
        numbers.append(index)
        numbers.append(pdf.make_indirect(Array([marks[mark] for mark in sorted(marks)])))
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
    tree.ParentTreeNextKey = len(pdf.pages)
    pdf.Root.StructTreeRoot = tree


def _write_element(
    pdf: Pdf, element: Element, parent: Object, owners: list[dict[int, Object]]
) -> Object:
    written = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name("/" + element.role), P=parent)
    )
    if element.scope:
        written.A = Dictionary(O=Name.Table, Scope=Name("/" + element.scope))
    children = Array()
    for child in element.children:
        if isinstance(child, Mark):
            owners[child.page][child.number] = written
            page = pdf.pages[child.page].obj
            children.append(Dictionary(Type=Name.MCR, Pg=page, MCID=child.number))
        else:
            children.append(_write_element(pdf, child, written, owners))
    written.K = children
    return written


def _drop_unused_fonts(pdf: Pdf) -> None:
    """ReportLab lists its own Helvetica, which is not embedded, on every page."""
    used = {
        str(step.operands[0])
        for page in pdf.pages
        for step in pikepdf.parse_content_stream(page, "Tf")
        if isinstance(step, ContentStreamInstruction)
    }
    for page in pdf.pages:
        fonts = page.resources.get("/Font")
        if fonts is not None:
            for key in set(fonts.keys()) - used:
                del fonts[key]
