"""The doors of: what should I do now?."""

from __future__ import annotations
