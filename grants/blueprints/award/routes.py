"""The doors of: deciding, letters, acceptance."""

from __future__ import annotations
