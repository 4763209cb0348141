"""What a file is, by its content: our own short list of kinds, and what is never let in."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from grants.rules.refusals import Blocked

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 2_000
MOST_INFLATED = 200 * MEGABYTE  # declared, of a whole archive
MOST_READ = 2 * MEGABYTE  # inflated here, of one part
MOST_PDF_STREAMS = 400
MOST_PIXELS = 24_000_000  # about 70 MB while it is drawn anew
LONGEST_NAME = 200

KINDS = "a PDF, a Word document (DOCX), a spreadsheet (XLSX), an OpenDocument text (ODT), a JPEG or a PNG"
NOT_LISTED = f"This kind of file can't be taken. Send {KINDS}."
EMPTY = "This file is empty. Choose another."
BROKEN = "This file can't be opened. Save it again and send the new copy."
ACTIVE = "This file holds a program (a macro, a script or another file inside). Save it without, and send the copy."
LOCKED = "This file is locked with a password. Save it without one, and send the copy."
TOO_MUCH = "This file unpacks to far more than its size. Save it again in a simpler form."
TOO_WIDE = "This picture has too many pixels. Save a smaller copy."

MOST_SHEET_PARTS = 300
MOST_WORKBOOK = 40 * MEGABYTE  # inflated, of a workbook that is read here
MOST_RATIO = 200  # how many times smaller a large part of it may be packed
MOST_CELLS = 200_000
NOT_XLSX = "This is not an Excel workbook (XLSX). Send the workbook that you downloaded here."
OLD_XLS = (
    "This is an older spreadsheet (XLS), or one with a password. Save it as an Excel workbook (XLSX) "
    "without a password, and send that."
)
LINKED = (
    "This workbook takes figures from other workbooks or data sources. Type the figures in instead, "
    "remove the links, and send the copy."
)

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ACTIVE_PDF = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?=[\s/<>\[\]()%]|$)"
)
LOCKED_PDF = re.compile(rb"/Encrypt(?=[\s/<>\[\]()%]|$)")
OBJECT_STREAM = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
ACTIVE_PARTS = re.compile(
    r"(^|/)(vbaproject.*|activex.*|embeddings/.*|basic/.*|scripts/.*|macrosheets/.*)", re.IGNORECASE
)
LINKING_PARTS = re.compile(
    r"(^|/)(externallinks/.*|connections\.xml|querytables/.*|webextensions/.*)", re.IGNORECASE
)
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)  # no spreadsheet needs it; bombs do
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
UNSAFE_IN_NAME = re.compile(
    '[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"\\\\/:*?<>|]+'
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file that we take."""

    media_type: str
    ending: str


