"""Several calls at the same moment, each in a thread and an app context of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from grants.rules.refusals import Blocked


def at_once(app: Flask, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call gave back, or its sentence where it was blocked."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(timeout=60)
            try:
                return call()
            except Blocked as blocked:
                return str(blocked)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
