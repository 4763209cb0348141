"""Nobody learns a secret from anywhere: two worlds that differ in it alone look the same to them.

Every address that answers to GET is asked before and after the secret is put in the database, with
every key that there is and every search, sort and filter that a page offers; so are the exports and
the mail (``tests/watching.py``). Nothing may differ.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import HTTPException

from grants.extensions import db
from grants.models.application import Answer, Application
from grants.models.assessment import Assessment, Score
from grants.models.award import Award
from grants.models.calibration import CalibrationSample
from grants.models.meeting import Meeting, MeetingItem
from grants.models.scenario import Scenario
from grants.notifications import outbox
from grants.queries import visible
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY
from grants.rules.recommendation import Recommendation
from grants.rules.states import AssessmentState, AwardState, LineDecision
from grants.services import apply, calibrating, calibration, decide, recommending, scenarios
from grants.services.calibration import Agreed
from grants.services.scenarios import Pinned
from tests import build, deciding, everybody, watching
from tests import calibrating as calibrating_builders
from tests.watching import KEY, OPENED, VIEW, Secret, Watch

APPLICANTS = ("editor", "submitter", "signatory", "officer")
OUTSIDERS = ("", "rival", "reporter", "other_reporter", "nobody", "leaver", "leaver_of_staff")
ELSEWHERE = ("manager_elsewhere", "manager_of_another_fund")
CONFLICTED = everybody.CONFLICTED
OVERSEERS = ("finance", "auditor", "administrator")
DECIDERS = ("manager", "approver")
# Pages that nobody opens here, and why. A new page is opened by somebody, or it stands here.
UNOPENED = {
    "account.enter_by_link": "a secret word of one's own stands in its address",
    "account.invitation": "a secret word of one's own stands in its address",
    "account.link": "a secret word of one's own stands in its address",
    "public.confirmation": "a secret word of one's own stands in its address",
    "account.second_factor": "before one is signed in whole",
    "account.set_up": "before one is signed in whole",
    "apply.enter": "asks for a group and an area: tests/blueprints/test_helping.py",
    "apply.entry": "of what was typed for a group: tests/blueprints/test_helping.py",
    "apply.partner": "of a partner who is named: tests/blueprints/test_together.py",
    "assess.paper_sheets": "of scores typed from paper: tests/blueprints/test_paper_scores.py",
    "assess.beforehand": "of a round that is read blind: tests/test_blind.py",
    "assess.name_sample": "of a sample not yet scored: tests/blueprints/test_calibration.py",
    "assess.sample_section": "of a sample not yet scored: tests/blueprints/test_calibration.py",
    "award.addition": "of more money for an award: tests/services/test_additions.py",
    "award.offered_addition": "of more money for an award: tests/services/test_additions.py",
    "award.changes": "of an application that came back: tests/blueprints/test_queries.py",
    "rounds.pot": "of a local round: tests/blueprints/test_local_rounds.py",
    "rounds.cap": "the fund has no caps",
    "rounds.strand": "the fund has no strands",
    "static": "the same for everybody",
}


@pytest.fixture(scope="module")
def watch(_app, _database, _clock) -> Iterator[Watch]:
    """One world for all of these tests, looked at by everybody before there is a secret."""
    _clock.now = _clock.START
    made = watching.made(_app, _database, _clock.now)
    made.first_look()
    yield made
    with _app.app_context():
        db.session.remove()
        db.engine.dispose()
    _database.restore()
    for path in _database.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def score_while_scoring(watch: Watch) -> None:
    """The second reader's marks, words and total, where scores are still coming in."""
    _other_scores(watch.scoring.assessments["second_assessor"])


def score_in_moderation(watch: Watch) -> None:
    """The same, where the panel sits."""
    _other_scores(watch.weighed.assessments["second_assessor"])


def _other_scores(key: object) -> None:
    other = db.session.query(Assessment).filter_by(key=key).one()
    other.total, other.comment = 12, "A wholly other comment"
    db.session.execute(
        sa.update(Score)
        .where(Score.assessment_id == other.id)
        .values(mark=0, reason="Wholly other words")
    )


def score_comes_in(watch: Watch) -> None:
    """The first reader's scores come in, after the second's."""
    key = watch.scoring.assessments["assessor"]
    own = db.session.query(Assessment).filter_by(key=key).one()
    own.state, own.submitted_at, own.total = AssessmentState.SUBMITTED, build.NOW, 60


