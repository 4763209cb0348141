"""The doors of assessing: what an assessor meets, and what stays out of sight."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
import sqlalchemy as sa
from lxml import html

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import ApplicationPartner, ProposedProject
from grants.models.assessment import Assessment, Score
from grants.models.attachment import Attachment
from grants.models.audit import AuditEntry
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AssessmentState, ScanState
from tests import build

FUND = min(all_funds())
CRITERIA = [criterion.key for criterion in all_funds()[FUND].scoring.criteria]
STAMP = re.compile(rb'name="csrf_token" value="[^"]*"')  # holds the second it was made in
SECRET = "A sentence that only those who declared may read."


@dataclasses.dataclass
class Desk:
    """An assessor's browser, and what is assigned to them."""

    client: object
    key: object
    application: object
    file: object
    lines: list
    ids: dict


@pytest.fixture
def desk(app, client) -> Desk:
    return make_desk(app, client)


def make_desk(app, client, state=AssessmentState.ASSIGNED) -> Desk:
    with app.app_context():
        programme = build.programme()
        partnership = build.organisation("Comhairle & Friends (fictional)", "partnership")
        manager = build.person(Role.FUND_MANAGER, at=programme)
        reader, other = (build.person(Role.ASSESSOR, at=programme) for _ in range(2))
        by = build.person(Role.APPLICANT_SUBMITTER, at=partnership)
        record = build.round_(FUND, programme)
        made = build.application(
            record,
            partnership,
            by,
            state=ApplicationState.ASSESSING,
            title="A calm plan",
            answers={("plan_summary", ""): SECRET},
        )
        build.kept(
            ApplicationPartner(
                application_id=made.id, row="1", name="Ploughshare Trust", partner_type="charity"
            )
        )
        file = build.kept(
            Attachment(
                application_id=made.id,
                question="plan_file",
                name="plan.pdf",
                media_type="application/pdf",
                size=2_000,
                sha256="1" * 64,
                storage_key="k1",
                scan=ScanState.CLEAN,
                uploaded_by=by.id,
                uploaded_at=build.NOW,
            )
        )
        version = build.version_of(made)
        version.content = {**version.content, "attachments": [["plan_file", "plan.pdf", "1" * 64]]}
        db.session.commit()
        key = build.assessment(made, reader, manager, state=state).key
        build.sign_in(client, reader)
        lines = db.session.scalars(sa.select(ProposedProject.key).order_by(ProposedProject.line))
        ids = {
            "application": made.id,
            "reader": reader.id,
            "other": other.id,
            "manager": manager.id,
            "version": version.id,
        }
        return Desk(client, key, made.key, file.key, [str(line) for line in lines], ids)


def whole(desk: Desk, mark: str = "3") -> dict[str, str]:
    return (
        {f"mark.{criterion}": mark for criterion in CRITERIA}
        | {f"reason.{criterion}": f"Why {criterion}." for criterion in CRITERIA}
        | {f"line.{line}": "full" for line in desk.lines}
    )


def text_of(client, address: str) -> str:
    return client.get(address).get_data(as_text=True)


@pytest.mark.feature("R6")
@pytest.mark.feature("R7")
def test_summary_alone_is_shown_before_the_declaration(desk):
    text = text_of(desk.client, f"/assessments/{desk.key}")

    for shown in (
        "Comhairle &amp; Friends",
        "A calm plan",
        "Shetland Islands",
        "Ploughshare Trust",
    ):
        assert shown in text
    for withheld in (SECRET, "plan.pdf", "Project 1 of", "Score each criterion"):
        assert withheld not in text
    assert desk.client.get(f"/files/{desk.file}").status_code == 404
    assert desk.client.get(f"/staff/applications/{desk.application}").status_code == 404


@pytest.mark.feature("R6")
@pytest.mark.feature("R7")
@pytest.mark.feature("R2")
def test_declaring_none_opens_the_text_beside_the_anchors(desk):
    answer = desk.client.post(f"/assessments/{desk.key}/declaration", data={"interest": "none"})

    assert (answer.status_code, answer.location) == (302, f"/assessments/{desk.key}")
    text = text_of(desk.client, f"/assessments/{desk.key}")
    assert SECRET in text
    assert "plan.pdf" in text
    for criterion in all_funds()[FUND].scoring.criteria:
        for anchor in criterion.anchors:
            assert anchor.text.replace("'", "&#39;") in text


def test_declaration_must_be_chosen(desk):
    answer = desk.client.post(f"/assessments/{desk.key}/declaration", data={})

    assert answer.status_code == 422
    assert "#interest-0" in answer.get_data(as_text=True)


