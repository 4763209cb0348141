"""What is let in, by content, and what is not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from grants.rules.refusals import Blocked
from grants.storage import inspect
from grants.storage.scrub import scrubbed


def pdf(**root: object) -> bytes:
    """A PDF of one empty page, with these entries in its catalog."""
    buffer = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        for name, value in root.items():
            made.Root[f"/{name}"] = value
        made.save(
            buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    return buffer.getvalue()


PLAIN_PDF = scrubbed(pdf(), inspect.Kind(inspect.PDF, "pdf"))


def archive(**parts: bytes) -> bytes:
    """A zip; double underscores in names stand for slashes, single ones for dots."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def office(kind: str, **more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(kind, "<document/>")
        for name, data in more.items():
            made.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, kind)
    return buffer.getvalue()


def flood() -> bytes:
    """A PNG that declares 100,000 by 100,000 pixels."""
    size = struct.pack("!IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(b"")))
    chunks = (
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.feature("A16")
@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (PLAIN_PDF, "pdf"),
        (office("word/document.xml"), "docx"),
        (office("xl/workbook.xml"), "xlsx"),
        (archive(mimetype=inspect.ODT.encode(), content_xml=b"<a/>"), "odt"),
        (picture("JPEG"), "jpg"),
        (picture("PNG"), "png"),
    ],
    ids=["pdf", "docx", "xlsx", "odt", "jpeg", "png"],
)
def test_kinds_that_are_taken(data, ending):
    assert inspect.examine(data).ending == ending


@pytest.mark.feature("A16")
@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"MZ\x90\x00 a program", inspect.NOT_LISTED),
        (b"<html><script>alert(1)</script>", inspect.NOT_LISTED),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", inspect.NOT_LISTED),
        (archive(a_txt=b"hello"), inspect.NOT_LISTED),
        (archive(mimetype=b"application/epub+zip"), inspect.NOT_LISTED),
        (b"PK\x03\x04 and nothing", inspect.BROKEN),
        (b"\x89PNG\r\n\x1a\n and nothing", inspect.BROKEN),
        (PLAIN_PDF + b"trailer<</Encrypt 5 0 R>>", inspect.LOCKED),
        (office("word/document.xml", word__vbaProject_bin=b"x"), inspect.ACTIVE),
        (office("word/document.xml", word__embeddings__oleObject1_bin=b"x"), inspect.ACTIVE),
        (office("word/document.xml", ______etc__passwd=b"x"), inspect.BROKEN),
        (archive(mimetype=inspect.ODT.encode(), Basic__a_xml=b"x"), inspect.ACTIVE),
        (flood(), inspect.TOO_WIDE),
    ],
)
def test_files_that_are_refused_with_a_sentence(data, sentence):
    with pytest.raises(Blocked) as refused:
        inspect.examine(data)

    assert str(refused.value) == sentence


@pytest.mark.feature("A16")
@pytest.mark.asvs("5.2.3")
def test_bomb_is_refused_by_what_it_declares():
    bomb = archive(word__document_xml=b"0" * (inspect.MOST_INFLATED + 1))

    with pytest.raises(Blocked) as refused:
        inspect.examine(bomb)

    assert (str(refused.value), len(bomb) < 300_000) == (inspect.TOO_MUCH, True)


def test_stream_in_a_pdf_that_unpacks_too_far_is_refused():
    part = zlib.compress(b" " * (inspect.MOST_READ * 2))

    with pytest.raises(Blocked) as refused:
        inspect.examine(PLAIN_PDF + b"<</Type/ObjStm>>stream\n" + part)

    assert str(refused.value) == inspect.TOO_MUCH


@pytest.mark.asvs("5.2.1")
def test_no_more_is_read_than_may_be():
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size=-1):
            self.asked += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(Blocked, match="larger than 1 MB"):
        inspect.read_at_most(stream, inspect.MEGABYTE)

    assert stream.asked == inspect.MEGABYTE + 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Plana a’ chomainn.pdf", "Plana a’ chomainn.pdf"),
        ("..\\..\\plan.exe", "plan.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("plan\u202efdp.exe", "plan fdp.pdf"),
        ("", "file.pdf"),
        ("x" * 400 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_name_is_made_safe_and_tells_the_truth(given, shown):
    assert inspect.safe_name(given, inspect.Kind(inspect.PDF, "pdf")) == shown
