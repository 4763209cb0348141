"""The pages of a calibration: written, opened, scored, compared, agreed, closed."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.calibration import CalibrationReading
from grants.models.person import Person
from grants.queries.calibration_readings import answers_of
from grants.services import calibration as services
from grants.services.calibration import Agreed
from tests import build, calibrating
from tests.services.test_calibration_gate import Gated

pytestmark = pytest.mark.feature("R23")
SAID = "What the second assessor wrote of it"


class Site:
    """A scene, and a browser for each of its people."""

    def __init__(self, app, **kwargs) -> None:
        self.app = app
        with app.app_context():
            self.scene = calibrating.scene(**kwargs)
            self.criteria = self.scene.criteria
            self.manager = self.browser(self.scene.manager)
            self.readers = [self.browser(reader) for reader in self.scene.readers]
        self.set = f"/rounds/{self.scene.round_key}/calibration"
        self.first = next(iter(self.scene.samples), None)

    def browser(self, actor):
        client = self.app.test_client()
        build.sign_in(client, db.session.get_one(Person, actor.person_id))
        return client

    def open(self) -> None:
        assert self.manager.post(f"{self.set}/opening").status_code == 302

    def score(self, place: int, mark: int, reason: str = "Because.") -> None:
        with self.app.app_context():
            self.scene.score(self.scene.readers[place], self.first, mark, reason)

    def sheet(self, mark: int) -> dict[str, str]:
        return {
            **{f"mark.{key}": str(mark) for key in self.criteria},
            **{f"reason.{key}": "Clear enough." for key in self.criteria},
        }


@pytest.fixture
def at(app) -> Site:
    return Site(app)


def text(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def still(answer) -> str:
    """The page without its token, which differs from second to second."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text(answer))


def dots(page: str) -> int:
    return len(re.findall(r'<circle class="cf_strip__dot', page))


def test_set_is_put_together_and_opened(app) -> None:
    at = Site(app, count=0)
    assert "There is no sample yet" in text(at.manager.get(at.set))

    sent = at.manager.post(f"{at.set}/samples", data={"source": "fund:strong"})
    page = text(at.manager.get(sent.location))
    assert "Made up, for practice." in page
    at.open()

    assert "The text of the samples is fixed." in text(at.manager.get(at.set))
    listed = text(at.readers[0].get("/assessments"))
    assert "1 made-up application waits" in listed


def test_empty_set_says_what_is_missing(app) -> None:
    at = Site(app, count=0)

    answer = at.manager.post(f"{at.set}/opening")

    assert answer.status_code == 422
    assert "Add at least one sample first." in text(answer)


def test_double_click_does_everything_once(app) -> None:
    at = Site(app, count=0)
    seen = re.search(r'name="seen" value="([^"]+)"', text(at.manager.get(at.set))).group(1)
    form = {"source": "fund:strong", "seen": seen}
    first, again = (at.manager.post(f"{at.set}/samples", data=form) for _ in range(2))
    assert first.location == again.location
    key = first.location.rsplit("/", 1)[1]

    name = {"title": "Kites", "applicant": "", "_seen": "1"}
    named = [at.manager.post(f"/calibration/{key}/name", data=name).status_code for _ in range(2)]
    place = f"/calibration/{key}/sections/need"
    need = {"need": "Ours.", "_seen": "2"}
    written = [at.manager.post(place, data=need).status_code for _ in range(2)]
    gone = [at.manager.post(f"{at.set}/samples/{key}/removal").status_code for _ in range(2)]

    assert (named, written, gone) == ([302, 302], [302, 302], [302, 302])
    with app.app_context():
        acts = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == [
        "add-calibration-sample",
        "write-calibration-sample",
        "write-calibration-sample",
        "take-out-calibration-sample",
    ]


def test_section_of_the_round_s_own_form_is_written(at) -> None:
    place = f"/calibration/{at.first}/sections/need"
    page = text(at.manager.get(place))
    seen = re.search(r'name="_seen" value="(\d+)"', page).group(1)

    answer = at.manager.post(place, data={"need": "Our own words.", "_seen": seen})

    assert answer.status_code == 302
    with at.app.app_context():
        assert answers_of(at.scene.sample().answers)["need", ""] == "Our own words."


