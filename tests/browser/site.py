"""A real server on a world of its own, in a thread; its clock stands where the tests put it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import flask_migrate
import waitress
from flask import Flask

from grants import create_app
from grants.config import Settings
from grants.extensions import db
from grants.funds.loader import all_funds
from tests.clock import Clock
from tests.journeys.world import World, made

HOST = "127.0.0.1"


@contextmanager
def started(folder: Path) -> Iterator[tuple[str, Flask, Clock]]:
    """A server on an empty database: its address, its application and its clock."""
    clock = Clock()
    settings = Settings(
        secret_key="a key for tests in a browser alone",
        instance=folder,
        demonstration=True,
        argon_memory_kib=64,
        argon_passes=1,
        clock=clock,
    )
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
    server = waitress.create_server(app, host=HOST, port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://{HOST}:{server.effective_port}"
    app.config["SETTINGS"] = replace(settings, base_url=address)
    try:
        yield address, app, clock
    finally:
        _stop(server, thread, app)


@contextmanager
def served(folder: Path, fund: str = "adult") -> Iterator[tuple[str, World]]:
    """The server's address, and the people of its world."""
    with started(folder) as (address, app, clock):
        yield address, made(app, clock, all_funds()[fund])


def _stop(server: object, thread: threading.Thread, app: Flask) -> None:
    server.close()  # type: ignore[attr-defined]
    thread.join(5)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
