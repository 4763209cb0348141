"""The rule and the SQL say the same of every role, state and own or other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment
from grants.models.attachment import Attachment
from grants.models.calibration import CalibrationReading, CalibrationSample, CalibrationSet
from grants.models.letter import Letter
from grants.models.meeting import MeetingItem
from grants.models.organisation import OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnObligation
from grants.models.person import Membership, PanelSeat
from grants.models.project import Project
from grants.queries import visible as v
from grants.rules.actions import Action
from grants.rules.people import Right, Role, Seat
from grants.rules.permissions import MAY, Case, may
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    ReturnState,
    ScanState,
)
from tests import build

LETTER_ACTIONS = {Action.READ_LETTER, Action.ISSUE_LETTER, Action.SUPERSEDE_LETTER}
RETURN_ACTIONS = {
    Action.READ_RETURN,
    Action.EDIT_RETURN,
    Action.SUBMIT_RETURN,
    Action.QUERY_RETURN,
    Action.ACCEPT_RETURN,
}
PROJECT_ACTIONS = {Action.READ_PROJECT}
FILE_ACTIONS = {Action.READ_FILE}
ELSEWHERE = LETTER_ACTIONS | RETURN_ACTIONS | PROJECT_ACTIONS | FILE_ACTIONS
STATES = (
    [(state, None) for state in ApplicationState]
    + [(ApplicationState.MODERATION, state) for state in AwardState]
    + [(ApplicationState.WITHDRAWN, AwardState.NONE)]
    + [(ApplicationState.ASSESSING, None)] * 4  # some of whose readers have submitted
)


@dataclass(frozen=True)
class World:
    people: dict[str, object]
    cases: dict[int, Case]  # application id -> what the world made, without the person
    ties: dict[tuple[int, int], AssessmentState]
    conflicts: set[tuple[int, int]]
    helpers: set[tuple[int, int]]
    sitting: set[tuple[int, int]]
    owing: set[tuple[int, int]]  # (round, person): samples of it come first, and wait for them

    @property
    def readers(self) -> set[tuple[int, int]]:
        """(round, person) of everybody who assesses something there."""
        return {
            (self.cases[application].round_id, person)
            for (application, person), state in self.ties.items()
            if state != AssessmentState.CONFLICTED
        }


def case_for(world: World, application_id: int, person_id: int) -> Case:
    """The case as the test made it: nothing here is read back from the database."""
    mine = {tie for tie in world.ties if tie[0] == application_id}
    states = [world.ties[tie] for tie in mine]
    waiting = {AssessmentState.ASSIGNED, AssessmentState.SCORING}
    return replace(
        world.cases[application_id],
        application_id=application_id,
        own_assessment=world.ties.get((application_id, person_id)),
        reads_in_round=(world.cases[application_id].round_id, person_id) in world.readers,
        is_conflicted=(application_id, person_id) in world.conflicts,
        is_helper=(application_id, person_id) in world.helpers,
        sits=(application_id, person_id) in world.sitting,
        is_calibrated=(world.cases[application_id].round_id, person_id) not in world.owing,
        scores_in=AssessmentState.SUBMITTED in states and not waiting & set(states),
    )


def people_everywhere(programmes, partnerships, funds):
    """Each role in each organisation, for all funds; and once more for one fund alone."""
    people = {}
    for place, organisation in enumerate((*programmes, *partnerships)):
        for role in Role:
            people[f"{role}@{place}"] = build.person(role, at=organisation)
    for role in Role:
        people[f"{role}@0 {funds[0]}"] = build.person(role, at=programmes[0], fund=funds[0])
    people["nobody"] = build.person()
    everything = build.person(Role.FUND_MANAGER, Role.APPROVER, Role.ASSESSOR, at=programmes[0])
    people["many hats"] = everything
    return people


def accepted(record, applicant, people):
    """An accepted award, and the case it makes: the pot of a local round."""
    manager, approver = people[f"{Role.FUND_MANAGER}@0"], people[f"{Role.APPROVER}@0"]
    made = build.application(record, applicant, manager, state=ApplicationState.MODERATION)
    award = build.award(
        made, state=AwardState.ACCEPTED, recommended_by=manager, decided_by=approver
    )
    case = Case(
        fund=record.fund,
        funder_id=record.organisation_id,
        round_id=record.id,
        applicant_id=applicant.id,
        application=ApplicationState.MODERATION,
        was_sent=True,
        award=AwardState.ACCEPTED,
        recommended_by=manager.id,
    )
    return award, case


def local_rounds(pots, people):
    """(round, who funds its award) of a local round of each award, and the awards' cases."""
    opened, cases = [], {}
    for record, applicant in pots:
        parent, case = accepted(record, applicant, people)
        cases[parent.application_id] = case
        opened.append((build.local_round(parent), record.organisation_id))
    return opened, cases


