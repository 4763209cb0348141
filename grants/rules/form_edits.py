"""Changing a fund's forms one step at a time: sections, questions, columns. National core is kept.

Each step takes a fund and gives the changed one with the key of what was changed. ``part`` is
"form" or "return". Raises NotFound, Forbidden for national core, and Blocked with the fields at fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from grants.funds.checks import CHOICES, NOT_IN_TABLES, RESERVED, TEXTS
from grants.funds.definition import (
    CodeList,
    Fund,
    Question,
    QuestionKind,
    RowSource,
    Section,
    ShowWhen,
)
from grants.rules.answers import unfit
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason

FORM, RETURN = "form", "return"
CORE = "This is national core: every round asks it in the same words, so it can't be changed here."
LONGEST_KEY = 40
LONGEST_LINE = 300
LONGEST_TEXT = 5_000
MOST = {"section": 40, "question": 300, "column": 30}
FIRST_WORDS = 100  # the limit of a new long answer
UP, DOWN = -1, 1


@dataclass(frozen=True, slots=True)
class Edited:
    """A changed fund, and the key of what was changed in it."""

    fund: Fund
    key: str


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Thing = TypeVar("Thing", bound=_Keyed)


def sections_of(fund: Fund, part: str) -> tuple[Section, ...]:
    """The sections of the application's form, or of the return's."""
    return fund.sections if part == FORM else fund.return_form.sections


def with_sections(fund: Fund, part: str, sections: Sequence[Section]) -> Fund:
    """The fund with these sections in that part."""
    if part == FORM:
        return replace(fund, sections=tuple(sections))
    return replace(fund, return_form=replace(fund.return_form, sections=tuple(sections)))


def section_of(fund: Fund, part: str, key: str) -> Section:
    """The section with this key. Raises NotFound."""
    return sections_of(fund, part)[_place(sections_of(fund, part), key)]


def question_of(fund: Fund, part: str, key: str) -> Question:
    """The question with this key. Raises NotFound."""
    return _home(fund, part, key)[1]


def column_of(fund: Fund, part: str, table: str, key: str) -> Question:
    """The column with this key. Raises NotFound."""
    columns = question_of(fund, part, table).columns
    return columns[_place(columns, key)]


def earlier_than(fund: Fund, part: str, key: str) -> tuple[Question, ...]:
    """The questions before this one, in order: those that it may wait for."""
    asked = [question for section in sections_of(fund, part) for question in section.questions]
    return tuple(asked[: _place(asked, key)])


def add_section(fund: Fund, part: str, title: str, intro: str) -> Edited:
    """One more section, at the end."""
    sections = sections_of(fund, part)
    refuse_many("section", len(sections))
    _refuse_words(("title", title, LONGEST_LINE, "Enter a title."), ("intro", intro, None, ""))
    key = new_key(title, {section.key for section in sections}, "-")
    made = Section(key=key, title=title.strip(), intro=intro.strip())
    return Edited(with_sections(fund, part, (*sections, made)), key)


def save_section(fund: Fund, part: str, key: str, title: str, intro: str) -> Edited:
    """Other words for a section."""
    _refuse_words(("title", title, LONGEST_LINE, "Enter a title."), ("intro", intro, None, ""))
    changed = replace(section_of(fund, part, key), title=title.strip(), intro=intro.strip())
    return Edited(with_sections(fund, part, _put(sections_of(fund, part), changed)), key)


def move_section(fund: Fund, part: str, key: str, step: int) -> Edited:
    """A section one place up or down; at either end it stays."""
    sections = sections_of(fund, part)
    return Edited(with_sections(fund, part, _moved(sections, _place(sections, key), step)), key)


def remove_section(fund: Fund, part: str, key: str) -> Edited:
    """Take a section out with its questions. National core keeps it in."""
    gone = section_of(fund, part, key)
    if any(question.locked for question in gone.questions):
        raise Forbidden(CORE)
    kept = [section for section in sections_of(fund, part) if section.key != key]
    return Edited(with_sections(fund, part, kept), key)


def add_question(fund: Fund, part: str, section: str, kind: QuestionKind, label: str) -> Edited:
    """One more question at the end of a section, with what its kind needs to be asked at once."""
    home = section_of(fund, part, section)
    taken = {entry.key for found in sections_of(fund, part) for entry in found.questions}
    refuse_many("question", len(taken))
    _refuse_words(("label", label, LONGEST_LINE, "Enter the words of the question."))
    made = _new(fund, kind, new_key(label, taken | RESERVED), label)
    changed = replace(home, questions=(*home.questions, made))
    return Edited(with_sections(fund, part, _put(sections_of(fund, part), changed)), made.key)


def save_question(fund: Fund, part: str, question: Question) -> Edited:
    """Other words, limits or choices for a question that is not national core. Its kind stays."""
    _, before = _home(fund, part, question.key)
    changed = _checked(fund, _kept_parts(question, before), before)
    return Edited(_with_question(fund, part, changed), question.key)


def move_question(fund: Fund, part: str, key: str, step: int) -> Edited:
    """A question one place up or down; past the end of its section it goes into the next."""
    sections = list(sections_of(fund, part))
    home, question = _home(fund, part, key)
    at, place = _place(sections, home.key), _place(home.questions, key)
    if 0 <= place + step < len(home.questions):
        sections[at] = replace(home, questions=_moved(home.questions, place, step))
    elif 0 <= at + step < len(sections):
        other = sections[at + step]
        sections[at] = replace(home, questions=_without(home.questions, key))
        joined = (*other.questions, question) if step == UP else (question, *other.questions)
        sections[at + step] = replace(other, questions=joined)
    return Edited(with_sections(fund, part, sections), key)


def remove_question(fund: Fund, part: str, key: str) -> Edited:
    """Take a question out of the form."""
    home, question = _home(fund, part, key)
    if question.locked:
        raise Forbidden(CORE)
    changed = replace(home, questions=_without(home.questions, key))
    return Edited(with_sections(fund, part, _put(sections_of(fund, part), changed)), key)


def set_show_when(fund: Fund, part: str, key: str, condition: ShowWhen | None) -> Edited:
    """Ask the question only after an earlier answer, or always."""
    _, question = _home(fund, part, key)
    if question.locked:
        raise Forbidden(CORE)
    if condition and condition.question not in {q.key for q in earlier_than(fund, part, key)}:
        raise Blocked(Reason("Choose a question that is asked before this one.", "question"))
    if condition and not condition.values:
        raise Blocked(Reason("Choose at least one answer.", "values"))
    return Edited(_with_question(fund, part, replace(question, show_when=condition)), key)


def add_column(fund: Fund, part: str, table: str, kind: QuestionKind, label: str) -> Edited:
    """One more column at the end of a table."""
    home = _open_table(fund, part, table)
    refuse_many("column", len(home.columns))
    _refuse_words(("label", label, LONGEST_LINE, "Enter the words of the column."))
    if kind in NOT_IN_TABLES:
        raise Blocked(Reason("A column can't be a table, a file or a declaration.", "kind"))
    made = _new(fund, kind, new_key(label, {c.key for c in home.columns} | {"rows"}), label)
    changed = replace(home, columns=(*home.columns, made))
    return Edited(_with_question(fund, part, changed), made.key)


def save_column(fund: Fund, part: str, table: str, column: Question) -> Edited:
    """Other words, limits or choices for a column. Its kind stays."""
    home = _open_table(fund, part, table)
    before = column_of(fund, part, table, column.key)
    changed = replace(home, columns=_put(home.columns, _checked(fund, column, before)))
    return Edited(_with_question(fund, part, changed), column.key)


def move_column(fund: Fund, part: str, table: str, key: str, step: int) -> Edited:
    """A column one place left or right."""
    home = _open_table(fund, part, table)
    columns = _moved(home.columns, _place(home.columns, key), step)
    return Edited(_with_question(fund, part, replace(home, columns=columns)), key)


def remove_column(fund: Fund, part: str, table: str, key: str) -> Edited:
    """Take a column out of a table."""
    home = _open_table(fund, part, table)
    _place(home.columns, key)
    changed = replace(home, columns=_without(home.columns, key))
    return Edited(_with_question(fund, part, changed), key)


def new_key(words: str, taken: Collection[str], join: str = "_") -> str:
    """A key made of these words that is not taken: what answers are kept under, for good."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    key = join.join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_KEY].strip(join)
    if not key or not key[0].isalpha():
        key = f"q{join}{key}".strip(join)[:LONGEST_KEY].strip(join)
    number, found = 1, key
    while found in taken:
        number += 1
        tail = f"{join}{number}"
        found = key[: LONGEST_KEY - len(tail)].rstrip(join) + tail
    return found


