"""The doors of: people, the audit trail, the outbox."""

from __future__ import annotations
