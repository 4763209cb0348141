"""Letters: frozen words and bytes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.extensions import Model
from grants.models.award import Award
from grants.models.columns import Code, Id, Key, Text, one_of
from grants.rules.states import LetterState


class Letter(Model):
    """A letter about an award. Issued letters never change; a new one supersedes."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.CheckConstraint(
            "(state = 'drafted') = (issued_at IS NULL)", name="issued_at_when_issued"
        ),
        sa.CheckConstraint(
            "issued_by IS NULL OR issued_by <> drafted_by", name="drafter_is_not_issuer"
        ),
        sa.Index(
            "uq_letter_one_issued",
            "award_id",
            unique=True,
            sqlite_where=sa.text("state = 'issued'"),
            postgresql_where=sa.text("state = 'issued'"),
        ),
        sa.Index("ix_letter_award_id", "award_id"),
    )
    id: Mapped[Id]
    key: Mapped[Key]
    award_id: Mapped[int] = mapped_column(sa.ForeignKey("award.id"))
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    kind: Mapped[Code]
    state: Mapped[LetterState] = mapped_column(
        one_of(LetterState, "state"), default=LetterState.DRAFTED
    )
    content: Mapped[dict[str, Any]]
    """The words, filled in and frozen."""
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    """Printed on the letter; anyone may check it on a public page."""
    sha256: Mapped[str] = mapped_column(sa.String(64))
    """Of the PDF's bytes."""
    storage_key: Mapped[str] = mapped_column(sa.String(200))
    drafted_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    drafted_at: Mapped[dt.datetime]
    issued_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    issued_at: Mapped[dt.datetime | None]
    superseded_reason: Mapped[Text] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    award: Mapped[Award] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}
