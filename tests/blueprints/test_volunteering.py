"""The pages of hours, training and expenses."""

from __future__ import annotations

import pytest

from tests import build
from tests.services.test_volunteering import Log

pytestmark = pytest.mark.feature("R22")


@pytest.fixture
def at(app):
    reader, manager = app.test_client(), app.test_client()
    with app.app_context():
        log = Log()
        build.sign_in(reader, log.reader)
        build.sign_in(manager, log.manager)
        return reader, manager, f"/rounds/{log.at}", str(log.application.key)


def text(answer) -> str:
    return answer.get_data(as_text=True)


def day(kind: str) -> dict:
    today = build.NOW.date()
    return {f"{kind}-day": today.isoformat()}


def test_noted_seen_by_the_fund_and_approved(at) -> None:
    reader, manager, place, bid = at
    assert f"{place}/volunteering" in text(reader.get("/assessments"))
    time = {"time-bid": bid, "time-hours": "2", "time-minutes": "30", **day("time")}
    money = {"expense-amount": "4.60", "expense-note": "Bus", **day("expense")}

    first = reader.post(f"{place}/volunteering", data={"kind": "time", **time})
    reader.post(f"{place}/volunteering", data={"kind": "expense", **money})

    assert first.status_code == 302
    assert "2 h 30 min" in text(reader.get(f"{place}/volunteering"))
    page = text(manager.get(f"{place}/volunteers"))
    assert "2 h 30 min" in page
    address = page.split('/approval"')[0].rsplit('"', 1)[1] + "/approval"
    assert manager.post(address).status_code == 302
    assert "Approved on" in text(manager.get(f"{place}/volunteers"))
    assert "Approved" in text(reader.get(f"{place}/volunteering"))


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(at) -> None:
    reader, _, place, _ = at

    answer = reader.post(
        f"{place}/volunteering",
        data={"kind": "expense", "expense-amount": "lots", "expense-note": "Bus to Lairg"},
    )

    assert answer.status_code == 422
    assert "Enter an amount above £0" in text(answer)
    assert "Bus to Lairg" in text(answer)
    assert "Enter a day in the last year" in text(answer)
