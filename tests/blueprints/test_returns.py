"""Reporting in the browser: writing, sending, reading, asking, accepting; and what strangers find."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from grants.rules.states import ReturnState
from tests import returning
from tests.returning import FUNDS, Scene

NUL = "The text holds a character that cannot be shown. Delete it or type it again."


@dataclass
class Desk:
    """A scene, and a browser for each of its people."""

    app: object
    at: Scene
    enter: object

    def browser(self, who: str) -> FlaskClient:
        return self.enter(self.app.test_client(), self.at.people[who])

    def inside(self, act, *args: object, **values: str):
        with self.app.app_context():
            return act(self.at, *args, **values)

    def address(self, rest: str = "", place: int = 0) -> str:
        return f"/returns/{self.at.returns[place]}{rest}"

    def staff(self, rest: str = "", place: int = 0) -> str:
        return f"/staff/returns/{self.at.returns[place]}{rest}"

    def state(self, place: int = 0) -> ReturnState:
        return self.inside(lambda at: returning.record_of(at, place).state)


@pytest.fixture
def desk(app, sign_in) -> Desk:
    with app.app_context():
        at = returning.scene()
    return Desk(app, at, sign_in)


def words(answer) -> str:
    """The words of a page, white space made one."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return " ".join(text.replace("&#39;", "'").replace("&amp;", "&").split())


def form_of(desk: Desk, section: str) -> dict[str, str]:
    """A right answer to every question of a section, by the names of its fields."""
    with desk.app.app_context():
        fund = returning.fund_at(desk.at)
        answers = returning.answers(fund)
        keys = {q.key for s in fund.return_form.sections if s.key == section for q in s.questions}
    sent = {}
    for (question, row), text in answers.items():
        table, _, column = question.partition(".")
        if table in keys:
            sent[f"{table}.{row}.{column}" if column else table] = text
    return sent


@pytest.mark.feature("T3")
def test_list_shows_what_is_overdue_first_and_what_is_still_to_come(desk):
    page = words(desk.browser("reporter").get("/returns"))

    assert page.index("These should have come in already") < page.index("To do To do")
    assert (page.count("Overdue"), page.count("Project 1 of Plan")) == (2, 2)


@pytest.mark.parametrize("who", ["submitter", "editor", "signatory"])
def test_lead_body_sees_the_returns_of_its_groups(desk, who):
    assert "Project 1 of Plan" in words(desk.browser(who).get("/returns"))


def test_list_of_somebody_without_returns_says_why_it_is_empty(desk):
    assert "There is nothing to report yet" in words(desk.browser("rival").get("/returns"))


def test_manager_is_led_to_the_rounds(desk):
    page = desk.browser("manager").get("/returns").get_data(as_text=True)

    assert f"/rounds/{desk.at.round_key}/returns" in page


@pytest.mark.parametrize("show", ["overdue", "sent", "accepted", "nonsense"])
def test_list_takes_any_address(desk, show):
    answer = desk.browser("reporter").get(
        "/returns", query_string={"show": show, "page": "999999999"}
    )

    assert answer.status_code == 200


@pytest.mark.feature("T3")
@pytest.mark.parametrize("fund", FUNDS)
def test_return_opens_with_what_the_award_and_the_last_return_said(app, sign_in, fund):
    with app.app_context():
        at = returning.scene(fund)
        returning.send(at)
        sections = returning.fund_at(at).return_form.sections
    client = sign_in(app.test_client(), at.people["reporter"])
    home = next(s.key for s in sections if any(q.key == "unique_people" for q in s.questions))

    task_list = words(client.get(f"/returns/{at.returns[1]}"))
    reach = words(client.get(f"/returns/{at.returns[1]}/sections/{home}"))
    money = words(client.get(f"/returns/{at.returns[1]}/sections/money"))

    assert "Grant £5,000" in task_list
    assert "Spent before this period £2,500.50" in task_list
    assert "expected to reach 20 people in all. Last time" in reach
    assert (
        "The grant is £5,000. £2,500.50 was spent before this period, so £2,499.50 is left."
        in money
    )


