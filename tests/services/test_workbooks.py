"""Loading a workbook: seen before it is saved, all or nothing, and never over somebody's newer words."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.audit import AuditEntry
from grants.models.round import Round, RoundDefinition
from grants.models.workbook_load import WorkbookLoad
from grants.queries import drafts, earlier_texts
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import ApplicationState as State
from grants.services import answers, apply, asking, workbooks
from grants.services.answer_sheet import Sent
from grants.services.asking import Wanted
from grants.services.workbooks import NOTHING
from tests import applying, build, local
from tests.documents.books import cell_at, edited, typed

NOW = build.NOW
LATER = NOW + dt.timedelta(hours=1)
MOST = 1024 * 1024
TITLE = ("projects.title", "0001")
PEOPLE = ("projects.people", "0001")


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def key(at):
    return applying.drafted(at)


def fund_of(at, key):
    return drafts.draft(applying.actor(at, "editor"), key).fund


def taken(at, key, who="editor"):
    return workbooks.make(applying.actor(at, who), key, now=NOW).data


def filled_in(at, key, place, text, row=6):
    sheet, cell = cell_at(fund_of(at, key), place, row)
    return typed(taken(at, key), sheet, **{cell: text})


def load(at, key, data, who="editor", now=NOW):
    return workbooks.load(applying.actor(at, who), key, io.BytesIO(data), most=MOST, now=now)


def confirm(at, key, made, who="editor"):
    return workbooks.confirm(applying.actor(at, who), key, made, now=LATER)


def save(at, key, place, text, who="sender"):
    sent = Sent(texts={place: text})
    answers.save(applying.actor(at, who), key, sent, now=NOW + dt.timedelta(minutes=5))


@pytest.mark.feature("A26")
def test_only_what_was_changed_is_written_and_only_after_yes(at, key):
    before = applying.answers_of(key)
    made = load(at, key, filled_in(at, key, TITLE, "Tuesday Table, again"))

    shown = workbooks.preview(applying.actor(at, "editor"), key, made).changes
    assert [(change.before, change.after) for change in shown] == [
        ("Tuesday Table 1", "Tuesday Table, again")
    ]
    assert applying.answers_of(key) == before
    saved = confirm(at, key, made)

    assert saved.written == 1
    assert applying.answers_of(key) == {**before, TITLE: "Tuesday Table, again"}
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry.after == {"section": "workbook", "answers": 1}
    assert confirm(at, key, made).written == 0
    assert db.session.query(WorkbookLoad).count() == 0


@pytest.mark.feature("A26")
def test_one_fault_keeps_everything_out(at, key):
    sheet, people = cell_at(fund_of(at, key), PEOPLE)
    title = cell_at(fund_of(at, key), TITLE)[1]
    before = applying.answers_of(key)

    with pytest.raises(Blocked, match=f"Sheet ‘{sheet}’, cell {people}: type a whole number"):
        load(at, key, typed(taken(at, key), sheet, **{people: "dozens", title: "Fine"}))

    assert db.session.query(WorkbookLoad).count() == 0
    assert applying.answers_of(key) == before


@pytest.mark.feature("A26", "A10")
def test_newer_words_are_shown_beside_the_workbooks_and_stay(at, key):
    data = filled_in(at, key, TITLE, "Mine, typed offline")
    save(at, key, TITLE, "Theirs, typed meanwhile")
    made = load(at, key, data)

    [change] = workbooks.preview(applying.actor(at, "editor"), key, made).changes
    saved = confirm(at, key, made)

    assert (change.by, change.before, change.after) == (
        "Seonaidh Sender",
        "Theirs, typed meanwhile",
        "Mine, typed offline",
    )
    [clash] = saved.clashes
    assert (clash.yours, clash.theirs) == ("Mine, typed offline", "Theirs, typed meanwhile")
    assert applying.answers_of(key)[TITLE] == "Theirs, typed meanwhile"


@pytest.mark.feature("A26", "A10")
def test_what_changes_between_the_preview_and_the_yes_is_not_overwritten(at, key):
    made = load(at, key, filled_in(at, key, TITLE, "Mine, typed offline"))
    save(at, key, TITLE, "Typed in between")

    assert len(confirm(at, key, made).clashes) == 1
    assert applying.answers_of(key)[TITLE] == "Typed in between"


def test_what_others_changed_and_the_workbook_did_not_stays(at, key):
    data = filled_in(at, key, TITLE, "Mine")
    save(at, key, PEOPLE, "75")

    confirm(at, key, load(at, key, data))

    kept = applying.answers_of(key)
    assert (kept[TITLE], kept[PEOPLE]) == ("Mine", "75")


@pytest.mark.feature("A26")
def test_a_row_that_is_taken_out_is_put_aside(at, key):
    sheet = cell_at(fund_of(at, key), TITLE)[0]
    data = edited(taken(at, key), lambda book: book[sheet].delete_rows(6))

    confirm(at, key, load(at, key, data))

    assert TITLE not in applying.answers_of(key)
    draft = drafts.draft(applying.actor(at, "editor"), key)
    assert [e.text for e in earlier_texts.of_draft(draft, [TITLE[0]])] == ["Tuesday Table 1"]


def test_a_limit_that_is_passed_is_noted_and_kept_as_on_the_page(at, key):
    place = next(q.key for q in fund_of(at, key).questions() if q.max_words == 400)
    made = load(at, key, filled_in(at, key, (place, ""), "word " * 401))

    [change] = workbooks.preview(applying.actor(at, "editor"), key, made).changes

    assert change.note == "Use 400 words or fewer: this is 1 word over."


def test_an_untouched_workbook_changes_nothing(at, key):
    with pytest.raises(Blocked, match=NOTHING[:30]):
        load(at, key, taken(at, key))


@pytest.mark.feature("A26")
def test_the_workbook_of_another_application_is_refused_by_name(at, key):
    other = build.round_("adult", build.programme())
    area = build.area_of(other, 0)
    theirs = build.application(
        other,
        db.session.get_one(build.Organisation, at.organisation_id),
        db.session.query(build.Person).filter_by(email=at.people["editor"]).one(),
        state=State.DRAFT,
        area=area,
        answers={},
    )

    with pytest.raises(Blocked) as refused:
        load(at, key, taken(at, theirs.key))

    mine = db.session.query(Application).filter_by(key=key).one().reference
    assert theirs.reference in str(refused.value)
    assert mine in str(refused.value)


@pytest.mark.feature("A26")
def test_an_older_form_is_refused_with_what_changed(at, key):
    data = filled_in(at, key, TITLE, "Typed offline")
    record = db.session.query(Application).filter_by(key=key).one()
    was = db.session.get_one(RoundDefinition, record.definition_id)
    content = {**was.content, "sections": [dict(s) for s in was.content["sections"]]}
    content["sections"][0]["title"] = "Who you are"
    newer = RoundDefinition(
        round_id=was.round_id,
        version=was.version + 1,
        is_published=True,
        content=content,
        sha256="0" * 64,
        **{
            name: getattr(was, name)
            for name in ("created_at", "created_by", "published_at", "published_by")
            if hasattr(was, name)
        },
    )
    db.session.add(newer)
    db.session.flush()
    record.definition_id = newer.id
    db.session.commit()

    with pytest.raises(Blocked) as refused:
        load(at, key, data)

    assert "The form has changed since you downloaded this workbook" in str(refused.value)
    assert "The words of the section “Who you are” changed." in str(refused.value)


def test_only_its_own_editors_take_and_load_it(at, key):
    data = filled_in(at, key, TITLE, "Mine")
    for who, refusal in (("rival", NotFound), ("manager", NotFound), ("signatory", Forbidden)):
        with pytest.raises(refusal):
            taken(at, key, who)
        with pytest.raises(refusal):
            load(at, key, data, who)


def test_a_load_is_its_senders_alone(at, key):
    made = load(at, key, filled_in(at, key, TITLE, "Mine"))

    with pytest.raises(NotFound):
        workbooks.preview(applying.actor(at, "sender"), key, made)
    assert confirm(at, key, made, "sender").written == 0
    assert db.session.query(WorkbookLoad).count() == 1


def test_a_second_load_takes_the_place_of_the_first_and_old_ones_go(at, key):
    first = load(at, key, filled_in(at, key, TITLE, "One"), "sender")
    load(at, key, filled_in(at, key, TITLE, "Two"))
    load(at, key, filled_in(at, key, TITLE, "Three"), now=NOW + dt.timedelta(days=2))

    assert db.session.query(WorkbookLoad).count() == 1
    with pytest.raises(NotFound):
        workbooks.preview(applying.actor(at, "sender"), key, first)


def test_after_the_deadline_and_once_sent_it_is_refused(at, key):
    data = filled_in(at, key, TITLE, "Late")
    made = load(at, key, data)
    late = NOW + dt.timedelta(days=400)

    with pytest.raises(Blocked):
        load(at, key, data, now=late)
    with pytest.raises(Blocked):
        workbooks.confirm(applying.actor(at, "editor"), key, made, now=late)
    db.session.execute(sa.update(Application).values(state=State.WITHDRAWN, withdrawn_at=NOW))
    db.session.commit()
    with pytest.raises((MoveNotAllowed, Forbidden)):
        load(at, key, data)


@pytest.mark.feature("A26", "A20")
def test_while_the_fund_asks_about_an_answer_the_others_are_refused(at, key):
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    wanted = Wanted(points={TITLE: "Its name?"}, number=1, answer_by=dt.date(2026, 11, 20))
    asking.ask(applying.actor(at, "manager"), key, wanted, now=NOW)

    with pytest.raises(Blocked, match="The fund has not asked about this answer"):
        load(at, key, filled_in(at, key, PEOPLE, 99))
    confirm(at, key, load(at, key, filled_in(at, key, TITLE, "The true name")))

    assert applying.answers_of(key)[TITLE] == "The true name"


@pytest.mark.feature("A26", "S15")
def test_a_group_in_a_local_round_works_offline_too(context):
    scene = local.scene()
    record = local.open_local(scene)
    group = scene.people["group"]
    choice = begun(record, scene)
    made = workbooks.make(group, choice, now=NOW).data
    draft = drafts.draft(group, choice)
    question = next(q for q in draft.fund.questions() if q.kind == "long_text")
    sheet, cell = cell_at(draft.fund, (question.key, ""))

    data = typed(made, sheet, **{cell: "We walk on Tuesdays."})
    load_key = workbooks.load(group, choice, io.BytesIO(data), most=MOST, now=NOW)
    workbooks.confirm(group, choice, load_key, now=NOW)

    assert drafts.draft(group, choice).answers[question.key, ""] == "We walk on Tuesdays."


def begun(record: Round, scene: local.Scene):
    choice = apply.Choice(record.key, scene.group_key, local.AREA)
    return apply.begin(scene.people["group"], choice, now=NOW)