def sample_is_scored(watch: Watch) -> None:
    """Another assessor's scores of the sample that all of them score, and what was agreed of it."""
    record = db.session.get_one(build.Round, watch.world.round_id)
    fund = fund_of(NOBODY, record.definition_id or 0)
    criteria = [criterion.key for criterion in fund.scoring.criteria]
    sample = db.session.query(CalibrationSample).one()
    sheet = calibrating_builders.sheet(criteria, 1, "A wholly other reason")
    calibrating.send(watch.actor("second_assessor"), sample.key, sheet, now=build.NOW)
    marks = {criteria[0]: Agreed(mark="2", reason="Agreed behind a closed door")}
    manager = watch.actor("manager")
    calibration.agree(manager, sample.key, marks, seen=sample.version, now=build.NOW)


def recommended(watch: Watch) -> None:
    key = watch.weighed.award
    recommending.recommend(watch.actor("manager"), key, deciding.in_full(key), now=build.NOW)


def approved(watch: Watch) -> None:
    recommended(watch)
    key = watch.weighed.award
    seen = deciding.award(key).recommended_sha256 or ""
    decide.approve(watch.actor("approver"), key, seen=seen, now=build.NOW)


def pinned(watch: Watch) -> None:
    """In the scenario that there is, it is out by hand."""
    wanted = Pinned(
        application=watch.weighed.key,
        row="r1",
        decision=LineDecision.OUT,
        reason="risk: Judged otherwise.",
    )
    manager, key = watch.actor("manager"), db.session.query(Scenario).one().key
    scenarios.pin(manager, watch.world.round_key, wanted, VIEW, scenario=key, now=build.NOW)


def refused(watch: Watch) -> None:
    key = watch.weighed.award
    wanted = Recommendation(is_award=False, reason="out_of_scope")
    recommending.recommend(watch.actor("manager"), key, wanted, now=build.NOW)
    decide.refuse(watch.actor("approver"), key, reason="out_of_scope", now=build.NOW)


def rival_begins(watch: Watch) -> None:
    """A rival's draft, with words in it."""
    organisation = db.session.get_one(build.Organisation, watch.world.places["rival"])
    choice = apply.Choice(watch.world.round_key, organisation.key, "Orkney Islands")
    key = apply.begin(watch.actor("rival"), choice, now=build.NOW)
    record = db.session.query(Application).filter_by(key=key).one()
    answer = Answer(application_id=record.id, question="need", row="", text="A rival's need")
    answer.changed_at, answer.changed_by = build.NOW, record.created_by
    db.session.add(answer)


def hidden_one_comes(state: str) -> Secret:
    """An application in which the conflicted people have declared an interest."""

    def come(watch: Watch) -> None:
        hidden = everybody.bid(watch.world, state)
        db.session.add(
            MeetingItem(
                meeting_id=db.session.query(Meeting).one().id,
                application_id=hidden.id,
                place=0,
                why="line",
                outcome="scored",
                recorded="Said behind a closed door",
                recorded_by=watch.world.person("manager").id,
                recorded_at=build.NOW,
            )
        )

    return come


SCORES: tuple[Secret, ...] = (score_while_scoring, score_in_moderation)


@pytest.mark.feature("R2")
@pytest.mark.feature("R9")
@pytest.mark.feature("R23")
@pytest.mark.feature("D6")
@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize(
    ("people", "secrets"),
    [
        (
            (*OUTSIDERS, *APPLICANTS, *ELSEWHERE, "evaluator"),
            (*SCORES, approved, rival_begins, sample_is_scored),
        ),
        (CONFLICTED, (*SCORES, approved, hidden_one_comes("approved"))),
        (("unassigned_assessor", "chair"), (*SCORES, approved, sample_is_scored)),
        (("assessor",), (score_while_scoring, approved, sample_is_scored)),
        (("second_assessor",), (score_comes_in, approved)),
        (OVERSEERS, SCORES),
        (DECIDERS, (score_while_scoring,)),
    ],
    ids=("outside", "interest", "panel", "reader", "other reader", "overseers", "deciders"),
)
def test_secrets_of_a_round_are_kept_from(watch, people, secrets):
    """Another's score, a decision before its release, an application one must not know of.

    Who may know none of several secrets looks at a world that differs in all of these.
    """
    if "rival" in people:  # their own draft is no secret to them
        assert watch.look(["rival"], *SCORES, approved) == []
        people = tuple(one for one in people if one != "rival")

    assert watch.look(people, *secrets) == []


def test_everybody_of_the_world_is_kept_from_some_secret(watch):
    kept = {
        who for mark in test_secrets_of_a_round_are_kept_from.pytestmark for who in _people(mark)
    }

    assert kept == set(watch.clients)


def _people(mark: pytest.Mark) -> set[str]:
    cases = mark.args[1] if mark.name == "parametrize" else ()
    return {who for people, _ in cases for who in people}


