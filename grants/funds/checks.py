"""What a fund must mean beyond its shape: each fault with the file, the key and one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from string import Formatter

from grants.funds.definition import (
    FILLS_COLUMNS,
    LETTER_KINDS,
    PLACEHOLDERS,
    STATUSES,
    TIES,
    Asking,
    Criterion,
    Fund,
    Letter,
    Part,
    Period,
    Question,
    QuestionKind,
    RowSource,
    Section,
)
from grants.funds.money_checks import money_faults
from grants.funds.rule_checks import answers_to_wait_for, rule_faults

WHOLE = 100  # weights of a fund's criteria add up to this
KEY = re.compile(r"[a-z][a-z0-9_]*")
SECTION_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # also a word of the page's address
CHOICES = {QuestionKind.SINGLE, QuestionKind.MANY}
TEXTS = {QuestionKind.TEXT, QuestionKind.LONG_TEXT}
AMOUNTS = {QuestionKind.NUMBER, QuestionKind.MONEY}
LARGEST = {QuestionKind.NUMBER: 999_999_999_999, QuestionKind.MONEY: 99_999_999_99}
# Words that the pages of a form send beside the answers.
RESERVED = {"add_row", "another", "continue", "csrf_token", "later", "remove_row", "upload"}
NOT_IN_TABLES = {QuestionKind.ROWS, QuestionKind.UPLOAD, QuestionKind.DECLARATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: ``part`` names the file without its ending."""

    part: str
    key: str
    sentence: str


def faults(fund: Fund) -> Iterator[Fault]:
    """Everything that is wrong with this fund, file by file; empty when it may be used."""
    yield from _fund(fund)
    yield from _eligibility(fund)
    yield from _form(fund, "form", fund.sections)
    yield from _fills(fund)
    yield from (Fault(part="form", key=key, sentence=said) for key, said in rule_faults(fund))
    yield from (Fault(part="money", key=key, sentence=said) for key, said in money_faults(fund))
    yield from _local(fund)
    yield from _scoring(fund)
    yield from _letters(fund)
    yield from _form(fund, "return", fund.return_form.sections)
    yield from _periods(fund.return_form.periods)


def _fund(fund: Fund) -> Iterator[Fault]:
    ages, bands = fund.ages, fund.settings.size_bands
    if ages.oldest is not None and ages.oldest < ages.youngest:
        yield _of_fund("ages.oldest", "is younger than the youngest age")
    if list(bands) != sorted(set(bands)):
        yield _of_fund("settings.size_bands", "should rise from the smallest to the largest")
    if fund.settings.approvals_needed < 1:
        yield _of_fund("settings.approvals_needed", "should be 1 or more")
    if fund.outcome_list not in fund.code_lists:
        yield _of_fund("outcome_list", f"names '{fund.outcome_list}', which is no listed code list")
    if fund.settings.needs_routing_council and fund.question("routing_council") is None:
        yield _of_fund("settings.needs_routing_council", "needs the question 'routing_council'")
    budget = next((question for question in fund.questions() if question.fills == "budget"), None)
    for column in budget.columns if budget else ():
        if column.key == "category" and not _has_code(fund, column.choices, fund.onward_category):
            yield _of_fund("onward_category", "is no code of the list the budget's category uses")


def _local(fund: Fund) -> Iterator[Fault]:
    texts = [text for letter in fund.letters for text in letter.paragraphs]
    texts += [clause.text for letter in fund.letters for clause in letter.clauses]
    for criterion in fund.scoring.criteria:
        texts += [criterion.title, criterion.guidance, *(a.text for a in criterion.anchors)]
    for entry in fund.local.words if fund.local else ():
        if not any(text.startswith(entry.starts) for text in texts):
            yield _of_fund("local.words", f"begins no text of criteria or letters: {entry.starts}")
    for one in fund.local.asks if fund.local else ():
        yield from _asking(fund, one)


def _asking(fund: Fund, one: Asking) -> Iterator[Fault]:
    """It names one section or question of its form, and takes no name away."""
    form = fund.sections if one.part == Part.FORM else fund.return_form.sections
    asked = [question for section in form for question in section.questions]
    places = {question.key for question in asked}
    places |= {f"{table.key}.{column.key}" for table in asked for column in table.columns}
    name = one.section or one.question
    known = places if one.question else {section.key for section in form}
    if bool(one.section) == bool(one.question) or name not in known:
        yield _of_fund("local.asks", f"names no section or question of the {one.part}: {name}")
    if one.label == "":
        yield _of_fund("local.asks", f"takes the name away of {name}")


def _of_fund(key: str, sentence: str) -> Fault:
    return Fault(part="fund", key=key, sentence=sentence)


def _eligibility(fund: Fund) -> Iterator[Fault]:
    yield from _repeats("fund", "eligibility check", [check.key for check in fund.eligibility])
    for check in fund.eligibility:
        if check.wanted not in {"yes", "no"}:
            yield _of_fund(f"eligibility.{check.key}", "waits for yes or for no")
        if not (check.question.strip() and check.sentence.strip() and KEY.fullmatch(check.key)):
            yield _of_fund(f"eligibility.{check.key}", "needs its key, question and sentence")


