"""The doors of applying, as a browser without script and as the autosave meet them."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pytest
from markupsafe import escape
from sqlalchemy import event

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import Application, ApplicationVersion
from grants.models.attachment import Attachment
from grants.rules.states import ApplicationState as State
from grants.rules.states import AwardState
from tests import applying, build
from tests.storage.test_inspect import PLAIN_PDF, office

FUNDS = sorted(all_funds())
BOTH = pytest.mark.parametrize("at", FUNDS, indirect=True)
DISPOSITION = (
    'attachment; filename="Plana ar coimhearsnachd.pdf"; '
    "filename*=UTF-8''Plana%20ar%20coimhearsnachd.pdf"
)
HARD = [
    "Àird nam Murchan – “ceò” 👩🏽‍🌾",
    "مرحبا \u202eabc",
    "<script>alert(1)</script>",
    "=1+1\n\n  and a second line",
]


@pytest.fixture
def at(app, request):
    with app.app_context():
        return applying.place(getattr(request, "param", FUNDS[0]))


@pytest.fixture
def enter(app, sign_in, at):
    return lambda who: applying.entered(app, sign_in, at, who)


@pytest.fixture
def key(app, at):
    with app.app_context():
        return applying.drafted(at)


@pytest.fixture
def empty(app, at):
    with app.app_context():
        return applying.drafted(at, full=False)


def kept(app, key):
    with app.app_context():
        return applying.answers_of(key)


def versions_of(page: str) -> str:
    """The hidden field of the form."""
    return re.search(r"name=\"_versions\" value=\"([^\"]*)\"", page)[1].replace("&#34;", '"')


def link(key, rest="") -> str:
    return f"/applications/{key}{rest}"


@BOTH
@pytest.mark.feature("A2", "A17", "A18")
def test_application_from_begin_to_receipt(app, at, enter):
    browser = enter("sender")

    begun = browser.post("/applications", data=at.choice()).location
    for section in all_funds()[at.fund].sections:
        assert browser.get(f"{begun}/sections/{section.key}").status_code == 200
    refused = browser.post(f"{begun}/submit")
    with app.app_context():
        full = link(applying.drafted(at))
    sent = browser.post(f"{full}/submit")
    receipt = browser.get(sent.location)

    assert (refused.status_code, sent.location) == (422, f"{full}/receipt")
    with app.app_context():
        version = db.session.query(ApplicationVersion).one()
    assert (version.sha256 in receipt.text, "noon on 2 November 2026" in receipt.text) == (
        True,
        True,
    )
    assert "The fund checks that it is complete" in browser.get(full).text
    copy = browser.get(f"{full}/copy.pdf")
    assert (copy.data[:5], copy.headers["Content-Disposition"][:10]) == (b"%PDF-", "attachment")


@pytest.mark.feature("A2")
def test_draft_is_resumed_on_another_device(app, at, enter, empty, clock):
    phone = enter("editor")
    phone.post(link(empty, "/sections/need"), data={"need": "Nowhere to go.", "later": "1"})
    clock.move(days=5)

    laptop = enter("editor")

    assert "Nowhere to go." in laptop.get(link(empty, "/sections/need")).text


@pytest.mark.feature("A3")
@pytest.mark.parametrize("text", HARD)
def test_hard_text_is_shown_as_it_was_typed(enter, app, empty, text):
    browser = enter("editor")

    saved = browser.post(link(empty, "/autosave"), data={"need": text, "_versions": "{}"})
    page = browser.get(link(empty, "/sections/need")).text

    assert (saved.status_code, kept(app, empty)["need", ""]) == (200, text)
    assert str(escape(text)) in page


@pytest.mark.feature("A3")
def test_autosave_says_when_and_which_version(enter, empty):
    browser = enter("editor")
    browser.post(link(empty, "/autosave"), data={"need": "one"})

    saved = browser.post(link(empty, "/autosave"), data={"need": "two", "_versions": '{"need":1}'})

    assert saved.json == {"saved_at": "12:00", "versions": {"need": 2}}


@pytest.mark.feature("A3")
def test_autosave_costs_five_statements(enter, empty, count_statements):
    browser = enter("editor")
    browser.post(link(empty, "/autosave"), data={"need": "one"})

    counts = []
    for rows in (1, 300):
        data = {f"projects.{row:04d}.title": "x" for row in range(rows)}
        with count_statements() as found:
            browser.post(link(empty, "/autosave"), data={"need": f"{rows}", **data})
        counts.append(len(found))

    assert counts == [5, 5]


@pytest.mark.parametrize("door", ["/autosave", "/sections/need"])
def test_character_that_no_page_can_show_is_refused_with_a_sentence(enter, app, empty, door):
    answer = enter("editor").post(link(empty, door), data={"need": "a\x00b"})

    assert (answer.status_code, kept(app, empty)) == (422, {})
    assert "holds a character that cannot be shown" in answer.text


@pytest.mark.feature("A3")
def test_stale_autosave_is_told_with_both_texts(enter, empty):
    enter("sender").post(link(empty, "/autosave"), data={"need": "theirs"})

    answer = enter("editor").post(
        link(empty, "/autosave"), data={"need": "mine", "_versions": '{"need":0}'}
    )

    told = "Seonaidh Sender changed this at 12:00, while you had it open."
    both = {"field": "need", "yours": "mine", "theirs": "theirs", "version": 1, "message": told}
    assert (answer.status_code, answer.json) == (
        409,
        {"saved_at": "12:00", "versions": {}, "clashes": [both], "refused": [], "message": told},
    )


def clash_of(enter, empty):
    """The page that two writers of one answer come to, and the browser of the second."""
    mine = enter("editor")
    seen = versions_of(mine.get(link(empty, "/sections/need")).text)
    enter("sender").post(link(empty, "/autosave"), data={"need": "theirs"})
    return mine, mine.post(link(empty, "/sections/need"), data={"need": "mine", "_versions": seen})


def sent_back(page):
    """What the form of the clash page sends by itself."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


