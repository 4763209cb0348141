"""The kinds of column that many tables have."""

from __future__ import annotations

import enum
import uuid
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column

Id = Annotated[int, mapped_column(primary_key=True)]
Key = Annotated[uuid.UUID, mapped_column(unique=True, default=uuid.uuid4)]
"""What stands in addresses: never the id."""
Reference = Annotated[str, mapped_column(sa.String(60), unique=True)]
"""What stands on paper."""
Pence = Annotated[int, mapped_column(sa.BigInteger)]
Code = Annotated[str, mapped_column(sa.String(60))]
Name = Annotated[str, mapped_column(sa.String(300))]
Text = Annotated[str, mapped_column(sa.Text)]


def one_of(words: type[enum.StrEnum], name: str) -> sa.Enum:
    """A text column that the database holds to the words of an enum."""
    return sa.Enum(
        words,
        native_enum=False,
        create_constraint=True,
        length=30,
        name=name,
        values_callable=lambda enumeration: [member.value for member in enumeration],
    )