@pytest.fixture
def world(context) -> World:
    funds = sorted(all_funds())
    programmes = (build.programme(), build.organisation("Elsewhere", OrganisationKind.PROGRAMME))
    partnerships = (build.organisation(), build.organisation())
    people = people_everywhere(programmes, partnerships, funds)
    rounds = [build.round_(fund, programmes[0]) for fund in funds]
    rounds.append(build.round_(funds[0], programmes[0], is_blind=True))
    rounds.append(build.round_(funds[0], programmes[1]))
    group = build.organisation("A group (fictional)", OrganisationKind.GROUP)
    for role in (Role.APPLICANT_SUBMITTER, Role.PROJECT_REPORTER):
        people[f"{role}@group"] = build.person(role, at=group)
    people["officer for one fund"] = build.person(
        Role.PARTNERSHIP_OFFICER, at=partnerships[0], fund=funds[0]
    )
    pots = ((rounds[0], partnerships[0]), (rounds[-1], partnerships[1]))
    opened, cases = local_rounds(pots, people)
    local = {record.id: above for record, above in opened}
    rounds.extend(record for record, _ in opened)
    ties: dict[tuple[int, int], AssessmentState] = {}
    conflicts: set[tuple[int, int]] = set()
    hats, manager = people["many hats"], people[f"{Role.FUND_MANAGER}@0"]
    reader, other = people[f"{Role.ASSESSOR}@0"], people[f"{Role.ASSESSOR}@1"]
    narrow = people[f"{Role.ASSESSOR}@0 {funds[0]}"]
    _seat_some(rounds, (narrow, people["nobody"]))
    for place, record in enumerate(rounds):
        for number, (state, award_state) in enumerate(STATES):
            applicant = group if record.id in local else partnerships[(place + number) % 2]
            made = build.application(
                record, applicant, hats, state=state, lines=((100, 50),), own_costs=10
            )
            award = None
            recommender = hats if number % 2 else manager
            if award_state is not None:
                approver = people[f"{Role.APPROVER}@0"]
                award = build.award(
                    made, state=award_state, recommended_by=recommender, decided_by=approver
                )
            cases[made.id] = Case(
                fund=record.fund,
                funder_id=record.organisation_id,
                round_id=record.id,
                is_blind=record.is_blind,
                is_local=record.id in local,
                above_id=local.get(record.id, 0),
                applicant_id=applicant.id,
                application=state,
                was_sent=state in build.SENT,
                award=AwardState.NONE if award is None else award_state,
                recommended_by=None if award is None else award.recommended_by,
            )
            if state not in build.SENT:
                continue
            for turn, person in enumerate((reader, other, narrow, hats)):
                if (number + turn) % 3 == 0:
                    continue
                tie = list(AssessmentState)[(number + turn) % 4]
                build.assessment(made, person, manager, state=tie)
                ties[made.id, person.id] = tie
                if tie == AssessmentState.CONFLICTED:
                    build.conflict(made, person)
                    conflicts.add((made.id, person.id))
            if number % 4 == 0:
                build.conflict(made, manager)
                conflicts.add((made.id, manager.id))
    _share_some(people, cases, conflicts)
    sitting = _sit_some(people, cases, (reader, other, narrow, hats, manager))
    owing = _calibrate_some(rounds, people, (reader, other, narrow, hats))
    return World(people, cases, ties, conflicts, _help_some(people, cases), sitting, owing)


