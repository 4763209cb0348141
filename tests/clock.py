"""The clock of the tests."""

from __future__ import annotations

import datetime as dt


class Clock:
    """Stands still until a test moves it: ``clock.now = …`` or ``clock.move(days=1)``."""

    START = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)

    def __init__(self) -> None:
        self.now = self.START

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **step: float) -> None:
        """Go on by days, hours, minutes …"""
        self.now += dt.timedelta(**step)