@pytest.mark.parametrize("fund", FUNDS)
def test_every_section_is_written_in_turn_and_the_return_sent(app, sign_in, fund):
    with app.app_context():
        at = returning.scene(fund)
        sections = [section.key for section in returning.fund_at(at).return_form.sections]
    desk = Desk(app, at, sign_in)
    client = desk.browser("reporter")

    for place, section in enumerate(sections):
        answer = client.post(desk.address(f"/sections/{section}"), data=form_of(desk, section))
        after = f"/sections/{sections[place + 1]}" if place + 1 < len(sections) else "/check"
        assert (answer.status_code, answer.location) == (302, desk.address(after)), words(answer)
    check = words(client.get(desk.address("/check")))
    sent = client.post(desk.address("/submit"))

    assert "missing or to be put right" not in check
    assert (sent.status_code, sent.location, desk.state()) == (
        302,
        desk.address(),
        ReturnState.SUBMITTED,
    )
    assert "Its fingerprint" in words(client.get(desk.address()))


def test_wrong_answer_stays_in_sight_with_its_sentence(desk):
    client = desk.browser("reporter")
    sent = form_of(desk, "reach") | {"unique_people": "about forty"}

    answer = client.post(desk.address("/sections/reach"), data=sent)

    assert answer.status_code == 422
    assert 'value="about forty"' in answer.get_data(as_text=True)
    assert words(answer).count("Enter a whole number with figures only, such as 40.") == 2


@pytest.mark.feature("T4")
def test_figures_that_do_not_add_up_are_told_at_their_table(desk):
    client = desk.browser("reporter")
    sent = form_of(desk, "outcomes")
    client.post(desk.address("/sections/reach"), data=form_of(desk, "reach"))
    worse = next(name for name in sent if name.endswith(".n_worse"))

    answer = client.post(desk.address("/sections/outcomes"), data=sent | {worse: "4"})

    assert answer.status_code == 422
    assert "add up to 13, not to the 10 people with both readings" in words(answer)


def test_autosave_keeps_what_was_typed_and_says_when(desk):
    client = desk.browser("reporter")
    text = "Tha e “math” 💚 " + "x" * 10_000

    answer = client.post(
        desk.address("/autosave"), data={"worked": text, "_versions": '{"worked":0}'}
    )

    assert (answer.status_code, answer.json) == (
        200,
        {"saved_at": "12:00", "versions": {"worked": 1}},
    )
    assert desk.inside(returning.kept) == {("worked", ""): text}


def test_autosave_keeps_a_reason_and_a_reply(desk):
    client = desk.browser("reporter")
    sent = {"_reason..unique_people": "A full hall", "_reply.": "", "_versions": "{}"}

    answer = client.post(desk.address("/autosave"), data=sent)

    assert answer.json["versions"] == {"_reason..unique_people": 1}
    assert desk.inside(returning.kept) == {("_reason.unique_people", ""): "A full hall"}


def test_autosave_costs_five_statements(desk, count_statements):
    client = desk.browser("reporter")
    client.post(desk.address("/autosave"), data={"worked": "a"})

    with count_statements() as found:
        client.post(desk.address("/autosave"), data={"worked": "ab"})

    assert len(found) == 5, found


def test_autosave_refuses_nul_in_one_sentence(desk):
    answer = desk.browser("reporter").post(desk.address("/autosave"), data={"worked": "a\x00b"})

    assert (answer.status_code, answer.json["refused"]) == (
        422,
        [{"field": "worked", "message": NUL}],
    )


def test_autosave_tells_of_another_writer(desk):
    reporter, editor = desk.browser("reporter"), desk.browser("editor")
    reporter.post(desk.address("/autosave"), data={"worked": "Ours", "_versions": '{"worked":0}'})

    answer = editor.post(
        desk.address("/autosave"), data={"worked": "Theirs", "_versions": '{"worked":0}'}
    )

    assert answer.status_code == 409
    (clash,) = answer.json["clashes"]
    assert (clash["theirs"], clash["yours"]) == ("Ours", "Theirs")


def test_section_with_nul_keeps_the_rest(desk):
    answer = desk.browser("reporter").post(
        desk.address("/sections/learning"), data={"worked": "a\x00b", "support_wanted": "Tea"}
    )

    assert (answer.status_code, words(answer).count(NUL)) == (422, 2)
    assert desk.inside(returning.kept) == {("support_wanted", ""): "Tea"}


def test_sent_return_takes_no_more_and_what_was_typed_is_shown(desk):
    desk.inside(returning.send)
    client = desk.browser("reporter")

    answer = client.post(desk.address("/sections/learning"), data={"worked": "Ceilidh every week"})
    saved = client.post(desk.address("/autosave"), data={"worked": "x"})
    opened = client.get(desk.address("/sections/learning"))

    assert (answer.status_code, "Ceilidh every week" in words(answer)) == (409, True)
    assert (saved.status_code, list(saved.json)) == (409, ["message"])
    assert (opened.status_code, opened.location) == (302, desk.address("/check"))