@pytest.mark.feature("A4", "A10")
@pytest.mark.parametrize(
    ("choice", "stays", "aside"),
    [
        ("mine", "mine", ["theirs"]),
        ("theirs", "theirs", []),
        ("both", "theirs\n\nmine", ["theirs"]),
    ],
)
def test_stale_page_shows_both_texts_and_the_person_chooses(
    enter, app, empty, choice, stays, aside
):
    mine, clash = clash_of(enter, empty)
    between = kept(app, empty)

    data = {**sent_back(clash.text), "choice.0": choice}
    done = mine.post(link(empty, "/sections/need/choose"), data=data)
    page = mine.get(done.location).text

    assert (clash.status_code, between["need", ""]) == (409, "theirs")
    assert re.findall(r'dir="auto">([^<]*)<', clash.text) == ["mine", "theirs"]
    assert (done.location, kept(app, empty)["need", ""]) == (link(empty, "/sections/need"), stays)
    assert re.findall(r'dir="auto">([^<]*)<', page) == aside


@pytest.mark.feature("A10")
def test_no_choice_asks_again_and_keeps_both(enter, app, empty):
    mine, clash = clash_of(enter, empty)

    again = mine.post(link(empty, "/sections/need/choose"), data=sent_back(clash.text))

    assert (again.status_code, kept(app, empty)["need", ""]) == (422, "theirs")
    assert re.findall(r'dir="auto">([^<]*)<', again.text) == ["mine", "theirs"]
    assert "choose which text stays." in again.text


@pytest.mark.feature("A10")
def test_choice_that_is_stale_by_now_is_asked_once_more(enter, app, empty):
    mine, clash = clash_of(enter, empty)
    enter("sender").post(link(empty, "/autosave"), data={"need": "newer"})

    data = {**sent_back(clash.text), "choice.0": "mine"}
    again = mine.post(link(empty, "/sections/need/choose"), data=data)

    assert (again.status_code, kept(app, empty)["need", ""]) == (409, "newer")
    assert re.findall(r'dir="auto">([^<]*)<', again.text) == ["mine", "newer"]