@pytest.mark.feature("R6")
@pytest.mark.feature("R9")
def test_conflict_makes_it_disappear_everywhere(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    assert SECRET in text_of(client, f"/assessments/{desk.key}")

    said = client.post(
        f"/assessments/{desk.key}/declaration", data={"interest": "employer"}, follow_redirects=True
    )

    statuses = {
        client.get(f"/assessments/{desk.key}").status_code,
        client.post(f"/assessments/{desk.key}", data={"submit": "1"}).status_code,
        client.post(f"/assessments/{desk.key}/scores", data={"comment": "x"}).status_code,
        client.post(f"/assessments/{desk.key}/declaration", data={"interest": "none"}).status_code,
        client.get(f"/files/{desk.file}").status_code,
        client.get(f"/applications/{desk.application}").status_code,
    }
    assert statuses == {404}
    assert "no longer yours" in said.get_data(as_text=True)
    assert "A calm plan" not in said.get_data(as_text=True)
    assert "Nothing is assigned to you" in text_of(client, "/assessments")


@pytest.mark.feature("R18")
def test_autosave_answers_with_the_time_and_the_total(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)

    client.post(f"/assessments/{desk.key}/scores", data={f"mark.{c}": "4" for c in CRITERIA[1:]})
    answer = client.post(f"/assessments/{desk.key}/scores", data={f"mark.{CRITERIA[0]}": "4"})

    assert answer.json == {
        "saved_at": "12:00",
        "versions": {f"mark.{CRITERIA[0]}": 1},
        "total": "100.00",
        "marked": len(CRITERIA),
        "criteria": len(CRITERIA),
    }


def test_autosave_says_what_cannot_be_kept_and_keeps_the_rest(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)

    answer = client.post(
        f"/assessments/{desk.key}/scores",
        data={f"amount.{desk.lines[0]}": "a lot", "comment": "Kept all the same"},
    )

    assert answer.status_code == 422
    assert "figures only" in answer.json["message"]
    assert [entry["field"] for entry in answer.json["refused"]] == [f"amount.{desk.lines[0]}"]
    assert "Kept all the same" in text_of(client, f"/assessments/{desk.key}")


@pytest.mark.feature("R18")
def test_second_window_gets_both_texts_and_overwrites_nothing(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    place, field = f"/assessments/{desk.key}/scores", f"reason.{CRITERIA[0]}"
    seen = {"_versions": json.dumps({field: 0})}

    first = client.post(place, data={field: "First window.", **seen})
    second = client.post(place, data={field: "Second window.", "comment": "Fresh.", **seen})

    assert (first.status_code, second.status_code) == (200, 409)
    (clash,) = second.json["clashes"]
    assert {name: clash[name] for name in ("field", "yours", "theirs", "version")} == {
        "field": field,
        "yours": "Second window.",
        "theirs": "First window.",
        "version": 1,
    }
    assert clash["message"].startswith("You changed this in another window")
    assert second.json["versions"] == {"comment": 1}
    text = text_of(client, f"/assessments/{desk.key}")
    assert "First window." in text
    assert "Second window." not in text


@pytest.mark.feature("R18")
@pytest.mark.parametrize("button", [{}, {"submit": "1"}])
def test_without_script_both_texts_are_asked_about_and_the_rest_is_saved(app, client, button):
    desk = make_desk(app, client, AssessmentState.SCORING)
    field = f"mark.{CRITERIA[0]}"
    client.post(f"/assessments/{desk.key}/scores", data={field: "4"})

    asked = client.post(
        f"/assessments/{desk.key}", data=whole(desk, "1") | {"_versions": "{}"} | button
    )
    page = asked.get_data(as_text=True)
    none = client.post(f"/assessments/{desk.key}/choose", data=fields_of(page))
    chosen = client.post(
        f"/assessments/{desk.key}/choose", data=fields_of(page) | {"choice.0": "mine"}
    )

    assert (asked.status_code, none.status_code, chosen.status_code) == (409, 422, 302)
    title = all_funds()[FUND].scoring.criteria[0].title
    assert f"{title}: Score" in html.fromstring(page).text_content()
    assert "Keep both" not in page
    after = text_of(client, chosen.location)
    assert marks_in(after) == dict.fromkeys(CRITERIA, "1")
    assert "Earlier texts (1)" in after


def fields_of(page: str) -> dict[str, str]:
    """What the page of a clash sends back when nothing is chosen."""
    form = html.fromstring(page).xpath("//form[contains(@action, '/choose')]")[0]
    return {control.name: control.value for control in form.xpath(".//input[@type='hidden']")}


def marks_in(page: str) -> dict[str, str]:
    ticked = html.fromstring(page).xpath("//input[@checked][starts-with(@name, 'mark.')]")
    return {control.name.removeprefix("mark."): control.get("value") for control in ticked}


def test_autosave_says_when_it_is_too_late(app, client):
    desk = make_desk(app, client, AssessmentState.SUBMITTED)

    answer = client.post(f"/assessments/{desk.key}/scores", data={"comment": "x"})

    assert answer.status_code == 409
    assert "can't be changed" in answer.json["message"]


@pytest.mark.feature("R2")
@pytest.mark.feature("R18")
def test_submit_links_each_missing_thing_to_its_field_and_keeps_what_was_typed(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    typed = whole(desk) | {"submit": "1", f"reason.{CRITERIA[0]}": "", "comment": "Typed & kept"}
    typed |= {f"line.{desk.lines[0]}": "part", f"amount.{desk.lines[0]}": "twelve"}
    del typed[f"mark.{CRITERIA[1]}"]

    answer = client.post(f"/assessments/{desk.key}", data=typed)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Typed &amp; kept" in text
    assert 'value="twelve"' in text
    summary = text[text.index("There is a problem") : text.index("</ul>", text.index("There is"))]
    assert re.findall(r'href="(#[^"]+)"', summary) == [
        f"#reason-{CRITERIA[0]}",
        f"#mark-{CRITERIA[1]}-0",
        f"#amount-{desk.lines[0]}",
        f"#why-{desk.lines[0]}",
    ]
    for anchor in re.findall(r'href="#([^"]+)"', summary):
        assert f'id="{anchor}"' in text


@pytest.mark.feature("R2")
@pytest.mark.feature("R3")
def test_submitted_scores_are_locked_and_shown(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)

    answer = client.post(f"/assessments/{desk.key}", data=whole(desk) | {"submit": "1"})

    assert (answer.status_code, answer.location) == (302, "/assessments")
    text = text_of(client, f"/assessments/{desk.key}")
    assert "75.00" in text
    assert "They are locked" in text
    assert 'name="mark.' not in text
    assert client.post(f"/assessments/{desk.key}", data={"comment": "x"}).status_code == 409


def score_secretly(app, desk: Desk) -> None:
    """What another assessor wrote meanwhile."""
    with app.app_context():
        record = Assessment(
            application_id=desk.ids["application"],
            version_id=desk.ids["version"],
            person_id=desk.ids["other"],
            state=AssessmentState.SUBMITTED,
            assigned_at=build.NOW,
            assigned_by=desk.ids["manager"],
            declared_at=build.NOW,
            submitted_at=build.NOW,
            total="12.50",
            comment="Weak all over",
        )
        build.kept(record)
        for criterion in CRITERIA:
            build.kept(
                Score(assessment_id=record.id, criterion=criterion, mark=0, reason="Nothing in it.")
            )


def answers_of(desk: Desk) -> list[tuple[int, bytes]]:
    """Every door of this journey, as one's own browser gets them."""
    client, own = desk.client, f"/assessments/{desk.key}"
    return [
        (answer.status_code, STAMP.sub(b"", answer.data))
        for answer in (
            client.get("/assessments"),
            client.get("/assessments?page=2"),
            client.get(own),
            client.post(f"{own}/declaration", data={}),
            client.post(f"{own}/scores", data={"comment": "So far"}),
            client.post(own, data={"submit": "1"}),
            client.get(own),
            client.get(f"/applications/{desk.application}/readers"),
            client.post(f"/applications/{desk.application}/readers", data={}),
        )
    ]


@pytest.mark.feature("R11")
@pytest.mark.parametrize(
    "state", [AssessmentState.ASSIGNED, AssessmentState.SCORING, AssessmentState.SUBMITTED]
)
def test_worlds_that_differ_in_anothers_score_look_the_same(app, client, state):
    desk = make_desk(app, client, state)
    answers_of(desk)
    without = answers_of(desk)

    score_secretly(app, desk)

    assert answers_of(desk) == without


@pytest.mark.feature("R11")
def test_panel_is_shown_once_own_is_in_and_moderation_open(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    client.post(f"/assessments/{desk.key}", data=whole(desk) | {"submit": "1"})
    score_secretly(app, desk)
    client.get("/assessments")  # takes the word that it is submitted
    before = text_of(client, f"/assessments/{desk.key}")
    with app.app_context():
        db.session.execute(sa.text("UPDATE application SET state = 'moderation'"))
        db.session.commit()

    after = text_of(client, f"/assessments/{desk.key}")

    assert "Weak all over" not in before
    assert "Weak all over" in after
    assert "far apart" in after


def test_score_form_costs_at_most_eight_statements(app, client, count_statements):
    desk = make_desk(app, client, AssessmentState.SCORING)

    with count_statements() as cold:
        client.get(f"/assessments/{desk.key}")

    assert len(cold) <= 8


def test_submit_costs_at_most_twelve_statements_and_one_commit(app, client, count_statements):
    desk = make_desk(app, client, AssessmentState.SCORING)
    client.get(f"/assessments/{desk.key}")
    client.post(f"/assessments/{desk.key}/scores", data={f"mark.{CRITERIA[0]}": "1"})
    client.post(f"/assessments/{desk.key}/scores", data={f"line.{desk.lines[0]}": "no"})
    commits = []

    def note(connection) -> None:
        commits.append(connection)

    with app.app_context():
        sa.event.listen(db.engine, "commit", note)

        with count_statements() as found:
            answer = client.post(f"/assessments/{desk.key}", data=whole(desk) | {"submit": "1"})

        sa.event.remove(db.engine, "commit", note)
    assert answer.status_code == 302
    assert len(found) <= 12
    assert len(commits) == 1


@pytest.mark.parametrize("name", ["mark", "line", "comment"])
def test_autosave_costs_at_most_seven_statements(app, client, count_statements, name):
    desk = make_desk(app, client, AssessmentState.SCORING)
    client.get(f"/assessments/{desk.key}")
    field, text = {
        "mark": (f"mark.{CRITERIA[0]}", "2"),
        "line": (f"line.{desk.lines[0]}", "full"),
        "comment": ("comment", "Well."),
    }[name]

    with count_statements() as found:
        client.post(f"/assessments/{desk.key}/scores", data={field: text})

    assert len(found) <= 7


@pytest.mark.parametrize("many", [3, 300])
def test_index_costs_the_same_for_few_and_many(app, client, count_statements, many):
    with app.app_context():
        programme, partnership = build.programme(), build.organisation()
        manager = build.person(Role.FUND_MANAGER, at=programme)
        reader = build.person(Role.ASSESSOR, at=programme)
        record = build.round_(FUND, programme)
        for _ in range(many):
            made = build.application(
                record, partnership, manager, state=ApplicationState.ASSESSING, lines=()
            )
            build.assessment(made, reader, manager, state=AssessmentState.ASSIGNED)
        build.sign_in(client, reader)

    with count_statements() as found:
        answer = client.get("/assessments")

    assert answer.data.count(b"/assessments/") == min(many, 60)
    assert len(found) == 5


def test_audit_of_a_declaration_names_the_application(app, client):
    desk = make_desk(app, client)

    client.post(f"/assessments/{desk.key}/declaration", data={"interest": "personal"})

    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.after["interest"]) == ("declare", "personal")


@pytest.mark.feature("R2")
def test_amount_that_is_none_is_told_once_at_its_field(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    line = desk.lines[0]
    typed = whole(desk) | {f"line.{line}": "part", f"amount.{line}": "twelve", f"why.{line}": "No."}

    answer = client.post(f"/assessments/{desk.key}", data=typed | {"submit": "1"})
    page = html.fromstring(answer.get_data(as_text=True))

    told = page.xpath("//*[contains(@class,'ds_error-summary')]//li")
    assert (answer.status_code, len(told)) == (422, 1)
    assert "figures only" in told[0].text_content()


@pytest.mark.feature("A4")
def test_page_of_the_signed_out_names_no_keys(app, client, csrf):
    desk = make_desk(app, client, AssessmentState.SCORING)

    answer = client.post(f"/assessments/{desk.key}", data=whole(desk) | {"submit": "1"})
    page = html.fromstring(answer.get_data(as_text=True))

    labels = [label.text_content().strip() for label in page.xpath("//main//label")]
    assert "Line" in labels
    assert not [one for one in labels if "-" in one or one == "Submit"]


@pytest.mark.feature("R2")
def test_projects_of_one_title_are_told_apart(app, client):
    desk = make_desk(app, client, AssessmentState.SCORING)
    with app.app_context():
        db.session.execute(sa.update(ProposedProject).values(title="Monday table"))
        db.session.commit()

    page = html.fromstring(text_of(client, f"/assessments/{desk.key}"))

    names = page.xpath("//section[contains(@aria-label, 'Monday table')]/@aria-label")
    assert len(names) == len(desk.lines) > 1
    assert len(set(names)) == len(names)


@pytest.mark.feature("R8")
def test_list_leads_to_the_bodies_one_has_to_do_with(desk):
    page = html.fromstring(text_of(desk.client, "/assessments"))

    assert page.xpath("//main//a[@href='/account/interests']")