@pytest.mark.asvs("3.5.3")
def test_looking_at_every_page_writes_nothing(watch):
    """Nothing but the time at which a session was last seen, which stands still here."""
    assert watch.written == []


def test_every_page_that_there_is_was_looked_at(watch):
    """Each by everybody, and opened by somebody who may; so a new one cannot slip out."""
    adapter = watch.app.url_map.bind("localhost")

    def page(address: str) -> str:
        try:
            return str(adapter.match(address.split("?", maxsplit=1)[0])[0])
        except HTTPException:
            return ""

    there = {r.endpoint for r in watch.app.url_map.iter_rules() if "GET" in (r.methods or ())}
    opened, asked = set(), {}
    for who, seen in watch.before.items():
        asked[who] = {page(place): place for place in seen if place.startswith("/")}
        opened |= {page(place) for place, look in seen.items() if look[0] in OPENED}

    for who, pages in asked.items():
        assert there - {"static"} - pages.keys() == set(), who
    assert there - opened == UNOPENED.keys()


@pytest.mark.feature("R23")
def test_samples_change_no_page_but_their_own(watch):
    """Ranking, workbench, agreement, allocation, figures, extracts, register: all as they were."""
    found = watch.look(("manager", "approver", "finance", "conflicted_assessor"), sample_is_scored)

    assert {(who, KEY.sub("*", address)) for who, address in found} == {
        ("manager", "/rounds/*/calibration"),
        ("manager", "/calibration/*"),
        ("manager", "/calibration/*/agreement"),
    }


BEFORE_RELEASE = (
    *(*OUTSIDERS, *APPLICANTS, *ELSEWHERE, *CONFLICTED, "evaluator"),
    *("assessor", "second_assessor", "unassigned_assessor", "chair"),
)


@pytest.mark.feature("M1")
@pytest.mark.parametrize(
    ("people", "secret"),
    [
        ((*BEFORE_RELEASE, *OVERSEERS, *DECIDERS), score_while_scoring),
        ((*OUTSIDERS, *APPLICANTS, "second_assessor", *CONFLICTED), score_comes_in),
        *((BEFORE_RELEASE, one) for one in (recommended, refused, pinned)),
        ((*APPLICANTS, *CONFLICTED, *ELSEWHERE, *DECIDERS, "finance"), rival_begins),
        *((CONFLICTED, hidden_one_comes(one)) for one in ("assessing", "recommended", "refused")),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_each_secret_is_kept_by_itself(watch, people, secret, long):
    if not long:
        pytest.skip("each secret alone: python3 run.py test --long")
    people = tuple(one for one in people if one != "second_assessor" or secret in ALONE)

    assert watch.look(people, secret) == []


ALONE = {score_comes_in, recommended, refused, pinned}  # the second reader knows their own scores


@pytest.mark.parametrize(
    ("leak", "who", "where", "secret"),
    [
        ("scores_are_open", "manager", "/staff/applications/{0.scoring.key}", score_while_scoring),
        ("outcome_is_known", "submitter", "/outcomes/{0.weighed.award}", approved),
        (
            "no_conflict",
            "conflicted_manager",
            "/rounds/{0.world.round_key}/applications?search=hall",
            hidden_one_comes("assessing"),
        ),
    ],
)
def test_a_permission_that_leaks_is_seen(watch, monkeypatch, leak, who, where, secret):
    """The proof can fail: with one predicate of the table always true, the secret is found."""
    place = where.format(watch)
    with_leak = {**visible.SQL, leak: lambda _actor, _predicate: sa.true()}

    assert watch.glance(who, [place]) == watch.glance(who, [place], secret)
    monkeypatch.setattr(visible, "SQL", with_leak)
    visible.visible.cache_clear()
    try:
        assert watch.glance(who, [place]) != watch.glance(who, [place], secret)
    finally:
        visible.visible.cache_clear()


def test_a_number_on_an_open_page_and_a_mail_are_seen(watch, monkeypatch):
    """The proof can fail: a count that nobody asked about, a mail too early."""
    shown = watch.app.view_functions["public.index"]

    @functools.wraps(shown)
    def with_count() -> str:
        decided = db.session.query(Award).filter_by(state=AwardState.APPROVED).count()
        return f"{shown()}{decided}"

    def told(watch: Watch) -> None:
        email = watch.world.people["submitter"]
        outbox.queue("password", email, now=build.NOW, values={"name": "", "link": ""})

    with monkeypatch.context() as patch:
        patch.setitem(watch.app.view_functions, "public.index", with_count)
        assert watch.glance("", ["/"]) != watch.glance("", ["/"], approved)
    assert watch.look(["submitter"], told) == [("submitter", "mail")]
