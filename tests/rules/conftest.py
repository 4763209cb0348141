"""How hard hypothesis tries: the same cases each time, ten times as many in the long run."""

from __future__ import annotations

import os

from hypothesis import settings

LONG = os.environ.get("GRANTS_TEST_LONG") == "1"

settings.register_profile(
    "rules", deadline=None, derandomize=True, database=None, max_examples=1000 if LONG else 100
)
settings.load_profile("rules")
