"""Two versions of an application side by side: what changed, word by word, and what did not."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from grants.queries.answer_words import AnswerText, RowText, SectionText
from grants.queries.applications import ApplicationText, content
from grants.rules.differences import Runs, differences
from grants.rules.people import Actor


@dataclass(frozen=True, slots=True)
class Change:
    """One answer, or one part of a table, as it was and as it is."""

    part: str
    """Which row and column of a table; empty for a question."""
    old: Runs
    new: Runs


@dataclass(frozen=True, slots=True)
class Changed:
    """One question with what changed in it."""

    key: str
    label: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """A section: its changed answers, and the others as they are."""

    key: str
    title: str
    changed: tuple[Changed, ...]
    same: tuple[AnswerText, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of one application."""

    old: ApplicationText
    new: ApplicationText
    sections: tuple[ComparedSection, ...]

    @property
    def changes(self) -> int:
        """How many questions read otherwise."""
        return sum(len(section.changed) for section in self.sections)


def compare(
    actor: Actor, key: uuid.UUID, older: int, newer: int, *, hide_identifying: bool = False
) -> Compared:
    """Both versions, for whoever may read the application. Raises NotFound. Six statements."""
    old = content(actor, key, number=older, hide_identifying=hide_identifying)
    new = content(actor, key, number=newer, hide_identifying=hide_identifying)
    before = {section.key: section for section in old.sections}
    sections = tuple(_section(before.get(section.key), section) for section in new.sections)
    return Compared(old, new, sections)


def _section(old: SectionText | None, new: SectionText) -> ComparedSection:
    before = {answer.key: answer for answer in old.answers} if old else {}
    now = {answer.key for answer in new.answers}
    gone = [_gone(answer) for key, answer in before.items() if key not in now]
    changed = [_answer(before.get(answer.key), answer) for answer in new.answers]
    return ComparedSection(
        new.key,
        new.title,
        tuple(entry for entry in (*changed, *gone) if entry.changes),
        tuple(
            answer for answer, entry in zip(new.answers, changed, strict=True) if not entry.changes
        ),
    )


def _answer(old: AnswerText | None, new: AnswerText) -> Changed:
    if new.columns:
        rows = old.rows if old else ()
        return Changed(new.key, new.label, tuple(_rows(new.columns, rows, new.rows)))
    return Changed(new.key, new.label, tuple(_pair("", _text(old), _text(new))))


def _gone(old: AnswerText) -> Changed:
    """A question that is no longer asked, because an earlier answer changed."""
    if old.columns:
        return Changed(old.key, old.label, tuple(_rows(old.columns, old.rows, ())))
    return Changed(old.key, old.label, tuple(_pair("", _text(old), "")))


def _text(answer: AnswerText | None) -> str:
    if answer is None:
        return ""
    return "\n".join([answer.text, *(file.name for file in answer.files)]).strip("\n")


def _rows(
    columns: tuple[str, ...], old: tuple[RowText, ...], new: tuple[RowText, ...]
) -> Iterable[Change]:
    before = {row.key: row.cells for row in old}
    after = {row.key: row.cells for row in new}
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        name = ((now or was or ("",))[0] or (was or ("",))[0]).strip() or f"Row {key}"
        if was is None or now is None:
            said = "added" if was is None else "taken out"
            yield from _pair(f"{name}: row {said}", _line(columns, was), _line(columns, now))
            continue
        for label, one, other in zip(columns, was, now, strict=True):
            yield from _pair(f"{name}, {label}", one, other)


def _line(columns: tuple[str, ...], cells: tuple[str, ...] | None) -> str:
    """A whole row as text, one cell a line."""
    if cells is None:
        return ""
    return "\n".join(f"{label}: {text}" for label, text in zip(columns, cells, strict=True) if text)


def _pair(part: str, old: str, new: str) -> Iterable[Change]:
    if old != new:
        yield Change(part, *differences(old, new))
