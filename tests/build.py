"""Plain builders of rows for tests. Call them in an app context; keep ids and keys, not rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Sequence
from typing import Any

import argon2
import pyotp
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.funds.schema import to_document
from grants.models.application import (
    Answer,
    Application,
    ApplicationVersion,
    BudgetLine,
    ProposedProject,
)
from grants.models.assessment import Assessment, Conflict, Score
from grants.models.award import Award, AwardYear
from grants.models.helped_entry import ApplicationHelper, HelpedEntry
from grants.models.meeting import Meeting, MeetingMember
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Delegation, Membership, PanelSeat, Person, SignInSession
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round, RoundDefinition
from grants.models.share import Share
from grants.rules.helping import Channel
from grants.rules.people import SECOND_FACTOR, Actor, Held, Right, Role
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    LineDecision,
    ReturnState,
    RoundState,
    Tier,
)

NOW = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)
PASSWORD = "a calm and plain password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SENT = frozenset(ApplicationState) - {ApplicationState.DRAFT}
_count = itertools.count(1)
_hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_hashed = _hasher.hash(PASSWORD)


def kept(*rows: Any) -> Any:
    """Add, commit and give back the (first) row."""
    db.session.add_all(rows)
    db.session.commit()
    return rows[0]


def organisation(
    name: str = "", kind: OrganisationKind = OrganisationKind.PARTNERSHIP, *areas: str
) -> Organisation:
    number = next(_count)
    record = kept(
        Organisation(
            reference=f"ORG-{number:05d}",
            name=name or f"Partnership {number} (fictional)",
            kind=kind,
            is_fictional=True,
            address="1 Made-up Street",
            postcode="ZE1 0AA",
            email=f"org{number}@example.org",
        )
    )
    for area in areas:
        kept(OrganisationArea(organisation_id=record.id, area_code=area))
    return record


def programme() -> Organisation:
    return organisation("National programme (demonstration)", OrganisationKind.PROGRAMME)


def person(
    *roles: Role, at: Organisation | None = None, fund: str | None = None, name: str = ""
) -> Person:
    number = next(_count)
    record = kept(
        Person(
            name=name or f"Mòrag Person {number}",
            email=f"person{number}@example.org",
            password_hash=_hashed,
            totp_secret=SECRET if set(roles) & SECOND_FACTOR else None,
            created_at=NOW,
        )
    )
    for role in roles:
        assert at is not None, "a role is held somewhere"
        kept(
            Membership(
                person_id=record.id,
                organisation_id=at.id,
                fund=fund,
                role=role,
                starts_at=NOW - dt.timedelta(days=900),
            )
        )
    return record


def actor_of(record: Person) -> Actor:
    """The person as the gate would make them."""
    rows = db.session.query(Membership).filter_by(person_id=record.id).order_by(Membership.id)
    held = tuple(Held(row.role, row.organisation_id, row.fund) for row in rows)
    shared = db.session.query(Share).filter_by(person_id=record.id, ended_at=None)
    shares = tuple((row.application_id, row.may) for row in shared.order_by(Share.id))
    sits = db.session.query(PanelSeat).filter_by(person_id=record.id).order_by(PanelSeat.id)
    seats = tuple((row.round_id, row.seat) for row in sits)
    return Actor(record.id, record.name, record.email, held, seats, shares)


def share(
    made: Application,
    record: Person,
    by: Person,
    may: Right,
    *,
    ends_at: dt.datetime = NOW + dt.timedelta(days=60),
) -> Share:
    """An invitation to this application that this person took up."""
    return kept(
        Share(
            application_id=made.id,
            name=record.name,
            email=record.email,
            may=may,
            token_sha256=hashlib.sha256(f"share {next(_count)}".encode()).hexdigest(),
            invited_at=NOW - dt.timedelta(days=3),
            invited_by=by.id,
            ends_at=ends_at,
            person_id=record.id,
            taken_at=NOW - dt.timedelta(days=2),
        )
    )


def session_token(record: Person, now: dt.datetime = NOW) -> str:
    """A session that has passed the second factor; put the value into the sign-in cookie."""
    token = f"token-{next(_count)}"
    kept(
        SignInSession(
            person_id=record.id,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            created_at=now,
            last_seen_at=now,
            second_factor_at=now,
        )
    )
    return token


def sign_in(client: Any, record: Person, now: dt.datetime = NOW) -> None:
    """Give this browser a session. Call it in an app context that closes before the next request."""
    client.set_cookie("grants_sign_in", session_token(record, now))


def code(now: dt.datetime) -> str:
    """What the authenticator of a builder's staff shows."""
    return pyotp.TOTP(SECRET).at(int(now.timestamp()))


