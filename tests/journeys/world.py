"""Who takes part in a whole life: two partnerships, the funder's people, and what they ask and get."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Flask

from grants.extensions import db
from grants.funds.definition import Fund
from grants.jobs import worker
from grants.jobs.handlers import HANDLERS
from grants.models.organisation import OrganisationKind
from grants.models.outbox import OutboxMessage
from grants.rules.people import Role
from tests import build
from tests.clock import Clock
from tests.journeys.answerer import Line, Reach
from tests.journeys.pages import Visitor

AREA, RIVAL_AREA = "Shetland Islands", "Orkney Islands"
SHARE = 10_000_000
LINES = (
    Line(title="Tuesday Table", group_name="Glen Kitchen (fictional)", asked=400_000,
         minimum=300_000, people=60),
    Line(title="Harbour Choir", group_name="Harbour Choir (fictional)", asked=600_050,
         minimum=400_000, people=40, kind=1, group=1),
    Line(title="Men’s Shed", group_name="Glen Kitchen (fictional)", asked=500_000,
         minimum=200_000, people=30),
    Line(title="Walking Football", group_name="Voe Walkers (fictional)", asked=300_000,
         minimum=300_000, kind=2),
    Line(title="Evening Crafts", group_name="Voe Crafts (fictional)", asked=200_000,
         minimum=100_000),
)  # fmt: skip
PART = 250_000
OWN_COSTS = 150_000
DECIDED = {
    0: 400_000,
    1: 600_050,
    2: PART,
}  # line -> pence; the fourth is in reserve, the fifth out
AWARD = sum(DECIDED.values()) + OWN_COSTS
ASKED = sum(line.asked for line in LINES) + OWN_COSTS
RIVAL_LINES = (
    Line(title="Kirkwall Café", group_name="Kirkwall Café (fictional)", asked=200_000,
         minimum=200_000),
)  # fmt: skip
# By project and period. All who stand second in a list make three: too few to show.
REACHED = (
    (Reach(people=50, second=1, paired=40, improved=25, worse=5),
     Reach(people=30, second=0, paired=20, improved=12, worse=3)),
    (Reach(people=3, second=0, paired=2, improved=1),
     Reach(people=38, second=1, paired=30, improved=20)),
    (Reach(people=24, second=1, paired=10, improved=7, worse=1),
     Reach(people=28, second=0, paired=14, improved=9)),
)  # fmt: skip
PEOPLE = sum(reach.people for project in REACHED for reach in project)
STAFF_ROLES = {
    "manager": Role.FUND_MANAGER,
    "approver": Role.APPROVER,
    "evaluator": Role.EVALUATOR,
    "auditor": Role.AUDITOR,
    "finance": Role.FINANCE,
    "administrator": Role.ADMINISTRATOR,
}
APPLICANT_ROLES = {
    "editor": Role.APPLICANT_EDITOR,
    "sender": Role.APPLICANT_SUBMITTER,
    "signatory": Role.SIGNATORY,
    "reporter": Role.PROJECT_REPORTER,
}
ASSESSORS = ("first", "second", "conflicted")


@dataclass
class World:
    """The people by name, with a browser each; and where the things of this life stand."""

    app: Flask
    clock: Clock
    fund: Fund
    emails: dict[str, str]
    staff: frozenset[str]
    names: dict[str, str]
    browsers: dict[str, Visitor] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # what it is -> its address

    def at(self, who: str) -> Visitor:
        """The browser of this person, signed in as people sign in."""
        if who == "public":
            return Visitor(self.app)
        if who not in self.browsers:
            self.clock.move(seconds=30)  # a code works once
            visitor = Visitor(self.app, self.emails[who], is_staff=who in self.staff)
            self.browsers[who] = visitor.sign_in(self.clock.now)
        return self.browsers[who]

    def move(self, **step: float) -> None:
        """Time goes on, past the life of any session."""
        self.clock.move(**step)
        self.browsers.clear()

    def work(self) -> None:
        """All that the worker does by the clock and by its queue."""
        with self.app.app_context():
            worker.run_due(self.clock.now)
            for kind in ("send_receipts", "scan_uploads", "deliver_outbox", "lapse_offers"):
                HANDLERS[kind]({}, now=self.clock.now, progress=lambda _done, _total: None)
            db.session.remove()

    def latest_mail(self, email: str) -> str:
        """The text of the last message to this address."""
        with self.app.app_context():
            body = db.session.scalars(
                sa.select(OutboxMessage.body)
                .where(OutboxMessage.recipient == email)
                .order_by(OutboxMessage.id.desc())
            ).first()
            db.session.remove()
        return body or ""

    def barred(self, place: str, *people: str) -> None:
        """Each of these people is turned away from the address."""
        for who in people:
            assert self.at(who).is_turned_away(place), f"{who} may open {place}"

    def refused(self, place: str, *people: str, **given: str) -> None:
        """What each of these people sends to the address is refused."""
        for who in people:
            status = self.at(who).send(place, given)
            assert status in {403, 404, 409}, f"{who} may send to {place}: {status}"


def made(app: Flask, clock: Clock, fund: Fund) -> World:
    """People and organisations, and authority for two approvers. Everything else goes through pages."""
    with app.app_context():
        funder = build.programme()
        here = build.organisation("Comann Shealtainn (fictional)", OrganisationKind.PARTNERSHIP,
                                  "S12000027")  # fmt: skip
        there = build.organisation("Orkney Rival (fictional)", OrganisationKind.PARTNERSHIP,
                                   "S12000023")  # fmt: skip
        people = {who: build.person(role, at=funder) for who, role in STAFF_ROLES.items()}
        people["issuer"] = build.person(Role.APPROVER, Role.FUND_MANAGER, at=funder)
        people |= {who: build.person(role, at=here) for who, role in APPLICANT_ROLES.items()}
        people |= {who: build.person(Role.ASSESSOR, at=funder) for who in ASSESSORS}
        people["rival"] = build.person(
            Role.APPLICANT_SUBMITTER, Role.SIGNATORY, Role.PROJECT_REPORTER, at=there
        )
        for who in ("approver", "issuer"):
            build.delegation(people[who], fund.slug)
        return World(
            app=app,
            clock=clock,
            fund=fund,
            emails={who: person.email for who, person in people.items()},
            names={who: person.name for who, person in people.items()},
            staff=frozenset({*STAFF_ROLES, "issuer"}),
        )
