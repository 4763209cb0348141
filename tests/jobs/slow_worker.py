"""A worker to be killed: it does jobs of the kind "slow" until that happens.

python slow_worker.py INSTANCE DATABASE_URL
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

from grants import create_app
from grants.config import Settings
from grants.jobs import worker
from grants.jobs.handlers import HANDLERS
from grants.notifications import outbox
from grants.services.transaction import transaction

STEPS = 5


def slow(payload, *, now, progress):
    """Five kept steps; each tells somebody, once and for all."""
    for step in range(STEPS):
        with transaction():
            outbox.queue(
                "accepted",
                "a@example.org",
                now=now,
                values={"name": "A", "reference": "R", "title": "T"},
                once=f"slow:{payload['n']}:{step}",
            )
        time.sleep(payload["pause"])
        progress(step + 1, STEPS)


if __name__ == "__main__":
    HANDLERS["slow"] = slow
    app = create_app(
        Settings(
            secret_key="k" * 40,
            instance=Path(sys.argv[1]),
            database_url=sys.argv[2],
            testing=True,
        )
    )
    with app.app_context():
        worker.run_all(lambda: dt.datetime.now(dt.UTC))
