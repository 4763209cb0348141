"""The doors of: figures and extracts."""

from __future__ import annotations
