"""The pages of scoring in a spreadsheet."""

from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from grants.documents.score_workbooks import FIRST, MARK
from grants.documents.workbook_plan import RECORD
from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.audit import AuditEntry
from grants.models.workbook_load import ScoreLoad
from grants.rules.states import AssessmentState
from tests import build
from tests.blueprints.test_workbook import HOSTILE
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


@pytest.mark.asvs("5.2.1")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_and_wrong_files_are_refused_with_a_sentence(client, at, kind) -> None:
    data, words = HOSTILE[kind]

    answer = client.post(at[0], data={"file": (io.BytesIO(data), "scores.xlsx")})

    assert answer.status_code == 422
    assert words.replace("’", "&#39;") in answer.text or words in answer.text


@pytest.mark.asvs("8.2.2")
def test_forged_key_writes_nothing_into_anothers_scores(app, client, at) -> None:
    """The hidden sheet says which assessment a sheet is of: one that is another's is refused."""
    address, reference = at
    with app.app_context():
        own = db.session.query(Assessment).join(Application).filter_by(reference=reference).one()
        stranger = build.person(build.Role.ASSESSOR, at=build.programme())
        made = db.session.get_one(Application, own.application_id)
        theirs = build.assessment(made, stranger, stranger, state=AssessmentState.SCORING).key
        mine = str(own.key)
    book = openpyxl.load_workbook(io.BytesIO(client.post(f"{address}.xlsx").data))
    book[reference].cell(FIRST, MARK).value = 1
    for row in book[RECORD].iter_rows():
        for cell in row:
            cell.value = str(theirs) if cell.value == mine else cell.value
    out = io.BytesIO()
    book.save(out)
    out.seek(0)

    answer = client.post(address, data={"file": (out, "scores.xlsx")})

    assert answer.status_code == 422
    assert "you can&#39;t score this application any more" in answer.text
    with app.app_context():
        assert db.session.query(ScoreLoad).count() == 0


@pytest.mark.asvs("3.5.3")
def test_link_that_is_merely_followed_fetches_and_writes_nothing(app, client, at) -> None:
    answer = client.get(f"{at[0]}.xlsx")

    assert answer.status_code == 404
    with app.app_context():
        acts = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert "download-score-workbook" not in acts
