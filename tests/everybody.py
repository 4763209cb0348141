"""One world with every role and every state, for the tests that try every door as everybody."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Question, QuestionKind
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Score
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.outcome_return import OutcomeReturn, ReturnAnswer, ReturnObligation
from grants.models.person import Membership, PanelSeat, Person
from grants.models.project import Project
from grants.models.round import Round
from grants.models.search import SearchText, fold
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Role, Seat
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    ReturnState,
    RoundState,
    ScanState,
)
from grants.services import obligations, recommending
from grants.services.transaction import transaction
from grants.storage.store import files
from tests import build, deciding, filled, returning

FUND = "adult"
TITLE = "A hall for Baltasay"  # of every application
WORDS = "What the second reader wrote"  # in every score of the second assessor
SECRET = "Peigi paints the wee hall"  # stands in the answers and files of every application
AREAS = (("Shetland Islands", 10**10, ("S12000027",)), ("Orkney Islands", 10**10, ("S12000023",)))
DECIDED = {
    AwardState.RECOMMENDED,
    AwardState.APPROVED,
    AwardState.REFUSED,
    AwardState.RELEASED,
    AwardState.DECLINED,
    AwardState.ACCEPTED,
    AwardState.OFFER_DECLINED,
    AwardState.LAPSED,
    AwardState.CLOSED,
}
UNLETTERED = "unlettered"  # released, and no letter is made yet
LETTERS = {
    AwardState.DECLINED: (LetterState.DRAFTED,),
    AwardState.RELEASED: (LetterState.ISSUED, LetterState.SUPERSEDED),
    AwardState.ACCEPTED: (LetterState.ISSUED,),
}
CONFLICTED = ("conflicted_assessor", "conflicted_manager", "conflicted_approver")


@dataclass(frozen=True)
class Bid:
    """An application and all that hangs on it, as keys."""

    id: int
    key: uuid.UUID
    title: str
    award: uuid.UUID | None = None
    assessments: dict[str, uuid.UUID] = field(default_factory=dict)
    file: uuid.UUID | None = None
    letters: dict[str, uuid.UUID] = field(default_factory=dict)
    returns: dict[str, uuid.UUID] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """Keys and e-mails that outlive the context."""

    round_id: int
    round_key: uuid.UUID
    reference: str
    people: dict[str, str]  # who -> e-mail
    places: dict[str, int]  # which organisation -> id
    draft_round_key: uuid.UUID

    def person(self, who: str) -> Person:
        """The row of somebody. Call it in an app context."""
        return db.session.query(Person).filter_by(email=self.people[who]).one()


def world(*, is_blind: bool = False) -> World:
    """Two rival partnerships, two groups, a funder's people; a round that is open. In a context."""
    funder = build.programme()
    elsewhere = build.organisation("Another programme", OrganisationKind.PROGRAMME)
    here = build.organisation("Ours (fictional)", OrganisationKind.PARTNERSHIP, "S12000027")
    rival = build.organisation("Rival (fictional)", OrganisationKind.PARTNERSHIP, "S12000023")
    group = build.organisation("Hall Folk (fictional)", OrganisationKind.GROUP)
    others = build.organisation("Other Folk (fictional)", OrganisationKind.GROUP)
    record = build.round_(FUND, funder, areas=AREAS, is_blind=is_blind)
    draft = build.round_(FUND, funder, state=RoundState.DRAFT, areas=AREAS)
    people = {
        "editor": build.person(Role.APPLICANT_EDITOR, at=here),
        "submitter": build.person(Role.APPLICANT_SUBMITTER, at=here),
        "signatory": build.person(Role.SIGNATORY, at=here),
        "officer": build.person(Role.PARTNERSHIP_OFFICER, at=here),
        "rival": build.person(
            Role.APPLICANT_EDITOR,
            Role.APPLICANT_SUBMITTER,
            Role.SIGNATORY,
            Role.PARTNERSHIP_OFFICER,
            Role.PROJECT_REPORTER,
            at=rival,
        ),
        "reporter": build.person(Role.PROJECT_REPORTER, at=group),
        "other_reporter": build.person(Role.PROJECT_REPORTER, at=others),
        "assessor": build.person(Role.ASSESSOR, at=funder),
        "second_assessor": build.person(Role.ASSESSOR, at=funder),
        "chair": build.person(Role.ASSESSOR, at=funder),
        "unassigned_assessor": build.person(Role.ASSESSOR, at=funder),
        "conflicted_assessor": build.person(Role.ASSESSOR, at=funder),
        "manager": build.person(Role.FUND_MANAGER, at=funder),
        "conflicted_manager": build.person(Role.FUND_MANAGER, at=funder),
        "manager_of_another_fund": build.person(Role.FUND_MANAGER, at=funder, fund="children"),
        "manager_elsewhere": build.person(
            Role.FUND_MANAGER, Role.APPROVER, Role.FINANCE, Role.EVALUATOR, at=elsewhere
        ),
        "approver": build.person(Role.APPROVER, at=funder),
        "second_approver": build.person(Role.APPROVER, at=funder),
        "conflicted_approver": build.person(Role.APPROVER, at=funder),
        "finance": build.person(Role.FINANCE, at=funder),
        "evaluator": build.person(Role.EVALUATOR, at=funder),
        "auditor": build.person(Role.AUDITOR, at=funder),
        "administrator": build.person(Role.ADMINISTRATOR, at=funder),
        "leaver": build.person(Role.APPLICANT_SUBMITTER, at=here),
        "leaver_of_staff": build.person(Role.FUND_MANAGER, Role.APPROVER, at=funder),
        "nobody": build.person(),
    }
    for who in ("approver", "second_approver", "conflicted_approver"):
        build.delegation(people[who], FUND)
    build.kept(PanelSeat(round_id=record.id, person_id=people["chair"].id, seat=Seat.CHAIR))
    for who in ("leaver", "leaver_of_staff"):
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == people[who].id)
            .values(ends_at=build.NOW - dt.timedelta(minutes=1))
        )
    db.session.commit()
    return World(
        record.id,
        record.key,
        record.reference,
        {who: person.email for who, person in people.items()},
        {
            "funder": funder.id,
            "here": here.id,
            "rival": rival.id,
            "group": group.id,
            "others": others.id,
        },
        draft.key,
    )


