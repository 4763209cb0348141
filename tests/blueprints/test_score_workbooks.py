"""The pages of scoring in a spreadsheet."""

from __future__ import annotations

import io

import openpyxl
import pytest

from grants.documents.score_workbooks import FIRST, MARK
from tests import build
from tests.services.test_score_workbooks import Desk

pytestmark = pytest.mark.feature("R17")


@pytest.fixture
def at(app, client):
    with app.app_context():
        desk = Desk()
        build.sign_in(client, desk.reader)
        return f"/rounds/{desk.at}/score-workbook", desk.application.reference


def fill(client, at, value) -> dict:
    address, reference = at
    book = openpyxl.load_workbook(io.BytesIO(client.post(f"{address}.xlsx").data))
    book[reference].cell(FIRST, MARK).value = value
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return {"file": (out, "scores.xlsx")}


def test_downloaded_loaded_looked_at_and_saved(client, at) -> None:
    assert at[0] in client.get("/assessments").get_data(as_text=True)

    sent = client.post(at[0], data=fill(client, at, 3))
    page = client.get(sent.location).get_data(as_text=True)
    seal = page.split('name="seal" value="')[1][:32]
    assert "1 cell" in page
    assert client.post(sent.location, data={"seal": "old"}).status_code == 409
    saved = client.post(sent.location, data={"seal": seal})

    assert saved.location == "/assessments"
    assert "1 cell of the workbook is saved" in client.get("/assessments").get_data(as_text=True)
    assert client.get(sent.location).status_code == 404


def test_faults_stand_on_the_page(client, at) -> None:
    answer = client.post(at[0], data=fill(client, at, 9))

    assert answer.status_code == 422
    assert "cell D4: choose a score from 0 to 4" in answer.get_data(as_text=True)


def test_no_file_is_said(client, at) -> None:
    answer = client.post(at[0], data={})

    assert answer.status_code == 422
    assert "Choose the workbook that you filled in." in answer.get_data(as_text=True)
