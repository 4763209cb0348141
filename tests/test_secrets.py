"""Nobody learns a secret from any page: two worlds that differ in it alone look the same to them.

Every address that answers to GET is asked before and after the secret is put in the database, with
every key that there is, every search, sort and filter; so is the mail. Nothing may differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.assessment import Assessment, Score
from grants.models.calibration import CalibrationSample
from grants.models.meeting import Meeting, MeetingItem
from grants.models.outbox import OutboxMessage
from grants.models.scenario import Scenario
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Actor
from grants.rules.recommendation import Recommendation
from grants.rules.states import AssessmentState, LineDecision
from grants.services import (
    apply,
    calibrating,
    calibration,
    decide,
    meetings,
    recommending,
    samples,
    scenarios,
)
from grants.services.calibration import Agreed
from grants.services.meetings import Plan
from grants.services.scenarios import Pinned, View
from tests import build, crawling, deciding, everybody
from tests import calibrating as calibrating_builders
from tests.everybody import Bid, World

TOKEN = re.compile(rb'name="(?:csrf_token|key)" value="[^"]*"')
APPLICANTS = ("editor", "submitter", "signatory", "officer")
OUTSIDERS = ("", "rival", "reporter", "other_reporter", "nobody", "leaver", "leaver_of_staff")
ELSEWHERE = ("manager_elsewhere", "manager_of_another_fund")
CONFLICTED = ("conflicted_assessor", "conflicted_manager", "conflicted_approver")
READERS = ("assessor", "unassigned_assessor", "chair")
VIEW = View(measure="total", budgets={})
Secret = Callable[[World, Bid], None]
Seen = dict[str, tuple[int, str, bytes]]


@dataclass
class Watch:
    """The world as each of these people sees it."""

    app: Flask
    world: World
    clients: dict[str, Any]
    addresses: list[str]

    def look(self) -> dict[str, Seen]:
        return {who: self._pages(who, client) for who, client in self.clients.items()}

    def _pages(self, who: str, client: Any) -> Seen:
        seen = {}
        for address in self.addresses:
            answer = client.get(address)
            if answer.status_code == 500:
                raise AssertionError(f"{who} broke {address}")
            body = TOKEN.sub(b"", answer.get_data())
            seen[address] = (answer.status_code, answer.location or "", body)
            answer.close()
        seen["mail"] = (0, "", repr(self._mail(who)).encode())
        return seen

    def _mail(self, who: str) -> list[tuple[str, str]]:
        email = self.world.people.get(who, "")
        with self.app.app_context():
            rows = db.session.execute(
                sa.select(OutboxMessage.subject, OutboxMessage.body)
                .where(OutboxMessage.recipient == email)
                .order_by(OutboxMessage.id)
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def begin(app, sign_in) -> Callable[..., tuple[Watch, Bid]]:
    """``begin(people, state)``: a world with a quiet neighbour and one application in this state."""

    def begun(people: Iterable[str], state: str, *, short: bool = False) -> tuple[Watch, Bid]:
        with app.app_context():
            world = everybody.world()
            if not short:
                everybody.bid(world, "released")
            made = everybody.bid(world, state)
            manager = build.actor_of(world.person("manager"))
            scenarios.keep(manager, world.round_key, "Ours", VIEW, now=build.NOW)
            _meet(world, manager)
            samples.add_sample(manager, world.round_key, "fund:strong", now=build.NOW)
            calibration.open_set(manager, world.round_key, now=build.NOW)
            record = db.session.get_one(build.Round, world.round_id)
            section = fund_of(NOBODY, record.definition_id).sections[0].key
        clients = {
            who: sign_in(app.test_client(), world.people[who]) if who else app.test_client()
            for who in people
        }
        found = _addresses(app, world, section)
        return Watch(app, world, clients, _one_of_each(found) if short else found), made

    return begun


@pytest.fixture
def watch(begin, long) -> Callable[[Iterable[str], str], tuple[Watch, Bid]]:
    """Every address with every key, search, sort and filter, for all of these people."""
    if not long:
        pytest.skip("every page of everybody: python3 run.py test --long")
    return begin


KEY = re.compile(r"[0-9a-f-]{36}")


def _one_of_each(found: list[str]) -> list[str]:
    """Every page once, with the newest key, which is that of the secret; lists by one search too."""
    asked = [
        address for address in found if "?" not in address or address.endswith(crawling.LISTS[0])
    ]
    return list({KEY.sub("*", address): address for address in asked}.values())


def _meet(world: World, manager: Actor) -> None:
    """A meeting of the round: its members read what it takes, those with an interest not."""
    sitters = [world.person(who).id for who in ("second_assessor", *CONFLICTED)]
    plan = Plan(
        held_on=build.NOW.date(),
        place="Room 2 (fictional)",
        quorum=2,
        chair=sitters[0],
        secretary=manager.person_id,
        members=frozenset(sitters),
    )
    meetings.plan(manager, world.round_key, plan, now=build.NOW)


LISTED = (
    "/applications",
    "/awards",
    "/assessments",
    "/returns",
    "/ranking",
    "/workbench",
    "/letters",
    "/people",
)


def _addresses(app: Flask, world: World, section: str) -> list[str]:
    plain = crawling.addresses(app, (section, world.reference))
    lists = [place for place in plain if place.endswith(LISTED) or place.endswith("/assignments")]
    return plain + [place + asked for place in lists for asked in crawling.LISTS]


def differences(before: dict[str, Seen], after: dict[str, Seen]) -> list[tuple[str, str]]:
    return [
        (who, address)
        for who, seen in before.items()
        for address in seen
        if seen[address] != after[who][address]
    ]


def unchanged(watch: Watch, made: Bid, secret: Secret) -> None:
    before = watch.look()
    with watch.app.app_context():
        secret(watch.world, made)
        db.session.commit()
    after = watch.look()

    assert differences(before, after) == []


def another_score(world: World, made: Bid) -> None:
    """The second reader's marks, words and total."""
    other = db.session.query(Assessment).filter_by(key=made.assessments["second_assessor"]).one()
    other.total, other.comment = 12, "A wholly other comment"
    db.session.execute(
        sa.update(Score)
        .where(Score.assessment_id == other.id)
        .values(mark=0, reason="Wholly other words")
    )


