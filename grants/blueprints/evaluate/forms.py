"""The form for taking figures away."""

from __future__ import annotations

from collections.abc import Iterable

from grants.services.extracts import FORMATS
from grants.web.forms import Form, LongTextField, RadiosField, TicksField


class ExtractForm(Form):
    """Which tables, as what, and why."""

    tables = TicksField("Tables")
    format = RadiosField("Format", options=tuple(FORMATS.items()))
    reason = LongTextField(
        "What do you need it for?",
        hint="This is kept in the audit trail with your name.",
    )

    def offer(self, tables: Iterable[tuple[str, str, str]]) -> None:
        """Say which tables there are: name, title, what one row counts."""
        self.tables.choices = tuple(tables)