def _has_code(fund: Fund, name: str | None, code: str) -> bool:
    listed = fund.code_lists.get(name or "")
    return listed is None or code in {entry.code for entry in listed.codes}


def _form(fund: Fund, part: str, sections: tuple[Section, ...]) -> Iterator[Fault]:
    if not sections:
        yield Fault(part=part, key="sections", sentence="there should be at least one section")
    yield from _repeats(part, "section", [section.key for section in sections])
    questions = [question for section in sections for question in section.questions]
    yield from _repeats(part, "question", [question.key for question in questions])
    for section in sections:
        if not SECTION_KEY.fullmatch(section.key):
            sentence = "a section's key is small letters, figures and hyphens"
            yield Fault(part=part, key=section.key, sentence=sentence)
        if not section.questions:
            yield Fault(part=part, key=section.key, sentence="this section asks nothing yet")
    earlier: dict[str, Question] = {}
    for question in questions:
        for key, sentence in _question(fund, part, question, earlier):
            yield Fault(part=part, key=key, sentence=sentence)
        earlier[question.key] = question


def _repeats(part: str, what: str, keys: list[str]) -> Iterator[Fault]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Fault(part=part, key=key, sentence=f"the {what} '{key}' is there more than once")


Said = Iterator[tuple[str, str]]  # a key, and what is wrong with it


def _question(fund: Fund, part: str, question: Question, earlier: dict[str, Question]) -> Said:
    yield from _alone(fund, question.key, question)
    yield from _shown(fund, question, earlier)
    if question.kind == QuestionKind.ROWS:
        yield from _table(fund, part, question)
    elif question.columns or question.fills or question.row_list:
        yield question.key, "only a table of rows has columns, fills or row_list"


def _alone(fund: Fund, place: str, question: Question) -> Said:
    """What can be wrong with a question or a column by itself."""
    if not KEY.fullmatch(question.key):
        yield place, "a question's key is small letters, figures and underscores"
    if question.key in RESERVED | {"rows"}:
        yield place, f"'{question.key}' is a word that the pages need for themselves"
    if not question.label.strip():
        yield place, "a question needs its words"
    if question.kind in CHOICES and question.choices is None:
        yield place, "a choice needs choices, the name of a code list"
    if question.kind not in CHOICES and question.choices is not None:
        yield place, "only single and many take choices"
    if question.choices is not None and question.choices not in fund.code_lists:
        yield place, f"choices names '{question.choices}', which is no listed code list"
    elif question.choices is not None and not fund.code_lists[question.choices].codes:
        yield place, f"the code list '{question.choices}' has no answers to choose from"
    if question.max_words is not None and (question.kind not in TEXTS or question.max_words < 1):
        yield place, "max_words is for text, and is 1 or more"
    yield from _limits(place, question)


def _limits(place: str, question: Question) -> Said:
    lowest, highest = question.minimum, question.maximum
    if question.kind not in AMOUNTS and (lowest is not None or highest is not None):
        yield place, "minimum and maximum are for number and money"
    if lowest is not None and lowest > LARGEST.get(question.kind, lowest):
        yield place, "the minimum is more than anybody can type"
    if lowest is not None and highest is not None and highest < lowest:
        yield place, "the maximum is below the minimum"
    if question.people and question.kind != QuestionKind.NUMBER:
        yield place, "only a number counts people"


def _shown(fund: Fund, question: Question, earlier: dict[str, Question]) -> Said:
    if question.show_when is None:
        return
    other = earlier.get(question.show_when.question)
    if other is None:
        asked = question.show_when.question
        yield question.key, f"it waits for an answer to '{asked}', which is no earlier question"
        return
    possible = answers_to_wait_for(fund, other)
    for value in question.show_when.values:
        if value not in possible:
            yield question.key, f"it waits for '{value}', no answer of '{other.key}'"


def _table(fund: Fund, part: str, table: Question) -> Said:
    if not table.columns:
        yield table.key, "a table of rows needs columns"
    keys = [column.key for column in table.columns]
    for repeat in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"{table.key}.{repeat}", f"the column '{repeat}' is there more than once"
    for column in table.columns:
        place = f"{table.key}.{column.key}"
        yield from _alone(fund, place, column)
        if column.kind in NOT_IN_TABLES or column.show_when is not None:
            yield place, "a column is a plain question: no table, upload, declaration or show_when"
    yield from _rows(fund, part, table)


def _rows(fund: Fund, part: str, table: Question) -> Said:
    if table.max_rows is not None and table.max_rows < max(table.min_rows, 1):
        yield table.key, "max_rows is below min_rows"
    if (table.row_source == RowSource.CODE_LIST) != (table.row_list is not None):
        yield table.key, "row_list goes with row_source 'code_list', and only with it"
    if table.row_list is not None and table.row_list not in fund.code_lists:
        yield table.key, f"row_list names '{table.row_list}', which is no listed code list"
    if table.row_source == RowSource.BUDGET and part != "return":
        yield table.key, "rows from the budget are for the return"
    if table.fills is not None and (part != "form" or table.row_source != RowSource.FREE):
        yield table.key, "fills is for a table of the form whose rows people add"


