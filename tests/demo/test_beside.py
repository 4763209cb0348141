"""The small demonstration shows a local round, and what people do beside writing and scoring."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants import demo
from grants.demo import groups
from grants.demo.world import world
from grants.extensions import db
from grants.models.application import Application
from grants.models.application_query import ApplicationQuery, QueryPoint
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.models.confirmation import Confirmation
from grants.models.due_diligence import ApplicantCheck
from grants.models.helped_entry import HelpedEntry
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Person
from grants.models.project import Project
from grants.models.round import Round
from grants.models.share import Comment, Share
from grants.models.triage import Triage
from grants.queries import calibrating, calibration, confirmations, drafts, duplicates
from grants.rules.confirmations import Standing
from grants.rules.helping import Channel
from grants.rules.people import Right
from grants.rules.states import ApplicationState as Ap
from grants.rules.states import AwardState, Finding, Tier
from grants.services import acting, versions
from tests.clock import Clock

pytestmark = pytest.mark.usefixtures("small")


def below() -> Round:
    return db.session.scalars(sa.select(Round).where(Round.tier == Tier.LOCAL)).one()


def of_round(reference: str) -> Round:
    return db.session.scalars(sa.select(Round).where(Round.reference == reference)).one()


def actor_of(email: str):
    person = db.session.scalars(sa.select(Person.id).where(Person.email == email)).one()
    return acting.actor_with_id(person, now=Clock.START)


@pytest.mark.feature("R23")
def test_first_open_round_has_samples_that_most_have_scored():
    manager, reader = actor_of("manager@example.org"), actor_of("assessor@example.org")
    (asked,) = calibrating.asked(reader)

    page = calibration.page(manager, asked.round_key, now=Clock.START)

    assert (asked.samples, asked.sent, page.done, page.asked) == (3, 1, 3, 5)
    assert [row.sent for row in page.samples] == [5, 4, 3]
    assert [row.lean.stands for row in page.readers if row.lean].count("above") == 1
    assert all("made" in row.title and "made up" in row.applicant for row in page.samples)


@pytest.mark.feature("S15")
def test_local_round_has_its_pot_from_an_award_and_every_kind_of_application():
    record = below()
    parent = db.session.get_one(Award, record.parent_award_id)
    found = sa.select(Application.state, Organisation.kind).join(Application.organisation)
    rows = db.session.execute(found.where(Application.round_id == record.id)).all()
    awards = db.session.scalars(sa.select(Award.state).where(Award.round_id == record.id))
    projects = db.session.scalars(sa.select(Project).where(Project.round_id == record.id)).all()

    assert parent.state == AwardState.ACCEPTED
    assert parent.local_pots == record.pot - sum(project.amount for project in projects)
    assert {state for state, _ in rows} == set(Ap) - {Ap.WITHDRAWN}
    assert {kind for _, kind in rows} == {OrganisationKind.GROUP}
    assert set(awards) >= {AwardState.RECOMMENDED, AwardState.DECLINED, AwardState.ACCEPTED}
    assert {project.award_id for project in projects} == {parent.id}
    assert 12 <= len(rows) <= 16


@pytest.mark.feature("S15")
def test_local_round_has_groups_with_and_without_a_constitution_readers_and_returns():
    record = below()
    said = {
        versions.read(one).answers["is_constituted", ""]
        for one in db.session.scalars(sa.select(Application).filter_by(round_id=record.id))
    }
    readers = db.session.scalars(
        sa.select(Person.email)
        .join(Assessment, Assessment.person_id == Person.id)
        .join(Application, Application.id == Assessment.application_id)
        .where(Application.round_id == record.id)
    )
    sent = db.session.scalars(
        sa.select(sa.func.count(OutcomeReturn.submitted_at))
        .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
        .where(ReturnObligation.round_id == record.id)
    ).one()

    assert said == {"yes", "no"}
    assert set(readers) == {"dundee.assessor@example.org", "dundee.assessor2@example.org"}
    assert sent == 2


def test_sign_ins_name_the_people_of_the_local_round():
    said = demo.sign_ins()
    slug = world().areas[world().open[0].local.area]

    for seat in ("officer", *(seat for seat, _ in groups.JUDGES if seat[-1] != "2"), "group1"):
        email = f"{slug}.{seat}@example.org"
        assert email in said
        assert actor_of(email).is_signed_in


@pytest.mark.feature("A9")
def test_draft_is_shared_and_spoken_of():
    shares = db.session.scalars(sa.select(Share).order_by(Share.id)).all()
    adviser = actor_of("adviser@example.org")
    comments = db.session.scalars(sa.select(Comment)).all()

    assert [(one.may, one.taken_at is not None) for one in shares] == [
        (Right.VIEW, True),
        (Right.COMMENT, False),
    ]
    assert dict(adviser.shares) == {shares[0].application_id: Right.VIEW}
    assert sum(one.thread_id is not None for one in comments) == 1
    assert sum(one.resolved_at is not None for one in comments) == 1


def standings(email: str) -> list[Standing]:
    actor = actor_of(email)
    key = db.session.scalars(
        sa.select(Application.key)
        .join(Confirmation, Confirmation.application_id == Application.id)
        .where(Application.organisation_id == actor.held[0].organisation_id)
        .limit(1)
    ).one()
    shown = confirmations.of_draft(drafts.draft(actor, key), now=Clock.START)
    whole = [shown.sign_off.standing] if shown.sign_off else []
    return [*whole, *(partner.standing for partner in shown.partners)]


@pytest.mark.feature("A13")
def test_draft_is_signed_off_as_it_stands():
    assert standings("shetland.editor@example.org") == [Standing.CONFIRMED]


@pytest.mark.feature("A14")
def test_partners_of_a_draft_have_confirmed_or_wait_or_ask_for_a_change():
    assert standings("glasgow.editor@example.org") == [
        Standing.ASKED,
        Standing.CONFIRMED,
        Standing.CONFIRMED,
        Standing.ASKED,
        Standing.SENT_BACK,
    ]


@pytest.mark.parametrize("email", ["manager@example.org", "dundee.officer@example.org"])
def test_two_applications_alone_are_flagged_as_alike(email):
    actor = actor_of(email)
    of = below() if "dundee" in email else of_round(world().open[0].reference)

    shown = duplicates.of_round(actor, of.key)

    assert [len(group.members) for group in shown.page.rows] == [2]


@pytest.mark.feature("A20")
def test_query_with_its_answer_is_kept_with_both_versions():
    answered = db.session.scalars(
        sa.select(ApplicationQuery).where(ApplicationQuery.closed_at.is_not(None))
    ).all()

    for query in answered:
        record = db.session.get_one(Application, query.application_id)
        points = db.session.scalars(sa.select(QueryPoint).filter_by(query_id=query.id)).all()
        assert (query.about_number, query.answered_number, record.number) == (1, 2, 2)
        assert all(point.reply for point in points)
    assert len(answered) == 3


@pytest.mark.feature("A21")
def test_bid_that_came_by_phone_is_marked():
    channels = db.session.scalars(sa.select(HelpedEntry.channel)).all()

    assert channels == [Channel.PHONE] * 3


def test_what_is_scored_was_checked_and_what_failed_is_not():
    checked = db.session.execute(
        sa.select(Application.state, Triage.passes, sa.func.count())
        .join(Triage, Triage.application_id == Application.id)
        .group_by(Application.state, Triage.passes)
    ).all()

    assert {(state, passes) for state, passes, _ in checked} == {
        (Ap.ASSESSING, True),
        (Ap.MODERATION, True),
        (Ap.SUBMITTED, False),
    }


def test_due_diligence_has_a_concern_that_stands_and_one_put_right():
    rows = db.session.execute(
        sa.select(ApplicantCheck.application_id, ApplicantCheck.finding)
        .where(ApplicantCheck.item == "accounts")
        .order_by(ApplicantCheck.id)
    ).all()
    looks: dict[int, list[Finding]] = {}
    for key, finding in rows:
        looks.setdefault(key, []).append(finding)

    assert sorted(map(len, looks.values())).count(1) == 3
    assert {found[-1] for found in looks.values()} == {Finding.CONCERN, Finding.SATISFACTORY}