@pytest.mark.feature("A4")
def test_one_unfit_field_keeps_no_other_from_being_saved(enter, app, empty):
    answer = enter("editor").post(
        link(empty, "/autosave"), data={"need": "a\x00b", "governance": "The board."}
    )

    assert (answer.status_code, [entry["field"] for entry in answer.json["refused"]]) == (
        422,
        ["need"],
    )
    assert kept(app, empty) == {("governance", ""): "The board."}


@pytest.mark.feature("A5", "A6")
def test_words_are_counted_and_too_many_are_kept_but_told(enter, app, empty):
    browser = enter("editor")
    long = "word " * 501

    answer = browser.post(link(empty, "/sections/need"), data={"need": long, "continue": "1"})

    assert (answer.status_code, kept(app, empty)["need", ""]) == (422, long)
    assert "Use 500 words or fewer: this is 1 word over." in answer.text
    assert 'data-word-count="500"' in answer.text


@pytest.mark.feature("A2")
def test_page_says_on_which_day_it_was_last_saved(enter, empty, clock):
    editor = enter("editor")
    editor.post(f"/applications/{empty}/autosave", data={"need": "x"})
    clock.move(hours=1)

    page = editor.get(f"/applications/{empty}/sections/need").text

    assert re.search(r"Last saved [\w:]+ on \d+ \w+ \d{4}, UK time", page)


def test_comment_on_a_question_that_is_not_asked_stands_out_of_sight_with_it(enter, empty):
    page = enter("editor").get(f"/applications/{empty}/sections/budget").text

    hidden = re.findall(r'<div +data-show-when="(\w+)"[^>]*>\s*<p[^>]*><a [^>]*>Comment<', page)
    assert hidden == ["has_other_funding"]


@pytest.mark.feature("A7")
def test_guidance_and_example_stand_beside_the_question(enter, empty):
    page = enter("editor").get(link(empty, "/sections/plan")).text
    asked = all_funds()[FUNDS[0]].question("collaboration")

    assert (asked.guidance[:40] in page, asked.example[:40] in page) == (True, True)


@pytest.mark.parametrize(
    ("pressed", "place"),
    [({"later": "1"}, ""), ({"continue": "1"}, "/sections/projects"), ({}, "/sections/projects")],
)
def test_saving_leads_on(enter, empty, pressed, place):
    saved = enter("editor").post(link(empty, "/sections/need"), data={"need": "x", **pressed})

    assert saved.location == link(empty, place)


@pytest.mark.feature("A28")
def test_proposed_project_has_a_page_of_its_own(enter, app, empty):
    browser = enter("editor")
    page = browser.get(link(empty, "/sections/projects?row=new&table=projects")).location
    row = re.search(r"row=([^&]+)", page)[1]

    saved = browser.post(
        page, data={f"projects.{row}.title": "Tuesday Table", f"projects.{row}.asked": "4,800"}
    )
    listed = browser.get(link(empty, "/sections/projects")).text

    assert (saved.status_code, saved.location) == (302, link(empty, "/sections/projects"))
    assert ("Tuesday Table" in listed, "£4,800" in listed) == (True, True)
    browser.post(link(empty, "/sections/projects"), data={"remove_row": f"projects.{row}"})
    assert kept(app, empty) == {}


@pytest.mark.feature("A28")
def test_amount_that_cannot_be_read_is_told_at_its_field(enter, empty):
    page = link(empty, "/sections/projects?row=0001")

    answer = enter("editor").post(page, data={"projects.0001.asked": "lots", "continue": "1"})

    assert answer.status_code == 422
    assert 'href="#projects-0001-asked"' in answer.text


@pytest.mark.feature("A15")
def test_budget_rows_are_added_removed_and_summed(enter, app, key):
    browser = enter("editor")
    page = browser.get(link(key, "/sections/budget")).text
    assert re.findall(r"<dd[^>]*>(£[\d,]+)</dd>", page) == [
        "£8,000",
        "£8,000",
        "£750",
        "£8,750",
        "£100,000",
    ]

    added = browser.post(
        link(key, "/sections/budget"), data={"budget.0002.amount": "1,000", "add_row": "budget"}
    )
    removed = browser.post(link(key, "/sections/budget"), data={"remove_row": "budget.0002"})

    assert added.location == link(key, "/sections/budget?blank=budget#budget")
    assert len(re.findall(r"data-row=\"\d", browser.get(added.location).text)) == 2
    assert (removed.status_code, ("budget.amount", "0002") in kept(app, key)) == (302, False)


