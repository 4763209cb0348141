"""One round with so many applications, written in bulk: the workload of every figure here."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bench.answers import Answers, complete, words
from grants.extensions import db
from grants.funds.definition import Fund
from grants.funds.loader import all_funds
from grants.models.application import (
    Answer,
    Application,
    ApplicationPartner,
    ApplicationVersion,
    BudgetLine,
    ProposedProject,
)
from grants.models.assessment import Assessment, LineRecommendation, Score
from grants.models.award import Award, AwardYear
from grants.models.organisation import Organisation, OrganisationArea, OrganisationKind
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
    ReturnSpend,
)
from grants.models.person import Delegation, Membership, Person, SignInSession
from grants.models.project import Project, ProjectCode
from grants.models.round import AllocationArea, AllocationAreaCouncil, Round
from grants.models.search import SearchText
from grants.rules.people import Role
from grants.rules.recommendation import REASONS
from grants.rules.states import (
    ApplicationState,
    AssessmentState,
    AwardState,
    LineDecision,
    ReturnState,
    RoundState,
    Tier,
)
from grants.services import definitions
from grants.services.typed_rows import Frozen, freeze

NOW = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)
FUND = "adult"
TEMPLATES = 40  # different texts; each application is a copy of one of them
ASSESSORS, READERS = 36, 3
DRAFTS = 80  # complete, waiting to be sent while it is measured
AREAS = 32
SCORED = 0.7  # of applications, all readings in
MANY = 10**13
BATCH = 2_000
Row = dict[str, Any]


@dataclass
class World:
    """What the measurements need: keys, and a cookie for each person."""

    size: int
    round_id: int
    round_key: uuid.UUID
    reference: str
    area: str
    cookies: dict[str, str]
    assessors: dict[int, str] = field(default_factory=dict)  # person id: cookie
    applicants: dict[int, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """A text that many applications share."""

    answers: Answers
    frozen: Frozen


def add(model: Any, rows: Sequence[Row]) -> list[int]:
    """Insert, and give the ids in the order of the rows."""
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    found: list[int] = []
    for start in range(0, len(rows), BATCH):
        found += db.session.scalars(statement, rows[start : start + BATCH])
    return found


def put(model: Any, rows: Sequence[Row]) -> None:
    """Insert rows whose ids nobody asks for: many in each statement on both databases."""
    first = sa.inspect(model).primary_key[0]
    for start in range(0, len(rows), BATCH):
        db.session.execute(sa.insert(model).returning(first), rows[start : start + BATCH]).all()


def build(size: int, drafts: int = DRAFTS) -> World:
    """The round and everything in it, committed. Call it in an app context on a migrated database.

    Each draft is another person's as long as there are more people than drafts.
    """
    if db.engine.dialect.name == "postgresql":  # keys are right by the way they are made
        db.session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    else:
        db.session.execute(sa.text("PRAGMA cache_size = -1000000"))
    world = _Builder(size, drafts).everything()
    db.session.commit()
    _analyse()
    return world


def _analyse() -> None:
    """What a running server has after its first night: statistics of the tables."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")


