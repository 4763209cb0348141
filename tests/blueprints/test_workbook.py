"""The doors of the offline workbook, as a browser without script meets them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from grants.extensions import db
from grants.models.workbook_load import WorkbookLoad
from grants.queries import drafts
from grants.storage import inspect
from tests import applying
from tests.documents.books import cell_at, edited, typed
from tests.services.test_workbooks import PEOPLE, TITLE
from tests.storage.test_inspect import PLAIN_PDF, office


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


@pytest.fixture
def fund(app, at, key):
    with app.app_context():
        return drafts.draft(applying.actor(at, "editor"), key).fund


def taken(browser, key):
    got = browser.get(f"/applications/{key}/workbook.xlsx")
    assert got.status_code == 200
    return got


def sent(browser, key, data, name="filled.xlsx"):
    file = (io.BytesIO(data), name)
    return browser.post(
        f"/applications/{key}/workbook",
        data={"file": file},
        content_type="multipart/form-data",
    )


def kept(app, key):
    with app.app_context():
        return applying.answers_of(key)


def changed(browser, key, fund, text):
    sheet, cell = cell_at(fund, TITLE)
    return typed(taken(browser, key).data, sheet, **{cell: text})


@pytest.mark.feature("A26")
def test_it_is_taken_filled_in_seen_and_saved(app, browser, key, fund):
    assert f"/applications/{key}/workbook" in browser.get(f"/applications/{key}").text
    got = taken(browser, key)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.mimetype == inspect.XLSX

    answer = sent(browser, key, changed(browser, key, fund, "<b>Typed</b> offline"))
    assert answer.status_code == 302
    page = browser.get(answer.location)
    assert "The workbook changes 1 answer." in page.text
    assert "Tuesday Table 1" in page.text
    assert "&lt;b&gt;Typed&lt;/b&gt; offline" in page.text
    assert kept(app, key)[TITLE] == "Tuesday Table 1"

    twice = [browser.post(answer.location).status_code for _ in range(2)]

    assert twice == [302, 302]
    assert kept(app, key)[TITLE] == "<b>Typed</b> offline"


@pytest.mark.feature("A26")
def test_every_fault_stands_on_the_page_and_nothing_is_saved(app, browser, key, fund):
    sheet, cell = cell_at(fund, PEOPLE)
    second = cell_at(fund, PEOPLE, 7)[1]
    data = typed(taken(browser, key).data, sheet, **{cell: "dozens", second: "few"})

    answer = sent(browser, key, data)

    assert answer.status_code == 422
    for wrong in (cell, second):
        assert f"Sheet ‘{sheet}’, cell {wrong}: type a whole number" in answer.text
    with app.app_context():
        assert db.session.query(WorkbookLoad).count() == 0


@pytest.mark.feature("A26", "A10")
def test_both_texts_are_shown_and_the_choice_is_kept(app, sign_in, at, browser, key, fund):
    data = changed(browser, key, fund, "Typed offline")
    sender = applying.entered(app, sign_in, at, "sender")
    sender.post(f"/applications/{key}/autosave", data={"projects.0001.title": "Typed online"})
    preview = sent(browser, key, data).location
    assert "1 answer was changed here too" in browser.get(preview).text

    both = browser.post(preview)

    assert both.status_code == 409
    assert "Typed offline" in both.text
    assert "Typed online" in both.text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', both.text))
    action = f"/applications/{key}/workbook/choose"
    assert action in both.text
    assert browser.post(action, data=hidden).status_code == 422
    assert browser.post(action, data={**hidden, "choice.0": "mine"}).status_code == 302
    assert kept(app, key)[TITLE] == "Typed offline"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    return out.getvalue()


def entries() -> bytes:
    return office("xl/workbook.xml", **{f"xl__part{n}_xml": b"<a/>" for n in range(400)})


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]><workbook>&b;</workbook>'
HOSTILE = {
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "older spreadsheet"),
    "pdf": (PLAIN_PDF, "not an Excel workbook"),
    "text": (b"a,b,c", "not an Excel workbook"),
    "docx": (office("word/document.xml"), "not an Excel workbook"),
    "macros": (office("xl/workbook.xml", xl__vbaProject_bin=b"x"), "holds a program"),
    "links": (
        office("xl/workbook.xml", xl__externalLinks__externalLink1_xml=b"<x/>"),
        "other workbooks",
    ),
    "bomb": (bomb(), "far more than its size"),
    "entries": (entries(), "far more than its size"),
    "entities": (office("xl/workbook.xml", xl__styles_xml=LAUGHS), "can’t be opened"),
    "hollow": (office("xl/workbook.xml"), "can’t be opened"),
    "empty": (b"", "empty"),
}


@pytest.mark.feature("A26", "A16")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_and_wrong_files_are_refused_with_a_sentence(app, browser, key, kind):
    data, words = HOSTILE[kind]
    before = kept(app, key)

    answer = sent(browser, key, data)

    assert answer.status_code == 422
    assert words.replace("’", "&#39;") in answer.text or words in answer.text
    assert kept(app, key) == before


@pytest.mark.feature("A26")
def test_too_large_is_refused_before_it_is_read(browser, key):
    head = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK\x03\x04'
    )
    body = head + b"\0" * (11 * 1024 * 1024) + b"\r\n--x--\r\n"

    answer = browser.post(
        f"/applications/{key}/workbook", data=body, content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code in {413, 422}
    assert "10 MB" in answer.text


def test_no_file_is_asked_for(browser, key):
    answer = browser.post(f"/applications/{key}/workbook", data={})

    assert answer.status_code == 422
    assert "Choose the workbook that you filled in." in answer.text


def test_the_same_application_takes_the_file_of_another_program(app, browser, key, fund):
    data = edited(changed(browser, key, fund, "Dè? 👩🏽‍🌾 مرحبا"), lambda book: book.active)

    browser.post(sent(browser, key, data).location)

    assert kept(app, key)[TITLE] == "Dè? 👩🏽‍🌾 مرحبا"


def test_strangers_find_no_workbook(app, sign_in, at, key):
    rival = applying.entered(app, sign_in, at, "rival")
    for address in (f"/applications/{key}/workbook", f"/applications/{key}/workbook.xlsx"):
        assert rival.get(address).status_code == 404
