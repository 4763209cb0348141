"""The forms of a profile, of council areas and of a register's file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from wtforms.validators import InputRequired, ValidationError

from grants.funds.loader import all_funds
from grants.funds.reference import council_areas
from grants.rules.profile import SECTION, rulebook
from grants.rules.registers import Register
from grants.services.registers import Source
from grants.web.form_builder import page_form
from grants.web.forms import (
    DateField,
    FileField,
    Form,
    LongTextField,
    RadiosField,
    TextField,
    TicksField,
)

REGISTERS = {Register.CHARITIES: "Scottish charities", Register.COMPANIES: "Companies"}


def profile_form(texts: Mapping[tuple[str, str], str], blank: str = "", **kwargs: Any) -> Form:
    """The profile as a form, with these texts or with what was sent."""
    fund = rulebook(all_funds().values())
    return page_form(SECTION, fund, texts, blank=blank)(**kwargs)


class AreasForm(Form):
    """In which council areas an organisation works, and why that changes."""

    areas = TicksField(
        "Council areas",
        hint="An organisation may apply only where a round has money for one of these.",
        optional=True,
    )
    reason = LongTextField("Why", hint="Kept in the audit trail.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas.choices = tuple((area.code, area.name) for area in council_areas())


class RegisterForm(Form):
    """A register's file, and what is to be known about it."""

    register = RadiosField(
        "Which register",
        [InputRequired("Choose a register.")],
        options=[(kind.value, words) for kind, words in REGISTERS.items()],
    )
    file = FileField("CSV file", accept=".csv,text/csv")
    source = TextField(
        "Where the file comes from",
        [InputRequired("Say where the file comes from.")],
        hint="Shown beside every look-up.",
    )
    as_at = DateField("The day the file speaks of")

    def validate_register(self, field: RadiosField) -> None:
        """Only a register that there is."""
        if field.data not in set(Register):
            raise ValidationError("Choose a register.")

    def validate_file(self, field: FileField) -> None:
        """A file must have come."""
        if not getattr(field, "files", ()):
            raise ValidationError("Choose a CSV file.")

    def validate_as_at(self, field: DateField) -> None:
        """A real day."""
        if field.date is None:
            raise ValidationError("Enter the day the file speaks of, such as 27 3 2026.")

    def given(self) -> Source:
        """What was sent, once it is valid."""
        day = self.as_at.date or dt.date.min
        return Source(
            Register(self.register.data), self.file.files[0].stream, self.source.data, day
        )