def bid(
    at: World,
    state: str,
    *,
    of: str = "here",
    by: str = "submitter",
    conflicted: tuple[str, ...] = CONFLICTED,
) -> Bid:
    """An application in this state, which may be one of its award; with everything that belongs to it.

    ``draft`` … ``moderation`` and ``withdrawn`` are states of the application; the others of its award.
    Those ``conflicted`` have declared an interest in it. Call it in an app context.
    """
    is_award = state in {*DECIDED, UNLETTERED}
    kept = ApplicationState.MODERATION if is_award else ApplicationState(state)
    made = _application(at, kept, of, by)
    for who in () if kept == ApplicationState.DRAFT else conflicted:
        build.conflict(made, at.person(who))
    found = _with_readers(at, made, kept, conflicted)
    file = None if kept == ApplicationState.DRAFT else _file(at, made, by)
    award: Award | None = None
    letters: dict[str, uuid.UUID] = {}
    returns: dict[str, uuid.UUID] = {}
    if kept == ApplicationState.MODERATION:
        award = _award(at, made, state if is_award else AwardState.NONE)
        letters = {} if state == UNLETTERED else _letters(at, award)
        returns = _returns(at, award) if award.state == AwardState.ACCEPTED else {}
    return Bid(
        made.id,
        made.key,
        made.title,
        award.key if award else None,
        found,
        file,
        letters,
        returns,
    )


def _application(at: World, state: ApplicationState, of: str, by: str) -> Application:
    record = db.session.get_one(Round, at.round_id)
    fund = fund_of(NOBODY, record.definition_id or 0)
    answers = filled.answers(fund)
    for question in fund.questions():
        if question.kind == QuestionKind.LONG_TEXT:
            answers[question.key, ""] = SECRET
    made = build.application(
        record,
        db.session.get_one(Organisation, at.places[of]),
        at.person(by),
        state=state,
        title=TITLE,
        area=build.area_of(record, 1 if of == "rival" else 0),
        answers=answers,
    )
    if state != ApplicationState.DRAFT:  # what is sent can be found
        words = fold(f"{made.title} {SECRET} {made.reference}")
        ids = {"round_id": record.id, "organisation_id": made.organisation_id}
        build.kept(SearchText(application_id=made.id, text=words, **ids))
    return made


def _with_readers(
    at: World, made: Application, state: ApplicationState, conflicted: tuple[str, ...]
) -> dict[str, uuid.UUID]:
    if state not in {ApplicationState.ASSESSING, ApplicationState.MODERATION}:
        return {}
    is_in = state == ApplicationState.MODERATION
    run = db.session.get_one(Round, at.round_id)
    criteria = fund_of(NOBODY, run.definition_id or 0).scoring.criteria
    marks = {criterion.key: 3 for criterion in criteria}
    readers = {
        "assessor": AssessmentState.SUBMITTED if is_in else AssessmentState.SCORING,
        "second_assessor": AssessmentState.SUBMITTED,
        "conflicted_assessor": AssessmentState.CONFLICTED,
    }
    found = {}
    for who, one in readers.items():
        if who == "conflicted_assessor" and who not in conflicted:
            continue
        record = build.assessment(
            made, at.person(who), at.person("manager"), state=one, marks=marks
        )
        found[who] = record.key
        db.session.execute(
            sa.update(Score)
            .where(Score.assessment_id == record.id)
            .values(reason=WORDS if who == "second_assessor" else "Because.")
        )
    db.session.commit()
    return found


