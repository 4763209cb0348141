"""The pages on which scores are opened again."""

from __future__ import annotations

import dataclasses

import pytest

from tests import build
from tests.services.test_rescoring import Scored

pytestmark = pytest.mark.feature("R19")


@dataclasses.dataclass
class At:
    """Addresses, and a browser for each of the two people."""

    asking: str
    opening: str
    assignments: str
    readers: str
    own: str
    reader: object
    manager: object
    chair: object
    list: str


@pytest.fixture
def at(app) -> At:
    reader, manager, chair = (app.test_client() for _ in range(3))
    with app.app_context():
        panel = Scored()
        build.sign_in(reader, panel.reader)
        build.sign_in(manager, panel.manager)
        panel.chair()
        build.sign_in(chair, panel.other)
        return At(
            asking=f"/assessments/{panel.key}/reopening",
            opening=f"/applications/{panel.at}/readers/{panel.person}/reopening",
            assignments=f"/rounds/{panel.round.key}/assignments",
            readers=f"/applications/{panel.at}/readers",
            own=f"/assessments/{panel.key}",
            reader=reader,
            manager=manager,
            chair=chair,
            list=f"/rounds/{panel.round.key}/submitted-scores",
        )


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_asked_seen_by_the_fund_and_opened(at) -> None:
    assert at.asking in text(at.reader.get(at.own))

    assert at.reader.post(at.asking, data={"reason": "I misread it."}).location == at.own

    assert "The fund has not answered yet" in text(at.reader.get(at.own))
    assert at.opening in text(at.manager.get(at.assignments))
    assert at.opening in text(at.manager.get(at.readers))
    assert "I misread it." in text(at.manager.get(at.opening))
    sent = {"reason": "Agreed, read it again."}
    assert at.manager.post(at.opening, data=sent).location == at.readers
    assert at.manager.post(at.opening, data=sent).location == at.readers
    page = text(at.reader.get(at.own))
    assert "Your scores are open again" in page
    assert "Agreed, read it again." in page
    assert "Submit your scores" in page
    assert at.manager.get(at.opening).status_code == 404


def test_left_locked_with_an_answer(at) -> None:
    at.reader.post(at.asking, data={"reason": "I misread it."})

    at.manager.post(at.opening, data={"reason": "It reads the same.", "leave": "1"})

    assert "It reads the same." in text(at.reader.get(at.own))
    assert at.opening not in text(at.manager.get(at.assignments))


@pytest.mark.parametrize("who", ["reader", "manager"])
def test_no_reason_is_said_at_the_field(at, who) -> None:
    client, address = (at.reader, at.asking) if who == "reader" else (at.manager, at.opening)

    answer = client.post(address, data={"reason": " "})

    assert answer.status_code == 422
    assert "Give a reason." in text(answer)


def test_opening_page_says_nothing_of_the_scores(at) -> None:
    page = text(at.manager.get(at.opening))

    assert "Because." not in page
    assert "of 100" not in page


def test_chair_is_led_to_the_list_opens_and_comes_back_to_it(at) -> None:
    at.reader.post(at.asking, data={"reason": "I misread it."})

    assert at.list in text(at.chair.get("/assessments"))
    assert at.opening in text(at.chair.get(at.list))
    page = text(at.chair.get(at.opening))
    assert "I misread it." in page
    assert f'"{at.readers}"' not in page
    sent = {"reason": "Agreed."}
    assert at.chair.post(at.opening, data=sent).location == at.list
    assert at.chair.post(at.opening, data=sent).location == at.list
    assert "There is nothing to open again" in text(at.chair.get(at.list))
    assert at.reader.get(at.list).status_code == 404
