"""The doors of: applying."""

from __future__ import annotations