def score_comes_in(world: World, made: Bid) -> None:
    """The first reader's scores come in, after the second's."""
    own = db.session.query(Assessment).filter_by(key=made.assessments["assessor"]).one()
    own.state, own.submitted_at, own.total = AssessmentState.SUBMITTED, build.NOW, 60


def sample_is_scored(world: World, made: Bid) -> None:
    """Another assessor's scores of the sample that all of them score, and what was agreed of it."""
    manager = build.actor_of(world.person("manager"))
    other = build.actor_of(world.person("second_assessor"))
    record = db.session.get_one(build.Round, world.round_id)
    fund = fund_of(NOBODY, record.definition_id)
    criteria = [criterion.key for criterion in fund.scoring.criteria]
    sample = db.session.query(CalibrationSample).one()
    sheet = calibrating_builders.sheet(criteria, 1, "A wholly other reason")
    calibrating.send(other, sample.key, sheet, now=build.NOW)
    marks = {criteria[0]: Agreed(mark="2", reason="Agreed behind a closed door")}
    calibration.agree(manager, sample.key, marks, seen=sample.version, now=build.NOW)


def recommended(world: World, made: Bid) -> None:
    manager = build.actor_of(world.person("manager"))
    recommending.recommend(manager, made.award, deciding.in_full(made.award), now=build.NOW)


def approved(world: World, made: Bid) -> None:
    recommended(world, made)
    seen = deciding.award(made.award).recommended_sha256 or ""
    approver = build.actor_of(world.person("approver"))
    decide.approve(approver, made.award, seen=seen, now=build.NOW)


def pinned(world: World, made: Bid) -> None:
    """In the scenario that there is, it is out by hand."""
    wanted = Pinned(
        application=made.key, row="r1", decision=LineDecision.OUT, reason="risk: Judged otherwise."
    )
    manager, key = build.actor_of(world.person("manager")), db.session.query(Scenario).one().key
    scenarios.pin(manager, world.round_key, wanted, VIEW, scenario=key, now=build.NOW)


def refused(world: World, made: Bid) -> None:
    manager = build.actor_of(world.person("manager"))
    wanted = Recommendation(is_award=False, reason="out_of_scope")
    recommending.recommend(manager, made.award, wanted, now=build.NOW)
    approver = build.actor_of(world.person("approver"))
    decide.refuse(approver, made.award, reason="out_of_scope", now=build.NOW)


def rival_begins(world: World, made: Bid) -> None:
    """A rival's draft, with words in it."""
    round_key = world.round_key
    organisation = db.session.get_one(build.Organisation, world.places["rival"])
    choice = apply.Choice(round_key, organisation.key, "Orkney Islands")
    key = apply.begin(build.actor_of(world.person("rival")), choice, now=build.NOW)
    record = db.session.query(Application).filter_by(key=key).one()
    answer = Answer(application_id=record.id, question="need", row="", text="A rival's need")
    answer.changed_at, answer.changed_by = build.NOW, record.created_by
    db.session.add(answer)


