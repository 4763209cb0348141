"""One server process of the product, on a clock that began with the measured world.

``python -m bench.serving INSTANCE URL PORT BEGAN``: ``BEGAN`` is the real second at which the
world's own time began.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import waitress

from bench.world import NOW
from grants import create_app
from grants.config import Settings

KEY = "a key for measurements alone, forty letters"
THREADS = 8


def main() -> None:
    """Serve until stopped."""
    instance, url, port, began = sys.argv[1:]
    since = float(began)
    app = create_app(
        Settings(
            secret_key=KEY,
            instance=Path(instance),
            database_url=url,
            clock=lambda: NOW + dt.timedelta(seconds=time.time() - since),
        )
    )
    waitress.serve(app, host="127.0.0.1", port=int(port), threads=THREADS, _quiet=True)


if __name__ == "__main__":
    main()
