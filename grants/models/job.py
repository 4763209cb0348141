"""Jobs: long work, as rows that outlive a worker."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Code, Id, Key, Text, one_of
from grants.rules.states import JobState


class Job(Model):
    """One piece of long work. The payload holds ids, never content."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint(
            "(state = 'running') = (leased_until IS NOT NULL)", name="lease_when_running"
        ),
        sa.Index("ix_job_state_leased_until", "state", "leased_until"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    kind: Mapped[Code]
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(one_of(JobState, "state"), default=JobState.QUEUED)
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    """Null when the clock asked."""
    asked_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime | None]
    leased_by: Mapped[str | None] = mapped_column(sa.String(80))
    leased_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[dt.datetime | None]
    fault: Mapped[Text] = mapped_column(default="")
    """One sentence for a person when it failed."""
    result: Mapped[dict[str, Any] | None]
