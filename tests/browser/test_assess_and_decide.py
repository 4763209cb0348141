"""What no other walk comes by, in Chromium: the check, the allocation, fairness, and decisions on many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import Application
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round, RoundDefinition
from grants.rules.people import Actor, Role
from grants.rules.states import ApplicationState, AssessmentState
from grants.services.adoption import Words, adopt, rehearse
from grants.services.scenarios import View, keep
from tests import build, deciding, drawing
from tests.browser.desks import Desks, desks
from tests.deciding import Scene
from tests.queries.test_fairness import read
from tests.services.test_triage import GOOD, with_triage

pytestmark = pytest.mark.browser
ADULT = all_funds()["adult"]
AREAS = (("Shetland Islands", 2_000_000, ("S12000027",)),)


@dataclass
class Readers:
    """A round to be read, and who reads."""

    scene: Scene
    manager: Actor
    readers: list[Actor]


def to_be_read() -> Readers:
    """Three applications that were sent, in a round that is checked before scoring."""
    scene = deciding.scene(count=3, state=ApplicationState.SUBMITTED)
    with_triage(db.session.get_one(RoundDefinition, scene.definition_id))
    funder = db.session.get_one(Round, scene.round_id).organisation_id
    place = db.session.get_one(Organisation, funder)
    made = [build.person(Role.ASSESSOR, at=place, name=f"Seòras {n} (fictional)") for n in range(3)]
    return Readers(scene, scene.manager, [build.actor_of(one) for one in made])


@pytest.fixture
def reading(chromium, tmp_path) -> Iterator[Desks]:
    with desks(chromium, tmp_path, to_be_read) as found:
        yield found


def check(manager, key, **changes):
    """The check of one application, each question answered."""
    manager.open(f"/staff/applications/{key}/triage")
    return manager.fill({one.key: one.answer for one in GOOD} | changes)


@pytest.mark.feature("R1")
@pytest.mark.feature("R4")
@pytest.mark.feature("R5")
@pytest.mark.feature("R6")
@pytest.mark.feature("R7")
@pytest.mark.feature("R9")
def test_checked_allocated_and_hidden_from_whoever_has_an_interest(reading):
    made = reading.made
    first, *others = made.scene.applications
    manager = reading.hand()
    check(manager, first, complete="no").look().press("Record the check").look()
    assert manager.page.locator("#error-summary, .ds_error-summary").count()
    assert manager.page.locator('[name="complete"][value="no"]').is_checked()
    manager.fill({"complete_reason": "The budget is empty."}).press("Record the check").look()
    assert "not passed" in manager.text
    for key in others:
        check(manager, key).press("Record the check")

    place = f"/rounds/{made.scene.round_key}/assignments"
    manager.open(place).press("Open all for assessment").look()
    assert "2 applications opened for assessment" in manager.text
    manager.press("Propose an allocation").look()
    manager.fill({"readers": "3", "most": "1"}).press("Work it out again").look()
    assert "short of readers" in manager.text
    manager.fill({"readers": "3", "most": "5"}).press("Work it out again")
    manager.press("Make 6 assignments").look()
    manager.open(f"{place}?by=assessor").look()
    assert manager.text.count("Seòras") >= len(made.readers)

    reader = reading.hand(made.readers[0]).open("/assessments").look()
    assert len(set(reader.shown.links("^/assessments/"))) == len(others)
    hidden = reader.shown.links("^/assessments/")[0]
    reader.open(hidden).look()
    assert "A warm room" not in reader.text
    kinds = reader.shown.tree.xpath("//input[@name='interest']/@value")
    reader.fill({"interest": next(kind for kind in kinds if kind != "none")})
    reader.press("Declare and continue").look()
    reader.open(hidden).look()
    assert "Page not found" in reader.page.title()
    assert hidden not in reader.open("/assessments").shown.links("^/assessments/")


def half_read() -> Readers:
    """One application with two readers, of whom the second has submitted."""
    scene = deciding.scene(state=ApplicationState.ASSESSING)
    record = db.session.get_one(Round, scene.round_id)
    place = db.session.get_one(Organisation, record.organisation_id)
    first, second = (build.person(Role.ASSESSOR, at=place) for _ in range(2))
    by = db.session.get_one(Person, scene.manager.person_id)
    one = db.session.query(Application).one()
    build.assessment(one, first, by)
    marks = {criterion.key: 2 for criterion in ADULT.scoring.criteria}
    build.assessment(one, second, by, state=AssessmentState.SUBMITTED, marks=marks, total="50.00")
    return Readers(scene, scene.manager, [build.actor_of(first)])


@pytest.mark.feature("R11")
def test_other_scores_are_seen_once_ones_own_are_in(chromium, tmp_path):
    with desks(chromium, tmp_path, half_read) as found:
        reader = found.hand(found.made.readers[0], script=False).open("/assessments")
        reader.open(reader.shown.links("^/assessments/")[0])
        place = reader.address
        assert ("Because." in reader.page.content(), "50.00" in reader.text) == (False, False)
        for criterion in ADULT.scoring.criteria:
            reader.fill({f"mark.{criterion.key}": "3", f"reason.{criterion.key}": "Mine."})
        for name in sorted(set(reader.shown.tree.xpath("//input/@name[starts-with(., 'line.')]"))):
            reader.fill({name: "full"})
        reader.press("Submit your scores")

        assert "Because." not in reader.open(place).page.content()
        manager = found.hand().open(f"/staff/applications/{found.made.scene.applications[0]}")
        manager.press("Open moderation").look()
        assert "50.00" in reader.open(place).text
        assert "Because." in reader.page.content()


@pytest.mark.feature("R12")
@pytest.mark.feature("R14")
@pytest.mark.feature("R15")
@pytest.mark.feature("R20")
@pytest.mark.feature("R21")
def test_fairness_ranking_and_what_is_known_of_the_applicant(chromium, tmp_path):
    with desks(chromium, tmp_path, read) as found:
        scene = found.made
        place, one = (
            f"/rounds/{scene.round_key}/ranking",
            f"/staff/applications/{scene.applications[0]}",
        )
        manager = found.hand().open(place).look()
        assert "Adjusted total" in manager.text
        manager.open(f"{place}/fairness").look()
        assert "Harsh" in manager.text
        assert manager.page.locator("svg").count()
        manager.open(one).look()
        assert "no earlier outcome with this funder" in manager.text

        manager.open(f"{one}/checks").look()
        manager.fill({"item": "accounts", "note": "Not signed"}).press("Record").look()
        assert "Say what you found." in manager.text
        manager.fill({"finding": "concern"}).press("Record").look()
        assert "Not signed" in manager.text
        assert "1 concern" in manager.open(one).text


def drawn() -> Scene:
    """Five scored projects, of which the money reaches three; the scenario is adopted."""
    made = drawing.scored(["90.00", "80.00", "70.00", "60.00", "50.00"], areas=AREAS)
    build.area_of(db.session.get_one(Round, made.round_id)).amount = 1_500_000
    db.session.commit()
    words = Words(less="fund_exhausted", out="out_of_scope")
    key = keep(
        made.manager, made.round_key, "Ours", View(measure="total", budgets={}), now=build.NOW
    )
    seen = rehearse(made.manager, key, words).fingerprint
    adopt(made.manager, key, words, seen=seen, now=build.NOW)
    return made


@pytest.mark.feature("D2")
@pytest.mark.feature("D3")
@pytest.mark.feature("D5")
@pytest.mark.feature("D6")
@pytest.mark.feature("D7")
def test_many_are_decided_at_once_released_together_and_a_reserve_promoted(chromium, tmp_path):
    with desks(chromium, tmp_path, drawn) as found:
        scene = found.made
        place = f"/rounds/{scene.round_key}"
        manager, approver = found.hand(), found.hand("approver")
        applicant = found.hand("applicant").open("/applications").look()
        before = applicant.text
        decide(
            approver.open(f"{place}/approvals").look(), "3 decisions can be made, £15,000 in all."
        )
        assert "Nothing waits for your decision" in approver.look().text

        assert manager.open(f"{place}/reserves").look().text.count("Waits for money") == 2
        manager.open(f"/awards/{scene.awards[0]}").look()
        manager.page.get_by_text("Take this decision back").click()
        manager.fill({"amendment-reason": "Its doors have closed."}).press("Take it back").look()
        manager.fill({"decision-r1": "part", "amount-r1": "10", "reason-r1": "fund_exhausted"})
        manager.press("Recommend").look()
        assert "cannot work with less than £3,000" in manager.text
        manager.fill({"is_award": "no", "reason": "out_of_scope"}).press("Recommend").look()
        manager.open(f"{place}/reserves").look()
        _, first, second = manager.shown.tree.xpath("//select[@name='row']/option/@value")
        manager.fill({"row": second}).press("Promote").look()
        assert "Others come before it" in manager.text
        manager.fill({"row": first}).press("Promote").look()
        decide(approver.open(f"{place}/approvals").look(), "can be made")
        assert applicant.open("/applications").text == before

        approver.open(f"{place}/release").fill({"typed": "4"}).press("Release").look()
        assert applicant.open("/applications").look().text != before


def decide(approver, preview):
    """All that waits is ticked, previewed and decided."""
    for box in approver.page.locator('[name="chosen"]').all():
        box.check()
    approver.press("See what would happen").look()
    assert preview in approver.text
    approver.press("Decide on the ticked ones")