def refuse_many(what: str, count: int) -> None:
    """Raises Blocked where there are as many of these as a form may hold."""
    if count >= MOST[what]:
        raise Blocked(f"There are {count} {what}s already. Remove one first.")


def wrong_words(text: str, most: int | None, missing: str) -> str:
    """What is wrong with a few words as typed: nothing there, too long, or not to be shown."""
    if not text.strip():
        return missing
    if len(text) > (most or LONGEST_TEXT):
        return f"Use {most or LONGEST_TEXT:,} characters or fewer."
    return unfit(text)


def _refuse_words(*fields: tuple[str, str, int | None, str]) -> None:
    reasons = [Reason(said, field[0]) for field in fields if (said := wrong_words(*field[1:]))]
    if reasons:
        raise Blocked(*reasons)


def _new(fund: Fund, kind: QuestionKind, key: str, label: str) -> Question:
    first = next(iter(fund.code_lists), None) if kind in CHOICES else None
    words = FIRST_WORDS if kind == QuestionKind.LONG_TEXT else None
    column = Question(key="item", label="Item", kind=QuestionKind.TEXT)
    columns = (column,) if kind == QuestionKind.ROWS else ()
    return Question(
        key=key, label=label.strip(), kind=kind, choices=first, max_words=words, columns=columns
    )


