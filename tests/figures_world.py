"""A round filled in bulk: areas, awards, projects and accepted returns, as many as a test wants."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.funds.reference import council_areas
from grants.models.application import Application
from grants.models.organisation import Organisation, OrganisationKind
from grants.models.outcome_return import (
    OutcomeResult,
    OutcomeReturn,
    ReturnFigure,
    ReturnObligation,
    ReturnSpend,
)
from grants.models.person import Person
from grants.models.project import Project, ProjectCode, RegisterEntry
from grants.models.round import AllocationArea, Round
from grants.rules.people import Role
from grants.rules.states import ApplicationState, AwardState, ReturnState
from tests import build
from tests.build import NOW

PEOPLE = "unique_people"


class World:
    """One round with an accepted award in each of some areas. Keeps ids and keys, never rows."""

    def __init__(self, *, areas: int = 3, fund: str = "adult", funder: int | None = None) -> None:
        programme = db.session.get(Organisation, funder) if funder else build.programme()
        councils = council_areas()[:areas]
        record = build.round_(
            fund,
            programme,
            areas=tuple((area.name, 50_000_000, (area.code,)) for area in councils),
            year="2023-24",
        )
        self.fund, self.programme_id = all_funds()[fund], programme.id
        self.round_id, self.key, self.reference = record.id, record.key, record.reference
        self.definition_id = record.definition_id
        self.areas = [
            area.id
            for area in db.session.query(AllocationArea)
            .filter_by(round_id=record.id)
            .order_by(AllocationArea.name)
        ]
        self.areas.sort(key=lambda area_id: area_id)
        self.manager = build.person(Role.FUND_MANAGER, at=programme).id
        self.evaluator = build.person(Role.EVALUATOR, at=programme).id
        self.awards = [self._award(area_id) for area_id in self.areas]
        self._made = 0

    def actor(self, person_id: int):
        return build.actor_of(db.session.get_one(Person, person_id))

    def email(self, person_id: int) -> str:
        return db.session.get_one(Person, person_id).email

    def _award(self, area_id: int) -> int:
        lead = build.organisation()
        by = db.session.get_one(Person, self.manager)
        other = build.person(Role.APPROVER, at=db.session.get(Organisation, self.programme_id))
        made = build.application(
            db.session.get_one(Round, self.round_id),
            lead,
            by,
            state=ApplicationState.MODERATION,
            area=db.session.get_one(AllocationArea, area_id),
        )
        award = build.award(made, state=AwardState.ACCEPTED, recommended_by=by, decided_by=other)
        award.answered_at = NOW
        db.session.commit()
        return award.id

    def projects(
        self,
        types: Iterable[tuple[str, int]],
        *,
        organisations: int | None = None,
        amount: int = 900_000,
        people: int | None = 25,
        groups: Sequence[str] = ("older", "women"),
        themes: Sequence[str] = ("social_isolation",),
    ) -> list[int]:
        """Projects of these activity types, shared out among the areas."""
        wanted = [name for name, count in types for _ in range(count)]
        first, self._made = self._made, self._made + len(wanted)
        groups_of = self._organisations(organisations or len(wanted))
        entries = [
            {
                "award_id": self.awards[n % len(self.awards)],
                "made_by": "A partnership (fictional)",
                "decided_on": dt.date(2023, 12, 1),
                "note": "",
            }
            for n in range(len(wanted))
        ]
        entry_ids = _insert(RegisterEntry, entries)
        rows = [
            {
                "key": uuid.uuid4(),
                "reference": f"{self.reference}-P{first + n:05d}",
                "award_id": self.awards[n % len(self.awards)],
                "round_id": self.round_id,
                "allocation_area_id": self.areas[n % len(self.areas)],
                "register_entry_id": entry_ids[n],
                "organisation_id": groups_of[n % len(groups_of)],
                "title": f"Project {first + n} (fictional)",
                "summary": "",
                "activity_type": name,
                "main_group": groups[n % len(groups)],
                "people_expected": people,
                "amount": amount,
                "recorded_at": NOW,
            }
            for n, name in enumerate(wanted)
        ]
        ids = _insert(Project, rows)
        codes = [
            {"project_id": project, "kind": kind, "code": code}
            for project in ids
            for kind, several in (("group", groups), ("theme", themes))
            for code in several
        ]
        if codes:
            db.session.execute(sa.insert(ProjectCode), codes)
        db.session.commit()
        return ids

    def _organisations(self, count: int) -> list[int]:
        return _insert(
            Organisation,
            [
                {
                    "key": uuid.uuid4(),
                    "reference": f"G-{self.round_id}-{self._made}-{n}",
                    "name": f"Group {n} (fictional)",
                    "kind": OrganisationKind.GROUP,
                    "is_fictional": True,
                    "address": "",
                }
                for n in range(count)
            ],
        )

    def returns(
        self,
        projects: Sequence[int],
        figures: Sequence[Mapping[tuple[str, str], int]],
        *,
        outcomes: Sequence[Sequence[tuple[str, int, int, int, int]]] = (),
        period: str = "interim",
        due: dt.date = dt.date(2026, 10, 30),
        state: ReturnState = ReturnState.ACCEPTED,
        sent: dt.datetime | None = NOW,
    ) -> list[int]:
        """A return for each project. Figures by (question, code); outcomes (code, lost, better, same, worse)."""
        duties = _insert(
            ReturnObligation,
            [
                {
                    "project_id": project,
                    "award_id": None,
                    "round_id": self.round_id,
                    "period": period,
                    "label": f"Period {period}",
                    "starts_on": dt.date(2026, 4, 1),
                    "ends_on": dt.date(2026, 9, 30),
                    "due_on": due,
                }
                for project in projects
            ],
        )
        ids = _insert(
            OutcomeReturn,
            [
                {
                    "key": uuid.uuid4(),
                    "obligation_id": duty,
                    "definition_id": self.definition_id,
                    "state": state,
                    "changed_at": NOW,
                    "submitted_at": sent,
                    "accepted_at": NOW if state == ReturnState.ACCEPTED else None,
                    "version": 1,
                }
                for duty in duties
            ],
        )
        rows = [
            {"return_id": made, "question": question, "code": code, "number": number}
            for made, counts in zip(ids, figures, strict=True)
            for (question, code), number in counts.items()
        ]
        if rows:
            db.session.execute(sa.insert(ReturnFigure), rows)
        results = [
            _result(made, *result)
            for made, several in zip(ids, outcomes or [()] * len(ids), strict=True)
            for result in several
        ]
        if results:
            db.session.execute(sa.insert(OutcomeResult), results)
        db.session.execute(
            sa.insert(ReturnSpend),
            [
                {"return_id": made, "heading": "staff", "spent": 12_345, "reason": ""}
                for made in ids
            ],
        )
        db.session.commit()
        return ids

    def applications(self, count: int) -> None:
        """Sent applications, shared out among the areas."""
        lead = build.organisation().id
        db.session.execute(
            sa.insert(Application),
            [
                {
                    "key": uuid.uuid4(),
                    "reference": f"{self.reference}-A{n:05d}",
                    "round_id": self.round_id,
                    "definition_id": self.definition_id,
                    "organisation_id": lead,
                    "allocation_area_id": self.areas[n % len(self.areas)],
                    "title": f"Plan {n}",
                    "state": ApplicationState.SUBMITTED,
                    "asked": 1_000_000,
                    "projects_count": 0,
                    "number": 1,
                    "created_at": NOW,
                    "created_by": self.manager,
                    "changed_at": NOW,
                    "submitted_at": NOW,
                    "submitted_by": self.manager,
                    "returned_reason": "",
                    "version": 1,
                }
                for n in range(count)
            ],
        )
        db.session.commit()


def _result(made: int, outcome: str, lost: int, improved: int, same: int, worse: int) -> dict:
    paired = improved + same + worse
    return {
        "return_id": made,
        "outcome": outcome,
        "measure": "",
        "started": paired + lost,
        "baseline": paired + lost,
        "paired": paired,
        "improved": improved,
        "same": same,
        "worse": worse,
    }


def _insert(model, rows: list[dict]) -> list[int]:
    """In bulk; the ids in the order of the rows."""
    if not rows:
        return []
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def people(number: int, **breakdowns: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """The figures of one return: all people, and any breakdown by its codes."""
    figures = {(PEOPLE, ""): number}
    for question, counts in breakdowns.items():
        figures |= {(question, code): count for code, count in counts.items()}
    return figures


def by_chance(seed: int, codes: Sequence[str], most: int = 9) -> dict[str, int]:
    """A count for each code, small ones among them."""
    chance = random.Random(seed)
    return {code: chance.choice((0, 1, 2, 3, 4, 5, most)) for code in codes}
