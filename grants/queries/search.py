"""Finding applications by their folded text, as each database does it."""

from __future__ import annotations

import re

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.search import SearchText, fold
from grants.rules.people import Actor

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12


def matching(actor: Actor, text: str) -> sa.ColumnElement[bool] | None:
    """The applications that hold words beginning with each word typed; None when none was typed.

    It narrows what ``visible`` allows and never stands alone: the actor is asked for there.
    """
    del actor
    words = WORD.findall(fold(text))[:MOST_WORDS]
    if not words:
        return None
    if db.engine.dialect.name == "sqlite":
        return Application.id.in_(_sqlite(" ".join(f'"{word}"*' for word in words)))
    query = sa.func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    vector = sa.func.to_tsvector(sa.text("'simple'"), SearchText.text)
    return Application.id.in_(
        sa.select(SearchText.application_id).where(vector.bool_op("@@")(query))
    )


def _sqlite(query: str) -> sa.Select[tuple[int]]:
    index = sa.table("search_index", sa.column("rowid", sa.Integer), sa.column("search_index"))
    return sa.select(index.c.rowid).where(index.c.search_index.match(query))
