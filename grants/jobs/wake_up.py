"""The wake-up: huey on the store that the queue's address names. It carries no work and no truth."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

from grants.config import Settings, SettingsError

NAME = "grants"
MOST_RINGS = 4  # a woken worker goes on until nothing waits, so a few rings are as good as many
log = structlog.get_logger()


def huey_of(address: str) -> Huey:
    """The store behind this address. Raises SettingsError for one that is none of the three."""
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite":
        # Its own defaults are WAL without fsync: see docs/adr and requirements of the settings.
        return SqliteHuey(
            NAME, filename=rest[1:], results=False, journal_mode="truncate", fsync=True
        )
    if scheme in {"postgresql", "postgres"}:
        return PostgresHuey(NAME, dsn=address, results=False)
    if scheme in {"redis", "rediss"}:
        return RedisHuey(NAME, url=address, results=False)
    raise SettingsError("GRANTS_QUEUE_URL must begin with sqlite:///, postgresql:// or redis://.")


class Bell:
    """Rung where jobs are put, answered in the worker."""

    def __init__(self, settings: Settings, answer: Callable[[], None] = lambda: None) -> None:
        self.huey = huey_of(settings.queue)

        def wake() -> None:
            answer()

        # A task goes by its function's module as well: it must be this one at both ends.
        self._ring = self.huey.task()(wake)

    def ring(self, ids: list[int]) -> None:
        """Wake the worker. Never refuses: the job rows are kept, and the worker looks by itself."""
        try:
            for _ in ids[:MOST_RINGS]:
                self._ring()
        except Exception as error:  # noqa: BLE001 (a store that is away must not undo what was kept)
            log.warning("wake_up_failed", fault=type(error).__name__)

    @property
    def is_rung(self) -> bool:
        """Whether a ring is still unanswered."""
        return bool(self.huey.pending_count())
