"""The worker process: huey's threads do what is queued, and a clock does what is due."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import structlog
from flask import Flask, current_app

from grants.config import Settings
from grants.jobs import worker
from grants.jobs.handlers import CLOCK_WORK, HANDLERS
from grants.jobs.wake_up import Bell
from grants.services import jobs

THREADS = 2
TICK = 2.0  # seconds between two looks at the clock
PATIENCE = 8  # seconds a job may take to notice that the worker stops
SLOWEST_POLL = 1.0  # seconds until a wake-up is heard at the latest
log = structlog.get_logger()


def work() -> None:
    """Work until SIGTERM or SIGINT. What was begun is done or given back; the rows lose nothing."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (Flask's own advice for threads)
    settings: Settings = app.config["SETTINGS"]

    def answer() -> None:
        with app.app_context():
            worker.run_all(settings.clock)

    bell = Bell(settings, answer)
    consumer = bell.huey.create_consumer(
        workers=THREADS, periodic=False, max_delay=SLOWEST_POLL, shutdown_timeout=PATIENCE
    )
    worker.stopping.clear()
    consumer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    log.info("worker_started", threads=THREADS)
    _watch(Watch(app, settings, bell), consumer.check_worker_health)
    consumer.stop(graceful=True)
    log.info("worker_stopped")


def _watch(watch: Watch, check_health: Callable[[], object]) -> None:
    while not worker.stopping.wait(TICK):
        watch.tick(time.monotonic())
        check_health()


class Watch:
    """What happens by the clock. Each look is short; whatever fails is tried at the next."""

    def __init__(self, app: Flask, settings: Settings, bell: Bell) -> None:
        self._app = app
        self._settings = settings
        self._bell = bell
        self._due = dict.fromkeys(CLOCK_WORK, 0.0)

    def tick(self, moment: float) -> None:
        """One look: free what dead workers held, do what is due, wake whoever should be awake."""
        with self._app.app_context():
            self._guarded("sweep", self._sweep)
            for kind, every in CLOCK_WORK.items():
                if moment >= self._due[kind]:
                    self._due[kind] = moment + every
                    self._guarded(kind, lambda kind=kind: self._do(kind))  # type: ignore[misc]

    def _sweep(self) -> None:
        now = self._settings.clock()
        jobs.sweep(now=now)
        if jobs.is_waiting(now=now) and not self._bell.is_rung:
            self._bell.ring([0])

    def _do(self, kind: str) -> None:
        HANDLERS[kind]({}, now=self._settings.clock(), progress=lambda _done, _total: None)

    @staticmethod
    def _guarded(name: str, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:  # noqa: BLE001 (tried again at the next look)
            log.warning("clock_work_failed", kind=name, **worker.fault_of(error))
