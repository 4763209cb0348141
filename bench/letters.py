"""Letters: drafted one after another, each kept for certain before the next begins."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.world import NOW, World
from grants.extensions import db
from grants.models.award import Award
from grants.models.person import Person
from grants.rules.states import AwardState
from grants.services import acting, letters

MOST = 25
ADDRESS = "http://localhost:8000/letters/check"


def drafted(app: Flask, world: World) -> dict[str, Any]:
    """So many letters of released awards, the first one not counted."""
    with app.app_context():
        manager = db.session.scalar(sa.select(Person.id).where(Person.name.like("manager%")))
        actor = acting.actor_with_id(manager or 0, now=NOW)
        keys = db.session.scalars(
            sa.select(Award.key)
            .where(Award.state == AwardState.RELEASED, Award.round_id == world.round_id)
            .order_by(Award.id)
            .limit(MOST + 1)
        ).all()
        db.session.rollback()
        letters.draft(actor, keys[0], verify_address=ADDRESS, now=NOW)
        wall, cpu = time.perf_counter(), time.process_time()
        for key in keys[1:]:
            letters.draft(actor, key, verify_address=ADDRESS, now=NOW)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        count = len(keys) - 1
    return {
        "letters": count,
        "letters_per_s": round(count / wall, 1),
        "cost_ms": round(cpu / count * 1000, 1),
    }
