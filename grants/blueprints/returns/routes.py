"""The doors of: reporting."""

from __future__ import annotations
