"""SQLite as the product opens it: durable, honest, and never with the journal that can corrupt."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from grants import create_app
from grants.config import Settings
from grants.extensions import db


def test_every_connection_waits_for_the_disk(tmp_path: Path):
    settings = Settings(secret_key="k" * 40, instance=tmp_path, testing=True)
    app = create_app(settings)

    with app.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        found = [
            [
                connection.scalar(sa.text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            for connection in (first, second)
        ]

    assert found == [["persist", 2, 1, 5000]] * 2


def test_environment_cannot_give_durability_up(tmp_path: Path):
    made = Settings.from_environment(
        {"GRANTS_SECRET_KEY": "k" * 40, "GRANTS_INSTANCE": str(tmp_path), "GRANTS_DURABLE": "0"}
    )

    assert made.durable
