"""The small demonstration, filled once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grants import demo
from grants.extensions import db
from grants.services.hashing import Hashing
from tests.clock import Clock


@pytest.fixture(scope="module")
def _filled(_app, _database) -> Iterator[None]:
    with _app.app_context():
        demo.fill("small", Clock.START, hashing=Hashing(64, 1))
    yield
    with _app.app_context():
        db.engine.dispose()
    _database.restore()


@pytest.fixture
def small(_app, _filled) -> Iterator[None]:
    """The small demonstration, filled once for all these tests: they only read."""
    with _app.app_context():
        yield