def _calibrate_some(rounds, people, done):
    """Sets of samples: required, not required, not open, closed; scored by every second reader."""
    opened = {"opened_at": build.NOW, "opened_by": people["nobody"].id}
    closed = {"closed_at": build.NOW, "closed_by": people["nobody"].id}
    owing = set()
    for place, record in enumerate(rounds):
        given = ({}, opened, {**opened, **closed})[(place + 1) % 3]
        is_required = place != len(rounds) - 1
        definition = record.definition_id if given else None
        made = build.kept(
            CalibrationSet(
                round_id=record.id, is_required=is_required, definition_id=definition, **given
            )
        )
        sample = build.kept(
            CalibrationSample(set_id=made.id, number=1, title="A", answers=[], agreed={})
        )
        for person in done[place % 2 :: 2]:
            build.kept(
                CalibrationReading(
                    sample_id=sample.id,
                    person_id=person.id,
                    content={},
                    changed_at=build.NOW,
                    sent_at=build.NOW,
                    total=50,
                )
            )
        if is_required and given == opened:
            sent = {person.id for person in done[place % 2 :: 2]}
            owing |= {(record.id, one.id) for one in people.values() if one.id not in sent}
    return owing


def _sit_some(people, cases, sitters):
    """A meeting of each round on every second of its applications, of some who assess and one who not."""
    found, meetings = set(), {}
    for number, key in enumerate(sorted(cases)):
        made = db.session.get_one(Application, key)
        turn = sitters[made.round_id % len(sitters)], people["nobody"]
        if made.round_id not in meetings:
            meetings[made.round_id] = build.meeting(made.round_id, turn).id
        if number % 2:
            build.kept(
                MeetingItem(
                    meeting_id=meetings[made.round_id], application_id=key, place=number, why="rank"
                )
            )
            found |= {(key, person.id) for person in turn}
    return found


def _seat_some(rounds, people):
    """Chairs of some rounds' panels: one who assesses for the fund, and one who no longer does."""
    for record, person in product(rounds[:3], people):
        build.kept(PanelSeat(round_id=record.id, person_id=person.id, seat=Seat.CHAIR))


def _help_some(people, cases):
    """Applications typed for their groups, by staff and by some who no longer may; some taken over."""
    found = set()
    helpers = ("fund-manager@0", "partnership-officer@2", "approver@0", "nobody")
    for number, key in enumerate(sorted(cases)):
        made = db.session.get_one(Application, key)
        person = people[helpers[number % 4]]
        is_over = number % 5 == 0
        build.helped(made, person, taken_over_by=people["nobody"] if is_over else None)
        if not is_over:
            found.add((key, person.id))
    return found


def _share_some(people, cases, conflicts):
    """People invited to some applications, with each right; one of them works for the funder too."""
    invited = {right: people.setdefault(f"invited to {right}", build.person()) for right in Right}
    for number, key in enumerate(sorted(cases)):
        made = db.session.get_one(Application, key)
        right = list(Right)[number % 3]
        for person in (invited[right], people[f"{Role.APPROVER}@1"] if number % 5 == 0 else None):
            if person is not None:
                build.share(made, person, people["nobody"], right)
                conflicts.add((key, person.id))
        if number % 4 == 0:
            over = build.share(
                made, invited[list(Right)[(number + 1) % 3]], people["nobody"], right
            )
            over.ended_at, over.ended_by = build.NOW, people["nobody"].id
            conflicts.add((key, over.person_id))
    db.session.commit()


def test_rule_and_sql_agree_for_every_role_and_state(world):
    differences = []
    something = dict.fromkeys(MAY, 0)
    for name, person in world.people.items():
        actor = build.actor_of(person)
        for action in set(MAY) - ELSEWHERE:
            statement = v.applications_of(Application.id).where(v.visible(actor, action))
            by_sql = set(db.session.scalars(statement))
            by_rule = {
                key for key in world.cases if may(actor, action, case_for(world, key, person.id))
            }
            something[action] += len(by_rule)
            if by_sql != by_rule:
                differences.append((name, action.value, by_sql ^ by_rule))

    assert differences == []
    assert [action for action in set(MAY) - ELSEWHERE if not something[action]] == []


