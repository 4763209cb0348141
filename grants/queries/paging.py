"""Pages of a list: sixty rows at a time, taken in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from grants.extensions import db

PAGE = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows, of how many in all."""

    rows: tuple[T, ...]
    total: int
    number: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE))


def fetch(statement: Any, number: int) -> Page[Any]:
    """The rows of one page of a select and their number in all: two statements. A page past the end is the last."""
    total = db.session.scalar(
        sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    )
    whole: Page[Any] = Page((), total or 0)
    number = min(max(1, number), whole.pages)
    rows = db.session.execute(statement.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(tuple(rows), whole.total, number)