def delegation(
    record: Person, fund: str, *, year: str = "2026-27", most: int = 10**12, in_all: int = 10**12
) -> Delegation:
    return kept(
        Delegation(
            person_id=record.id,
            organisation_id=db.session.scalar(
                sa.select(sa.func.min(Membership.organisation_id)).where(
                    Membership.person_id == record.id, Membership.role == Role.APPROVER
                )
            ),
            role=Role.APPROVER,
            fund=fund,
            financial_year=year,
            most_per_award=most,
            most_in_all=in_all,
            starts_at=NOW - dt.timedelta(days=30),
        )
    )


def round_(
    fund: str,
    funder: Organisation,
    *,
    state: RoundState = RoundState.OPEN,
    areas: tuple[tuple[str, int, tuple[str, ...]], ...] = (
        ("Shetland Islands", 10_000_000, ("S12000027",)),
        ("Orkney Islands", 12_000_000, ("S12000023",)),
    ),
    closes_in: dt.timedelta = dt.timedelta(days=30),
    year: str = "2026-27",
    is_blind: bool = False,
) -> Round:
    number = next(_count)
    pot = sum(area[1] for area in areas)
    record = kept(
        Round(
            reference=f"{fund.upper()}-{year}-R{number}",
            title=f"Round {number} of {fund}",
            fund=fund,
            fund_year=year,
            number=number,
            tier=Tier.NATIONAL,
            organisation_id=funder.id,
            state=RoundState.DRAFT,
            opens_at=NOW - dt.timedelta(days=30),
            closes_at=NOW + closes_in,
            pot=pot,
            allocated=pot,
            is_illustrative=True,
        )
    )
    content = to_document(all_funds()[fund])
    content["stages"]["blind"] = is_blind
    definition = kept(
        RoundDefinition(
            round_id=record.id,
            version=1,
            is_published=True,
            content=content,
            sha256=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
            created_at=NOW,
        )
    )
    record.definition_id, record.state, record.is_blind = definition.id, state, is_blind
    for name, amount, codes in areas:
        area = kept(AllocationArea(round_id=record.id, name=name, amount=amount, is_fictional=True))
        kept(*(AllocationAreaCouncil(allocation_area_id=area.id, area_code=c) for c in codes))
    db.session.commit()
    return record


def area_of(record: Round, place: int = 0) -> AllocationArea:
    return (
        db.session.query(AllocationArea)
        .filter_by(round_id=record.id)
        .order_by(AllocationArea.id)
        .all()[place]
    )


def application(
    record: Round,
    applicant: Organisation,
    by: Person,
    *,
    state: ApplicationState = ApplicationState.DRAFT,
    title: str = "",
    area: AllocationArea | None = None,
    lines: tuple[tuple[int, int], ...] = ((500_000, 300_000), (400_000, 200_000)),
    own_costs: int = 50_000,
    answers: dict[tuple[str, str], str] | None = None,
) -> Application:
    """An application in this state. ``lines`` are (asked, smallest workable) in pence."""
    number = next(_count)
    sent = state in SENT
    asked = sum(line[0] for line in lines) + own_costs
    made = kept(
        Application(
            reference=f"{record.reference}-{number:04d}",
            round_id=record.id,
            definition_id=record.definition_id,
            organisation_id=applicant.id,
            allocation_area_id=(area or area_of(record)).id,
            title=title or f"Plan {number}",
            state=state,
            asked=asked if sent else 0,
            projects_count=len(lines) if sent else 0,
            number=1 if sent else None,
            created_at=NOW - dt.timedelta(days=9),
            created_by=by.id,
            changed_at=NOW - dt.timedelta(days=2),
            submitted_at=NOW - dt.timedelta(days=2) if sent else None,
            submitted_by=by.id if sent else None,
            withdrawn_at=NOW if state == ApplicationState.WITHDRAWN else None,
        )
    )
    for (question, row), text in (answers or {}).items():
        db.session.add(
            Answer(
                application_id=made.id,
                question=question,
                row=row,
                text=text,
                changed_at=NOW,
                changed_by=by.id,
            )
        )
    if sent:
        _typed_rows(made, by, lines, own_costs, answers or {})
    db.session.commit()
    return made