def hidden_one_comes(state: str) -> Secret:
    """An application in which the conflicted people have declared an interest."""

    def come(world: World, made: Bid) -> None:
        hidden = everybody.bid(world, state)
        db.session.add(
            MeetingItem(
                meeting_id=db.session.query(Meeting).one().id,
                application_id=hidden.id,
                place=0,
                why="line",
                outcome="scored",
                recorded="Said behind a closed door",
                recorded_by=world.person("manager").id,
                recorded_at=build.NOW,
            )
        )

    return come


def hidden_one_moves(world: World, made: Bid) -> None:
    approved(world, made)


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.2")
def test_score_of_another_reader_is_known_to_nobody_while_scores_are_coming_in(watch):
    barred = (
        *(*OUTSIDERS, *APPLICANTS, *READERS, *CONFLICTED, *ELSEWHERE),
        *("manager", "approver", "finance", "evaluator", "auditor", "administrator"),
    )

    unchanged(*watch(barred, "assessing"), another_score)


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
def test_score_is_known_to_nobody_outside_the_panel_after_moderation(watch):
    barred = (
        *(*OUTSIDERS, *APPLICANTS, "unassigned_assessor", "chair", *CONFLICTED, *ELSEWHERE),
        *("finance", "evaluator", "auditor", "administrator"),
    )

    unchanged(*watch(barred, "moderation"), another_score)


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
def test_reader_looks_at_the_same_page_whether_others_have_scored(watch):
    barred = (*OUTSIDERS, *APPLICANTS, "second_assessor", "unassigned_assessor", *CONFLICTED)

    unchanged(*watch(barred, "assessing"), score_comes_in)


@pytest.mark.feature("R23")
@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.2")
def test_score_of_a_sample_is_known_to_no_assessor_whose_own_are_not_in(watch):
    barred = (
        *(*OUTSIDERS, *APPLICANTS, *READERS, "conflicted_assessor", *ELSEWHERE),
        *("approver", "finance", "evaluator"),
    )

    unchanged(*watch(barred, "assessing"), sample_is_scored)


@pytest.mark.feature("R23")
def test_samples_change_no_page_but_their_own(begin):
    """Ranking, workbench, agreement, allocation, figures, extracts, register: all as they were."""
    people = ("manager", "approver", "evaluator", "finance", "submitter", "assessor", "")
    watched, made = begin(people, "moderation", short=True)
    before = watched.look()
    with watched.app.app_context():
        sample_is_scored(watched.world, made)

    found = {address for _, address in differences(before, watched.look())}

    assert {KEY.sub("*", address) for address in found} == {
        "/calibration/*",
        "/calibration/*/agreement",
    }


BEFORE_RELEASE = (
    *(*OUTSIDERS, *APPLICANTS, *READERS, "second_assessor", *CONFLICTED, *ELSEWHERE),
    "evaluator",
)


@pytest.mark.feature("D5")
@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize(
    "secret", [recommended, approved, refused, pinned], ids=lambda one: one.__name__
)
def test_decision_is_known_to_nobody_outside_before_release(watch, secret):
    unchanged(*watch(BEFORE_RELEASE, "moderation"), secret)


@pytest.mark.feature("M1")
def test_rivals_draft_is_known_to_nobody(watch):
    barred = (
        *(one for one in OUTSIDERS if one != "rival"),
        *(*APPLICANTS, *READERS, *CONFLICTED, *ELSEWHERE),
        *("manager", "approver", "finance", "evaluator"),
    )

    unchanged(*watch(barred, "moderation"), rival_begins)


@pytest.mark.feature("R9")
@pytest.mark.feature("M1")
@pytest.mark.parametrize("state", ["assessing", "recommended", "approved", "refused"])
def test_who_has_an_interest_is_not_told_that_the_application_exists(watch, state):
    unchanged(*watch(CONFLICTED, "withdrawn"), hidden_one_comes(state))


@pytest.mark.feature("R9")
@pytest.mark.feature("D6")
@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize(
    ("secret", "state", "people"),
    [
        (another_score, "assessing", ("submitter", "assessor", "manager")),
        (approved, "moderation", ("submitter", "rival", "second_assessor", "conflicted_manager")),
        (rival_begins, "moderation", ("manager", "submitter")),
        (sample_is_scored, "assessing", ("assessor", "submitter", "approver", "rival")),
        (hidden_one_comes("approved"), "withdrawn", ("conflicted_manager", "conflicted_approver")),
    ],
    ids=("score", "decision", "draft", "sample", "interest"),
)
def test_main_secrets_are_kept_on_every_page(begin, secret, state, people):
    """The short run's part of all that stands above: each page once, for those it matters to most."""
    unchanged(*begin(people, state, short=True), secret)