@pytest.mark.feature("A15")
def test_sums_that_do_not_agree_are_told(enter, key):
    browser = enter("sender")
    browser.post(link(key, "/autosave"), data={"budget.0001.amount": "9,000"})

    section = browser.get(link(key, "/sections/budget")).text
    check = browser.get(link(key, "/check")).text

    assert "The budget sets aside £9,000 and the rows ask for £8,000." in section
    assert "Make the two the same." in check


@pytest.mark.feature("A18")
def test_task_list_says_how_far_each_section_is(enter, empty, app):
    browser = enter("editor")
    browser.post(link(empty, "/autosave"), data={"need": "We asked."})

    page = browser.get(link(empty)).text

    assert re.findall(r"ds_tag--(?:grey|blue|green)\">([A-Z][a-z ]+)<", page)[:4] == [
        "Draft",
        "Not started",
        "Not started",
        "In progress",
    ]
    assert "Seonaidh Sender can send it" in page


def test_check_lists_all_that_is_missing_each_with_its_field(enter, key):
    browser = enter("sender")
    browser.post(link(key, "/autosave"), data={"need": "", "projects.0002.title": ""})

    page = browser.get(link(key, "/check")).text

    missing = page.partition("cf_missing")[2].partition("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', missing) == [
        link(key, "/sections/need#need"),
        link(key, "/sections/projects?row=0002#projects-0002-title"),
    ]


@pytest.mark.parametrize(("who", "code"), [("editor", 404), ("signatory", 404), ("rival", 404)])
def test_those_who_may_not_send_are_not_let_near(enter, app, key, who, code):
    answer = enter(who).post(link(key, "/submit"))

    assert answer.status_code in {code, 403}
    with app.app_context():
        assert db.session.query(Application).filter_by(key=key).one().state == State.DRAFT


@pytest.mark.feature("A17")
def test_double_click_is_one_receipt(enter, app, key):
    browser = enter("sender")

    places = {browser.post(link(key, "/submit")).location for _ in range(2)}

    with app.app_context():
        assert (places, db.session.query(ApplicationVersion).count()) == (
            {link(key, "/receipt")},
            1,
        )


def test_late_application_is_told_clearly_and_kept(enter, app, key, clock):
    clock.move(days=31)
    browser = enter("sender")
    before = kept(app, key)

    sent = browser.post(link(key, "/submit"))
    typed = browser.post(link(key, "/sections/need"), data={"need": "one more line"})
    quick = browser.post(link(key, "/autosave"), data={"need": "one more line"})

    assert [sent.status_code, typed.status_code, quick.status_code] == [422, 422, 422]
    assert ["takes no more now" in answer.text for answer in (sent, typed, quick)] == [True] * 3
    assert ("one more line" in typed.text, kept(app, key)) == (True, before)


@BOTH
@pytest.mark.parametrize("projects", [3, 200])
def test_sending_costs_twelve_statements_and_one_commit(app, at, enter, count_statements, projects):
    with app.app_context():
        key = applying.drafted(at, projects=projects)
    browser = enter("sender")
    browser.get(link(key))  # the rulebook is in memory now
    commits = []
    with app.app_context():
        engine = db.engine

    def note(_connection):
        commits.append(1)

    event.listen(engine, "commit", note)
    with count_statements() as found:
        answer = browser.post(link(key, "/submit"))
    event.remove(engine, "commit", note)

    stages = build.all_funds()[at.fund].stages
    asks = stages.sign_off or stages.partners_confirm  # then who confirmed is read as well
    assert (answer.status_code, len(found), len(commits)) == (302, 13 if asks else 12, 1)


