"""Folded text by which applications are found. Its index is made per database in a migration."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants.extensions import Model
from grants.models.columns import Text


class SearchText(Model):
    """What can be found of one application: lower case, accents taken off."""

    __tablename__ = "search_text"
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("round.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    text: Mapped[Text]


def fold(text: str) -> str:
    """Text as it is found: lower case, accents taken off, one space between words."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.lower().split())
