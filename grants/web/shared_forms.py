"""Forms of what two people may change at once: each remembers what it showed when it was opened.

A field that only one of them changed is kept as that one left it. Where both did, the form is shown
again with both texts; saving once more keeps one's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wtforms import Field, HiddenField

from grants.web.forms import ChoiceField, DateField, Form, TickField

STALE = 409
SHORT = 12  # characters of a hash: it tells two texts of one field apart, no more
CHANGED = "Somebody else changed this while you had it open. Save again to keep yours."


@dataclass(frozen=True, slots=True)
class Both:
    """One field that two people changed, in words."""

    label: str
    theirs: str
    mine: str


class SharedForm(Form):
    """A form whose saving never silently undoes what another person saved meanwhile."""

    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.both: tuple[Both, ...] = ()
        is_sent = self.is_submitted() and not (args or "formdata" in kwargs)
        self.saved: Form | None = type(self)(formdata=None, **kwargs) if is_sent else None
        if not is_sent:
            self.seen.data = _stamps(self)

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether it was sent, is in order, and undoes nothing that another person saved."""
        return bool(super().validate_on_submit(extra_validators)) and self.undoes_nothing()

    def undoes_nothing(self) -> bool:
        """Take over what only the other changed; say where both did."""
        before = dict(pair.split(":", 1) for pair in (self.seen.data or "").split() if ":" in pair)
        if self.saved is None or not before:
            return True
        both = []
        for name, mine in _shown(self):
            saved = self.saved[name]
            theirs, own, opened = _stamp(saved.data), _stamp(mine.data), before.get(name)
            if theirs in {opened, own}:
                continue
            if own == opened:
                mine.data = saved.data
            else:
                both.append(
                    Both(mine.label.text, _words(mine, saved.data), _words(mine, mine.data))
                )
                self.add_problem(name, CHANGED)
        self.both = tuple(both)
        self.seen.data = _stamps(self.saved)
        return not both

    @property
    def status(self) -> int:
        """Of the page that shows the form: 409 where another person's text stands beside one's own."""
        return STALE if self.both else super().status


def _shown(form: Form) -> Iterator[tuple[str, Field]]:
    yield from ((name, field) for name, field in form._fields.items() if _is_shown(field))


def _is_shown(field: Field) -> bool:
    return not isinstance(field, HiddenField)


def _stamps(form: Form) -> str:
    return " ".join(f"{name}:{_stamp(field.data)}" for name, field in _shown(form))


def _stamp(data: Any) -> str:
    return hashlib.sha256(str(data or "").strip().encode()).hexdigest()[:SHORT]


def _words(field: Field, data: Any) -> str:
    text = str(data or "")
    if isinstance(field, ChoiceField):
        labels = {choice[0]: choice[1] for choice in field.choices}
        return ", ".join(labels.get(code, code) for code in text.split("\n") if code)
    if isinstance(field, TickField):
        return "Yes" if text else "No"
    if isinstance(field, DateField):
        return " ".join(reversed(text.split("-")))
    return text
