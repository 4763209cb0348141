"""What may change once a round is open: each difference of two rulebooks, and what it does to drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from grants.funds.definition import Code, Fund, Question, ReturnForm, Section
from grants.rules.form_edits import FORM, RETURN, sections_of
from grants.rules.steps import STEPS, is_on

WORDS = ("label", "hint", "guidance", "example", "people", "identifies", "locked")
LIMITS_UP = ("max_words", "maximum", "max_rows")  # more is looser, none is loosest
LIMITS_DOWN = ("minimum", "min_rows")  # less is looser


class Weight(StrEnum):
    """What a difference means for drafts that are being written."""

    SAFE = "safe"  # drafts move to the new version, with every answer
    HOLDS = "holds"  # drafts stay on the version they were begun on
    REFUSED = "refused"  # not after opening: all must be judged by the same


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, in words."""

    weight: Weight
    part: str
    sentence: str


def between(before: Fund, after: Fund) -> tuple[Change, ...]:
    """Every difference, form by form; none when the two ask the same in the same words."""
    return tuple(
        change
        for found in (
            _form(FORM, before, after),
            _rules(before, after),
            _lists(before, after),
            _form(RETURN, before, after),
            _returns(before.return_form, after.return_form),
            _words(before, after),
            _steps(before, after),
            _money(before, after),
            _judged(before, after),
        )
        for change in found
    )


def is_safe(changes: Iterable[Change]) -> bool:
    """Whether drafts may move: nothing that they hold is lost, nothing more is asked of them."""
    return all(change.weight == Weight.SAFE for change in changes)


def _form(part: str, before: Fund, after: Fund) -> Iterator[Change]:
    old, new = sections_of(before, part), sections_of(after, part)
    yield from _sections(part, old, new)
    was = {question.key: question for section in old for question in section.questions}
    now = {question.key: question for section in new for question in section.questions}
    yield from _questions(part, was, now, "the question")
    if [key for key in was if key in now] != [key for key in now if key in was]:
        yield Change(Weight.SAFE, part, "The order of the questions has changed.")


def _sections(part: str, old: Sequence[Section], new: Sequence[Section]) -> Iterator[Change]:
    was, now = {s.key: s for s in old}, {s.key: s for s in new}
    for key, section in now.items():
        if key not in was:
            yield Change(Weight.SAFE, part, f"There is a new section, “{section.title}”.")
        elif (section.title, section.intro) != (was[key].title, was[key].intro):
            yield Change(Weight.SAFE, part, f"The words of the section “{section.title}” changed.")
    for key, section in was.items():
        if key not in now:
            yield Change(Weight.SAFE, part, f"The section “{section.title}” is gone.")


def _questions(
    part: str, was: Mapping[str, Question], now: Mapping[str, Question], what: str
) -> Iterator[Change]:
    for key, question in now.items():
        if key not in was:
            weight = Weight.HOLDS if question.required else Weight.SAFE
            need = "must be answered" if question.required else "may be left empty"
            sentence = f"{_capital(what)} “{question.label}” is new; it {need}."
            yield Change(weight, part, sentence)
        elif question != was[key]:
            yield from _question(part, was[key], question, what)
    for key, question in was.items():
        if key not in now:
            sentence = f"{_capital(what)} “{question.label}” is gone, and with it its answers."
            yield Change(Weight.HOLDS, part, sentence)


def _question(part: str, was: Question, now: Question, what: str) -> Iterator[Change]:
    name = f"{what} “{now.label}”"
    if any(getattr(was, word) != getattr(now, word) for word in WORDS):
        yield Change(Weight.SAFE, part, f"The words of {name} changed.")
    if was.required != now.required:
        weight = Weight.HOLDS if now.required else Weight.SAFE
        need = "must now be answered" if now.required else "may now be left empty"
        yield Change(weight, part, f"{_capital(name)} {need}.")
    for limit in (*LIMITS_UP, *LIMITS_DOWN):
        if getattr(was, limit) != getattr(now, limit):
            weight = Weight.SAFE if _is_looser(limit, was, now) else Weight.HOLDS
            how = "wider" if weight == Weight.SAFE else "tighter"
            yield Change(weight, part, f"The limits of {name} are {how}.")
    if was.show_when != now.show_when:
        yield Change(Weight.HOLDS, part, f"When {name} is asked has changed.")
    columns = {c.key: c for c in was.columns}, {c.key: c for c in now.columns}
    if columns[0] != columns[1]:
        yield from _questions(part, *columns, f"in {name}, the column")
    told = {*WORDS, *LIMITS_UP, *LIMITS_DOWN, "required", "show_when", "columns"}
    rest = [f.name for f in fields(Question) if f.name not in told]
    if any(getattr(was, field) != getattr(now, field) for field in rest):
        yield Change(Weight.HOLDS, part, f"How {name} is answered has changed.")


