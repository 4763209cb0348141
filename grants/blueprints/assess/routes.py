"""The doors of: assessing."""

from __future__ import annotations