def upload_question(at: World) -> tuple[str, Question]:
    """(section, question) of the first upload of the round's form. In a context."""
    record = db.session.get_one(Round, at.round_id)
    fund = fund_of(NOBODY, record.definition_id or 0)
    return next(
        (section.key, question)
        for section in fund.sections
        for question in section.questions
        if question.kind == QuestionKind.UPLOAD
    )


def _file(at: World, made: Application, by: str) -> uuid.UUID:
    """A file of the version that was sent."""
    question, data = upload_question(at)[1].key, b"%PDF-1.4 " + SECRET.encode()
    digest = hashlib.sha256(data).hexdigest()
    record = Attachment(
        application_id=made.id,
        question=question,
        name="plan.pdf",
        media_type="application/pdf",
        size=len(data),
        sha256=digest,
        storage_key=f"attachments/{made.key}/{uuid.uuid4()}",
        scan=ScanState.CLEAN,
        uploaded_by=at.person(by).id,
        uploaded_at=build.NOW,
    )
    files.write(record.storage_key, data)
    version = build.version_of(made)
    version.content = {**version.content, "attachments": [[question, "plan.pdf", digest]]}
    key: uuid.UUID = build.kept(record).key
    return key


def _award(at: World, made: Application, state: str) -> Award:
    if state in {AwardState.NONE, AwardState.RECOMMENDED}:
        award = build.award(made)
        if state == AwardState.RECOMMENDED:
            manager = build.actor_of(at.person("manager"))
            recommending.recommend(manager, award.key, deciding.in_full(award.key), now=build.NOW)
        return award
    award = build.award(
        made,
        state=AwardState.RELEASED if state == UNLETTERED else AwardState(state),
        recommended_by=at.person("manager"),
        decided_by=at.person("approver"),
    )
    award.reason = "" if award.is_award else "out_of_scope"
    award.feedback = f"Feedback: {SECRET}"
    db.session.commit()
    return award


def _letters(at: World, award: Award) -> dict[str, uuid.UUID]:
    """The letters that an award in this state has, by their own state."""
    found = {}
    for state in LETTERS.get(award.state, ()):
        data = f"%PDF-1.4 {award.reference} {state} {SECRET}".encode()
        is_out = state != LetterState.DRAFTED
        record = Letter(
            award_id=award.id,
            number=f"{award.reference}-{state}",
            kind="offer",
            state=state,
            content={"subject": SECRET, "paragraphs": [], "about": award.recommended_sha256},
            code=f"{award.reference}-{state}"[-40:],
            sha256=hashlib.sha256(data).hexdigest(),
            storage_key=f"letters/{uuid.uuid4()}.pdf",
            drafted_by=at.person("manager").id,
            drafted_at=build.NOW,
            issued_by=at.person("approver").id if is_out else None,
            issued_at=build.NOW if is_out else None,
        )
        files.write(record.storage_key, data)
        found[state.value] = build.kept(record).key
    return found


def _returns(at: World, award: Award) -> dict[str, uuid.UUID]:
    """One return in each state, of a project that the group runs."""
    runner = db.session.get_one(Organisation, at.places["group"])
    lines = db.session.query(ProposedProject).filter_by(application_id=award.application_id)
    runs: list[Project] = []
    for line in lines.order_by(ProposedProject.line):
        line.title = TITLE
        runs.append(build.project(award, runner, line))
    record = db.session.get_one(Round, at.round_id)
    fund = fund_of(NOBODY, record.definition_id or 0)
    with transaction():
        obligations.make(
            runs, fund.return_form, definition_id=record.definition_id or 0, now=build.NOW
        )
    made = list(
        db.session.scalars(
            sa.select(OutcomeReturn)
            .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
            .where(ReturnObligation.project_id.in_([run.id for run in runs]))
            .order_by(OutcomeReturn.id)
        )
    )
    assert len(made) >= len(ReturnState), "too few periods for every state"
    texts = returning.answers(fund)
    found = {}
    for sent, state in zip(made, ReturnState, strict=False):
        _in_state(at, sent, state, texts)
        found[state.value] = sent.key
    db.session.commit()
    return found


def _in_state(
    at: World, sent: OutcomeReturn, state: ReturnState, texts: dict[tuple[str, str], str]
) -> None:
    """A return that is filled in, as far on as this state."""
    reporter, manager = at.person("reporter").id, at.person("manager").id
    sent.state = state
    if state != ReturnState.OPEN:
        sent.submitted_at, sent.submitted_by = build.NOW, reporter
        sent.content = {"answers": [[q, row, text] for (q, row), text in texts.items()]}
    if state == ReturnState.ACCEPTED:
        sent.accepted_at, sent.accepted_by = build.NOW, manager
    for (question, row), text in texts.items():
        answer = ReturnAnswer(return_id=sent.id, question=question, row=row, text=text)
        answer.changed_at, answer.changed_by = build.NOW, reporter
        db.session.add(answer)
