"""A round with an accepted award, its project and the returns it owes, and the people around them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund, Question, QuestionKind, RowSource
from grants.funds.loader import all_funds
from grants.models.application import ProposedProject
from grants.models.outcome_return import OutcomeReturn, ReturnAnswer, ReturnObligation
from grants.models.person import Person
from grants.queries.definitions import fund_of
from grants.rules.eligibility import is_shown
from grants.rules.people import NOBODY, Actor, Role
from grants.rules.return_check import GRANT, as_form
from grants.rules.states import ApplicationState, AwardState
from grants.services import obligations, returns
from grants.services.answer_sheet import Sent
from grants.services.transaction import transaction
from tests import build, filled

FUNDS = sorted(all_funds())
PEOPLE = 20  # whom the project means to reach


@dataclass(frozen=True)
class Scene:
    """Keys and e-mails that outlive the context."""

    fund: str
    round_key: uuid.UUID
    definition_id: int
    project_id: int
    returns: tuple[uuid.UUID, ...]  # the first period, and the last
    people: dict[str, str]  # who -> e-mail


def scene(fund: str = FUNDS[0], projects: int = 1) -> Scene:
    """An accepted award; a group that runs its projects; a rival; the fund's people."""
    funder, lead, rival = build.programme(), build.organisation(), build.organisation("Rival")
    group = build.organisation("Sgioba a’ Ghlinne (fictional)", build.OrganisationKind.GROUP)
    areas = (("Shetland Islands", 10**9, ("S12000027",)),)
    record = build.round_(fund, funder, areas=areas)
    people = {
        "reporter": build.person(Role.PROJECT_REPORTER, at=group, name="Ruaraidh Reporter"),
        "submitter": build.person(Role.APPLICANT_SUBMITTER, at=lead, name="Seonaidh Sender"),
        "editor": build.person(Role.APPLICANT_EDITOR, at=lead, name="Eilidh Editor"),
        "signatory": build.person(Role.SIGNATORY, at=lead, name="Sìne Signatory"),
        "manager": build.person(Role.FUND_MANAGER, at=funder, name="Mairi Manager"),
        "approver": build.person(Role.APPROVER, at=funder),
        "evaluator": build.person(Role.EVALUATOR, at=funder),
        "finance": build.person(Role.FINANCE, at=funder),
        "assessor": build.person(Role.ASSESSOR, at=funder),
        "rival": build.person(
            Role.APPLICANT_SUBMITTER, Role.PROJECT_REPORTER, at=rival, name="Raghnall Rival"
        ),
    }
    sender = people["submitter"]
    made = build.application(
        record,
        lead,
        sender,
        state=ApplicationState.MODERATION,
        lines=((500_000, 300_000),) * projects,
        answers={("outcomes", ""): _codes(all_funds()[fund], "outcomes")[0]},
    )
    award = build.award(
        made, state=AwardState.ACCEPTED, recommended_by=sender, decided_by=people["approver"]
    )
    lines = db.session.query(ProposedProject).filter_by(application_id=made.id).all()
    run = [build.project(award, group, line) for line in lines]
    with transaction():
        obligations.make(
            run,
            fund_of(NOBODY, made.definition_id).return_form,
            definition_id=made.definition_id,
            now=build.NOW,
        )
    owed = list(
        db.session.scalars(
            sa.select(OutcomeReturn.key)
            .join(ReturnObligation, ReturnObligation.id == OutcomeReturn.obligation_id)
            .where(ReturnObligation.project_id == run[0].id)
            .order_by(ReturnObligation.starts_on)
        )
    )
    return Scene(
        fund,
        record.key,
        made.definition_id,
        run[0].id,
        tuple(owed),
        {who: person.email for who, person in people.items()},
    )


def actor(at: Scene, who: str) -> Actor:
    """This person as the gate would make them."""
    return build.actor_of(db.session.query(Person).filter_by(email=at.people[who]).one())


def fund_at(at: Scene) -> Fund:
    return fund_of(NOBODY, at.definition_id)


def answers(fund: Fund, people: int = PEOPLE) -> dict[tuple[str, str], str]:
    """A whole return in which everything agrees and nothing wants a reason."""
    form = as_form(fund)
    asked = {question.key: question for question in form.questions()}
    found: dict[tuple[str, str], str] = {}
    for question in form.questions():
        if question.kind == QuestionKind.ROWS:
            found |= _table(form, question, people)
        elif question.kind == QuestionKind.NUMBER:
            found[question.key, ""] = str(people if question.key == "unique_people" else 3)
        elif is_shown(question, asked, found):
            found[question.key, ""] = filled.text(form, question)
    return found


def _table(form: Fund, table: Question, people: int) -> dict[tuple[str, str], str]:
    if table.row_source == RowSource.BUDGET:
        return {(f"{table.key}.spent", GRANT): "2,500.50", (f"{table.key}.reason", GRANT): "Hall"}
    first = form.code_lists[table.row_list or ""].codes[0].code
    if len(table.columns) == 1:
        return {(f"{table.key}.people", first): str(people)}
    steps = ("n_started", "n_baseline", "n_paired", "n_improved", "n_same", "n_worse")
    figures = zip(steps, ("20", "18", "10", "6", "3", "1"), strict=True)
    measure = {(f"{table.key}.measure", first): _codes(form, f"{table.key}.measure")[0]}
    return {(f"{table.key}.{step}", first): text for step, text in figures} | measure


def _codes(fund: Fund, place: str) -> list[str]:
    key, _, column = place.partition(".")
    question = fund.question(key)
    assert question is not None
    cell = next((c for c in question.columns if c.key == column), question)
    return [code.code for code in fund.code_lists[cell.choices or ""].codes]


def fill(at: Scene, who: str = "reporter", place: int = 0, **changes: str) -> None:
    """A whole return written, with these single answers in place of the right ones."""
    texts = answers(fund_at(at)) | {(key, ""): text for key, text in changes.items()}
    returns.save(actor(at, who), at.returns[place], Sent(texts=texts), now=build.NOW)


def send(at: Scene, who: str = "reporter", place: int = 0, **changes: str) -> None:
    """A whole return written and sent."""
    fill(at, who, place, **changes)
    returns.submit(actor(at, who), at.returns[place], {}, now=build.NOW)


def record_of(at: Scene, place: int = 0) -> OutcomeReturn:
    """The return as it is in the database now."""
    return db.session.scalars(
        sa.select(OutcomeReturn)
        .where(OutcomeReturn.key == at.returns[place])
        .options(sa.orm.undefer(OutcomeReturn.content))
        .execution_options(populate_existing=True)
    ).one()


def kept(at: Scene, place: int = 0) -> dict[tuple[str, str], str]:
    """The answers that are kept now."""
    rows = (
        db.session.query(ReturnAnswer)
        .join(OutcomeReturn, OutcomeReturn.id == ReturnAnswer.return_id)
        .filter(OutcomeReturn.key == at.returns[place])
    )
    return {(row.question, row.row): row.text for row in rows}
