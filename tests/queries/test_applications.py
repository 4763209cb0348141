"""What was sent, in words, for those who may read it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from grants.extensions import db
from grants.funds.definition import QuestionKind
from grants.funds.loader import all_funds
from grants.models.application import Application
from grants.queries import applications, drafts
from grants.queries.answer_words import in_words
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState as State
from grants.rules.states import AssessmentState
from grants.services import answers, apply, asking
from grants.services.answer_sheet import Sent
from tests import applying, build

NOW = build.NOW
ADULT = all_funds()["adult"]


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def key(at):
    made = applying.drafted(at)
    apply.submit(applying.actor(at, "sender"), made, now=NOW)
    return made


def answer(text, question):
    return next(a for section in text.sections for a in section.answers if a.key == question)


def test_sent_application_is_read_in_words(at, key):
    text = applications.content(applying.actor(at, "manager"), key)

    projects = answer(text, "projects")
    assert (text.organisation, text.number, len(projects.rows)) == (
        "Comann Shealtainn (fictional)",
        1,
        2,
    )
    cells = dict(zip(projects.columns, projects.rows[0].cells, strict=True))
    assert (cells["Project"], cells["Amount asked"], cells["Smallest workable amount"]) == (
        "Tuesday Table 1",
        "£4,000",
        "£2,500.50",
    )
    assert answer(text, "postcode").text == "ZE1 0AA"
    assert answer(text, "accept_accuracy").text == "Agreed"


def test_staff_read_what_was_sent_and_not_what_is_being_written(at, key):
    manager = applying.actor(at, "manager")
    asking.return_for_correction(manager, key, "x", now=NOW)
    texts = {("need", ""): "not sent yet"}
    answers.save(applying.actor(at, "editor"), key, Sent(texts=texts), now=NOW)

    assert answer(applications.content(manager, key), "need").text != "not sent yet"


def test_names_can_be_left_out(at, key):
    text = applications.content(applying.actor(at, "manager"), key, hide_identifying=True)

    shown = {a.key for section in text.sections for a in section.answers}
    hidden = {q.key for q in ADULT.questions() if q.identifies and not q.columns}
    assert (text.organisation, text.submitted_by, shown & hidden) == ("", "", set())
    assert "Group that will run it" not in answer(text, "projects").columns
    assert "Member" not in answer(text, "partners").columns


@pytest.mark.parametrize("who", ["rival", "assessor"])
def test_others_do_not_read_it(at, key, who):
    with pytest.raises(NotFound):
        applications.content(applying.actor(at, who), key)


@pytest.mark.parametrize(
    ("state", "reads"), [(AssessmentState.ASSIGNED, False), (AssessmentState.SCORING, True)]
)
def test_assessor_reads_it_once_declared(at, key, state, reads):
    made = db.session.query(Application).filter_by(key=key).one()
    made.state = State.ASSESSING
    people = {
        who: db.session.query(build.Person).filter_by(email=at.people[who]).one()
        for who in ("assessor", "manager")
    }
    build.assessment(made, people["assessor"], people["manager"], state=state)
    actor = applying.actor(at, "assessor")

    with contextlib.nullcontext() if reads else pytest.raises(NotFound):
        assert applications.content(actor, key).number == 1


@pytest.mark.parametrize("who", ["rival", "assessor", "manager"])
def test_draft_is_for_its_own_people(at, key, who):
    with pytest.raises(NotFound):
        drafts.draft(applying.actor(at, who), key)


@pytest.mark.parametrize("projects", [3, 200])
def test_reading_costs_two_statements(at, count_statements, projects):
    made = applying.drafted(at, projects=projects)
    apply.submit(applying.actor(at, "sender"), made, now=NOW)
    manager = applying.actor(at, "manager")

    with count_statements() as found:
        applications.content(manager, made)

    assert len(found) == 2


def test_rulebook_is_read_once(at, count_statements):
    record = db.session.get_one(build.Round, at.round_id)
    place = record.definition_id
    first = fund_of(NOBODY, place)

    with count_statements() as found:
        second = fund_of(NOBODY, place)

    assert (first == second, found) == (True, [])


def test_rulebook_that_is_not_published_is_for_staff(at):
    record = db.session.get_one(build.Round, at.round_id)
    definition = db.session.get_one(build.RoundDefinition, record.definition_id)
    definition.is_published = False
    db.session.commit()

    with pytest.raises(NotFound):
        fund_of(applying.actor(at, "editor"), definition.id)
    assert fund_of(applying.actor(at, "manager"), definition.id) == ADULT


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (QuestionKind.MONEY, "1234.50", "£1,234.50"),
        (QuestionKind.MONEY, "about a lot", "about a lot"),
        (QuestionKind.NUMBER, "1200", "1,200"),
        (QuestionKind.DATE, "2027-03-31", "31 March 2027"),
        (QuestionKind.YES_NO, "yes", "Yes"),
        (QuestionKind.DECLARATION, "yes", "Agreed"),
        (QuestionKind.POSTCODE, "ze10aa", "ZE1 0AA"),
        (QuestionKind.LONG_TEXT, "  as\n typed ", "  as\n typed "),
        (QuestionKind.LINK, "", ""),
    ],
)
def test_answer_in_words(kind, text, shown):
    question = ADULT.question("need")

    assert in_words(ADULT, replace(question, kind=kind), text) == shown