def test_nothing_typed_is_lost_where_two_write(at) -> None:
    place = f"/calibration/{at.first}/sections/need"
    at.manager.post(place, data={"need": "The other one's.", "_seen": "1"})

    answer = at.manager.post(place, data={"need": "My own long text.", "_seen": "1"})

    assert answer.status_code == 422
    assert "Somebody else changed this sample meanwhile" in text(answer)
    assert "My own long text." in text(answer)
    again = at.manager.post(place, data={"need": "My own long text.", "_seen": "2"})
    assert again.status_code == 302


def test_rows_are_added_and_removed(at) -> None:
    place = f"/calibration/{at.first}/sections/projects"
    added = at.manager.post(place, data={"add_row": "projects", "_seen": "1"})
    assert "blank=projects" in added.location
    assert "blank=projects" not in at.manager.get(added.location).headers.get("Location", "")

    rows = {"projects.rows": ["0001", "0002"], "remove_row": "projects.0001", "_seen": "1"}
    at.manager.post(place, data=rows)

    with at.app.app_context():
        answers = answers_of(at.scene.sample().answers)
    kept = {row for question, row in answers if question.startswith("projects.")}
    assert kept == {"0002"}


def test_sample_is_named_and_taken_out(at) -> None:
    place = f"/calibration/{at.first}"
    empty = at.manager.post(f"{place}/name", data={"title": " ", "_seen": "1"})
    assert (empty.status_code, "Give the sample a title." in text(empty)) == (422, True)
    at.manager.post(f"{place}/name", data={"title": "Kites (made up)", "_seen": "1"})
    assert "Kites (made up)" in text(at.manager.get(at.set))

    at.manager.post(f"{at.set}/samples/{at.first}/removal")

    assert "Kites (made up)" not in text(at.manager.get(at.set))


def test_open_sample_has_no_page_to_change_it(at) -> None:
    at.open()

    assert at.manager.get(f"/calibration/{at.first}/sections/need").status_code == 404
    moved = at.manager.post(f"/calibration/{at.first}/sections/need", data={"need": "x"})
    assert moved.status_code == 409


def test_assessor_saves_as_they_type_and_sends(at) -> None:
    at.open()
    place = f"/samples/{at.first}"
    key = at.criteria[0]
    kept = at.readers[0].post(
        f"{place}/scores",
        data={f"mark.{key}": "3", "_versions": "{}"},
        headers={"Accept": "application/json"},
    )
    assert kept.json["versions"] == {f"mark.{key}": 1}
    assert (kept.json["marked"], kept.json["criteria"]) == (1, len(at.criteria))

    missing = at.readers[0].post(place, data={"submit": "1"})
    assert missing.status_code == 422
    sent = at.readers[0].post(place, data={**at.sheet(2), "submit": "1"})

    assert sent.status_code == 302
    assert "Your scores are in." in text(at.readers[0].get(place))
    assert at.readers[0].post(place, data={**at.sheet(4), "submit": "1"}).status_code == 409


def test_sample_leads_to_its_scores_and_back_and_says_how_to_choose(at) -> None:
    at.open()

    page = text(at.readers[0].get(f"/samples/{at.first}"))

    assert ('href="#work"' in page, 'id="work"' in page) == (True, True)
    assert ('href="#application"' in page, 'id="application"' in page) == (True, True)
    assert "choose the ones that fit best" in page


def test_two_windows_are_shown_both_texts(at) -> None:
    at.open()
    place, name = f"/samples/{at.first}", f"reason.{at.criteria[0]}"
    at.readers[0].post(place, data={name: "In one window", "_versions": "{}"})

    answer = at.readers[0].post(place, data={name: "In another", "_versions": "{}"})

    assert "In one window" in text(answer)
    assert "In another" in text(answer)