def test_sending_what_is_not_whole_shows_all_that_is_missing(desk):
    answer = desk.browser("reporter").post(desk.address("/submit"))

    assert answer.status_code == 422
    assert "Different people reached: Enter a number." in words(answer)
    assert desk.state() == ReturnState.OPEN


@pytest.mark.feature("T4")
def test_warning_asks_for_a_reason_where_it_is_sent(desk):
    desk.inside(returning.fill, unique_people="90")
    client = desk.browser("reporter")

    refused = client.post(desk.address("/submit"), data={"_reason..unique_people": " "})
    shown = words(client.get(desk.address("/check")))
    sent = client.post(desk.address("/submit"), data={"_reason..unique_people": "A full hall"})

    assert "90 delivered, where 20 was promised." in shown
    assert (refused.status_code, "Give a reason, or put it right." in words(refused)) == (422, True)
    assert (sent.status_code, desk.state()) == (302, ReturnState.SUBMITTED)
    assert "They say: A full hall" in words(desk.browser("manager").get(desk.staff()))


def test_reason_with_nul_is_refused_and_shown_again(desk):
    desk.inside(returning.fill, unique_people="90")

    answer = desk.browser("reporter").post(
        desk.address("/submit"), data={"_reason..unique_people": "full\x00hall"}
    )

    assert (answer.status_code, desk.state()) == (422, ReturnState.OPEN)
    assert NUL in words(answer)


@pytest.mark.parametrize("who", ["rival", "assessor", "evaluator", "finance"])
def test_stranger_finds_no_page_at_all(desk, who):
    desk.inside(returning.send)
    client = desk.browser(who)

    pages = [desk.address(), desk.address("/check"), desk.address("/sections/reach"), desk.staff()]
    found = [
        client.get(page).status_code for page in [*pages, f"/rounds/{desk.at.round_key}/returns"]
    ]
    posts = [desk.address("/submit"), desk.address("/autosave"), desk.address("/sections/reach")]
    posts += [desk.staff("/query"), desk.staff("/accept")]
    sent = [
        client.post(page, data={"worked": "x", "ask.worked": "x"}).status_code for page in posts
    ]

    assert (set(found), set(sent)) == ({404}, {404})


def test_nobody_at_the_fund_reads_what_is_being_written(desk):
    desk.inside(returning.fill, worked="Half a thought")
    client = desk.browser("manager")

    assert client.get(desk.address()).status_code == 404
    assert client.get(desk.address("/check")).status_code == 404
    review = words(client.get(desk.staff()))
    assert ("Nothing was sent yet" in review, "Half a thought" in review) == (True, False)


def test_reporter_does_not_open_the_page_of_the_fund(desk):
    desk.inside(returning.send)
    client = desk.browser("reporter")

    assert client.get(desk.staff()).status_code == 404
    assert client.get(f"/rounds/{desk.at.round_key}/returns").status_code == 404


@pytest.mark.feature("T6")
def test_query_goes_to_the_reporter_and_comes_back_compared(desk):
    desk.inside(returning.send, worked="Tea")
    manager, reporter = desk.browser("manager"), desk.browser("reporter")

    asked = manager.post(desk.staff("/query"), data={"ask.worked": "Only tea?", "ask.": ""})
    tasks = words(reporter.get(desk.address()))
    section = reporter.get(desk.address("/sections/learning")).get_data(as_text=True)
    refused = reporter.post(desk.address("/submit"))
    reporter.post(
        desk.address("/sections/learning"),
        data=form_of(desk, "learning") | {"worked": "Tea and song", "_reply..worked": "And song."},
    )
    while_written = words(manager.get(desk.staff()))
    sent = reporter.post(desk.address("/submit"))
    review = words(manager.get(desk.staff()))

    assert (asked.status_code, sent.status_code, refused.status_code) == (302, 302, 422)
    assert "The fund has a question here." in tasks
    assert ("Only tea?" in section, 'name="_reply..worked"' in section) == (True, True)
    assert ("Tea and song" in while_written, "being changing" in while_written) == (False, False)
    assert "Changed since it was sent before : What worked well? Before: Tea" in review
    assert "And song." in review