@pytest.mark.parametrize("projects", [3, 200])
def test_pages_of_an_application_cost_the_same_however_long(
    app, at, enter, count_statements, projects
):
    with app.app_context():
        key = applying.drafted(at, projects=projects)
    browser = enter("sender")
    pages = ["", "/sections/lead", "/sections/projects", "/sections/projects?row=0001", "/check"]
    browser.get(link(key))

    counts = []
    for page in pages:
        with count_statements() as found:
            assert browser.get(link(key, page)).status_code == 200
        counts.append(len(found))

    assert counts == [5, 7, 7, 7, 5]


@pytest.mark.parametrize("number", [3, 300])
def test_list_of_applications_costs_four_statements(app, at, enter, count_statements, number):
    with app.app_context():
        record = db.session.get_one(build.Round, at.round_id)
        by = db.session.query(build.Person).filter_by(email=at.people["editor"]).one()
        applicant = db.session.get_one(build.Organisation, at.organisation_id)
        area = build.area_of(record)
        db.session.add_all(
            Application(
                reference=f"{record.reference}-{n:05d}",
                round_id=record.id,
                definition_id=record.definition_id,
                organisation_id=applicant.id,
                allocation_area_id=area.id,
                title=f"Plan {n}",
                created_at=build.NOW,
                created_by=by.id,
                changed_at=build.NOW,
            )
            for n in range(number)
        )
        db.session.commit()
    browser = enter("editor")
    browser.get("/applications")  # the rulebook is in memory now

    with count_statements() as found:
        page = browser.get("/applications?page=1")

    assert (page.status_code, len(found), page.text.count("cf_card__tags")) == (
        200,
        4,
        min(number, 60),
    )


def test_empty_list_says_what_to_do(app, at, sign_in):
    with app.app_context():
        lone = build.organisation("Lone (fictional)")
        person = build.person(build.Role.APPLICANT_EDITOR, at=lone)
        email = person.email

    page = sign_in(app.test_client(), email).get("/applications").text

    assert "You have no applications yet" in page
    assert "No round is open to you now." in page


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("who", ["rival", "assessor", "manager"])
@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED])
def test_strangers_find_no_door(app, at, enter, who, state):
    """What an applicant writes is theirs alone, also after it was returned once."""
    with app.app_context():
        key = applying.drafted(at, state=state)
    browser = enter(who)
    doors = ["", "/sections/need", "/check", "/withdraw"]
    posts = ["/sections/need", "/autosave", "/submit", "/withdraw"]

    found = [browser.get(link(key, door)).status_code for door in doors]
    found += [browser.post(link(key, door), data={"need": "x"}).status_code for door in posts]

    # The fund reads what was sent: that it may not write there is no secret.
    known = {403, 404} if (who, state) == ("manager", State.RETURNED) else {404}
    assert (set(found[: len(doors)]), set(found) <= known) == ({404}, True)


@pytest.mark.parametrize("who", ["rival", "assessor"])
def test_strangers_get_neither_receipt_nor_copy(app, at, enter, who):
    with app.app_context():
        key = applying.drafted(at, state=State.SUBMITTED)

    codes = {enter(who).get(link(key, door)).status_code for door in ("/receipt", "/copy.pdf")}

    assert codes == {404}


@pytest.mark.parametrize("award", [AwardState.APPROVED, AwardState.REFUSED, AwardState.RELEASED])
def test_outcome_is_not_told_before_it_is_released(app, at, enter, award):
    with app.app_context():
        key = applying.drafted(at, state=State.MODERATION)
        made = db.session.query(Application).filter_by(key=key).one()
        manager = db.session.query(build.Person).filter_by(email=at.people["manager"]).one()
        build.award(made, state=award, recommended_by=manager)
    browser = enter("sender")

    pages = browser.get("/applications").text + browser.get(link(key)).text

    assert ("Decision made" in pages) is (award == AwardState.RELEASED)


