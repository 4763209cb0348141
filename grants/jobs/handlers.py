"""Which service does which kind of job. Each handler is safe to run again after it was cut short."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from flask import current_app

from grants.config import Settings
from grants.services import mail


class Progress(Protocol):
    """Says how far a job is: keeps its lease and shows the figures. Call it outside transactions."""

    def __call__(self, done: int, total: int, /) -> None: ...


class Handler(Protocol):
    """Does one job. Gives back what the person who asked should find, if anything."""

    def __call__(
        self, payload: dict[str, Any], *, now: dt.datetime, progress: Progress
    ) -> dict[str, Any] | None: ...


def deliver_outbox(
    payload: dict[str, Any], *, now: dt.datetime, progress: Progress
) -> dict[str, Any]:
    """Send what waits in the outbox."""
    del payload, progress
    counted = mail.deliver(_settings(), now=now)
    return {outcome.value: number for outcome, number in counted.items()}


def _settings() -> Settings:
    return current_app.config["SETTINGS"]  # type: ignore[no-any-return]  # config is untyped


HANDLERS: dict[str, Handler] = {"deliver_outbox": deliver_outbox}
# What the clock does by itself, and how many seconds lie between two times.
CLOCK_WORK: dict[str, float] = {"deliver_outbox": 2}
