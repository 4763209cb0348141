"""The pages of administrators, and of who manages members, as a browser meets them."""

from __future__ import annotations

import re

import pytest

from grants.funds.loader import all_funds
from grants.notifications import outbox
from grants.rules.people import Role
from grants.services.transaction import transaction
from tests import build

FUND = min(all_funds())


@pytest.fixture
def world(app) -> dict[str, str]:
    """Keys and addresses of two administrators, a manager, an approver and a submitter."""
    with app.app_context():
        programme, partnership = build.programme(), build.organisation()
        made = {
            "first": build.person(Role.ADMINISTRATOR, at=programme),
            "second": build.person(Role.ADMINISTRATOR, at=programme),
            "auditor": build.person(Role.AUDITOR, at=programme),
            "approver": build.person(Role.APPROVER, at=programme, fund=FUND),
            "submitter": build.person(Role.APPLICANT_SUBMITTER, at=partnership),
        }
        found = {name: person.email for name, person in made.items()}
        found |= {f"{name}-key": str(person.key) for name, person in made.items()}
        found["programme"], found["partnership"] = programme.reference, str(partnership.key)
        found["programme-key"] = str(programme.key)
        return found


@pytest.fixture
def enter(app, sign_in, world):
    """``enter(name)``: a browser of that person's own."""
    return lambda name: sign_in(app.test_client(), world[name])


def text(answer) -> str:
    return answer.get_data(as_text=True)


def ask_for_role(browser, world) -> None:
    data = {"role": "evaluator", "organisation": world["programme"], "fund": FUND}
    answer = browser.post(f"/people/{world['approver-key']}/roles", data=data)
    assert answer.location == f"/people/{world['approver-key']}"


@pytest.mark.parametrize(
    "path",
    [
        "/people",
        "/people?search=person&role=approver&page=2",
        "/people/waiting",
        "/people/invite",
        "/delegations",
        "/delegations/new",
        "/audit-trail?reference=a&action=sign-in&person=b",
        "/outbox?state=held&search=x",
        "/people/{approver-key}",
        "/people/{first-key}",
        "/people/{approver-key}/roles",
        "/people/{approver-key}/disable",
        "/people/{approver-key}/reset",
    ],
)
def test_page_opens_for_eight_statements_or_fewer(enter, world, count_statements, path):
    browser = enter("first")

    with count_statements() as found:
        answer = browser.get(path.format(**world))

    assert answer.status_code == 200
    assert len(found) <= 8


def test_role_is_asked_for_by_one_and_confirmed_by_another(enter, world):
    first, second = enter("first"), enter("second")
    ask_for_role(first, world)
    place = re.search(r"/people/waiting/[\w-]+/confirm", text(second.get("/people/waiting")))

    own = first.post(place.group(0))
    other = second.post(place.group(0))

    assert "Somebody else must confirm" in text(first.get("/people/waiting")) or own.status_code
    assert (own.status_code, other.status_code) == (403, 302)
    assert "Evaluator" in text(first.get(f"/people/{world['approver-key']}"))


def test_wrong_role_form_keeps_what_was_typed(enter, world):
    answer = enter("first").post(
        f"/people/{world['approver-key']}/roles",
        data={"role": "evaluator", "organisation": "No such body"},
    )

    assert answer.status_code == 422
    assert 'value="No such body"' in text(answer)
    assert "No organisation has this reference or name." in text(answer)


def test_person_is_invited_and_found(enter, world):
    browser = enter("first")
    answer = browser.post(
        "/people/invite",
        data={
            "name": "Màiri Nic an t-Saoir",
            "email": "mairi@example.org",
            "role": "assessor",
            "organisation": world["programme"],
        },
    )

    assert answer.status_code == 302
    assert "Invited" in text(browser.get("/people?search=mairi@"))


def test_disabled_person_is_out_at_once(enter, world):
    approver = enter("approver")
    before = approver.get("/home").status_code
    enter("first").post(f"/people/{world['approver-key']}/disable", data={"reason": "Left."})

    assert (before, approver.get("/home").status_code) == (200, 302)


@pytest.mark.feature("W15")
def test_authority_is_given_in_pounds(enter, world):
    browser = enter("first")
    answer = browser.post(
        "/delegations/new",
        data={
            "person": world["approver-key"],
            "organisation": world["programme-key"],
            "fund": FUND,
            "year": "2026-27",
            "most_per_award": "50,000",
            "most_in_all": "£1,000,000.50",
        },
    )

    page = text(browser.get("/delegations"))
    assert answer.location == "/delegations"
    assert ["£50,000" in page, "£1,000,000.50" in page] == [True, True]
    assert "Whose money" in page


@pytest.mark.parametrize("typed", ["", "abc", "-5", "12.345"])
def test_wrong_amount_is_said_at_its_field(enter, world, typed):
    answer = enter("first").post(
        "/delegations/new",
        data={
            "person": world["approver-key"],
            "organisation": world["programme-key"],
            "fund": FUND,
            "year": "2026-27",
            "most_per_award": typed,
            "most_in_all": "5",
        },
    )

    assert answer.status_code == 422
    assert 'id="most_per_award-error"' in text(answer)


@pytest.mark.feature("M3")
@pytest.mark.parametrize("who", ["first", "auditor"])
def test_trail_is_checked_at_a_press(enter, who):
    browser = enter(who)

    browser.post("/audit-trail/verify")

    assert "The trail is whole" in text(browser.get("/audit-trail"))


@pytest.mark.parametrize("path", ["/people", "/outbox", "/delegations"])
def test_auditor_reads_the_trail_alone(enter, path):
    assert enter("auditor").get(path).status_code == 404


def test_message_is_held_without_showing_its_link(app, enter, clock):
    with app.app_context(), transaction():
        outbox.queue(
            "password",
            "a@example.org",
            now=clock.now,
            values={"name": "A", "link": "https://g.example.org/links/very-secret"},
        )
    browser = enter("first")
    place = re.search(r"/outbox/[\w-]{36}", text(browser.get("/outbox"))).group(0)

    page = text(browser.get(place))
    held = browser.post(f"{place}/hold")

    assert held.location == place
    assert "very-secret" not in page
    assert "Let it go out" in text(browser.get(place))


def test_submitter_invites_and_cannot_go_last(enter, world):
    browser = enter("submitter")
    invited = browser.post(
        f"/members/{world['partnership']}/invite",
        data={"name": "A Colleague", "email": "c@example.org", "role": "signatory"},
    )
    page = text(browser.get("/members"))
    own = re.search(
        r'name="membership" value="(\d+)">\s*<button[^>]*>End<span[^>]*> the role Applicant sub',
        page,
    )

    last = browser.post(
        f"/members/{world['partnership']}/remove", data={"membership": own.group(1)}
    )

    assert invited.location == "/members"
    assert "c@example.org" in page
    assert last.status_code == 422


@pytest.mark.parametrize("path", ["/members", "/members/{partnership}/invite"])
def test_members_are_nobody_elses(enter, world, path):
    assert enter("first").get(path.format(**world)).status_code == 404
