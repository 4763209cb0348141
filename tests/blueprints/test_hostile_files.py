"""Hostile files, sent as a browser sends them: refused with a sentence, or harmless when they come back."""

from __future__ import annotations

import hashlib
import io
import time

import pikepdf
import pytest
from PIL import Image

from grants.extensions import db
from grants.models.attachment import Attachment
from tests import applying
from tests.storage.test_inspect import archive, office, pdf
from tests.storage.test_scrub import hostile_pdf

SECTION = "plan"
QUESTION = "plan_file"


@pytest.fixture
def at(app):
    with app.app_context():
        return applying.place("adult")


@pytest.fixture
def key(app, at):
    with app.app_context():
        return applying.drafted(at)


@pytest.fixture
def browser(app, sign_in, at):
    return applying.entered(app, sign_in, at, "editor")


def send(browser, key, name, data):
    return browser.post(
        f"/applications/{key}/sections/{SECTION}",
        data={QUESTION: (io.BytesIO(data), name), "upload": "1"},
        content_type="multipart/form-data",
    )


def kept(app):
    with app.app_context():
        return db.session.query(Attachment).one_or_none()


def locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def pixels(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "PNG", optimize=True)
    return out.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
REFUSED = {
    "svg": ("logo.svg", SVG, "can’t be taken"),
    "svg-as-png": ("logo.png", SVG, "can’t be taken"),
    "html-as-pdf": ("plan.pdf", b"<html><script>alert(1)</script>", "can’t be taken"),
    "html-after-pdf-mark": ("plan.pdf", b"%PDF-1.7\n<html><script>1</script>", "can’t be opened"),
    "locked": ("plan.pdf", locked(), "locked with a password"),
    "zip-bomb": ("plan.docx", archive(word__document_xml=b"0" * 210_000_000), "far more than"),
    "path-in-zip": ("plan.docx", office("word/document.xml", ______etc__x=b"x"), "can’t be opened"),
    "macros": ("plan.docx", office("word/document.xml", word__vbaProject_bin=b"x"), "a program"),
    "pixels": ("map.png", pixels(6000, 5000), "too many pixels"),
    "cut": ("map.png", pixels(2000, 2000)[:900], "can’t be opened"),
    "program": ("plan.pdf.exe", b"MZ\x90\x00", "can’t be taken"),
    "empty": ("plan.pdf", b"", "empty"),
}


@pytest.mark.feature("A16")
@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_a_sentence_and_nothing_is_kept(app, browser, key, kind):
    name, data, words = REFUSED[kind]

    answer = send(browser, key, name, data)

    assert answer.status_code == 422
    assert words.replace("’", "&#39;") in answer.text
    assert kept(app) is None


@pytest.mark.feature("A16")
def test_a_pdf_with_a_script_comes_back_without_it_and_both_hashes_are_kept(app, browser, key):
    data = hostile_pdf() + b"<script>alert(1)</script>"

    assert send(browser, key, "plan.pdf", data).status_code == 302

    file = kept(app)
    got = browser.get(f"/files/{file.key}")
    assert b"JavaScript" not in got.data
    assert b"<script>" not in got.data
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert file.sent_sha256 == hashlib.sha256(data).hexdigest()
    assert file.sha256 == hashlib.sha256(got.data).hexdigest()
    assert file.size == len(got.data)


@pytest.mark.feature("A16")
@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\a.pdf", "a\tX-Bad: 1.pdf", "/x"])
def test_paths_in_names_lead_nowhere(app, browser, key, name):
    send(browser, key, name, pdf())

    file = kept(app)
    assert not set(file.name) & set("/\\\t:")
    assert file.storage_key.startswith(f"attachments/{key}/")
    got = browser.get(f"/files/{file.key}")
    assert got.status_code == 200
    assert "X-Bad" not in got.headers


@pytest.mark.feature("A16")
def test_twenty_megapixels_cost_little_time(app, browser, key):
    data = pixels(5000, 4000)
    assert len(data) < 100_000
    begun = time.perf_counter()

    assert send(browser, key, "map.png", data).status_code == 302

    assert time.perf_counter() - begun < 10
    assert kept(app).size < 200_000
