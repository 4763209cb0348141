"""What the field macros ask of any field, ours or WTForms': its kind, choices, text and attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from wtforms import Field, Form

from grants.web.form_builder import RowsField
from grants.web.forms import ChoiceField, Option, TypedField

_KINDS: Mapping[str, str] = {
    "StringField": "text",
    "SearchField": "text",
    "EmailField": "email",
    "TelField": "phone",
    "URLField": "link",
    "PasswordField": "password",
    "IntegerField": "number",
    "DecimalField": "number",
    "TextAreaField": "long_text",
    "RadioField": "radios",
    "SelectField": "select",
    "SelectMultipleField": "checkboxes",
    "BooleanField": "tick",
    "FileField": "file",
    "HiddenField": "hidden",
    "CSRFTokenField": "hidden",
    "SubmitField": "hidden",
}


def kind_of(field: Any) -> str:
    """How a field is shown; our own say so, WTForms' are named here."""
    return getattr(field, "kind", "") or _KINDS.get(field.type, "text")


def options_of(field: Any) -> tuple[Option, ...]:
    """The choices of any field that has some."""
    if isinstance(field, ChoiceField):
        return field.options
    return tuple(Option(str(c[0]), str(c[1]), bool(c[2])) for c in field.iter_choices())


def value_of(field: Any) -> str:
    """The text a field shows again; never a password."""
    if isinstance(field, TypedField):
        return field.data
    if field.type == "PasswordField":
        return ""
    return str(field._value())  # noqa: SLF001 - WTForms' own way to show what was typed


def described(field: Any) -> Markup:
    """The attributes that tie a control to its hint, its error and its count of words."""
    parts = {"hint": field.description, "error": field.errors, "count": _counted(field)}
    ids = " ".join(f"{field.id}-{part}" for part, there in parts.items() if there)
    attributes = Markup(' aria-describedby="{}"').format(ids) if ids else Markup("")
    grouped = kind_of(field) in {"rows", "radios", "checkboxes", "date"}
    return attributes + (Markup(' aria-invalid="true"') if field.errors and not grouped else "")


def _counted(field: Any) -> bool:
    return kind_of(field) == "long_text" and bool(getattr(field, "max_words", None))


def shown_when(field: Any) -> Markup:
    """For the script: which answer brings this question into sight."""
    condition = getattr(field, "show_when", None)
    if not condition:
        return Markup("")
    question, values = condition
    row = field.name.rpartition(".")[0]
    name = f"{row}.{question}" if row else question
    return Markup(' data-show-when="{}" data-show-values="{}"').format(name, "|".join(values))


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the error summary."""

    text: str
    anchor: str = ""


def problems_of(
    form: Form | None, problems: Iterable[str | tuple[str, str]] = ()
) -> tuple[Shown, ...]:
    """Every problem of a page in the order of its fields, each once, with where to mend it."""
    found = [Shown(p) if isinstance(p, str) else Shown(*p) for p in problems]
    if form is not None:
        found += [Shown(str(text)) for text in form.form_errors]
        away = getattr(form, "sentences", {})
        found += [line for field in form for line in _lines(field, away)]
    return tuple(dict.fromkeys(found))


def _lines(field: Field, away: Mapping[tuple[str, str], str]) -> Iterator[Shown]:
    for text in field.errors:
        yield Shown(away.get((field.id, text), str(text)), _anchor(field))
    if isinstance(field, RowsField):
        for _, cell in field.cells():
            yield from _lines(cell, away)


def _anchor(field: Any) -> str:
    suffix = {"radios": "-0", "checkboxes": "-0", "date": "-day"}.get(kind_of(field), "")
    return f"#{field.id}{suffix}"
