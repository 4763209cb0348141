"""The pages on which scores are typed from paper and held against the sheets."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.assessment import Assessment, Score, ScoreField
from grants.models.person import Person
from grants.rules.states import AssessmentState
from tests import build
from tests.services.test_paper_scores import Paper
from tests.storage.test_inspect import picture

pytestmark = [pytest.mark.feature("R17"), pytest.mark.feature("R22")]
STAMP = re.compile(rb'name="csrf_token" value="[^"]*"')
BEGUN = {"day": ["30", "10", "2026"], "checker": "colleague"}


@dataclasses.dataclass
class At:
    """The address, what fills the sheet, and a browser for each person."""

    here: str
    own: str
    readers: str
    assignments: str
    staff: str
    fields: dict
    typist: object
    second: object
    reader: object
    criterion: str


@pytest.fixture
def at(app) -> At:
    typist, second, reader = (app.test_client() for _ in range(3))
    with app.app_context():
        paper = Paper()
        build.sign_in(typist, paper.manager)
        build.sign_in(second, db.session.get_one(Person, paper.second.person_id))
        build.sign_in(reader, paper.reader)
        key = paper.application.key
        return At(
            here=f"/applications/{key}/readers/{paper.reader.key}/paper",
            own=f"/assessments/{paper.key}",
            readers=f"/applications/{key}/readers",
            assignments=f"/rounds/{paper.round.key}/assignments",
            staff=f"/staff/applications/{key}",
            fields=paper.whole(3),
            typist=typist,
            second=second,
            reader=reader,
            criterion=paper.scoring.criteria[0].key,
        )


def text(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def state(app) -> AssessmentState:
    with app.app_context():
        return db.session.scalars(sa.select(Assessment.state).order_by(Assessment.id)).first()


def upload(at: At, name: str = "sheets.png"):
    data = {"file": (io.BytesIO(picture("PNG")), name)}
    return at.typist.post(f"{at.here}/sheets", data=data, content_type="multipart/form-data")


def typed(at: At) -> None:
    at.typist.post(at.here, data=BEGUN)
    upload(at)
    at.typist.post(f"{at.here}/typing", data={**at.fields, "submit": "1"})


def test_typed_scanned_confirmed_and_shown_as_such(app, at):
    assert at.here in text(at.typist.get(at.readers))
    assert "assesses nothing in this round" in text(at.typist.get(at.here))
    assert at.typist.post(at.here, data=BEGUN).location == f"{at.here}/sheets"
    assert upload(at).location == f"{at.here}/sheets"
    assert "sheets.png" in text(at.typist.get(f"{at.here}/sheets"))
    done = at.typist.post(f"{at.here}/typing", data={**at.fields, "submit": "1"})
    assert done.location == at.here
    assert "a colleague confirms them" in text(at.typist.get(at.assignments))

    assert "Because." not in text(at.second.get(at.here))
    at.second.post(f"{at.here}/hand")
    page = text(at.second.get(at.here))
    assert "Because." in page
    seal = re.search(r'name="seal" value="(\w+)"', page)[1]
    assert state(app) == AssessmentState.SCORING
    confirmed = at.second.post(f"{at.here}/confirmation", data={"seal": seal})
    assert confirmed.location == at.readers
    assert at.second.post(f"{at.here}/confirmation", data={"seal": seal}).location == at.readers

    assert state(app) == AssessmentState.SUBMITTED
    assert "Typed from paper" in text(at.typist.get(at.staff))
    assert "held them against your sheets and sent them" in text(at.reader.get(at.own))


def test_assessor_is_told_on_their_own_page_and_sends_it(app, at):
    at.typist.post(at.here, data={**BEGUN, "checker": "assessor"})
    at.typist.post(f"{at.here}/typing", data={**at.fields, "submit": "1"})

    assert "Typed from your paper" in text(at.reader.get("/assessments"))
    page = text(at.reader.get(at.own))
    assert "has typed what stands on them" in page
    assert "Because." in page
    assert at.reader.post(at.own, data={**at.fields, "submit": "1"}).location == "/assessments"
    assert state(app) == AssessmentState.SUBMITTED
    assert "the assessor checked and sent them" in text(at.typist.get(at.staff))


def test_typist_is_told_at_the_page_that_a_colleague_confirms(app, at):
    typed(at)

    answer = at.typist.post(f"{at.here}/confirmation", data={"seal": "x"})
    page = text(at.typist.get(at.here))

    assert answer.status_code == 409
    assert "It is: send these scores" not in page
    assert "Open it to be typed again" in page
    assert state(app) == AssessmentState.SCORING


def test_sent_back_with_a_note_and_typed_again(at):
    typed(at)
    at.second.post(f"{at.here}/hand")

    missing = at.second.post(f"{at.here}/otherwise", data={"note": " "})
    sent = at.second.post(f"{at.here}/otherwise", data={"note": "The second page says 2."})

    assert missing.status_code == 422
    assert "Say what is otherwise on paper." in text(missing)
    assert sent.location == at.here
    page = text(at.typist.get(at.here))
    assert "The second page says 2." in page
    assert "Finish: hand on to be checked" in page


def test_autosave_keeps_and_tells_of_another_window(at):
    at.typist.post(at.here, data=BEGUN)
    mark = f"mark.{at.criterion}"

    first = at.typist.post(f"{at.here}/scores", data={mark: "1", "_versions": "{}"})
    second = at.typist.post(f"{at.here}/scores", data={mark: "4", "_versions": "{}"})

    assert (first.status_code, first.json["marked"]) == (200, 1)
    assert (second.status_code, second.json["clashes"][0]["theirs"]) == (409, "1")


def test_clash_without_script_asks_which_stays(at):
    at.typist.post(at.here, data=BEGUN)
    at.typist.post(f"{at.here}/typing", data={"comment": "One.", "_versions": "{}"})

    answer = at.typist.post(f"{at.here}/typing", data={"comment": "Two.", "_versions": "{}"})
    assert answer.status_code == 409
    chosen = {"count": "1", "choice.0": "mine", "version.0": "1"}
    chosen |= {"name.0": "comment", "mine.0": "Two.", "theirs.0": "One."}
    done = at.typist.post(f"{at.here}/choose", data=chosen)

    assert done.location == at.here
    assert "Two." in text(at.typist.get(at.here))


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(at):
    no_day = at.typist.post(at.here, data={"day": ["", "", ""]})
    at.typist.post(at.here, data=BEGUN)

    answer = at.typist.post(f"{at.here}/typing", data={"comment": "All of it.", "submit": "1"})

    assert no_day.status_code == 422
    assert "Enter the day on which it reached you" in text(no_day)
    assert answer.status_code == 422
    assert "All of it." in text(answer)
    assert "Attach the scanned sheets" in text(answer)


def test_scan_is_taken_out_again_and_kept_from_everybody_else(at):
    at.typist.post(at.here, data=BEGUN)
    none = at.typist.post(f"{at.here}/sheets", data={})
    upload(at)
    link = re.search(rf"{at.here}/sheets/[0-9a-f-]+", text(at.typist.get(f"{at.here}/sheets")))[0]

    assert none.status_code == 422
    assert at.typist.get(link).headers["Content-Disposition"].startswith("attachment")
    assert [one.get(link).status_code for one in (at.second, at.reader)] == [404, 404]
    assert at.typist.post(f"{link}/removal").status_code == 302
    assert at.typist.get(link).status_code == 404


def test_assessor_finds_no_such_page(at):
    assert at.reader.get(at.here).status_code == 404
    assert at.here not in text(at.reader.get(at.own))


def test_worlds_that_differ_in_what_was_typed_look_the_same_to_who_takes_no_part(app, at):
    typed(at)
    pages = [at.here, at.readers, at.assignments, at.staff, "/home"]
    before = [STAMP.sub(b"", at.second.get(page).get_data()) for page in pages]

    with app.app_context():
        db.session.execute(sa.update(Score).values(mark=1, reason="Wholly other words."))
        db.session.execute(sa.update(ScoreField).values(version=7))
        db.session.commit()

    assert [STAMP.sub(b"", at.second.get(page).get_data()) for page in pages] == before
    assert "Wholly other words." in text(at.typist.get(at.here))
