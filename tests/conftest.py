"""The fixtures every test may ask for: an app on each database, a clock to set, a person to sign in."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants import create_app
from grants.config import Settings
from grants.extensions import db
from tests import counting, signing
from tests.clock import Clock
from tests.databases import Postgres, Sqlite

NO_DATABASE = ("rules", "funds", "documents")
DATABASES = {"sqlite": Sqlite, "postgresql": Postgres}


@pytest.fixture(scope="session")
def _clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(_clock: Clock) -> Iterator[Clock]:
    """The clock of the app: ``clock.now = …`` or ``clock.move(days=1)``."""
    yield _clock
    _clock.now = Clock.START


@pytest.fixture(scope="session", params=DATABASES)
def _database(request, tmp_path_factory) -> Iterator[Sqlite | Postgres]:
    database = DATABASES[request.param](tmp_path_factory.mktemp(request.param))
    yield database
    database.close()


@pytest.fixture(scope="session")
def settings(_database: Sqlite | Postgres, _clock: Clock) -> Settings:
    """What the app was made with. ``dataclasses.replace`` it for an app of your own."""
    return Settings(
        secret_key="a key for tests alone, forty characters",
        instance=_database.folder,
        database_url=_database.url,
        argon_memory_kib=64,
        argon_passes=1,
        testing=True,
        durable=False,
        clock=_clock,
    )


@pytest.fixture(scope="session")
def _app(_database: Sqlite | Postgres, settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    _database.keep()
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(_app: Flask, _database: Sqlite | Postgres, clock: Clock) -> Iterator[Flask]:
    """The app on an empty, migrated database. Each test that asks for it runs on both databases."""
    yield _app
    with _app.app_context():
        db.session.remove()
        db.engine.dispose()
    _database.restore()
    for path in _database.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


@pytest.fixture
def context(app: Flask, request) -> Iterator[None]:
    """An open app context, for tests of services and queries: never beside a client."""
    assert "client" not in request.fixturenames, "a context held open serves one person as another"
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without script."""
    return app.test_client()


@pytest.fixture
def csrf(app: Flask) -> Iterator[None]:
    """Cross-site protection as people meet it; without this, forms are taken without a token."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def sign_in(app: Flask, clock: Clock) -> Callable[[FlaskClient, str | uuid.UUID], FlaskClient]:
    """``sign_in(client, email or key)``: past password and second factor."""
    return lambda client, who: signing.sign_in(app, client, who, now=clock.now)


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """``with count_statements() as found:`` lists what was asked of the database meanwhile."""
    with app.app_context():
        engine = db.engine
    return lambda: counting.statements(engine)


@pytest.fixture(autouse=True)
def _pure_rooms_reach_no_database(request, monkeypatch) -> None:
    if request.path.relative_to(Path(__file__).parent).parts[0] in NO_DATABASE:

        def refuse(*_args: object, **_values: object) -> None:
            raise AssertionError("rules, funds and documents must not reach a database")

        monkeypatch.setattr(sa.Engine, "connect", refuse)


@pytest.fixture(scope="session")
def long() -> bool:
    """Whether the full numbers are asked for, or a tenth of each."""
    return os.environ.get("GRANTS_TEST_LONG") == "1"
