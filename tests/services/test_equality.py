"""Equality monitoring: counted apart, shown late and protected, and found nowhere else."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

import grants
from grants.extensions import db
from grants.funds.reference import equality_questions
from grants.funds.schema import from_document, to_document
from grants.models.equality import EqualityAsked, EqualityCount
from grants.models.round import Round, RoundDefinition
from grants.queries import definitions
from grants.queries.equality import invitation
from grants.rules.disclosure import HIDDEN
from grants.rules.equality import OPEN_FOR, counted, labels, published
from grants.rules.refusals import Forbidden, MoveNotAllowed, NotFound
from grants.services import equality
from tests import build, crawling, everybody

NOW = build.NOW
QUESTIONS = equality_questions()
GIVEN = {"sex": "female", "condition": "yes", "impact": "a_lot", "religion": "pagan"}
COUNTED = {("sex", "female"): 1, ("condition", "yes.a_lot"): 1, ("religion", "pagan"): 1}
TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"')


def switch_on(round_id: int) -> None:
    """The round as it would be with the step in its rulebook."""
    record = db.session.get_one(Round, round_id)
    kept = db.session.get_one(RoundDefinition, record.definition_id)
    document = to_document(from_document(kept.content))
    document["stages"] = {**document.get("stages", {}), "equality": True}
    kept.content = document
    db.session.commit()
    definitions._forget(None)


@pytest.fixture
def world(context):
    made = everybody.world()
    switch_on(made.round_id)
    return made


@pytest.fixture
def sent(world):
    return everybody.bid(world, "submitted")


def actor(world, who):
    return build.actor_of(world.person(who))


def answer(world, bid, given=None, who="submitter", now=NOW):
    equality.answer(actor(world, who), bid.key, GIVEN if given is None else given, now=now)


def counts():
    rows = db.session.query(EqualityCount)
    return {(row.question, row.code): row.people for row in rows}


def closed(world):
    return db.session.get_one(Round, world.round_id).closes_at + OPEN_FOR


@pytest.mark.feature("A22")
def test_answers_become_counts_once(world, sent):
    before = invitation(actor(world, "submitter"), sent.key, now=NOW)
    answer(world, sent)
    answer(world, sent, {"sex": "male"})

    assert before.is_open
    assert not invitation(actor(world, "submitter"), sent.key, now=NOW).is_open
    assert counts() == COUNTED


@pytest.mark.feature("A22")
def test_nothing_else_in_the_database_knows_of_it(world, sent):
    before = _sizes()

    answer(world, sent)

    grown = {
        name: after - before[name] for name, after in _sizes().items() if after != before[name]
    }
    assert grown == {"equality_count": len(COUNTED), "equality_asked": 1}
    assert {c.name for c in EqualityCount.__table__.columns} == {
        "round_id", "question", "code", "people",
    }  # fmt: skip
    assert {c.name for c in EqualityAsked.__table__.columns} == {"application_id"}


def _sizes() -> dict[str, int]:
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in db.metadata.sorted_tables
    }


@pytest.mark.feature("A22")
def test_only_two_modules_can_read_the_counts():
    root = Path(grants.__file__).parent
    naming = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "EqualityCount" in path.read_text(encoding="utf8")
    }

    assert naming == {
        "models/equality.py",
        "queries/equality.py",
        "services/equality.py",
        "demo/equality.py",
    }


@pytest.mark.feature("A22")
def test_only_its_own_people_answer_and_only_once_it_is_sent(world, sent):
    draft = everybody.bid(world, "draft", of="rival", by="rival")
    for who in ("assessor", "manager", "evaluator", "rival", "nobody"):
        with pytest.raises((NotFound, Forbidden)):
            answer(world, sent, who=who)
    with pytest.raises(Forbidden):
        answer(world, draft, who="rival")
    with pytest.raises(MoveNotAllowed):
        answer(world, sent, now=closed(world))
    assert counts() == {}


def test_a_round_without_the_step_asks_nobody(context):
    world = everybody.world()
    sent = everybody.bid(world, "submitted")

    with pytest.raises(NotFound):
        answer(world, sent)
    with pytest.raises(NotFound):
        equality.figures(actor(world, "evaluator"), world.round_key, now=NOW)


@pytest.mark.feature("A22", "M1")
def test_only_evaluators_read_figures_and_only_after_the_last_answer(world, sent):
    answer(world, sent)
    for who in ("manager", "approver", "assessor", "auditor", "finance", "submitter", "officer"):
        with pytest.raises(NotFound):
            equality.figures(actor(world, who), world.round_key, now=closed(world))
    evaluator = actor(world, "evaluator")

    early = equality.figures(evaluator, world.round_key, now=NOW)
    late = equality.figures(evaluator, world.round_key, now=closed(world))

    assert (early.is_out, early.tables) == (False, ())
    assert late.is_out
    assert all(table.is_hidden or table.total == 0 for table in late.tables)
    assert {line.people for table in late.tables for line in table.lines} <= {0, None}


@pytest.mark.feature("A22")
def test_large_counts_are_shown_and_small_ones_with_what_gives_them_away_are_not():
    made = {("sex", "female"): 40, ("sex", "male"): 30, ("sex", "prefer_not"): 2}

    [sex] = [p for p in published(QUESTIONS, made, small=5) if p.question.key == "sex"]

    assert sex.total == 72
    assert sex.counts["prefer_not"] is HIDDEN
    assert sum(cell is HIDDEN for cell in sex.counts.values()) == 2
    assert sex.counts["female"] == 40


def test_follow_ups_refine_and_wrong_codes_are_left_out():
    assert counted(QUESTIONS, {"condition": "no", "impact": "a_lot", "sex": "=1"}) == (
        ("condition", "no"),
    )
    condition = next(q for q in QUESTIONS if q.key == "condition")
    assert set(labels(condition, QUESTIONS)) == {
        "no", "yes", "yes.a_lot", "yes.a_little", "yes.not_at_all", "yes.prefer_not", "prefer_not",
    }  # fmt: skip


def test_every_question_has_its_source_and_may_be_left_out():
    assert {question.key for question in QUESTIONS} >= {"sex", "trans", "condition", "ethnic_group"}
    assert all(question.source and question.status for question in QUESTIONS)
    assert counted(QUESTIONS, {}) == ()


@pytest.mark.feature("A22")
def test_no_page_of_anybody_shows_that_somebody_answered(app, sign_in, long):
    """Two worlds that differ in the answers alone look the same to all but those who gave them."""
    with app.app_context():
        if db.engine.name != "sqlite" and not long:
            pytest.skip("every page: on one database in the short run")
        world = everybody.world()
        switch_on(world.round_id)
        sent = everybody.bid(world, "moderation")
    people = ("assessor", "manager", "evaluator", "administrator", "rival")
    browsers = {who: sign_in(app.test_client(), world.people[who]) for who in people}
    places = crawling.addresses(app, ("form", world.reference))
    before = {who: _pages(browser, places) for who, browser in browsers.items()}

    with app.app_context():
        answer(world, sent)

    for who, browser in browsers.items():
        after = _pages(browser, places)
        assert [place for place in places if after[place] != before[who][place]] == [], who


def _pages(browser, places) -> dict[str, tuple[int, bytes]]:
    found = {}
    for place in places:
        answered = browser.get(place)
        found[place] = (answered.status_code, TOKEN.sub(b"", answered.get_data()))
        answered.close()
    return found


@pytest.mark.feature("A22")
def test_the_page_stands_apart_and_is_linked_from_the_receipt(app, sign_in):
    with app.app_context():
        world = everybody.world()
        switch_on(world.round_id)
        key = everybody.bid(world, "submitted").key
    browser = sign_in(app.test_client(), world.people["submitter"])
    page = f"/applications/{key}/equality"

    assert page in browser.get(f"/applications/{key}/receipt").text
    shown = browser.get(page).text
    assert shown.count("Prefer not to say") == len(QUESTIONS)
    assert browser.post(page, data={"sex": "female", "age": "no such"}).status_code == 302
    assert browser.post(page, data={"sex": "male"}).status_code == 302
    assert page not in browser.get(f"/applications/{key}/receipt").text
    assert browser.get(page).status_code == 302
    with app.app_context():
        assert counts() == {("sex", "female"): 1}


def test_saying_nothing_is_an_answer_too(app, sign_in):
    with app.app_context():
        world = everybody.world()
        switch_on(world.round_id)
        key = everybody.bid(world, "submitted").key
    browser = sign_in(app.test_client(), world.people["submitter"])

    browser.post(f"/applications/{key}/equality", data={"sex": "female", "none": "1"})

    with app.app_context():
        assert counts() == {}
        assert db.session.query(EqualityAsked).count() == 1


@pytest.mark.feature("A22")
def test_evaluators_page_has_tables_and_charts_once_it_may(app, sign_in, clock):
    with app.app_context():
        world = everybody.world()
        switch_on(world.round_id)
        db.session.execute(
            sa.insert(EqualityCount),
            [
                {"round_id": world.round_id, "question": "sex", "code": code, "people": people}
                for code, people in (("female", 40), ("male", 30), ("prefer_not", 2))
            ],
        )
        db.session.commit()
        until = closed(world)
    evaluator = sign_in(app.test_client(), world.people["evaluator"])
    address = f"/rounds/{world.round_key}/equality"
    assert "Not shown yet" in evaluator.get(address).text
    assert address in evaluator.get(f"/rounds/{world.round_key}/evaluation").text

    clock.now = until
    evaluator = sign_in(app.test_client(), world.people["evaluator"])
    page = evaluator.get(address).text

    assert "<svg" in page
    assert ">40<" in re.sub(r"\s", "", page)
    assert "hidden" in page
    manager = sign_in(app.test_client(), world.people["manager"])
    assert manager.get(address).status_code == 404
    assert address not in manager.get(f"/rounds/{world.round_key}/evaluation").text


def test_unknown_application_is_not_found(world):
    with pytest.raises(NotFound):
        equality.answer(actor(world, "submitter"), uuid.uuid4(), {}, now=NOW + dt.timedelta(1))
