"""A manager's browser with a draft round on it, for the tests of setting up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from grants.extensions import db
from grants.funds.definition import Fund
from grants.funds.loader import all_funds
from grants.funds.schema import from_document
from grants.models.round import Round, RoundDefinition
from grants.rules.people import Actor, Role
from grants.rules.states import RoundState
from tests import build

FUND = min(all_funds())


@dataclass
class Desk:
    """A manager's browser, and the round on it."""

    app: Flask
    client: FlaskClient
    key: uuid.UUID
    id: int
    actor: Actor
    programme_id: int

    def address(self, rest: str) -> str:
        """A page of this round."""
        return f"/rounds/{self.key}/{rest}".rstrip("/")

    def get(self, rest: str = "") -> str:
        """The text of a page that is there."""
        answer = self.client.get(self.address(rest))
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def post(self, rest: str, **typed: object) -> tuple[int, str]:
        """What came of sending a page: the status, and where it leads or what it says."""
        answer = self.client.post(self.address(rest), data=typed)
        return answer.status_code, answer.headers.get("Location", "") or answer.text

    def done(self, rest: str, **typed: object) -> str:
        """Where a page leads once it is taken."""
        status, where = self.post(rest, **typed)
        assert status == 302, where
        return where.removeprefix(f"/rounds/{self.key}/")

    def fund(self) -> Fund:
        """The newest version, as it is kept."""
        with self.app.app_context():
            return from_document(self.newest().content)

    def newest(self) -> RoundDefinition:
        """The row of the newest version. Call it in an app context."""
        rows = db.session.query(RoundDefinition).filter_by(round_id=self.id)
        return rows.order_by(RoundDefinition.version.desc()).first()

    def state(self) -> RoundState:
        """Where the round is in its life."""
        with self.app.app_context():
            return db.session.get_one(Round, self.id).state


def desk(app: Flask, client: FlaskClient, fund: str = FUND) -> Desk:
    """A draft round whose rulebook nobody has published."""
    with app.app_context():
        programme = build.programme()
        manager = build.person(Role.FUND_MANAGER, at=programme)
        record = build.round_(fund, programme, state=RoundState.DRAFT)
        db.session.query(RoundDefinition).filter_by(round_id=record.id).update(
            {"is_published": False}
        )
        db.session.commit()
        build.sign_in(client, manager)
        return Desk(app, client, record.key, record.id, build.actor_of(manager), programme.id)
