"""Runs the migrations on the application's own connection. Forward only."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from grants.extensions import UTCDateTime

config = context.config
db = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Print our own column types as the plain types below them, so that files stand alone."""
    if kind != "type":
        return False
    if isinstance(item, sa.Enum):  # its own way of printing leaves the constraint out
        words = ", ".join(repr(word) for word in item.enums)
        return (
            f"sa.Enum({words}, name={item.name!r}, native_enum=False, create_constraint=True,"
            f" length={item.length})"
        )
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave out what search indexes bring with them: they are made by hand, per database."""
    del parents
    return not (
        kind in {"table", "index"} and (name or "").startswith(("search_index", "ix_search_vector"))
    )


def run() -> None:
    """Upgrade in one transaction where the database can."""
    arguments = dict(current_app.extensions["migrate"].configure_args)
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            include_name=include_name,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
