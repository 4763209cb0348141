"""The doors of handing applications to assessors."""

from __future__ import annotations

import dataclasses
import re

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.jobs import worker
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.rules.people import Role
from grants.rules.states import ApplicationState
from tests import build

FUND = min(all_funds())
PLAN_PAGE = 7  # statements


@dataclasses.dataclass
class Desk:
    """A manager's browser and the round on it."""

    client: object
    round: object
    applications: list
    readers: list


def make_desk(app, client, many: int = 3) -> Desk:
    with app.app_context():
        programme, partnership = build.programme(), build.organisation()
        manager = build.person(Role.FUND_MANAGER, at=programme)
        readers = [build.person(Role.ASSESSOR, at=programme, name=f"Seòras {n}") for n in range(3)]
        record = build.round_(FUND, programme)
        made = [
            build.application(
                record, partnership, manager, state=ApplicationState.SUBMITTED, lines=()
            )
            for _ in range(many)
        ]
        build.sign_in(client, manager)
        return Desk(client, record.key, [one.key for one in made], [one.key for one in readers])


@pytest.fixture
def desk(app, client) -> Desk:
    return make_desk(app, client)


def count(app) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Assessment))


@pytest.mark.feature("R4")
def test_proposal_is_shown_then_made_as_shown(app, desk):
    address = f"/rounds/{desk.round}/assignments/proposal"
    page = desk.client.get(f"{address}?readers=2&most=5").get_data(as_text=True)
    sent = dict(re.findall(r'name="(mark|readers|most)" value="([^"]*)"', page))

    answer = desk.client.post(address, data=sent)

    assert "Make 6 assignments" in page
    assert (answer.status_code, answer.location) == (302, f"/rounds/{desk.round}/assignments")
    assert count(app) == 6
    again = desk.client.post(address, data=sent)
    assert (again.status_code, again.location) == (answer.status_code, answer.location)
    assert desk.client.post(address, data={**sent, "mark": "another"}).status_code == 409
    assert count(app) == 6


@pytest.mark.parametrize("query", ["readers=0&most=5", "readers=two&most=5", "readers=2&most="])
def test_proposal_says_what_is_wrong(desk, query):
    answer = desk.client.get(f"/rounds/{desk.round}/assignments/proposal?{query}")

    assert answer.status_code == 422
    assert "There is a problem" in answer.get_data(as_text=True)


def test_one_is_assigned_by_hand_and_taken_back(app, desk):
    address = f"/applications/{desk.applications[0]}/readers"
    answer = desk.client.post(
        address,
        data={"person": str(desk.readers[0]), "due_on": ["4", "12", "2026"]},
        follow_redirects=True,
    )

    assert "Take back" in answer.get_data(as_text=True)
    assert count(app) == 1
    desk.client.post(f"{address}/{desk.readers[0]}/removal")
    assert count(app) == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"person": "x"}, 404),
        ({"person": "", "due_on": ["31", "2", "2026"]}, 422),
    ],
)
def test_hand_assignment_refuses_nonsense(app, desk, data, status):
    answer = desk.client.post(f"/applications/{desk.applications[0]}/readers", data=data)

    assert answer.status_code == status
    assert count(app) == 0


def test_all_are_opened_in_one_step(desk):
    answer = desk.client.post(f"/rounds/{desk.round}/assignments/open", follow_redirects=True)

    text = answer.get_data(as_text=True)
    assert "3 applications opened for assessment" in text
    assert "Open all for assessment" not in text


@pytest.mark.feature("R5")
def test_loads_are_one_link_away(desk):
    answer = desk.client.get(f"/rounds/{desk.round}/assignments?by=assessor")

    assert "Seòras 2" in answer.get_data(as_text=True)


@pytest.mark.parametrize("many", [3, 130])
@pytest.mark.parametrize("query", ["", "?show=short&sort=-asked", "?page=2", "?by=assessor"])
def test_lists_cost_the_same_for_few_and_many(app, client, count_statements, many, query):
    desk = make_desk(app, client, many)

    with count_statements() as found:
        answer = client.get(f"/rounds/{desk.round}/assignments{query}")

    assert answer.status_code == 200
    assert len(found) <= 10


