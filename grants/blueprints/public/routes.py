"""The doors of: what anybody may read."""

from __future__ import annotations
