"""The pages that anybody may open."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from grants.rules.states import RoundState
from tests import build

FUND = min(all_funds())


@pytest.mark.parametrize("path", ["/", "/awards", "/letters/check", "/accessibility", "/privacy"])
def test_page_opens(client, count_statements, path):
    with count_statements() as found:
        answer = client.get(path)

    assert answer.status_code == 200
    assert len(found) <= 8


@pytest.mark.parametrize("fund", sorted(all_funds()))
def test_notice_says_everything_before_anybody_applies(app, client, fund):
    with app.app_context():
        reference = build.round_(fund, build.programme()).reference

    page = client.get(f"/rounds-open/{reference}").get_data(as_text=True)

    frozen = all_funds()[fund]
    wanted = [
        *(section.title for section in frozen.sections),
        *(question.label for question in frozen.questions()),
        *(criterion.title for criterion in frozen.scoring.criteria),
        *(anchor.text for c in frozen.scoring.criteria for anchor in c.anchors),
        *(period.label for period in frozen.return_form.periods),
    ]
    from markupsafe import escape

    assert [text for text in wanted if str(escape(text)) not in page] == []


def test_draft_round_is_not_there(app, client):
    with app.app_context():
        record = build.round_(FUND, build.programme(), state=RoundState.DRAFT)
        reference, title = record.reference, record.title

    assert client.get(f"/rounds-open/{reference}").status_code == 404
    assert title not in client.get("/").get_data(as_text=True)


def test_unknown_letter_is_not_genuine_and_nothing_else_is_said(client):
    page = client.post("/letters/check", data={"code": "ABCD-EFGH"}).get_data(as_text=True)

    assert ["Not genuine" in page, 'value="ABCD-EFGH"' in page] == [True, True]


def test_letter_without_a_code_is_asked_for_one(client):
    assert client.post("/letters/check", data={}).status_code == 422