@pytest.mark.feature("R5")
def test_terms_of_an_assessor_are_typed_kept_and_shown(desk):
    address = f"/rounds/{desk.round}/assignments/assessors/{desk.readers[0]}"
    page = desk.client.get(address).get_data(as_text=True)
    areas = re.findall(r'value="(\d+)"', page[page.index("Areas this assessor") :])

    answer = desk.client.post(
        address,
        data={"most": "4", "seat": "yes", "areas": areas[:1]},
        follow_redirects=True,
    )

    text = answer.get_data(as_text=True)
    assert "at most 4" in text
    assert "Lived experience" in text
    assert "1 area" in text
    again = desk.client.get(address).get_data(as_text=True)
    assert 'value="4"' in again
    assert again.count("checked") == 2


@pytest.mark.parametrize("most", ["many", "-1", "99999"])
def test_terms_that_make_no_sense_are_kept_in_the_box_and_refused(desk, most):
    address = f"/rounds/{desk.round}/assignments/assessors/{desk.readers[0]}"

    answer = desk.client.post(address, data={"most": most})

    assert answer.status_code == 422
    assert f'value="{most}"' in answer.get_data(as_text=True)


@pytest.mark.feature("R4")
def test_reader_stands_down_and_comes_back(app, desk):
    place = f"/rounds/{desk.round}/assignments"
    person = f"{place}/assessors/{desk.readers[0]}"
    desk.client.post(
        f"/applications/{desk.applications[0]}/readers", data={"person": str(desk.readers[0])}
    )

    answer = desk.client.post(f"{person}/standing-down", follow_redirects=True)

    assert "1 application was taken back" in answer.get_data(as_text=True)
    assert count(app) == 0
    assert "Stood down" in desk.client.get(f"{place}?by=assessor").get_data(as_text=True)
    desk.client.post(f"{person}/coming-back")
    assert "Stood down" not in desk.client.get(f"{place}?by=assessor").get_data(as_text=True)


@pytest.mark.feature("R4")
@pytest.mark.feature("R4")
def test_proposal_names_each_application_that_is_short_and_why(app, desk):
    with app.app_context():
        references = db.session.scalars(sa.select(Application.reference)).all()

    page = desk.client.get(f"/rounds/{desk.round}/assignments/proposal?readers=3&most=2").text

    assert "applications are short of readers" in page
    listed = page.split('id="short"')[1].split("</table>")[0]
    short = re.findall(r"([0-2]) of 3", listed)
    assert sum(3 - int(found) for found in short) == 9 - 6
    assert len([one for one in references if one in listed]) == len(short)
    assert listed.count("Load: ") == len(short)


@pytest.mark.feature("R4")
@pytest.mark.parametrize("many", [3, 130])
def test_large_plan_lists_what_is_short_a_page_at_a_time(app, client, count_statements, many):
    desk = make_desk(app, client, many)
    asked = desk.client.post(
        f"/rounds/{desk.round}/assignments/plans", data={"readers": "4", "most": "999", "lived": ""}
    )
    with app.app_context():
        worker.run_due(build.NOW)
    desk.client.get(asked.location)
    with count_statements() as found:
        first = desk.client.get(asked.location).text

    assert first.count("3 of 4") == min(many, 60)
    assert "Too few: there are no other assessors." in first
    last = desk.client.get(f"{asked.location}?page=99").text
    assert last.count("3 of 4") == (many if many <= 60 else many - 120)
    assert len(found) == PLAN_PAGE


def test_large_round_is_worked_out_and_made_by_jobs(app, desk):
    answer = desk.client.post(
        f"/rounds/{desk.round}/assignments/plans", data={"readers": "2", "most": "5", "lived": ""}
    )
    waiting = desk.client.get(answer.location).get_data(as_text=True)
    work(app)
    shown = desk.client.get(answer.location).get_data(as_text=True)
    refused = desk.client.post(answer.location, data={"due_on": ["31", "2", "2026"]})
    made = desk.client.post(answer.location)
    work(app)

    assert "Waiting to start" in waiting
    assert "Make 6 assignments" in shown
    assert refused.status_code == 422
    assert "See the assignments" in desk.client.get(made.location).get_data(as_text=True)
    assert count(app) == 6


def work(app):
    with app.app_context():
        worker.run_due(build.NOW)


def test_question_for_a_large_round_says_what_is_wrong(desk):
    address = f"/rounds/{desk.round}/assignments/plans"

    answer = desk.client.post(address, data={"readers": "0", "most": "5"})

    assert answer.status_code == 422
    assert "Ask for 1 to 9 readers" in answer.get_data(as_text=True)