class _Builder:
    """Builds one world; ids are kept on the way."""

    def __init__(self, size: int, drafts: int) -> None:
        self.size = size
        self.drafts = drafts
        self.dice = random.Random(size)
        self.fund: Fund = all_funds()[FUND]
        self.templates = [self._template(number) for number in range(TEMPLATES)]
        self.cookies: dict[int, str] = {}
        self.reason = self.fund.code_lists[REASONS].codes[0].code

    def _template(self, number: int) -> Template:
        answers = complete(self.fund, number)
        return Template(answers, freeze(self.fund, answers, (), ()))

    def everything(self) -> World:
        self._people()
        self._round()
        self._applications()
        self._assessments()
        self._awards()
        self._projects()
        self._returns()
        return World(
            size=self.size,
            round_id=self.round.id,
            round_key=self.round.key,
            reference=self.round.reference,
            area="Area 07 (fictional)",
            cookies={name: self.cookies[key] for name, key in self.staff.items()},
            assessors={key: self.cookies[key] for key in self.readers},
            applicants={key: self.cookies[key] for key in self.applicants},
            facts=self._facts(),
        )

    def _facts(self) -> dict[str, Any]:
        counted = {
            model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Application, Answer, Assessment, Score, ProposedProject, Award)
        }
        counted |= {
            model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Project, OutcomeReturn, ReturnFigure, Organisation)
        }
        texts = [sum(len(text) for text in t.answers.values()) for t in self.templates]
        return {"rows": counted, "text_bytes_of_one": sum(texts) // len(texts)}

    def _organisations(self, count: int, kind: OrganisationKind) -> list[int]:
        return add(
            Organisation,
            [
                {
                    "key": uuid.uuid4(),
                    "reference": f"{kind.value.upper()}-{number:06d}",
                    "name": f"{words(self.dice, 3)} {number} (fictional)",
                    "kind": kind,
                    "is_fictional": True,
                    "address": "1 Made-up Street",
                    "postcode": "ZE1 0AA",
                }
                for number in range(count)
            ],
        )

    def _persons(self, names: Sequence[str], place: Sequence[int], role: Role) -> list[int]:
        """A person in each place, with a sign-in that has passed the second factor."""
        ids = add(
            Person,
            [
                {
                    "key": uuid.uuid4(),
                    "name": f"{name} (fictional)",
                    "email": f"{name}@example.org",
                    "totp_secret": "JBSWY3DPEHPK3PXP",
                    "created_at": NOW,
                }
                for name in names
            ],
        )
        put(
            Membership,
            [
                {
                    "person_id": key,
                    "organisation_id": organisation,
                    "role": role,
                    "starts_at": NOW - dt.timedelta(days=900),
                }
                for key, organisation in zip(ids, place, strict=True)
            ],
        )
        self.cookies |= {key: f"cookie-{key}" for key in ids}
        put(SignInSession, [_session(key, self.cookies[key]) for key in ids])
        return ids

    def _people(self) -> None:
        (self.funder,) = self._organisations(1, OrganisationKind.PROGRAMME)
        count = max(50, self.size // 10, self.drafts if self.drafts != DRAFTS else 0)
        self.bodies = self._organisations(count, OrganisationKind.PARTNERSHIP)
        put(
            OrganisationArea,
            [{"organisation_id": key, "area_code": "S12000027"} for key in self.bodies],
        )
        seats = {
            "manager": Role.FUND_MANAGER,
            "approver": Role.APPROVER,
            "evaluator": Role.EVALUATOR,
        }
        self.staff = {
            name: self._persons([name], [self.funder], role)[0] for name, role in seats.items()
        }
        put(Delegation, [_delegation(self.staff["approver"])])
        self.readers = self._persons(
            [f"assessor{number}" for number in range(ASSESSORS)],
            [self.funder] * ASSESSORS,
            Role.ASSESSOR,
        )
        self.applicants = self._persons(
            [f"applicant{number}" for number in range(count)], self.bodies, Role.APPLICANT_SUBMITTER
        )

    def _round(self) -> None:
        self.round = Round(
            reference=f"BENCH-{self.size}",
            title=f"Measured round of {self.size} applications (fictional)",
            fund=FUND,
            fund_year="2026-27",
            number=1,
            tier=Tier.NATIONAL,
            organisation_id=self.funder,
            state=RoundState.DRAFT,
            opens_at=NOW - dt.timedelta(days=60),
            closes_at=NOW + dt.timedelta(days=30),
            pot=MANY * AREAS,
            allocated=MANY * AREAS,
            is_illustrative=True,
        )
        db.session.add(self.round)
        db.session.flush()
        definition = definitions.add(self.round, self.fund, now=NOW)
        definition.is_published, self.round.state = True, RoundState.OPEN
        db.session.flush()
        self.areas = add(
            AllocationArea,
            [
                {
                    "round_id": self.round.id,
                    "name": f"Area {number:02d} (fictional)",
                    "amount": MANY,
                    "is_fictional": True,
                }
                for number in range(AREAS)
            ],
        )
        put(
            AllocationAreaCouncil,
            [{"allocation_area_id": key, "area_code": "S12000027"} for key in self.areas],
        )

    def _applications(self) -> None:
        numbers = range(self.size + self.drafts)
        rows = [self._application(number) for number in numbers]
        self.ids = add(Application, rows)
        self.sent = self.ids[: self.size]
        self.application_rows = rows
        self._answers()
        self._versions()
        self._typed_rows()

    def _application(self, number: int) -> Row:
        is_sent = number < self.size
        place = number % len(self.bodies)
        frozen = self.templates[number % TEMPLATES].frozen
        sent_at = NOW - dt.timedelta(days=20, seconds=number * 7919 % 1_000_000)
        return {
            "key": uuid.uuid4(),
            "reference": f"BENCH-{self.size}-{number + 1:05d}",
            "round_id": self.round.id,
            "definition_id": self.round.definition_id,
            "organisation_id": self.bodies[place],
            "allocation_area_id": self.areas[number % AREAS],
            "title": f"{words(self.dice, 4)} {number}",
            "state": self._state(number) if is_sent else ApplicationState.DRAFT,
            "asked": frozen.totals.asked if is_sent else 0,
            "projects_count": len(frozen.projects) if is_sent else 0,
            "number": 1 if is_sent else None,
            "created_at": sent_at,
            "created_by": self.applicants[place],
            "changed_at": sent_at,
            "submitted_at": sent_at if is_sent else None,
            "submitted_by": self.applicants[place] if is_sent else None,
            "withdrawn_at": None,
        }

    def _state(self, number: int) -> ApplicationState:
        is_decided = self._is_scored(number) and number % 10 < 5
        return ApplicationState.MODERATION if is_decided else ApplicationState.ASSESSING

    def _is_scored(self, number: int) -> bool:
        return number % 10 < SCORED * 10

    def _answers(self) -> None:
        """Typed once for each template, then copied by the database."""
        heads = self.ids[:TEMPLATES]
        put(
            Answer,
            [
                {
                    "application_id": key,
                    "question": question,
                    "row": row,
                    "text": text,
                    "changed_at": NOW,
                    "changed_by": self.applicants[0],
                }
                for key, template in zip(heads, self.templates, strict=False)
                for (question, row), text in template.answers.items()
            ],
        )
        copied = Answer.__table__.c
        names = ("question", "row", "text", "version", "changed_at", "changed_by")
        for place, head in enumerate(heads):
            others = self.ids[place + TEMPLATES :: TEMPLATES]
            for start in range(0, len(others), 500):
                part = others[start : start + 500]
                target = (
                    sa.select(Application.id, *(copied[name] for name in names))
                    .join(Answer.__table__, copied.application_id == head)
                    .where(Application.id.in_(part))
                )
                db.session.execute(
                    sa.insert(Answer.__table__).from_select(["application_id", *names], target)
                )

    def _versions(self) -> None:
        self.versions = add(
            ApplicationVersion,
            [
                {
                    "application_id": key,
                    "number": 1,
                    "content": self.templates[number % TEMPLATES].frozen.content,
                    "sha256": self.templates[number % TEMPLATES].frozen.sha256,
                    "submitted_at": NOW,
                    "submitted_by": self.application_rows[number]["submitted_by"],
                }
                for number, key in enumerate(self.sent)
            ],
        )

    def _typed_rows(self) -> None:
        put(BudgetLine, list(self._frozen_rows("lines")))
        put(ApplicationPartner, list(self._frozen_rows("partners")))
        put(SearchText, [self._search(number, key) for number, key in enumerate(self.sent)])
        lines = [
            {**row, **self._decided(row), "key": uuid.uuid4(), "reserve_place": None}
            for row in self._frozen_rows("projects")
        ]
        ids = add(ProposedProject, lines)
        self.lines: dict[int, list[tuple[int, Row]]] = {}
        for key, row in zip(ids, lines, strict=True):
            self.lines.setdefault(row["application_id"], []).append((key, row))

    def _decided(self, row: Row) -> Row:
        """Of an awarded application: its first line always in full, its second for every other."""
        number = row["application_id"] - self.sent[0]
        is_funded = self._is_awarded(number) and row["line"] <= 1 + number // 10 % 2
        decision = LineDecision.FULL if is_funded else LineDecision.UNDECIDED
        if self._is_awarded(number) and not is_funded:
            decision = LineDecision.OUT
        return {
            "decision": decision,
            "amount": row["asked"] if is_funded else 0,
            "reason": self.reason if decision == LineDecision.OUT else "",
        }

    def _frozen_rows(self, name: str) -> Iterator[Row]:
        for number, key in enumerate(self.sent):
            for row in getattr(self.templates[number % TEMPLATES].frozen, name):
                yield {**row, "application_id": key}

    def _search(self, number: int, key: int) -> Row:
        row = self.application_rows[number]
        rare = f"heather{number % 100:02d}"  # each is in one of a hundred
        text = f"{row['title'].lower()} {rare} {self.templates[number % TEMPLATES].frozen.search}"
        return {
            "application_id": key,
            "round_id": self.round.id,
            "organisation_id": row["organisation_id"],
            "text": text,
        }

    def _assessments(self) -> None:
        rows = [
            self._assessment(number, key, place)
            for number, key in enumerate(self.sent)
            for place in range(READERS)
        ]
        ids = add(Assessment, rows)
        marked = [
            (key, row)
            for key, row in zip(ids, rows, strict=True)
            if row["state"] != AssessmentState.ASSIGNED
        ]
        for start in range(0, len(marked), BATCH):
            part = marked[start : start + BATCH]
            put(Score, [score for key, row in part for score in self._scores(key)])
            put(LineRecommendation, [one for key, row in part for one in self._advice(key, row)])

    def _assessment(self, number: int, key: int, place: int) -> Row:
        is_in = self._is_scored(number) or place == 0
        is_begun = is_in or place == 1
        kind = AssessmentState.SCORING if is_begun else AssessmentState.ASSIGNED
        return {
            "key": uuid.uuid4(),
            "application_id": key,
            "version_id": self.versions[number],
            "person_id": self.readers[(number + place * 12) % ASSESSORS],
            "state": AssessmentState.SUBMITTED if is_in else kind,
            "assigned_at": NOW,
            "assigned_by": self.staff["manager"],
            "declared_at": NOW if is_begun else None,
            "submitted_at": NOW if is_in else None,
            "total": 40 + number * 13 % 60 if is_in else None,
            "comment": words(self.dice, 30),
        }

    def _scores(self, key: int) -> Iterator[Row]:
        reason = self.templates[key % TEMPLATES].answers["need", ""][:240]
        for place, criterion in enumerate(self.fund.scoring.criteria):
            mark = 2 + (key * 7 + place) % 3
            yield {"assessment_id": key, "criterion": criterion.key, "mark": mark, "reason": reason}

    def _advice(self, key: int, row: Row) -> Iterator[Row]:
        for line, _ in self.lines[row["application_id"]]:
            yield {
                "assessment_id": key,
                "proposed_project_id": line,
                "recommendation": "full",
                "amount": None,
                "reason": "",
            }

    def _is_awarded(self, number: int) -> bool:
        return number % 10 < 3

    def _awards(self) -> None:
        """Three in ten released or accepted, one recommended, one without a recommendation."""
        self.given = [number for number in range(self.size) if self._is_awarded(number)]
        open_ = [number for number in range(self.size) if number % 10 in {3, 4}]
        rows = [self._award(number) for number in (*self.given, *open_)]
        self.award_ids = add(Award, rows)[: len(self.given)]
        self.award_rows = rows
        put(
            AwardYear,
            [
                {"award_id": key, "financial_year": "2026-27", "amount": row["amount"]}
                for key, row in zip(self.award_ids, rows, strict=False)
            ],
        )
        self._commit_money()

    def _award(self, number: int) -> Row:
        key = self.sent[number]
        is_given, is_recommended = self._is_awarded(number), number % 10 == 3
        funded = sum(row["amount"] for _, row in self.lines[key])
        own = 150_000 if is_given or is_recommended else 0
        accepted = AwardState.ACCEPTED if number % 10 < 2 else AwardState.RELEASED
        kind = AwardState.RECOMMENDED if is_recommended else AwardState.NONE
        is_known = {"decided_at": NOW, "released_at": NOW} if is_given else {}
        return {
            "key": uuid.uuid4(),
            "reference": f"BAWD-{number:06d}",
            "application_id": key,
            "round_id": self.round.id,
            "allocation_area_id": self.application_rows[number]["allocation_area_id"],
            "state": accepted if is_given else kind,
            "is_award": True,
            "own_costs": own,
            "amount": own + funded,
            "onward": funded,
            "reason": self.reason,
            "recommended_by": self.staff["manager"] if is_given or is_recommended else None,
            "recommended_at": NOW,
            "recommended_sha256": "0" * 64,
            "decided_by": self.staff["approver"] if is_given else None,
            "decided_at": None,
            "released_at": None,
            "accept_by": NOW.date() + dt.timedelta(days=28),
            **is_known,
        }

    def _commit_money(self) -> None:
        by_area: dict[int, int] = {}
        for _, row in zip(self.award_ids, self.award_rows, strict=False):
            place = row["allocation_area_id"]
            by_area[place] = by_area.get(place, 0) + row["amount"]
        for key, amount in by_area.items():
            db.session.execute(
                sa.update(AllocationArea).where(AllocationArea.id == key).values(committed=amount)
            )
        self.round.committed = sum(by_area.values())
        db.session.flush()

    def _projects(self) -> None:
        pairs = [
            (number, award, line)
            for number, award in zip(self.given, self.award_ids, strict=True)
            for line in self.lines[self.sent[number]]
            if line[1]["amount"]
        ]
        groups = self._organisations(max(1, len(pairs) * 9 // 10), OrganisationKind.GROUP)
        rows = [
            self._project(place, groups[place % len(groups)], *pair)
            for place, pair in enumerate(pairs)
        ]
        self.projects = add(Project, rows)
        codes = [
            (key, kind, code)
            for key, (_, _, (_, line)) in zip(self.projects, pairs, strict=True)
            for kind, code in line["codes"]
        ]
        put(ProjectCode, [{"project_id": k, "kind": n, "code": c} for k, n, c in codes])

    def _project(
        self, place: int, group: int, number: int, award: int, line: tuple[int, Row]
    ) -> Row:
        key, row = line
        return {
            "key": uuid.uuid4(),
            "reference": f"BPRJ-{place:06d}",
            "award_id": award,
            "round_id": self.round.id,
            "allocation_area_id": self.application_rows[number]["allocation_area_id"],
            "proposed_project_id": key,
            "organisation_id": group,
            "title": row["title"],
            "summary": row["summary"],
            "activity_type": row["activity_type"],
            "main_group": row["main_group"],
            "people_expected": row["people"],
            "amount": row["amount"],
            "recorded_at": NOW,
        }

    def _returns(self) -> None:
        periods = self.fund.return_form.periods
        owed = [(key, period) for key in self.projects for period in periods]
        obligations = add(ReturnObligation, [self._obligation(*one) for one in owed])
        rows = [self._return(place, key) for place, key in enumerate(obligations)]
        ids = add(OutcomeReturn, rows)
        come = [key for key, row in zip(ids, rows, strict=True) if row["state"] != ReturnState.OPEN]
        put(ReturnFigure, [figure for key in come for figure in self._figures(key)])
        put(OutcomeResult, [self._result(key) for key in come])
        put(ReturnSpend, [_spend(key) for key in come])

    def _obligation(self, project: int, period: Any) -> Row:
        return {
            "project_id": project,
            "round_id": self.round.id,
            "period": period.key,
            "label": period.label,
            "starts_on": dt.date.fromisoformat(period.starts),
            "ends_on": dt.date.fromisoformat(period.ends),
            "due_on": dt.date.fromisoformat(period.due),
        }

    def _return(self, place: int, obligation: int) -> Row:
        is_first = place % 2 == 0
        states = (ReturnState.ACCEPTED, ReturnState.ACCEPTED, ReturnState.SUBMITTED)
        state = states[place // 2 % 3] if is_first else ReturnState.OPEN
        is_in = state != ReturnState.OPEN
        is_accepted = state == ReturnState.ACCEPTED
        return {
            "key": uuid.uuid4(),
            "obligation_id": obligation,
            "definition_id": self.round.definition_id,
            "state": state,
            "changed_at": NOW,
            "submitted_at": NOW if is_in else None,
            "submitted_by": self.applicants[0] if is_in else None,
            "accepted_at": NOW if is_accepted else None,
            "accepted_by": self.staff["manager"] if is_accepted else None,
        }

    def _figures(self, key: int) -> Iterator[Row]:
        whole = ("unique_people", "new_people", "people_16_24", "sessions", "volunteers")
        people = 20 + key % 60
        for question in whole:
            yield {"return_id": key, "question": question, "code": "", "number": people}
        for section in self.fund.return_form.sections:
            for question in section.questions:
                codes = self.fund.code_lists.get(question.row_list or "")
                if codes and question.key != "outcomes":
                    for code in codes.codes:
                        number = people // len(codes.codes)
                        place = {"question": question.key, "code": code.code}
                        yield {"return_id": key, **place, "number": number}

    def _result(self, key: int) -> Row:
        codes = self.fund.code_lists["adult_outcome"].codes
        return {
            "return_id": key,
            "outcome": codes[key % len(codes)].code,
            "measure": "",
            "started": 30,
            "baseline": 28,
            "paired": 20,
            "improved": 12,
            "same": 6,
            "worse": 2,
        }


def _session(person_id: int, cookie: str) -> Row:
    return {
        "person_id": person_id,
        "token_sha256": hashlib.sha256(cookie.encode()).hexdigest(),
        "created_at": NOW,
        "last_seen_at": NOW,
        "second_factor_at": NOW,
    }


def _delegation(person_id: int) -> Row:
    return {
        "person_id": person_id,
        "role": Role.APPROVER,
        "fund": FUND,
        "financial_year": "2026-27",
        "most_per_award": MANY,
        "most_in_all": MANY,
        "starts_at": NOW - dt.timedelta(days=30),
    }


def _spend(key: int) -> Row:
    return {"return_id": key, "heading": "r001", "spent": 200_000, "reason": ""}
