"""What a reader of a PDF finds: its text, its tree, and anything that a screen reader would miss."""

import io
from collections.abc import Iterator

import pikepdf
import pypdf

PAINTING = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh"}


def text_of(data: bytes) -> str:
    """All text, pages one after another, spaces as one."""
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def page_count(data: bytes) -> int:
    return len(pypdf.PdfReader(io.BytesIO(data)).pages)


def roles_of(data: bytes) -> list[str]:
    """The roles of the structure tree, in reading order."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return list(_roles(pdf.Root.StructTreeRoot.K))


def faults_of(data: bytes) -> list[str]:
    """What a checker of accessible PDF would complain of first."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        needed = ("StructTreeRoot", "MarkInfo", "Lang", "ViewerPreferences", "Metadata")
        faults = [f"no {key}" for key in needed if f"/{key}" not in pdf.Root]
        for page in pdf.pages:
            faults += _untagged(page)
            faults += [fault for font in _fonts(page) for fault in _font_faults(font)]
        return faults + _orphans(pdf)


def active_parts(data: bytes) -> list[str]:
    """Links, scripts, images and files inside: a document made of text has none."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [key for key in ("/OpenAction", "/AA", "/AcroForm") if key in pdf.Root]
        for page in pdf.pages:
            found += ["/Annots"] if "/Annots" in page else []
            found += [str(key) for key in page.resources.get("/XObject", {})]
        return found


def _roles(element: pikepdf.Object) -> Iterator[str]:
    if "/S" not in element:
        return
    yield str(element.S).lstrip("/")
    for child in element.K:
        yield from _roles(child)


def _untagged(page: pikepdf.Page) -> list[str]:
    depth = 0
    for step in pikepdf.parse_content_stream(page):
        operator = str(step.operator)
        depth += operator in {"BDC", "BMC"}
        depth -= operator == "EMC"
        if operator in PAINTING and depth != 1:
            return [f"{operator} stands in {depth} tags"]
    return [f"{depth} tags left open"] if depth else []


def _orphans(pdf: pikepdf.Pdf) -> list[str]:
    """Every mark on a page has its owner in the parent tree."""
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    faults = []
    for index, page in enumerate(pdf.pages):
        marks = [
            int(step.operands[1].MCID)
            for step in pikepdf.parse_content_stream(page, "BDC")
            if str(step.operator) == "BDC" and "/MCID" in step.operands[1]
        ]
        if marks != list(range(len(numbers[2 * index + 1]))):
            faults.append(f"page {index + 1}: marks without an owner")
    return faults


def _fonts(page: pikepdf.Page) -> list[pikepdf.Object]:
    return list((page.resources.get("/Font") or {}).values())


def _font_faults(font: pikepdf.Object) -> Iterator[str]:
    described = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    if "/FontFile2" not in described.get("/FontDescriptor", {}):
        yield f"{font.BaseFont} is not embedded"
    if "/ToUnicode" not in font:
        yield f"{font.BaseFont} has no ToUnicode"