def test_others_scores_are_unseen_until_one_s_own_are_in(at) -> None:
    at.open()
    before = still(at.readers[0].get(f"/samples/{at.first}"))
    listed = still(at.readers[0].get("/assessments"))
    at.score(1, 4, SAID)
    at.score(2, 1)

    assert still(at.readers[0].get(f"/samples/{at.first}")) == before
    assert still(at.readers[0].get("/assessments")) == listed
    at.score(0, 3)
    page = text(at.readers[0].get(f"/samples/{at.first}"))
    assert dots(page) == 3 * len(at.criteria)
    assert "those of 2 other assessors" in page
    names = [reader.name for reader in at.scene.readers[1:]]
    assert not [name for name in (*names, SAID) if name in page]


def test_agreed_mark_is_read_once_one_s_own_are_in(at) -> None:
    at.open()
    at.score(1, 4)
    said = "The anchor of 2 says it best"
    form = {f"mark.{at.criteria[0]}": "2", f"reason.{at.criteria[0]}": said, "_seen": "1"}
    assert at.manager.post(f"/calibration/{at.first}/agreement", data=form).status_code == 302

    assert said not in text(at.readers[0].get(f"/samples/{at.first}"))
    at.score(0, 3)
    assert said in text(at.readers[0].get(f"/samples/{at.first}"))


def test_mark_agreed_without_a_reason_is_said_at_its_field(at) -> None:
    at.open()

    answer = at.manager.post(
        f"/calibration/{at.first}/agreement", data={f"mark.{at.criteria[0]}": "2"}
    )

    assert answer.status_code == 422
    assert "Give the reason for the agreed score" in text(answer)


def test_manager_sees_who_is_done_who_stands_apart_and_why(at) -> None:
    at.open()
    for place, mark in enumerate((2, 2, 4)):
        at.score(place, mark, SAID if place == 2 else "Because.")

    page = text(at.manager.get(at.set))
    assert page.count("1 of 2") >= 3
    assert "Scores higher" in page
    assert "It rests on few samples" in page
    sample = text(at.manager.get(f"/calibration/{at.first}"))
    assert (dots(sample), SAID in sample) == (3 * len(at.criteria), True)


def test_closed_set_is_read_by_who_did_not_score(at) -> None:
    at.open()
    at.score(1, 4)
    at.manager.post(f"{at.set}/closing")

    page = text(at.readers[0].get(f"/samples/{at.first}"))

    assert "your scores were not sent" in page
    assert dots(page) == len(at.criteria)
    assert at.readers[0].post(f"/samples/{at.first}", data=at.sheet(2)).status_code == 409


def test_every_page_with_a_sample_says_that_it_is_made_up(at) -> None:
    places = [f"/calibration/{at.first}", f"/calibration/{at.first}/sections/need", at.set]
    written = [text(at.manager.get(place)) for place in places]
    at.open()
    at.score(0, 3)
    places = [at.set, f"/calibration/{at.first}", f"/calibration/{at.first}/agreement"]
    written += [text(at.manager.get(place)) for place in places]
    own = [f"/samples/{at.first}", f"/rounds/{at.scene.round_key}/samples"]
    written += [text(at.readers[0].get(place)) for place in own]
    written += [text(at.readers[1].get(place)) for place in own]

    assert [page for page in written if "Made up, for practice." not in page] == []


def test_samples_are_scored_by_the_round_s_assessors_alone(at, app) -> None:
    at.open()
    stranger = app.test_client()
    with app.app_context():
        other = calibrating.scene(count=0).readers[0]
        build.sign_in(stranger, db.session.get_one(Person, other.person_id))
    place = f"/samples/{at.first}"

    assert stranger.get(place).status_code == 404
    assert at.manager.get(place).status_code == 404
    assert app.test_client().get(place).status_code == 302
    assert at.readers[0].get(f"/calibration/{at.first}").status_code == 404


def test_sample_that_is_not_open_is_nobody_s_to_score(at) -> None:
    assert at.readers[0].get(f"/samples/{at.first}").status_code == 404
    assert at.readers[0].get(f"/rounds/{at.scene.round_key}/samples").status_code == 404
    assert "made-up application" not in text(at.readers[0].get("/assessments"))