def test_query_that_cannot_be_kept_stays_in_sight(desk):
    desk.inside(returning.send)
    manager = desk.browser("manager")

    none = manager.post(desk.staff("/query"), data={"ask.worked": " "})
    nul = manager.post(desk.staff("/query"), data={"ask.worked": "Why\x00?", "ask.": "And what?"})

    assert (none.status_code, "Ask about at least one answer." in words(none)) == (422, True)
    assert (nul.status_code, NUL in words(nul), "And what?" in words(nul)) == (422, True, True)
    assert desk.state() == ReturnState.SUBMITTED


def test_accepting_does_not_lose_a_query_that_was_typed(desk):
    desk.inside(returning.send)
    manager = desk.browser("manager")

    kept = manager.post(desk.staff("/accept"), data={"ask.worked": "Only tea?"})
    still = desk.state()
    accepted = manager.post(desk.staff("/accept"), data={"ask.worked": ""})

    assert (kept.status_code, "Only tea?" in words(kept), still) == (
        422,
        True,
        ReturnState.SUBMITTED,
    )
    assert (accepted.status_code, desk.state()) == (302, ReturnState.ACCEPTED)


def test_query_after_accepting_comes_too_late_and_is_shown(desk):
    desk.inside(returning.send)
    manager = desk.browser("manager")
    manager.post(desk.staff("/accept"))

    answer = manager.post(desk.staff("/query"), data={"ask.worked": "Only tea?"})

    assert (answer.status_code, "Only tea?" in words(answer)) == (409, True)


def test_approver_reads_and_may_not_decide(desk):
    desk.inside(returning.send)
    approver = desk.browser("approver")

    assert "Accept the return" not in words(approver.get(desk.staff()))
    assert approver.post(desk.staff("/accept")).status_code == 404


def test_staff_list_is_narrowed_sorted_and_searched(desk):
    desk.inside(returning.send)
    manager, address = desk.browser("manager"), f"/rounds/{desk.at.round_key}/returns"

    def found(**query: str) -> int:
        page = manager.get(address, query_string=query)
        assert page.status_code == 200
        return page.get_data(as_text=True).count("/staff/returns/")

    assert (found(), found(state="submitted"), found(state="overdue")) == (2, 1, 0)
    assert (found(search="A’ GHLINNE"), found(search="%"), found(search="AWD-")) == (2, 0, 2)
    assert [found(sort=sort) for sort in ("-due", "sent", "-area", "nonsense")] == [2, 2, 2, 2]
    assert (found(period="interim") + found(period="summer"), found(period="x")) == (1, 0)


@pytest.fixture
def many(app) -> Scene:
    """Three hundred returns, one of them sent."""
    with app.app_context():
        at = returning.scene(projects=150)
        returning.send(at)
    return at


@pytest.mark.parametrize("who", ["reporter", "manager"])
def test_lists_cost_the_same_for_three_and_for_three_hundred(
    app, sign_in, count_statements, desk, many, who
):
    costs = []
    for at in (desk.at, many):
        client = sign_in(app.test_client(), at.people[who])
        address = "/returns" if who == "reporter" else f"/rounds/{at.round_key}/returns"
        with count_statements() as found:
            assert client.get(address).status_code == 200
        costs.append(len(found))

    assert costs[0] == costs[1] <= 8, costs


def test_one_return_costs_at_most_eight_statements(desk, count_statements):
    desk.inside(returning.send)
    costs = {}
    for who, address in (
        ("reporter", desk.address(place=1)),
        ("reporter", desk.address("/sections/reach", place=1)),
        ("reporter", desk.address("/check")),
        ("manager", desk.staff()),
    ):
        client = desk.browser(who)
        with count_statements() as found:
            assert client.get(address).status_code == 200
        costs[address] = len(found)

    assert max(costs.values()) <= 8, costs


def test_page_past_the_end_is_the_last(app, sign_in, many):
    client = sign_in(app.test_client(), many.people["reporter"])

    page = words(client.get("/returns?page=99"))

    assert "300 returns, page 5 of 5" in page


def test_form_shows_versions_so_that_nobody_overwrites_unseen(desk):
    client = desk.browser("reporter")
    client.post(desk.address("/autosave"), data={"worked": "a"})

    page = client.get(desk.address("/sections/learning")).get_data(as_text=True)
    versions = re.search(r'name="_versions" value="([^"]*)"', page)

    assert versions is not None
    assert json.loads(versions[1].replace("&#34;", '"')) == {"worked": 1}


def test_unknown_section_and_unknown_return_are_no_pages(desk):
    client = desk.browser("reporter")

    assert client.get(desk.address("/sections/no-such")).status_code == 404
    assert client.get("/returns/00000000-0000-4000-8000-000000000000").status_code == 404