@pytest.fixture
def small_world(context):
    """One application per award state, with a letter, a file, a project and a return in each state."""
    fund = min(all_funds())
    programmes = (build.programme(), build.organisation("Elsewhere", OrganisationKind.PROGRAMME))
    partnerships = (build.organisation(), build.organisation())
    people = people_everywhere(programmes, partnerships, [fund])
    runner = build.organisation("A group (fictional)", OrganisationKind.GROUP)
    for role in (Role.PROJECT_REPORTER, Role.APPLICANT_SUBMITTER):
        people[f"{role}@runner"] = build.person(role, at=runner)
    record = build.round_(fund, programmes[0])
    return fund, programmes, partnerships, people, runner, record


def compare(people, actions, statement, kind, cases, *, reader=0):
    """Where rule and SQL differ for these actions, and which actions nobody could do."""
    differences, idle = [], set(actions)
    for name, person in people.items():
        actor = build.actor_of(person)
        for action in actions:
            by_sql = set(db.session.scalars(statement(kind.id).where(v.visible(actor, action))))
            own = AssessmentState.SUBMITTED if actor.person_id == reader else None
            by_rule = {
                key
                for key, case in cases.items()
                if may(actor, action, replace(case, own_assessment=own))
            }
            if by_rule:
                idle.discard(action)
            if by_sql != by_rule:
                differences.append((name, action.value, by_sql ^ by_rule))
    return differences, idle


@pytest.mark.parametrize("is_blind", [False, True])
def test_rule_and_sql_agree_on_letters_and_files(small_world, is_blind):
    fund, programmes, partnerships, people, _runner, record = small_world
    record.is_blind = is_blind
    reader = people[f"{Role.ASSESSOR}@0"]
    manager, approver = people[f"{Role.FUND_MANAGER}@0"], people[f"{Role.APPROVER}@0"]
    letters, files = {}, {}
    for number, award_state in enumerate(AwardState):
        made = build.application(
            record, partnerships[0], manager, state=ApplicationState.MODERATION, lines=((9, 5),)
        )
        award = build.award(made, state=award_state, recommended_by=manager, decided_by=approver)
        base = Case(
            fund=fund,
            funder_id=programmes[0].id,
            applicant_id=partnerships[0].id,
            application=ApplicationState.MODERATION,
            was_sent=True,
            award=award_state,
            recommended_by=award.recommended_by,
            is_blind=is_blind,
        )
        build.assessment(made, reader, manager, state=AssessmentState.SUBMITTED)
        drafter = approver if number % 2 else manager
        for state in LetterState:
            letter = build.kept(
                Letter(
                    award_id=award.id,
                    number=f"L{award.id}-{state}",
                    kind="award",
                    state=state,
                    content={},
                    code=f"c{award.id}{state}",
                    sha256="0" * 64,
                    storage_key="none",
                    drafted_by=drafter.id,
                    drafted_at=build.NOW,
                    issued_at=None if state == LetterState.DRAFTED else build.NOW,
                )
            )
            letters[letter.id] = replace(base, letter=state, drafted_by=drafter.id)
        for place, scan in enumerate((*ScanState, *ScanState)):
            is_identifying = place < len(ScanState)
            attachment = build.kept(
                Attachment(
                    application_id=made.id,
                    question="plan_file",
                    name="plan.pdf",
                    media_type="application/pdf",
                    size=1,
                    sha256="0" * 64,
                    storage_key=f"{made.id}-{scan}-{place}",
                    scan=scan,
                    is_identifying=is_identifying,
                    uploaded_by=manager.id,
                    uploaded_at=build.NOW,
                )
            )
            files[attachment.id] = replace(
                base,
                application_id=made.id,
                is_clean=scan == ScanState.CLEAN,
                is_identifying=is_identifying,
            )
        if number % 2:
            viewer = people.setdefault("invited", build.person())
            build.share(made, viewer, manager, Right.VIEW)

    assert compare(people, LETTER_ACTIONS, v.letters_of, Letter, letters) == ([], set())
    assert compare(people, FILE_ACTIONS, v.attachments_of, Attachment, files, reader=reader.id) == (
        [],
        set(),
    )


