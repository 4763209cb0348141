"""Takes out of a file who made it, for those who read without names: what a program notes by itself."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pikepdf

from grants.storage import inspect

MOST_PART = 20 * 1024 * 1024  # inflated, of one part that is looked through
CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
CUSTOM = APP.replace(b"extended-properties", b"custom-properties")
META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office='
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/>'
    b"</office:document-meta>"
)
PROPERTIES = {
    "docProps/core.xml": CORE,
    "docProps/app.xml": APP,
    "docProps/custom.xml": CUSTOM,
    "meta.xml": META,
}
# Who wrote a comment or a change that is tracked, and in which program's account.
SIGNED = re.compile(
    rb"((?:\s|:)(?:author|initials|displayName|userId|lastModifiedBy|userName))=(\"[^\"]*\"|'[^']*')"
)
SIGNATURE = re.compile(
    rb"<((?:\w+:)?(?:author|creator|initial-creator|sender-initials))(\s[^>]*)?>[^<]*</\1>"
)


def unsigned(data: bytes, media_type: str) -> bytes:
    """The same file without its author, company and title; for pictures ``scrub`` did it before.

    A file that can't be opened after all is empty: nobody is named by mistake.
    """
    take: Callable[[bytes], bytes] | None = {
        inspect.PDF: _pdf,
        inspect.DOCX: _archive,
        inspect.XLSX: _archive,
        inspect.ODT: _archive,
    }.get(media_type)
    if take is None:
        return data
    try:
        return take(data)
    except (pikepdf.PdfError, zipfile.BadZipFile, RuntimeError, ValueError, KeyError, TypeError):
        return b""


def _pdf(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for part in pdf.objects:
            if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                _without(part, ("/Metadata", "/PieceInfo"))
                if "/Rect" in part and part.get("/Subtype") != pikepdf.Name.Widget:
                    _without(part, ("/T",))  # who wrote the note; of a field of a form, its name
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _without(part: pikepdf.Object, names: tuple[str, ...]) -> None:
    for name in names:
        if name in part:
            del part[name]


def _archive(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as there, zipfile.ZipFile(out, "w") as made:
        for entry in there.infolist():
            plain = zipfile.ZipInfo(entry.filename)  # without the hour of the sender's clock
            plain.compress_type = entry.compress_type
            made.writestr(plain, _part(there, entry))
    return out.getvalue()


def _part(there: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.filename in PROPERTIES:
        return PROPERTIES[entry.filename]
    data = there.read(entry)
    if entry.file_size > MOST_PART or not entry.filename.lower().endswith(".xml"):
        return data
    return SIGNATURE.sub(rb"<\1\2></\1>", SIGNED.sub(rb'\1=""', data))