def _typed_rows(
    made: Application,
    by: Person,
    lines: tuple[tuple[int, int], ...],
    own_costs: int,
    answers: dict[tuple[str, str], str],
) -> None:
    content = {"answers": [[q, r, t] for (q, r), t in answers.items()], "attachments": []}
    db.session.add(
        ApplicationVersion(
            application_id=made.id,
            number=1,
            content=content,
            sha256="0" * 64,
            submitted_at=NOW,
            submitted_by=by.id,
        )
    )
    for place, (asked, minimum) in enumerate(lines, start=1):
        db.session.add(
            ProposedProject(
                application_id=made.id,
                row=f"r{place}",
                line=place,
                title=f"Project {place} of {made.title}",
                group_name=f"Group {place} (fictional)",
                activity_type="social",
                main_group="older",
                people=20,
                asked=asked,
                minimum=minimum,
                codes=[["group", "older"], ["theme", "social_isolation"], ["area", "S12000027"]],
            )
        )
    if own_costs:
        db.session.add(
            BudgetLine(
                application_id=made.id,
                row="b1",
                line=1,
                category="staff",
                financial_year="2026-27",
                amount=own_costs,
            )
        )
    if lines:
        db.session.add(
            BudgetLine(
                application_id=made.id,
                row="b2",
                line=2,
                category="projects",
                financial_year="2026-27",
                amount=sum(line[0] for line in lines),
                is_onward=True,
            )
        )


def version_of(made: Application) -> ApplicationVersion:
    return db.session.query(ApplicationVersion).filter_by(application_id=made.id).one()


def assessment(
    made: Application,
    reader: Person,
    by: Person,
    *,
    state: AssessmentState = AssessmentState.SCORING,
    marks: dict[str, int] | None = None,
    total: str | None = None,
) -> Assessment:
    is_in = state == AssessmentState.SUBMITTED
    record = kept(
        Assessment(
            application_id=made.id,
            version_id=version_of(made).id,
            person_id=reader.id,
            state=state,
            assigned_at=NOW,
            assigned_by=by.id,
            declared_at=None if state == AssessmentState.ASSIGNED else NOW,
            submitted_at=NOW if is_in else None,
            total=(total or "75.00") if is_in else None,
        )
    )
    for criterion, mark in (marks or {}).items():
        kept(Score(assessment_id=record.id, criterion=criterion, mark=mark, reason="Because."))
    return record


def conflict(made: Application, record: Person) -> Conflict:
    return kept(
        Conflict(application_id=made.id, person_id=record.id, kind="employer", declared_at=NOW)
    )


def meeting(round_id: int, people: Sequence[Person]) -> Meeting:
    """A meeting of these people; the first chairs it and the last writes its minute."""
    record = kept(
        Meeting(
            round_id=round_id,
            held_on=NOW.date(),
            place="Room 2 (fictional)",
            quorum=2,
            chair_id=people[0].id,
            secretary_id=people[-1].id,
            planned_by=people[-1].id,
            planned_at=NOW,
        )
    )
    kept(*(MeetingMember(meeting_id=record.id, person_id=one.id) for one in people))
    return record


def helped(
    made: Application, person: Person, *, taken_over_by: Person | None = None
) -> HelpedEntry:
    """The application as one that this person typed for its group. No conflict is registered."""
    kept(ApplicationHelper(application_id=made.id, person_id=person.id, since=NOW))
    return kept(
        HelpedEntry(
            application_id=made.id,
            channel=Channel.PAPER,
            given_by="Somebody (fictional)",
            received_on=NOW.date(),
            consent_on=NOW.date(),
            consent_how="Signed",
            entered_by=person.id,
            entered_at=NOW,
            taken_over_at=NOW if taken_over_by else None,
            taken_over_by=taken_over_by.id if taken_over_by else None,
        )
    )