def _fills(fund: Fund) -> Iterator[Fault]:
    tables = [question for question in fund.questions() if question.fills is not None]
    for filled, needed in FILLS_COLUMNS.items():
        found = [table for table in tables if table.fills == filled]
        if len(found) != 1:
            sentence = f"one table should fill '{filled}', there are {len(found)}"
            yield Fault(part="form", key="sections", sentence=sentence)
        for table in found:
            missing = set(needed) - {column.key for column in table.columns}
            for key in sorted(missing):
                sentence = f"a table that fills '{filled}' needs the column '{key}'"
                yield Fault(part="form", key=table.key, sentence=sentence)


def _scoring(fund: Fund) -> Iterator[Fault]:
    scoring = fund.scoring
    yield from _repeats("criteria", "criterion", [item.key for item in scoring.criteria])
    if scoring.highest <= scoring.lowest:
        yield Fault(part="criteria", key="highest", sentence="should be above lowest")
    if scoring.readers < 1:
        yield Fault(part="criteria", key="readers", sentence="should be 1 or more")
    if not set(scoring.ties) <= set(TIES) or len(set(scoring.ties)) < len(scoring.ties):
        sentence = f"names each of {', '.join(TIES)} once at most, and nothing else"
        yield Fault(part="criteria", key="ties", sentence=sentence)
    total = sum(criterion.weight for criterion in scoring.criteria)
    if total != WHOLE:
        sentence = f"the weights add up to {total}, not {WHOLE}"
        yield Fault(part="criteria", key="criteria", sentence=sentence)
    scores = range(scoring.lowest, scoring.highest + 1)
    for criterion in scoring.criteria:
        for sentence in _criterion(criterion, scores):
            yield Fault(part="criteria", key=criterion.key, sentence=sentence)


def _criterion(criterion: Criterion, scores: range) -> Iterator[str]:
    if not KEY.fullmatch(criterion.key):
        yield "a criterion's key is small letters, figures and underscores"
    if criterion.weight < 0:
        yield "a weight may not be negative"
    if criterion.minimum is not None and criterion.minimum not in scores:
        yield f"the minimum {criterion.minimum} is no score of this fund"
    written = [anchor.score for anchor in criterion.anchors]
    for score in scores:
        if score not in written:
            yield f"there is no anchor for the score {score}"
    for score in sorted(set(written)):
        if score not in scores or written.count(score) > 1:
            yield f"the anchor for {score} is repeated, or is no score of this fund"


def _letters(fund: Fund) -> Iterator[Fault]:
    kinds = [letter.kind for letter in fund.letters]
    yield from _repeats("letters", "letter", kinds)
    for kind in LETTER_KINDS:
        if kind not in kinds:
            yield Fault(part="letters", key=kind, sentence=f"there is no '{kind}' letter")
    for letter in fund.letters:
        if letter.kind not in LETTER_KINDS:
            known = ", ".join(LETTER_KINDS)
            sentence = f"is no kind of letter; the kinds are {known}"
            yield Fault(part="letters", key=letter.kind, sentence=sentence)
        for clause in letter.clauses:
            if clause.status not in STATUSES:
                sentence = f"the status of '{clause.heading}' is not one of: {', '.join(STATUSES)}"
                yield Fault(part="letters", key=letter.kind, sentence=sentence)
        for sentence in _placeholders(_words(letter)):
            yield Fault(part="letters", key=letter.kind, sentence=sentence)


def _words(letter: Letter) -> Iterator[str]:
    yield letter.subject
    yield from letter.paragraphs
    for clause in letter.clauses:
        yield from (clause.heading, clause.text)


def _placeholders(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        try:
            pieces = list(Formatter().parse(text))
        except ValueError:
            yield f"a curly bracket stands alone in '{text[:40]}'"
            continue
        for _, name, spec, conversion in pieces:
            if name is not None and (name not in PLACEHOLDERS or spec or conversion):
                yield f"there is nothing to fill the placeholder '{{{name}}}' with"


def _periods(periods: tuple[Period, ...]) -> Iterator[Fault]:
    yield from _repeats("return", "period", [period.key for period in periods])
    if not periods:
        yield Fault(part="return", key="periods", sentence="there should be at least one period")
    if sum(period.final for period in periods) > 1:
        yield Fault(part="return", key="periods", sentence="only one period may be final")
    if periods and all(period.over for period in periods):
        sentence = "at least one period should be for projects of any size"
        yield Fault(part="return", key="periods", sentence=sentence)
    for period in periods:
        sentence = _dates(period)
        if sentence:
            yield Fault(part="return", key=period.key, sentence=sentence)


def _dates(period: Period) -> str:
    try:
        starts, ends, due = map(date.fromisoformat, (period.starts, period.ends, period.due))
    except ValueError:
        return "starts, ends and due are dates such as 2026-04-01"
    if not starts <= ends <= due:
        return "should start before it ends and be due after it ends"
    return ""
