"""What is taken out of files on their way in."""

from __future__ import annotations

import io
import warnings

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from grants.rules.refusals import Blocked
from grants.storage import inspect
from grants.storage.inspect import Kind
from grants.storage.scrub import scrubbed

PDF = Kind(inspect.PDF, "pdf")
JPEG, PNG = Kind("image/jpeg", "jpg"), Kind("image/png", "png")


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def launch() -> Dictionary:
    return Dictionary(S=Name.Launch, F=String("cmd.exe"))


def hostile_pdf(*, packed: bool = False) -> bytes:
    """Scripts, a launch action, a file inside, XFA and rich media, in every place they may stand."""
    out = io.BytesIO()
    with warnings.catch_warnings(), pikepdf.new() as pdf:
        warnings.simplefilter("ignore")
        page = pdf.add_blank_page()
        pdf.attachments["evil.exe"] = b"MZ evil"
        pdf.Root.OpenAction = pdf.make_indirect(script())
        pdf.Root.AA = Dictionary(WC=script())
        pdf.Root.AcroForm = Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=Array())
        pdf.Root.Names.JavaScript = Dictionary(Names=Array([String("x"), script()]))
        page.AA = Dictionary(O=script())
        page.Annots = Array(
            pdf.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=kind, Rect=Array([0, 0, 9, 9]), A=action, AA=aa)
            )
            for kind, action, aa in (
                (Name.Link, launch(), Dictionary()),
                (Name.Widget, script(), Dictionary(E=script())),
                (Name.RichMedia, launch(), Dictionary()),
            )
        )
        mode = pikepdf.ObjectStreamMode
        pdf.save(out, object_stream_mode=mode.generate if packed else mode.disable)
    return out.getvalue()


@pytest.mark.feature("A16")
@pytest.mark.parametrize("packed", [False, True])
def test_active_parts_of_a_pdf_are_taken_out(packed):
    data = hostile_pdf(packed=packed)
    assert inspect.examine(data) == PDF

    clean = scrubbed(data, PDF)

    for word in (b"JavaScript", b"/JS", b"Launch", b"EmbeddedFile", b"XFA", b"evil", b"cmd.exe"):
        assert word not in clean
    with pikepdf.open(io.BytesIO(clean)) as pdf:
        assert len(pdf.pages) == 1
        assert not pdf.attachments
    assert scrubbed(clean, PDF) == clean


@pytest.mark.feature("A16")
def test_a_second_kind_in_the_same_file_does_not_survive():
    polyglot = hostile_pdf() + b"\n<html><script>alert(1)</script></html>PK\x05\x06" + b"\0" * 18

    assert b"<script>" not in scrubbed(polyglot, PDF)


@pytest.mark.feature("A16")
def test_a_locked_or_broken_pdf_is_refused_with_a_sentence():
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    for data, sentence in (
        (out.getvalue(), inspect.LOCKED),
        (b"%PDF-1.7 and nothing", inspect.BROKEN),
        (b"%PDF-1.7\n<html><script>alert(1)</script></html>", inspect.BROKEN),
    ):
        with pytest.raises(Blocked) as refused:
            scrubbed(data, inspect.examine(data)) if sentence != inspect.LOCKED else scrubbed(
                data, PDF
            )
        assert str(refused.value) == sentence


@pytest.mark.feature("A16")
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "RGBA", "P", "1", "I;16"])
def test_a_picture_keeps_its_pixels_and_loses_what_stood_beside_them(mode):
    kind, kept = (JPEG, "JPEG") if mode in {"RGB", "L", "CMYK"} else (PNG, "PNG")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mòrag, at home"
    exif[0x0112] = 6  # lies on its side
    Image.new(mode, (30, 20)).save(out, kept, exif=exif)

    clean = scrubbed(out.getvalue() + b"<script>alert(1)</script>", kind)

    assert b"<script>" not in clean
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.size == (20, 30)
        assert not picture.getexif()


@pytest.mark.feature("A16")
def test_a_cut_picture_is_refused_and_a_flood_of_pixels_is_too():
    out = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(out, "PNG")
    with pytest.raises(Blocked, match="can't be opened"):
        scrubbed(out.getvalue()[:5000], PNG)
    flood = io.BytesIO()
    Image.new("L", (6000, 5000)).save(flood, "PNG")
    assert len(flood.getvalue()) < 100_000
    with pytest.raises(Blocked, match="too many pixels"):
        inspect.examine(flood.getvalue())
