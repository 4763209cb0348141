"""The doors of: setting up rounds."""

from __future__ import annotations
