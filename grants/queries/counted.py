"""What the figures of a round are counted with: whose they are, where they are read, frozen rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.extensions import db
from grants.models.round import Round
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor

Row = TypeVar("Row")


def sees(actor: Actor, round_id: int) -> sa.ColumnElement[bool]:
    """This round, for who may read its figures."""
    return sa.and_(Round.id == round_id, visible(actor, Action.READ_STATISTICS))


def rows_of(at: Session | None, statement: Any) -> Sequence[Any]:
    """Of the database as it is now, or of a session on a snapshot."""
    return (at or db.session()).execute(statement).mappings().all()


def made(kind: type[Row], row: Any, **more: Any) -> Row:
    """A frozen row. PostgreSQL gives sums of large numbers as decimals."""
    values = {
        name: int(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }
    return kind(**{**values, **more})