def _kept_parts(question: Question, before: Question) -> Question:
    """What the page of a question does not change: its columns, its condition, what it fills."""
    return replace(question, columns=before.columns, show_when=before.show_when, fills=before.fills)


def _checked(fund: Fund, question: Question, before: Question) -> Question:
    if before.locked:
        raise Forbidden(CORE)
    if question.kind != before.kind or question.locked:
        raise Forbidden("The kind of a question stays. Add another question instead.")
    reasons = [
        Reason(said, name)
        for name, text, most, missing in (
            ("label", question.label, LONGEST_LINE, "Enter the words of the question."),
            ("hint", question.hint, LONGEST_LINE, ""),
            ("guidance", question.guidance, None, ""),
            ("example", question.example, None, ""),
        )
        if (said := wrong_words(text, most, missing))
    ]
    reasons += _wrong_limits(fund.code_lists, question)
    if reasons:
        raise Blocked(*reasons)
    return question


def _wrong_limits(lists: Collection[str] | dict[str, CodeList], question: Question) -> list[Reason]:
    reasons = []
    if question.kind in CHOICES and question.choices not in lists:
        reasons.append(Reason("Choose a list of answers.", "choices"))
    if question.max_words is not None and (question.kind not in TEXTS or question.max_words < 1):
        reasons.append(Reason("Enter 1 or more words.", "max_words"))
    low, high = question.minimum, question.maximum
    if low is not None and high is not None and high < low:
        reasons.append(Reason("The most is below the least.", "maximum"))
    if question.max_rows is not None and question.max_rows < max(question.min_rows, 1):
        reasons.append(Reason("The most rows are below the fewest.", "max_rows"))
    if question.row_source == RowSource.CODE_LIST and question.row_list not in lists:
        reasons.append(Reason("Choose the list whose answers are the rows.", "row_list"))
    return reasons


def _open_table(fund: Fund, part: str, key: str) -> Question:
    question = question_of(fund, part, key)
    if question.kind != QuestionKind.ROWS:
        raise NotFound("There is no such table.")
    if question.locked:
        raise Forbidden(CORE)
    return question


def _home(fund: Fund, part: str, key: str) -> tuple[Section, Question]:
    for section in sections_of(fund, part):
        for question in section.questions:
            if question.key == key:
                return section, question
    raise NotFound("There is no such question.")


def _with_question(fund: Fund, part: str, changed: Question) -> Fund:
    home, _ = _home(fund, part, changed.key)
    section = replace(home, questions=_put(home.questions, changed))
    return with_sections(fund, part, _put(sections_of(fund, part), section))


def _place(things: Sequence[_Keyed], key: str) -> int:
    for place, thing in enumerate(things):
        if thing.key == key:
            return place
    raise NotFound("There is no such page.")


def _put(things: Sequence[Thing], changed: Thing) -> tuple[Thing, ...]:
    return tuple(changed if thing.key == changed.key else thing for thing in things)


def _without(things: Sequence[Thing], key: str) -> tuple[Thing, ...]:
    return tuple(thing for thing in things if thing.key != key)


def _moved(things: Sequence[Thing], place: int, step: int) -> tuple[Thing, ...]:
    moved = list(things)
    other = place + step
    if 0 <= other < len(moved):
        moved[place], moved[other] = moved[other], moved[place]
    return tuple(moved)


Edit = Callable[[Fund], Edited]