def test_rule_and_sql_agree_on_projects_and_returns(small_world):
    fund, programmes, partnerships, people, runner, record = small_world
    manager, approver = people[f"{Role.FUND_MANAGER}@0"], people[f"{Role.APPROVER}@0"]
    projects, returns = {}, {}
    for state in ReturnState:
        made = build.application(
            record, partnerships[0], manager, state=ApplicationState.MODERATION, lines=((9, 5),)
        )
        award = build.award(
            made, state=AwardState.ACCEPTED, recommended_by=manager, decided_by=approver
        )
        line = db.session.query(ProposedProject).filter_by(application_id=made.id).one()
        project = build.project(award, runner, line)
        case = Case(
            fund=fund,
            funder_id=programmes[0].id,
            applicant_id=partnerships[0].id,
            runner_id=runner.id,
            application=ApplicationState.MODERATION,
            was_sent=True,
            award=AwardState.ACCEPTED,
            recommended_by=manager.id,
        )
        projects[project.id] = case
        owed = build.kept(
            ReturnObligation(
                project_id=project.id,
                round_id=record.id,
                period="p1",
                label="First",
                starts_on=build.NOW.date(),
                ends_on=build.NOW.date(),
                due_on=build.NOW.date(),
            )
        )
        made_return = build.kept(
            OutcomeReturn(
                obligation_id=owed.id,
                definition_id=record.definition_id,
                state=state,
                changed_at=build.NOW,
                submitted_at=build.NOW,
                accepted_at=build.NOW if state == ReturnState.ACCEPTED else None,
            )
        )
        returns[made_return.id] = replace(case, outcome_return=state)

    _local_projects(small_world, projects, returns)
    assert compare(people, PROJECT_ACTIONS, v.projects_of, Project, projects) == ([], set())
    assert compare(people, RETURN_ACTIONS, v.returns_of, OutcomeReturn, returns) == ([], set())


def _local_projects(small_world, projects, returns):
    """The same of a local round: its funder is the partnership, and the group applied itself."""
    fund, programmes, partnerships, people, runner, record = small_world
    parent, _ = accepted(record, partnerships[0], people)
    local = build.local_round(parent)
    manager, approver = people[f"{Role.FUND_MANAGER}@2"], people[f"{Role.APPROVER}@2"]
    for state in ReturnState:
        made = build.application(
            local, runner, manager, state=ApplicationState.MODERATION, lines=((9, 5),)
        )
        award = build.award(
            made, state=AwardState.ACCEPTED, recommended_by=manager, decided_by=approver
        )
        project = build.local_project(award, parent)
        case = Case(
            fund=fund,
            funder_id=partnerships[0].id,
            is_local=True,
            above_id=programmes[0].id,
            applicant_id=runner.id,
            runner_id=runner.id,
            application=ApplicationState.MODERATION,
            was_sent=True,
            award=AwardState.ACCEPTED,
            recommended_by=manager.id,
        )
        projects[project.id] = case
        returns[build.owed(project, local, state).id] = replace(case, outcome_return=state)


def test_every_predicate_of_the_table_has_its_sql():
    named = {predicate.name for lines in MAY.values() for line in lines for predicate in line}

    assert named - set(v.SQL) == set()


def test_role_that_has_ended_shows_nothing(context):
    fund = min(all_funds())
    programme, partnership = build.programme(), build.organisation()
    person = build.person(Role.APPLICANT_SUBMITTER, at=partnership)
    build.application(build.round_(fund, programme), partnership, person)
    actor = replace(build.actor_of(person), held=())

    statement = v.applications_of(Application.id).where(v.visible(actor, Action.READ_APPLICATION))

    assert list(db.session.scalars(statement)) == []
    assert db.session.query(Membership).count() == 1
    assert db.session.query(Assessment).count() == 0
