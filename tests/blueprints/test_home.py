"""The first page of each role."""

from __future__ import annotations

import re

import pytest

from grants.funds.loader import all_funds
from grants.rules.people import Role
from grants.rules.states import ApplicationState
from tests import build

FUND = min(all_funds())


def words(page: str) -> list[str]:
    """The lines of what waits."""
    return [
        re.sub(r"<[^>]+>", "", line)
        for line in re.findall(r'<a class="cf_tasks__link"[^>]*>(.*?)</a>', page)
    ]


@pytest.mark.parametrize("rows", [3, 300])
def test_page_costs_eight_statements_or_fewer_however_many_rows(
    app, client, sign_in, count_statements, rows
):
    with app.app_context():
        partnership = build.programme()
        everything = build.person(*Role, at=partnership)
        record = build.round_(FUND, partnership)
        states = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.MODERATION)
        for place in range(rows):
            build.application(record, partnership, everything, state=states[place % 3], lines=())
        email = everything.email
    sign_in(client, email)

    with count_statements() as found:
        answer = client.get("/home")

    assert answer.status_code == 200
    assert len(found) <= 8
    assert len(words(answer.get_data(as_text=True))) == 2


def test_each_line_says_how_many_and_of_what(app, client, sign_in):
    with app.app_context():
        partnership = build.organisation()
        editor = build.person(Role.APPLICANT_EDITOR, at=partnership)
        record = build.round_(FUND, build.programme())
        build.application(record, partnership, editor)
        build.application(record, partnership, editor)
        email = editor.email
    sign_in(client, email)

    page = client.get("/home").get_data(as_text=True)

    assert words(page) == ["2 applications to finish"]


@pytest.mark.parametrize("role", Role)
def test_page_of_a_role_with_nothing_to_do_says_so(app, client, sign_in, role):
    with app.app_context():
        email = build.person(role, at=build.programme()).email
    sign_in(client, email)

    answer = client.get("/home")

    assert answer.status_code == 200
    assert "Nothing is waiting for you" in answer.get_data(as_text=True)