@pytest.mark.feature("A19")
def test_withdrawing_asks_why_and_keeps_what_was_typed(enter, app, key):
    browser = enter("sender")

    without = browser.post(link(key, "/withdraw"), data={"reason": " "})
    done = browser.post(link(key, "/withdraw"), data={"reason": "The hall burnt down."})

    assert (without.status_code, "Give a reason." in without.text) == (422, True)
    assert (done.location, "Nobody will assess it." in browser.get(link(key)).text) == (
        link(key),
        True,
    )


@pytest.mark.feature("A27")
def test_plan_is_attached_and_read_back(enter, app, empty):
    browser = enter("editor")
    file = (io.BytesIO(PLAIN_PDF), "Plana\u202e ar coimhearsnachd.exe")

    sent = browser.post(link(empty, "/sections/plan"), data={"plan_file": file, "upload": "1"})
    with app.app_context():
        record = db.session.query(Attachment).one()
    got = browser.get(f"/files/{record.key}")

    assert (sent.status_code, record.name) == (302, "Plana ar coimhearsnachd.pdf")
    assert (
        got.data,
        got.headers["Content-Disposition"],
        got.headers["X-Content-Type-Options"],
    ) == (
        PLAIN_PDF,
        DISPOSITION,
        "nosniff",
    )


@pytest.mark.feature("A16")
def test_hostile_file_is_refused_at_its_field_and_the_text_is_kept(enter, app, empty):
    file = (io.BytesIO(office("word/document.xml", word__vbaProject_bin=b"x")), "plan.docx")

    answer = enter("editor").post(
        link(empty, "/sections/plan"), data={"plan_file": file, "governance": "The board."}
    )

    assert (answer.status_code, "This file holds a program" in answer.text) == (422, True)
    assert kept(app, empty) == {("governance", ""): "The board."}


def test_removed_file_is_gone(enter, app, empty):
    browser = enter("editor")
    browser.post(
        link(empty, "/sections/plan"), data={"plan_file": (io.BytesIO(PLAIN_PDF), "plan.pdf")}
    )
    with app.app_context():
        file = db.session.query(Attachment).one().key

    gone = browser.post(link(empty, f"/files/{file}/remove?section=plan"))

    assert (gone.location, browser.get(f"/files/{file}").status_code) == (
        link(empty, "/sections/plan"),
        404,
    )


def test_words_that_name_nothing_are_not_found(enter, empty):
    browser = enter("editor")

    assert [
        browser.get(link(empty, "/sections/no-such")).status_code,
        browser.get(link(empty, "/sections/projects?row=" + "x" * 61)).status_code,
        browser.post("/applications", data={"round": "x", "place": "y"}).status_code,
        browser.get("/applications?page=99999999999999999999").status_code,
    ] == [404, 404, 404, 200]


def test_returned_application_shows_what_to_change(app, at, enter):
    with app.app_context():
        key = applying.drafted(at, state=State.RETURNED)
        db.session.query(Application).filter_by(key=key).one().returned_reason = "Say which hall."
        db.session.commit()

    browser = enter("editor")

    assert "Say which hall." in browser.get(link(key)).text
    assert "Say which hall." in browser.get(link(key, "/sections/need")).text


def test_sent_application_is_read_and_not_written(app, at, enter):
    with app.app_context():
        key = applying.drafted(at, state=State.SUBMITTED)
    browser = enter("editor")

    assert browser.get(link(key, "/sections/need")).location == link(key)
    assert browser.post(link(key, "/sections/need"), data={"need": "x"}).status_code == 409
    assert browser.post(link(key, "/autosave"), data={"need": "x"}).status_code == 422


def test_grace_lets_a_late_one_in(app, at, enter, clock, key):
    with app.app_context():
        record = db.session.get_one(build.Round, at.round_id)
        record.grace_minutes = 5
        db.session.commit()
        clock.now = record.closes_at + dt.timedelta(minutes=4)

    assert enter("sender").post(link(key, "/submit")).status_code == 302


def test_versions_of_a_page_are_those_of_its_fields(enter, key):
    page = enter("editor").get(link(key, "/sections/projects?row=0001")).text

    names = {name.split(".")[1] for name in json.loads(versions_of(page))}

    assert names == {"0001"}