def award(
    made: Application,
    *,
    state: AwardState = AwardState.NONE,
    recommended_by: Person | None = None,
    decided_by: Person | None = None,
) -> Award:
    """The award of an application, all of its lines in full. Committed money is put on the area."""
    lines = db.session.query(ProposedProject).filter_by(application_id=made.id).all()
    is_award = state not in {AwardState.REFUSED, AwardState.DECLINED}
    is_decided = state not in {AwardState.NONE, AwardState.RECOMMENDED}
    amount = made.asked if is_award and state != AwardState.NONE else 0
    onward = sum(line.asked for line in lines) if amount else 0
    for line in lines if amount else ():
        line.decision, line.amount = LineDecision.FULL, line.asked
    record = kept(
        Award(
            reference=f"AWD-{next(_count):05d}",
            application_id=made.id,
            round_id=made.round_id,
            allocation_area_id=made.allocation_area_id,
            state=state,
            is_award=is_award,
            own_costs=amount - onward,
            amount=amount,
            recommended_by=None
            if state == AwardState.NONE or not recommended_by
            else recommended_by.id,
            recommended_at=None if state == AwardState.NONE else NOW,
            decided_by=decided_by.id if is_decided and decided_by else None,
            decided_at=NOW if is_decided else None,
            released_at=NOW
            if state
            not in {
                AwardState.NONE,
                AwardState.RECOMMENDED,
                AwardState.APPROVED,
                AwardState.REFUSED,
            }
            else None,
            accept_by=dt.date(2026, 12, 24),
        )
    )
    if amount:
        kept(AwardYear(award_id=record.id, financial_year="2026-27", amount=amount))
        if state in {AwardState.APPROVED, AwardState.RELEASED, AwardState.ACCEPTED}:
            db.session.get_one(AllocationArea, made.allocation_area_id).committed += amount
            db.session.get_one(Round, made.round_id).committed += amount
    db.session.commit()
    return record


def project(of: Award, runner: Organisation, line: ProposedProject) -> Project:
    """The funded project of one decided line."""
    record = kept(
        Project(
            reference=f"{of.reference}-P{line.line:02d}",
            award_id=of.id,
            round_id=of.round_id,
            allocation_area_id=of.allocation_area_id,
            proposed_project_id=line.id,
            organisation_id=runner.id,
            title=line.title,
            activity_type=line.activity_type,
            main_group=line.main_group,
            people_expected=line.people,
            amount=line.amount,
            recorded_at=NOW,
        )
    )
    kept(*(ProjectCode(project_id=record.id, kind=kind, code=code) for kind, code in line.codes))
    of.onward += line.amount
    db.session.commit()
    return record


def local_round(
    of: Award, *, state: RoundState = RoundState.OPEN, pot: int = 500_000, area: str = "Unst"
) -> Round:
    """A round of the partnership that holds this award, with one area."""
    made = db.session.get_one(Application, of.application_id)
    record = round_(
        db.session.get_one(Round, of.round_id).fund,
        db.session.get_one(Organisation, made.organisation_id),
        state=state,
        areas=((area, pot, ("S12000027",)),),
    )
    record.tier, record.parent_award_id = Tier.LOCAL, of.id
    db.session.commit()
    return record


def local_project(of: Award, parent: Award) -> Project:
    """The one project of an award of a local round."""
    made = db.session.get_one(Application, of.application_id)
    record = kept(
        Project(
            reference=f"{of.reference}-P01",
            award_id=parent.id,
            local_award_id=of.id,
            round_id=of.round_id,
            allocation_area_id=of.allocation_area_id,
            organisation_id=made.organisation_id,
            title=made.title,
            activity_type="social",
            main_group="older",
            amount=of.amount,
            recorded_at=NOW,
        )
    )
    parent.onward += of.amount
    db.session.commit()
    return record


def owed(project: Project, record: Round, state: ReturnState) -> OutcomeReturn:
    """A return of this project in this state, for one period."""
    obligation = kept(
        ReturnObligation(
            project_id=project.id,
            round_id=record.id,
            period="p1",
            label="First",
            starts_on=NOW.date(),
            ends_on=NOW.date(),
            due_on=NOW.date(),
        )
    )
    return kept(
        OutcomeReturn(
            obligation_id=obligation.id,
            definition_id=record.definition_id,
            state=state,
            changed_at=NOW,
            submitted_at=NOW,
            accepted_at=NOW if state == ReturnState.ACCEPTED else None,
        )
    )
