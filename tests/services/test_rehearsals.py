"""A rehearsal of a round: made, played, kept apart, thrown away."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.outbox import OutboxMessage
from grants.models.person import Delegation, Person
from grants.models.project import Project
from grants.models.rehearsal import Rehearsal
from grants.models.round import AllocationArea, Round
from grants.notifications import outbox
from grants.queries import (
    applications,
    delegations,
    home,
    people,
    profiles,
    public,
    rounds,
    staff_applications,
    upkeep,
)
from grants.queries import outbox as outbox_queries
from grants.rules.people import CLOCK, NOBODY, Role
from grants.rules.refusals import Blocked, NotFound, Refusal
from grants.rules.states import ApplicationState, RoundState
from grants.services import accept, entering, letters, mail, rehearsals, release, reminders, roles
from grants.services import people as granting
from grants.services.acting import actor_with_id
from grants.services.evaluate import evaluation as figures
from grants.services.transaction import transaction
from tests import build, deciding, local

pytestmark = [pytest.mark.feature("S7"), pytest.mark.usefixtures("context")]
VERIFY = "https://grants.example.org/letters/check"


@pytest.fixture
def scene():
    """An open round with its people, before anybody rehearses it."""
    return deciding.scene()


def rehearse(scene):
    rehearsals.make(scene.manager, scene.round_key, now=build.NOW)
    return db.session.query(Round).filter(Round.rehearsal_id.is_not(None)).one()


def part(name):
    """Somebody of the cast, as an actor."""
    person = db.session.query(Person).filter(Person.email.startswith(f"{name}.")).one()
    return actor_with_id(person.id, now=build.NOW)


def played(twin):
    """An application in the rehearsal with an award that is released and lettered."""
    home = part("applicant").held[0].organisation_id
    by = db.session.get_one(Person, part("applicant").person_id)
    made = build.application(
        twin,
        db.session.get_one(build.Organisation, home),
        by,
        state=ApplicationState.MODERATION,
        answers=deciding.CONTACT,
    )
    award = build.award(made).key
    manager, approver = part("manager"), part("approver")
    deciding.recommending.recommend(manager, award, deciding.in_full(award), now=build.NOW)
    seen = deciding.award(award).recommended_sha256 or ""
    deciding.decide.approve(approver, award, seen=seen, now=build.NOW)
    release.release(approver, twin.key, typed="1", now=build.NOW)
    letter = letters.draft(manager, award, verify_address=VERIFY, now=build.NOW)
    letters.issue(approver, letter, now=build.NOW)
    return made, award, letter


def test_rehearsal_is_a_twin_that_is_open_now_with_a_cast(scene):
    original = db.session.get_one(Round, scene.round_id)

    twin = rehearse(scene)
    rehearsals.make(scene.manager, scene.round_key, now=build.NOW)

    assert db.session.query(Rehearsal).count() == 1
    assert (twin.state, twin.opens_at, twin.pot) == (RoundState.OPEN, build.NOW, original.pot)
    assert twin.organisation_id != original.organisation_id
    assert twin.definition_id != original.definition_id
    cast = db.session.query(Person).filter(Person.rehearsal_id.is_not(None))
    assert [person.name for person in cast.order_by(Person.id)] == [
        f"{one.title} (rehearsal)" for one in rehearsals.PARTS
    ]
    assert {person.password_hash for person in cast} == {None}
    found = applications.open_rounds(part("applicant"), now=build.NOW)
    assert [row.key for row in found] == [twin.key]


def test_round_that_cannot_be_published_cannot_be_rehearsed(scene):
    db.session.get_one(Round, scene.round_id).allocated = 0
    db.session.commit()

    with pytest.raises(Blocked, match="share of the pot"):
        rehearsals.make(scene.manager, scene.round_key, now=build.NOW)


def test_only_who_sets_the_round_up_rehearses_it_and_never_a_rehearsal(scene):
    twin = rehearse(scene)

    for actor, key in (
        (scene.approver, scene.round_key),
        (scene.applicant, scene.round_key),
        (part("manager"), twin.key),
        (part("manager"), scene.round_key),
        (scene.manager, twin.key),
    ):
        with pytest.raises(Refusal):
            rehearsals.make(actor, key, now=build.NOW)
    assert db.session.query(Rehearsal).count() == 1


def seen_by_all(scene, admin):
    """What people outside a rehearsal see of everything there is."""
    now = build.NOW
    return (
        public.open_rounds(NOBODY, now=now).rows,
        public.register(NOBODY, "", 1),
        applications.open_rounds(scene.applicant, now=now),
        rounds.listed(scene.manager),
        [row.email for row in people.people(admin, search="", role="", number=1, now=now).rows],
        [row.id for row in delegations.delegations(admin, 1, now=now).rows],
        delegations.approvers(admin, now=now),
        upkeep.rounds(CLOCK),
        home.rounds(scene.manager),
        [row.name for row in profiles.all_of_them(admin, search="", number=1).rows],
        outbox_queries.messages(admin, state="", search="", number=1),
        staff_applications.of_round(scene.manager, scene.round_key, staff_applications.Wanted()),
        figures(scene.manager, scene.round_key, now=now),
        reminders.remind_drafts(now=now + dt.timedelta(days=55)),
    )


def test_everything_outside_is_the_same_with_and_without_a_rehearsal(scene):
    admin = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    before = seen_by_all(scene, admin)

    _, _, letter = played(rehearse(scene))

    assert seen_by_all(scene, admin) == before
    with pytest.raises(NotFound):
        letters.pdf(scene.manager, letter)


def test_notice_and_letter_of_a_rehearsal_are_not_public(scene):
    twin = rehearse(scene)
    played(twin)
    code = db.session.execute(sa.text("SELECT code FROM letter")).scalar_one()

    with pytest.raises(NotFound):
        public.round_page(NOBODY, twin.reference, now=build.NOW)
    assert not public.is_letter_in_force(NOBODY, code)


def test_letter_says_that_it_is_no_offer(scene):
    played(rehearse(scene))

    words = db.session.execute(sa.text("SELECT content FROM letter")).scalar_one()

    assert "REHEARSAL – not an offer" in str(words) or "REHEARSAL \\u2013 not an offer" in str(
        words
    )


def test_mail_of_the_cast_is_kept_and_never_leaves(scene):
    played(rehearse(scene))
    kept = db.session.query(OutboxMessage).filter(OutboxMessage.rehearsal_id.is_not(None)).count()
    assert kept

    due = db.session.scalars(mail._due(build.NOW)).all()

    outside = db.session.query(OutboxMessage).filter_by(rehearsal_id=None).count()
    assert (len(due), outside) == (0, 0)


def test_mail_to_anybody_from_within_a_rehearsal_is_kept_too(scene):
    rehearsal = rehearse(scene).rehearsal_id
    outbox.keep_apart(rehearsal)
    with transaction():
        values = {"name": "A", "link": "https://example.org"}
        outbox.queue("password", "real@example.org", now=build.NOW, values=values)

    assert db.session.query(OutboxMessage).one().rehearsal_id == rehearsal
    assert db.session.scalars(mail._due(build.NOW)).all() == []


def typed_for(twin, manager):
    """An application that the manager of a rehearsal types for a group nobody knows."""
    area = db.session.query(AllocationArea).filter_by(round_id=twin.id).first()
    given = entering.Given(
        channel="paper",
        given_by="Beathag",
        email="beathag@example.org",
        received_on=build.NOW.date(),
        consent_on=build.NOW.date(),
        consent_how="Signed.",
    )
    group = entering.NewGroup(name="Folk of nowhere")
    return entering.begin(manager, twin.key, area.name, group, given, now=build.NOW)


def test_group_that_is_typed_for_in_a_rehearsal_stays_in_it(scene):
    admin = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    before = seen_by_all(scene, admin)
    twin = rehearse(scene)

    key = typed_for(twin, part("manager"))

    group = db.session.query(build.Organisation).filter_by(name="Folk of nowhere").one()
    assert group.rehearsal_id == twin.rehearsal_id
    assert seen_by_all(scene, admin) == before
    with pytest.raises(Blocked, match="rehearsal"):
        entering.invite(part("manager"), key, base_url="https://x.example", now=build.NOW)
    assert db.session.query(Person).filter_by(email="beathag@example.org").count() == 0


def test_part_of_a_rehearsal_is_given_no_real_role(scene):
    """With one, whoever plays it would be two persons: who recommends, and who approves."""
    rehearse(scene)
    admin = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    funder = db.session.get_one(build.Organisation, scene.manager.held[0].organisation_id)
    key = db.session.get_one(Person, part("first-assessor").person_id).key
    for role in (Role.ASSESSOR, Role.APPROVER, Role.PARTNERSHIP_OFFICER):
        wanted = roles.Grant(role=role, organisation=funder.reference)
        with pytest.raises(NotFound):
            granting.grant_role(admin, key, wanted, reason="Please.", now=build.NOW)

    assert len(part("first-assessor").held) == 1


def test_rehearsal_that_is_thrown_away_is_gone_for_everybody_and_may_begin_again(scene):
    first = rehearse(scene)
    played(first)
    manager = part("manager").person_id

    rehearsals.end(scene.manager, scene.round_key, now=build.NOW)

    assert actor_with_id(manager, now=build.NOW).held == ()
    assert db.session.get_one(Round, first.id).state == RoundState.CLOSED
    assert all(
        row.ends_at
        for row in db.session.query(Delegation)
        .join(Person, Person.id == Delegation.person_id)
        .filter(Person.rehearsal_id.is_not(None))
    )
    rehearsals.make(scene.manager, scene.round_key, now=build.NOW + dt.timedelta(hours=1))
    assert db.session.query(Rehearsal).filter_by(ended_at=None).count() == 1


def test_local_round_is_rehearsed_by_its_officer():
    made = local.scene()
    record = local.open_local(made)

    rehearsals.make(made.people["officer"], record.key, now=build.NOW)

    twin = db.session.query(Round).filter(Round.rehearsal_id.is_not(None)).one()
    assert deciding.award(made.award).local_pots == local.POT
    assert [row.key for row in applications.open_rounds(part("applicant"), now=build.NOW)] == [
        twin.key
    ]


def test_audit_trail_names_who_made_it(scene):
    rehearse(scene)

    entry = db.session.query(AuditEntry).filter_by(action="rehearse").one()

    assert (entry.person_id, entry.after) == (scene.manager.person_id, {"what": "rehearsal made"})


def test_groups_of_a_rehearsal_are_no_groups_outside(scene):
    made, award, _ = played(rehearse(scene))
    lines = deciding.lines_of(award)
    kind = build.OrganisationKind.GROUP
    real = build.organisation(lines[0].group_name, kind, "S12000027")

    applicant = part("applicant")
    accept.accept(applicant, award, typed_name=applicant.name, agrees=True, now=build.NOW)

    runners = db.session.query(build.Organisation).join(
        Project, Project.organisation_id == build.Organisation.id
    )
    assert {runner.rehearsal_id for runner in runners} == {
        db.session.get_one(Round, made.round_id).rehearsal_id
    }
    assert real.id not in {runner.id for runner in runners}
    with pytest.raises(Blocked):
        roles.organisation_named("Rehearsal Applicant (made up)")
