"""Two scenarios of each open round: by rank, and with a tenth held back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from grants.demo.kit import Kit
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.round import Round
from grants.models.scenario import Scenario
from grants.services import scenarios
from grants.services.acting import actor_with_id
from grants.services.scenarios import View

MEASURE = "total"


def keep(kit: Kit, cast: Cast, rounds: Iterable[Made], now: dt.datetime) -> None:
    """As the fund manager would: the second draws with nine tenths of what is left."""
    manager = actor_with_id(cast.staff["manager"], now=now)
    for made in rounds:
        record = db.session.get_one(Round, made.id, populate_existing=True)
        left = record.pot - record.committed
        for name, budgets in (
            ("All that is left, by rank", {}),
            ("A tenth held back", {"": left * 9 // 10}),
        ):
            view = View(measure=MEASURE, budgets=budgets)
            key = scenarios.keep(manager, record.key, name, view, now=now)
            db.session.execute(sa.update(Scenario).where(Scenario.key == key).values(key=kit.key()))
