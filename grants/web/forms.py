"""The base form and our fields: each keeps what was typed, word for word, and knows how it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field

from grants.rules.refusals import Blocked

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE_PARTS = 3
SUCH_AS = "For example, 31 3 2027"
_YEAR_DIGITS = 4
_SELECT_FROM = 9  # with this many choices or more, a drop-down list is easier than radios


@dataclass(frozen=True, slots=True)
class Option:
    """One choice as a page shows it."""

    code: str
    label: str
    chosen: bool
    note: str = ""


class Form(FlaskForm):
    """A form of a page. Problems found elsewhere are added with ``add_problem``."""

    form_errors: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # (id of a field, a text at it) -> the sentence that says it at the top of the page
        self.sentences: dict[tuple[str, str], str] = {}

    def add_problem(self, name: str, sentence: str) -> None:
        """Put a sentence at a field; at the top only where there is no such field."""
        field = self._fields.get(name)
        if field is None:
            self.form_errors = [*self.form_errors, sentence]
        else:
            field.errors = [*field.errors, sentence]

    def add_reasons(self, refusal: Blocked) -> None:
        """Put each reason of a refusal at its field."""
        for reason in refusal.reasons:
            self.add_problem(reason.key, reason.text)

    @property
    def status(self) -> int:
        """Of the page that shows the form: 422 where something is to be put right."""
        return 422 if self.errors else 200


class TypedField(Field):
    """Keeps text as typed. ``data`` is that text and never None."""

    kind: ClassVar[str] = "text"
    data: str
    errors: Sequence[str]

    def __init__(
        self,
        label: str = "",
        validators: Any = None,
        *,
        hint: str = "",
        guidance: str = "",
        example: str = "",
        max_words: int | None = None,
        optional: bool = False,
        show_when: tuple[str, tuple[str, ...]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, description=hint, **kwargs)
        self.id = self.id.replace(".", "-")
        self.label.field_id = self.id
        self.guidance = guidance
        self.example = example
        self.max_words = max_words
        self.optional = optional
        self.show_when = show_when

    @property
    def sent(self) -> bool:
        """Whether the request carried this field at all."""
        return bool(self.raw_data)

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = as_typed(valuelist[0])


class TextField(TypedField):
    """One line."""


class EmailField(TypedField):
    """One e-mail address."""

    kind = "email"


class PhoneField(TypedField):
    """One telephone number."""

    kind = "phone"


class LinkField(TypedField):
    """One web address."""

    kind = "link"


class PostcodeField(TypedField):
    """One postcode."""

    kind = "postcode"


class LongTextField(TypedField):
    """Several lines, with a count of words where there is a limit."""

    kind = "long_text"


class NumberField(TypedField):
    """A whole number, as typed."""

    kind = "number"


class MoneyField(TypedField):
    """Pounds, as typed."""

    kind = "money"


class DateField(TypedField):
    """Three parts of one name. ISO text when they make a date, else the parts as typed."""

    kind = "date"

    def __init__(self, *args: Any, hint: str = "", example: str = "", **kwargs: Any) -> None:
        super().__init__(
            *args, hint=hint or ("" if example else SUCH_AS), example=example, **kwargs
        )

    @property
    def date(self) -> date | None:
        """The date, or None when what was typed is not one."""
        try:
            return date.fromisoformat(self.data)
        except ValueError:
            return None

    @property
    def parts(self) -> tuple[str, str, str]:
        """Day, month and year as they are shown again."""
        when = self.date
        if when is not None:
            return str(when.day), str(when.month), str(when.year)
        pieces = [*self.data.split(" "), "", "", ""][:_DATE_PARTS]
        return pieces[0], pieces[1], pieces[2]

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = date_text([as_typed(part) for part in valuelist])


class ChoiceField(TypedField):
    """One of some codes."""

    kind = "radios"

    def __init__(
        self,
        label: str = "",
        validators: Any = None,
        *,
        options: Iterable[tuple[str, str] | tuple[str, str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.choices = tuple(options)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that are chosen."""
        return tuple(code for code in self.data.split("\n") if code)

    @property
    def options(self) -> tuple[Option, ...]:
        """Every choice; a code that is chosen but no longer listed stays, so nothing is lost."""
        chosen = self.codes
        listed = [Option(c[0], c[1], c[0] in chosen, *c[2:]) for c in self.choices]
        known = {option.code for option in listed}
        return (*listed, *(Option(code, code, chosen=True) for code in chosen if code not in known))


class RadiosField(ChoiceField):
    """One code, every choice in sight."""


class SelectField(ChoiceField):
    """One code of a long list."""

    kind = "select"


class TicksField(ChoiceField):
    """Several codes, one a line. An empty hidden input of the same name says 'none ticked'."""

    kind = "checkboxes"

    def process_data(self, value: Any) -> None:
        self.data = "\n".join(value) if isinstance(value, (list, tuple)) else str(value or "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = "\n".join(as_typed(code) for code in valuelist if code)


class TickField(TypedField):
    """One tick: 'yes' or nothing."""

    kind = "tick"

    def process_data(self, value: Any) -> None:
        self.data = "yes" if value in {True, "yes"} else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = "yes" if "yes" in valuelist else ""


class FileField(TypedField):
    """A file to send. ``data`` is always empty: files are attachments, not answers."""

    kind = "file"

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        self.accept = kwargs.pop("accept", "")
        self.many = kwargs.pop("many", False)
        super().__init__(label, validators, **kwargs)

    def process_data(self, value: Any) -> None:  # noqa: ARG002 - a file is never shown again
        self.data = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.files = [file for file in valuelist if getattr(file, "filename", "")]


def one_of(options: Sequence[Any]) -> type[ChoiceField]:
    """Radios for a few choices, a drop-down list for many."""
    return RadiosField if len(options) < _SELECT_FROM else SelectField


def as_typed(value: Any) -> str:
    """Text with one kind of line end and no NUL, which no database keeps."""
    return str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def date_text(parts: Sequence[str]) -> str:
    """ISO text of day, month and year; the parts with one space between when they make no date."""
    if len(parts) != _DATE_PARTS:
        return " ".join(parts).strip()
    day, month, year = (re.sub(r"\s+", "", part) for part in parts)
    if not (day or month or year):
        return ""
    as_it_is = f"{day} {month} {year}"
    try:
        when = date(int(year), _month(month), int(day))
    except (ValueError, OverflowError):
        return as_it_is
    return when.isoformat() if len(year) == _YEAR_DIGITS else as_it_is


def _month(text: str) -> int:
    name = text.casefold()[:3]
    return _MONTHS.index(name) + 1 if name in _MONTHS else int(text)
