"""What an application's people say to each other: for those of them who may comment, and nobody else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from grants.extensions import db
from grants.models.person import Person
from grants.models.share import Comment
from grants.queries.drafts import Draft

Place = tuple[str, str]  # question and row


@dataclass(frozen=True, slots=True)
class Said:
    """One comment."""

    by: str
    at: dt.datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A comment on a question with what was answered."""

    key: uuid.UUID
    question: str
    row: str
    said: tuple[Said, ...]
    resolved_by: str
    resolved_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still wants something."""
        return self.resolved_at is None


def threads(draft: Draft) -> tuple[Thread, ...]:
    """Every thread of a draft in the order they began. None for those who may not comment.

    The draft was fetched for its own people. One statement, however many there are.
    """
    if not draft.is_commenter:
        return ()
    writer, resolver = aliased(Person), aliased(Person)
    rows: Any = db.session.execute(
        sa.select(Comment, writer.name, resolver.name)
        .join(writer, writer.id == Comment.written_by)
        .outerjoin(resolver, resolver.id == Comment.resolved_by)
        .where(Comment.application_id == draft.id)
        .order_by(Comment.id)
    ).all()
    answers: dict[int, list[Said]] = defaultdict(list)
    for comment, by, _ in rows:
        first = comment.thread_id or comment.id
        answers[first].append(Said(by, comment.written_at, comment.text))
    return tuple(
        Thread(
            key=comment.key,
            question=comment.question,
            row=comment.row,
            said=tuple(answers[comment.id]),
            resolved_by=resolver_name or "",
            resolved_at=comment.resolved_at,
        )
        for comment, _, resolver_name in rows
        if comment.thread_id is None
    )


def open_counts(found: tuple[Thread, ...]) -> dict[Place, int]:
    """How many open threads there are about each question, and each row of a table."""
    counts: dict[Place, int] = defaultdict(int)
    for thread in found:
        if thread.is_open:
            counts[thread.question, thread.row] += 1
            if thread.row:
                counts[thread.question, ""] += 1
    return dict(counts)
