"""Takes out of a file what nobody needs to read it: scripts, actions, files inside, a camera's notes.

What comes out is written anew from what was understood, so two kinds in one file do not survive it.
"""

from __future__ import annotations

import io
import warnings

import pikepdf
from pikepdf.sanitize import Sanitizer
from PIL import Image, ImageOps

from grants.rules.refusals import Blocked
from grants.storage import inspect
from grants.storage.inspect import Kind

JPEG_QUALITY = 92
PLAIN_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"})
CATALOG_EXTRAS = ("/OpenAction", "/AA", "/AF", "/Collection")
PLAYERS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"})
CLEANER = (
    Sanitizer()
    .remove_javascript()
    .remove_external_access()
    .remove_multimedia()
    .remove_attachments()
    .remove_collection()
    .remove_private_app_data()
    .remove_thumbnails()
    .remove_web_capture()
)


def scrubbed(data: bytes, kind: Kind) -> bytes:
    """The same file without its active parts. Raises Blocked for what can't be opened.

    Office files stay as they are: ``inspect`` refuses those with macros or files inside.
    """
    if kind.media_type == inspect.PDF:
        return _pdf(data)
    if kind.media_type.startswith("image/"):
        return _picture(data, "PNG" if kind.ending == "png" else "JPEG")
    return data


def _pdf(data: bytes) -> bytes:
    out = io.BytesIO()
    try:
        with warnings.catch_warnings(), pikepdf.open(io.BytesIO(data)) as pdf:
            warnings.simplefilter("ignore")  # about forms that are bent: what can be read is kept
            if pdf.is_encrypted:
                raise Blocked(inspect.LOCKED)
            if not len(pdf.pages):
                raise Blocked(inspect.BROKEN)
            CLEANER.apply(pdf)
            _clear_catalog(pdf)
            pdf.save(
                out,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
            )
    except pikepdf.PasswordError as error:
        raise Blocked(inspect.LOCKED) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise Blocked(inspect.BROKEN) from error
    clean = out.getvalue()
    inspect.refuse_active_pdf(clean)
    return clean


def _clear_catalog(pdf: pikepdf.Pdf) -> None:
    """What runs by itself when the file is opened, and the forms that are programs."""
    for name in CATALOG_EXTRAS:
        if name in pdf.Root:
            del pdf.Root[name]
    names = pdf.Root.get("/Names")
    for name in ("/JavaScript", "/EmbeddedFiles"):
        if isinstance(names, pikepdf.Dictionary) and name in names:
            del names[name]
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
        del form["/XFA"]
    for page in pdf.pages:
        if "/AA" in page:
            del page["/AA"]
        if isinstance(page.get("/Annots"), pikepdf.Array):
            kept = [note for note in page.Annots if not _plays(note)]
            page.Annots = pikepdf.Array(kept)


def _plays(note: pikepdf.Object) -> bool:
    return isinstance(note, pikepdf.Dictionary) and str(note.get("/Subtype", "")) in PLAYERS


def _picture(data: bytes, kind: str) -> bytes:
    """Drawn anew: its pixels upright, and nothing that a camera or a sender wrote beside them."""
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
                picture = ImageOps.exif_transpose(opened)
                picture.info = {
                    name: value for name, value in picture.info.items() if name == "transparency"
                }
                if kind == "JPEG":
                    plain = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
                    plain.save(out, kind, quality=JPEG_QUALITY)
                else:
                    plain = picture if picture.mode in PLAIN_MODES else picture.convert("RGBA")
                    plain.save(out, kind)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Blocked(inspect.BROKEN) from error
    return out.getvalue()