def read_at_most(stream: BinaryIO, most: int) -> bytes:
    """The bytes of an upload. Raises Blocked as soon as there are more than ``most``."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise Blocked(f"This file is larger than {most // MEGABYTE} MB. Send a smaller one.")
    if not data:
        raise Blocked(EMPTY)
    return data


def examine(data: bytes) -> Kind:
    """Which kind this is. Raises Blocked with one sentence for what is not taken."""
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(data)
    raise Blocked(NOT_LISTED)


def examine_workbook(data: bytes) -> None:
    """Whether a workbook may be read here. Raises Blocked with one sentence where it may not.

    What an archive declares is what is inflated at most, so the limits hold for what is read later.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Blocked(OLD_XLS)
    if not data.startswith(b"PK\x03\x04"):
        raise Blocked(NOT_XLSX)
    if _archive(data).media_type != XLSX:
        raise Blocked(NOT_XLSX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_unreadable(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Blocked(BROKEN) from error


def _refuse_unreadable(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_SHEET_PARTS or sum(part.file_size for part in parts) > MOST_WORKBOOK:
        raise Blocked(TOO_MUCH)
    names = [part.filename.casefold() for part in parts]
    if len(names) != len(set(names)):
        raise Blocked(BROKEN)
    cells = 0
    for part in parts:
        if LINKING_PARTS.search(part.filename):
            raise Blocked(LINKED)
        is_large = part.file_size > MEGABYTE
        if is_large and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise Blocked(TOO_MUCH)
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        text = archive.read(part).replace(b"\0", b"")
        if DECLARES.search(text):
            raise Blocked(BROKEN)
        cells += len(CELL.findall(text))
    if cells > MOST_CELLS:
        raise Blocked(TOO_MUCH)


def safe_name(name: str, kind: Kind) -> str:
    """The sender's name for it, on one line, without marks that deceive, with the true ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = " ".join(UNSAFE_IN_NAME.sub(" ", last).split()).strip(". ")
    stem = plain.rpartition(".")[0] or plain or "file"
    return f"{stem[: LONGEST_NAME - len(kind.ending) - 1].rstrip('. ')}.{kind.ending}"


def _pdf(data: bytes) -> Kind:
    """Locked ones and bombs are refused here; ``scrub`` takes out what is active."""
    _refuse_locked_pdf(data)
    for count, found in enumerate(OBJECT_STREAM.finditer(data)):
        if count >= MOST_PDF_STREAMS:
            raise Blocked(TOO_MUCH)
        inflater = zlib.decompressobj()
        try:
            inflater.decompress(data[found.end() :], MOST_READ)
        except zlib.error:
            continue
        if inflater.unconsumed_tail and not inflater.eof:
            raise Blocked(TOO_MUCH)
    return Kind(PDF, "pdf")


def refuse_active_pdf(data: bytes) -> None:
    """The last look at a PDF without object streams. Names may be spelt with #xx: that is undone."""
    if ACTIVE_PDF.search(_spelt_out(data)):
        raise Blocked(ACTIVE)


def _refuse_locked_pdf(data: bytes) -> None:
    if LOCKED_PDF.search(_spelt_out(data)):
        raise Blocked(LOCKED)


def _spelt_out(data: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


def _archive(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_unfit(archive)
            return _office(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Blocked(BROKEN) from error


def _refuse_unfit(archive: zipfile.ZipFile) -> None:
    """Looks at the list of parts alone: nothing is inflated."""
    parts = archive.infolist()
    if len(parts) > MOST_ENTRIES or sum(part.file_size for part in parts) > MOST_INFLATED:
        raise Blocked(TOO_MUCH)
    for part in parts:
        if part.flag_bits & 1:
            raise Blocked(LOCKED)
        if part.filename.startswith("/") or ".." in part.filename.split("/"):
            raise Blocked(BROKEN)
        if ACTIVE_PARTS.search(part.filename):
            raise Blocked(ACTIVE)


def _office(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    if "mimetype" in names:
        if _part(archive, "mimetype").strip() == ODT.encode():
            return Kind(ODT, "odt")
        raise Blocked(NOT_LISTED)
    if "[Content_Types].xml" not in names:
        raise Blocked(NOT_LISTED)
    types = _part(archive, "[Content_Types].xml").lower()
    if b"macroenabled" in types or b"vbaproject" in types:
        raise Blocked(ACTIVE)
    if "word/document.xml" in names:
        return Kind(DOCX, "docx")
    if "xl/workbook.xml" in names:
        return Kind(XLSX, "xlsx")
    raise Blocked(NOT_LISTED)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        data = file.read(MOST_READ + 1)
    if len(data) > MOST_READ:
        raise Blocked(TOO_MUCH)
    return data


def _picture(data: bytes) -> Kind:
    """Reads the header alone: a flood of pixels is refused by what it declares."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                width, height = picture.size
                found = picture.format
    except Image.DecompressionBombError as error:
        raise Blocked(TOO_WIDE) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Blocked(BROKEN) from error
    if width * height > MOST_PIXELS:
        raise Blocked(TOO_WIDE)
    return Kind("image/png", "png") if found == "PNG" else Kind("image/jpeg", "jpg")