def _is_looser(limit: str, was: Question, now: Question) -> bool:
    old, new = getattr(was, limit), getattr(now, limit)
    if new is None or old is None:
        return new is None
    return bool(new > old) if limit in LIMITS_UP else bool(new < old)


def _rules(before: Fund, after: Fund) -> Iterator[Change]:
    was = {rule.key: rule for rule in before.rules}
    now = {rule.key: rule for rule in after.rules}
    for key, rule in now.items():
        if key not in was:
            yield Change(Weight.HOLDS, FORM, f"There is a new rule: “{rule.sentence}”")
        elif rule != was[key]:
            yield Change(Weight.HOLDS, FORM, f"A rule has changed: “{rule.sentence}”")
    for key, rule in was.items():
        if key not in now:
            yield Change(Weight.SAFE, FORM, f"A rule is gone: “{rule.sentence}”")


def _lists(before: Fund, after: Fund) -> Iterator[Change]:
    for name, listed in after.code_lists.items():
        if name not in before.code_lists:
            yield Change(Weight.SAFE, FORM, f"There is a new list of answers, “{listed.words}”.")
        else:
            yield from _codes(listed.words, before.code_lists[name].codes, listed.codes)
    for name, listed in before.code_lists.items():
        if name not in after.code_lists:
            yield Change(Weight.HOLDS, FORM, f"The list of answers “{listed.words}” is gone.")


def _codes(words: str, old: Sequence[Code], new: Sequence[Code]) -> Iterator[Change]:
    was, now = {code.code: code for code in old}, {code.code: code for code in new}
    for key, code in now.items():
        if key not in was:
            yield Change(Weight.SAFE, FORM, f"“{words}” has a new answer, “{code.label}”.")
        elif code != was[key]:
            yield Change(Weight.SAFE, FORM, f"An answer of “{words}” now reads “{code.label}”.")
    for key, code in was.items():
        if key not in now:
            yield Change(Weight.HOLDS, FORM, f"“{code.label}” is no answer of “{words}” any more.")


def _returns(before: ReturnForm, after: ReturnForm) -> Iterator[Change]:
    was = {period.key: period for period in before.periods}
    now = {period.key: period for period in after.periods}
    for key, period in now.items():
        if key not in was:
            yield Change(Weight.HOLDS, RETURN, f"There is a return more, “{period.label}”.")
        elif period != was[key]:
            yield Change(Weight.HOLDS, RETURN, f"The dates of “{period.label}” have changed.")
    for key, period in was.items():
        if key not in now:
            yield Change(Weight.SAFE, RETURN, f"The return “{period.label}” is not asked for.")
    if (before.title, before.intro) != (after.title, after.intro):
        yield Change(Weight.SAFE, RETURN, "The introduction of the return has changed.")


def _words(before: Fund, after: Fund) -> Iterator[Change]:
    if (before.summary, before.audience) != (after.summary, after.audience):
        yield Change(Weight.SAFE, "guidance", "The guidance has changed.")
    if before.eligibility != after.eligibility:
        yield Change(Weight.SAFE, "guidance", "The questions to ask oneself first have changed.")
    if before.letters != after.letters:
        yield Change(Weight.SAFE, "letters", "The words of the letters have changed.")


def _steps(before: Fund, after: Fund) -> Iterator[Change]:
    for step in STEPS:
        is_there = is_on(after.stages, step)
        if is_there == is_on(before.stages, step):
            continue
        if not step.after_opening:
            weight = Weight.REFUSED
        else:
            weight = Weight.HOLDS if is_there and step.holds_drafts else Weight.SAFE
        how = "is a step now" if is_there else "is no step any more"
        yield Change(weight, "stages", f"“{step.title}” {how}.")


def _judged(before: Fund, after: Fund) -> Iterator[Change]:
    if before.scoring != after.scoring:
        yield Change(Weight.REFUSED, "criteria", "The criteria or the scoring have changed.")
    if before.settings != after.settings or before.ages != after.ages:
        yield Change(Weight.REFUSED, "stages", "The stages or whom the fund is for have changed.")


def _money(before: Fund, after: Fund) -> Iterator[Change]:
    if before.levels != after.levels:
        yield Change(Weight.HOLDS, "money", "How much can be asked for has changed.")
    if before.caps != after.caps:
        yield Change(Weight.HOLDS, "money", "The most that some may ask for has changed.")
    if (before.strands, before.strand_question) != (after.strands, after.strand_question):
        yield Change(Weight.REFUSED, "money", "The strands of the pot have changed.")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