def test_gap_in_what_is_written_stays_in_sight_and_blank_contacts_do_not(app) -> None:
    at = Site(app, count=0)
    sent = at.manager.post(f"{at.set}/samples", data={"source": "blank"})
    at.open()

    page = text(at.readers[0].get(sent.location.replace("/calibration/", "/samples/")))

    assert "What need will this money meet?" in page
    assert "E-mail address of the main contact" not in page


def test_application_that_waits_for_the_samples_says_so_and_shows_nothing(app) -> None:
    client = app.test_client()
    with app.app_context():
        gated = Gated()
        build.sign_in(client, gated.reader)
        place, samples = f"/assessments/{gated.key}", f"/rounds/{gated.at}/samples"

    page = text(client.get(place))

    assert "Score the samples of this round first" in page
    assert samples in page
    assert "Score each criterion" not in page
    late = client.post(f"{place}/scores", data={"comment": "x"})
    assert (late.status_code, client.post(place, data={"comment": "x"}).status_code) == (409, 403)
    assert client.get(samples).status_code == 200


def test_blind_round_s_samples_name_nobody(app) -> None:
    at = Site(app, is_blind=True)
    at.open()
    with app.app_context():
        applicant = at.scene.sample().applicant

    page = text(at.readers[0].get(f"/samples/{at.first}"))

    assert applicant
    assert applicant not in page


def test_manager_who_assesses_too_stays_blind_until_their_own_are_in(app) -> None:
    at = Site(app)
    with app.app_context():
        record = db.session.get_one(build.Round, at.scene.round_id)
        person = db.session.get_one(Person, at.scene.manager.person_id)
        build.kept(
            build.Membership(
                person_id=person.id,
                organisation_id=record.organisation_id,
                role="assessor",
                starts_at=build.NOW - build.dt.timedelta(days=1),
            )
        )
    at.open()
    for place in range(3):
        at.score(place, 2, SAID)

    page = text(at.manager.get(f"/calibration/{at.first}"))
    assert "You score this sample yourself" in page
    assert (SAID in page, dots(page)) == (False, 0)
    assert "Shown once your own scores are in" in text(at.manager.get(at.set))
    at.manager.post(f"/samples/{at.first}", data={**at.sheet(3), "submit": "1"})
    assert SAID in text(at.manager.get(f"/calibration/{at.first}"))


@pytest.mark.parametrize("count", [3, 300])
def test_set_costs_the_same_however_many_scored_it(app, count_statements, count) -> None:
    at = Site(app, readers=3)
    at.open()
    with app.app_context():
        funder = db.session.get_one(build.Round, at.scene.round_id).organisation_id
        place = db.session.get_one(build.Organisation, funder)
        people = [build.person() for _ in range(count)]
        db.session.add_all(
            build.Membership(
                person_id=reader.id,
                organisation_id=place.id,
                role=build.Role.ASSESSOR,
                starts_at=build.NOW - build.dt.timedelta(days=1),
            )
            for reader in people
        )
        db.session.add_all(
            CalibrationReading(
                sample_id=at.scene.sample(number).id,
                person_id=reader.id,
                content={"marks": dict.fromkeys(at.criteria, 2), "reasons": {}},
                changed_at=build.NOW,
                sent_at=build.NOW,
                total=50,
            )
            for reader in people
            for number in range(2)
        )
        db.session.commit()
        services.agree(
            at.scene.manager,
            at.first,
            {at.criteria[0]: Agreed(mark="2", reason="x")},
            seen=1,
            now=build.NOW,
        )
    costs = []
    for client, address in (
        (at.manager, at.set),
        (at.manager, f"/calibration/{at.first}"),
        (at.readers[0], f"/samples/{at.first}"),
        (at.readers[0], f"/rounds/{at.scene.round_key}/samples"),
    ):
        client.get(address)
        with count_statements() as found:
            assert client.get(address).status_code == 200
        costs.append(len(found))

    assert costs == [6, 5, 3, 2]
