"""What of an earlier application fits into a newer one: question by question, whole tables of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grants.funds.definition import CodeList, Fund, Question, QuestionKind, RowSource
from grants.rules.answers import codes_of, fault, is_blank, join_codes, split_codes
from grants.rules.eligibility import filled_rows
from grants.rules.opening import LOCKED, Opening

Place = tuple[str, str]
Texts = Mapping[Place, str]
# Files belong to their application, and a declaration is made anew each time.
NEVER = frozenset({QuestionKind.UPLOAD, QuestionKind.DECLARATION})
CODED = frozenset({QuestionKind.SINGLE, QuestionKind.MANY})
OTHER_KIND = "It is asked in another way now, so it can't be copied."


@dataclass(frozen=True, slots=True)
class Form:
    """One application: its form and its answers."""

    fund: Fund
    answers: Texts


@dataclass(frozen=True, slots=True)
class Offer:
    """One question that both forms ask and the earlier one answers otherwise."""

    question: Question
    texts: Texts = field(default_factory=dict)
    """What is written where; empty texts empty the cells of rows that are replaced."""
    replaces: bool = False
    """Whether something stands there already."""
    why_not: str = ""
    left_out: tuple[str, ...] = ()
    """What does not fit any more, in sentences; the rest is copied."""

    @property
    def fits(self) -> bool:
        """Whether it can be copied."""
        return not self.why_not


def offers(target: Form, source: Form, opening: Opening) -> tuple[Offer, ...]:
    """Every question that could be copied or is asked otherwise now, in the order of the newer form.

    What is the same in both is left out, so that copying twice copies once.
    """
    found = (
        _offer(target, source, question, earlier, opening)
        for question in target.fund.questions()
        if question.kind not in NEVER
        and (earlier := source.fund.question(question.key)) is not None
        and _is_answered(earlier, source.answers)
    )
    return tuple(offer for offer in found if offer is not None)


def _is_answered(question: Question, answers: Texts) -> bool:
    if question.kind == QuestionKind.ROWS:
        return bool(filled_rows(question, answers))
    return not is_blank(answers.get((question.key, ""), ""))


def _offer(
    target: Form, source: Form, question: Question, earlier: Question, opening: Opening
) -> Offer | None:
    if question.kind != earlier.kind:
        return Offer(question, why_not=OTHER_KIND)
    if question.kind == QuestionKind.ROWS:
        made = _table(target, source, question, earlier)
    else:
        made = _single(target, source, question, earlier)
    if made.fits and all(target.answers.get(p, "") == text for p, text in made.texts.items()):
        return None
    if not opening.takes_all_of(question.key):
        return Offer(question, replaces=made.replaces, why_not=LOCKED)
    return made


def _single(target: Form, source: Form, question: Question, earlier: Question) -> Offer:
    place = (question.key, "")
    text, gone = _still_listed(
        target.fund, question, source.answers[place], _words(source.fund, earlier)
    )
    why_not = (
        "None of its answers is in this form's list."
        if is_blank(text)
        else fault(question, text, codes_of(target.fund, question))
    )
    return Offer(
        question,
        {place: text},
        replaces=_is_answered(question, target.answers),
        why_not=why_not,
        left_out=() if why_not else _unlisted(gone),
    )


def _table(target: Form, source: Form, question: Question, earlier: Question) -> Offer:
    rows = filled_rows(earlier, source.answers)
    if question.row_source != RowSource.FREE:
        rows = tuple(row for row in rows if row in _listed(target.fund, question))
    replaces = _is_answered(question, target.answers)
    if question.max_rows is not None and len(rows) > question.max_rows:
        sentence = f"It has {len(rows)} rows, and this form takes {question.max_rows}."
        return Offer(question, replaces=replaces, why_not=sentence)
    before = {column.key: column for column in earlier.columns}
    texts = {
        (f"{question.key}.{column.key}", row): ""
        for row in filled_rows(question, target.answers)
        for column in question.columns
    }
    left_out: list[str] = []
    for column in question.columns:
        was = before.get(column.key)
        if was is not None and was.kind == column.kind:
            name = f"{question.key}.{column.key}"
            cells = {row: source.answers.get((name, row), "") for row in rows}
            fit, gone = _cells(target.fund, column, cells, _words(source.fund, was))
            texts |= {(name, row): text for row, text in fit.items()}
            left_out += gone
    if not any(texts.values()):
        return Offer(question, replaces=replaces, why_not="None of its rows fits this form.")
    return Offer(question, texts, replaces=replaces, left_out=tuple(left_out))


def _cells(
    fund: Fund, column: Question, cells: Mapping[str, str], words: CodeList | None
) -> tuple[dict[str, str], list[str]]:
    """The cells of a column by row as they fit, and what does not."""
    texts: dict[str, str] = {}
    left_out: list[str] = []
    for number, (row, typed) in enumerate(cells.items(), start=1):
        text, gone = _still_listed(fund, column, typed, words)
        wrong = fault(column, text, codes_of(fund, column))
        sentences = (*_unlisted(gone), *((wrong,) if wrong else ()))
        left_out.extend(f"Row {number}, {column.label}: {sentence}" for sentence in sentences)
        texts[row] = "" if wrong else text
    return texts, left_out


def _still_listed(
    fund: Fund, question: Question, text: str, words: CodeList | None
) -> tuple[str, tuple[str, ...]]:
    """The codes of an answer that are listed still, and the words of those that are not."""
    if question.kind not in CODED:
        return text, ()
    allowed = codes_of(fund, question) or frozenset()
    codes = split_codes(text)
    gone = tuple(words.label(code) if words else code for code in codes if code not in allowed)
    return join_codes(code for code in codes if code in allowed), gone


def _words(fund: Fund, question: Question) -> CodeList | None:
    return fund.code_lists.get(question.choices or "")


def _unlisted(gone: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"“{label}” is not in this form's list." for label in gone)


def _listed(fund: Fund, question: Question) -> frozenset[str]:
    listed = fund.code_lists.get(question.row_list or "")
    return frozenset(code.code for code in listed.codes) if listed else frozenset()
