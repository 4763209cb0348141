"""Files without who made them: what a program notes by itself is gone, what was written stays."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pikepdf
import pytest
from openpyxl.comments import Comment

from grants.storage import inspect
from grants.storage.unsigned import unsigned

pytestmark = pytest.mark.feature("R10")
NAME = "Comhairle Alfabetum"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = (
    f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:ins w:id="1" w:author="{NAME}">'
    '<w:r><w:t xml:space="preserve">A plan for the hall</w:t></w:r></w:ins></w:p></w:body>'
    "</w:document>"
)


def paper() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.docinfo["/Author"] = NAME
        with made.open_metadata() as notes:
            notes["dc:creator"] = [NAME]
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 9, 9],
            T=NAME,
            Contents="A plan for the hall",
        )
        made.pages[0].Annots = pikepdf.Array([made.make_indirect(note)])
        made.save(out, compress_streams=False)
    return out.getvalue()


def text() -> bytes:
    return packed(
        {
            "docProps/core.xml": f"<a><dc:creator>{NAME}</dc:creator></a>",
            "docProps/app.xml": f"<a><Company>{NAME}</Company></a>",
            "word/document.xml": BODY,
            "word/comments.xml": f"<w:comments><w:comment w:initials='{NAME}'/></w:comments>",
        }
    )


def open_text() -> bytes:
    return packed(
        {
            "mimetype": inspect.ODT,
            "meta.xml": f"<a><meta:initial-creator>{NAME}</meta:initial-creator></a>",
            "content.xml": f"<a><dc:creator>{NAME}</dc:creator><p>A plan for the hall</p></a>",
        }
    )


def sheet() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.properties.creator = NAME
    book.active["A1"] = "A plan for the hall"
    book.active["A1"].comment = Comment("Why?", NAME)
    book.save(out)
    return out.getvalue()


def packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(name, words)
    return out.getvalue()


def opened(data: bytes) -> bytes:
    """All that stands in it."""
    if data.startswith(b"%PDF"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(one) for one in archive.infolist())


@pytest.mark.parametrize(
    ("made", "media_type"),
    [
        (paper, inspect.PDF),
        (text, inspect.DOCX),
        (open_text, inspect.ODT),
        (sheet, inspect.XLSX),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_nobody_is_named_and_what_was_written_stays(made, media_type):
    data = made()

    after = opened(unsigned(data, media_type))

    assert NAME.encode() in opened(data)
    assert NAME.encode() not in after
    assert b"A plan for the hall" in after


def test_workbook_and_paper_still_open():
    book = openpyxl.load_workbook(io.BytesIO(unsigned(sheet(), inspect.XLSX)))
    with pikepdf.open(io.BytesIO(unsigned(paper(), inspect.PDF))) as pdf:
        pages = len(pdf.pages)

    assert (book.active["A1"].value, pages) == ("A plan for the hall", 1)


def test_what_cannot_be_opened_is_empty_and_a_picture_is_as_it_was():
    assert unsigned(b"%PDF-1.4 bent", inspect.PDF) == b""
    assert unsigned(b"PK bent", inspect.DOCX) == b""
    assert unsigned(b"\x89PNG", "image/png") == b"\x89PNG"
