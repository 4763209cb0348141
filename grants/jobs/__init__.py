"""Room: jobs.
You are what the clock and the queue do: thin commands over services.
You may name: services, queries, rules, funds, settings.   You may never name: rows, the web.
A job row with a lease is the truth; huey only wakes the worker."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from flask import Flask

from grants.config import Settings
from grants.services import jobs

if TYPE_CHECKING:
    from grants.jobs.wake_up import Bell


def install(app: Flask, settings: Settings) -> None:
    """Wake the worker after each commit that put jobs; hang up the command that is the worker."""
    jobs.wake_with(_nobody if settings.testing else partial(_ring, settings))
    app.cli.command("work")(_work)


def _nobody(_ids: list[int]) -> None:
    """Tests call ``worker.run_due(now)`` themselves."""


def _ring(settings: Settings, ids: list[int]) -> None:
    _bell(settings).ring(ids)


@lru_cache(maxsize=1)
def _bell(settings: Settings) -> Bell:
    from grants.jobs import wake_up  # noqa: PLC0415 (huey takes half a second to import)

    return wake_up.Bell(settings)


def _work() -> None:
    """Do what is queued until told to stop: long jobs, the outbox, reminders."""
    from grants.jobs import consumer  # noqa: PLC0415 (huey takes half a second to import)

    consumer.work()
