"""What can be wrong with levels, caps and strands: each a key and one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grants.funds.definition import Cap, Fills, Fund, Question, QuestionKind
from grants.funds.rule_checks import answers_to_wait_for

DECIDES = {QuestionKind.SINGLE, QuestionKind.YES_NO}


def money_faults(fund: Fund) -> Iterator[tuple[str, str]]:
    """Everything that is wrong with how the money is divided."""
    for kept in (fund.levels, fund.caps, fund.strands):
        counts = Counter(thing.key for thing in kept)
        yield from ((key, "is there more than once") for key, n in counts.items() if n > 1)
    for level in fund.levels:
        if not 0 <= level.least <= level.most:
            yield level.key, "has a smallest grant above its largest"
    for cap in fund.caps:
        yield from ((cap.key, sentence) for sentence in _cap(fund, cap))
    yield from _strands(fund)


def _cap(fund: Fund, cap: Cap) -> Iterator[str]:
    asked = fund.question(cap.question)
    if asked is None:
        yield f"names '{cap.question}', which is no question of the form"
    elif not cap.values or set(cap.values) - set(answers_to_wait_for(fund, asked)):
        yield f"names an answer that '{cap.question}' does not have"
    if cap.most < 0:
        yield "can't be below nothing"
    if not cap.sentence.strip():
        yield "needs the sentence that people read who ask for more"


def _strands(fund: Fund) -> Iterator[tuple[str, str]]:
    if not fund.strands:
        return
    asked = fund.asked(fund.strand_question)
    if asked is None or fund.strand_question not in strand_places(fund):
        yield (
            "strand_question",
            "should be a question, or a column of the projects, with one answer",
        )
        return
    possible = set(answers_to_wait_for(fund, asked))
    counts = Counter(value for strand in fund.strands for value in strand.values)
    for strand in fund.strands:
        if strand.amount < 0:
            yield strand.key, "can't be below nothing"
        if not strand.values or set(strand.values) - possible:
            yield strand.key, "names an answer that its question does not have"
        if any(counts[value] > 1 for value in strand.values):
            yield strand.key, "shares an answer with another strand"


def strand_places(fund: Fund) -> dict[str, Question]:
    """The questions and columns of the projects whose one answer can decide a strand."""
    found = {question.key: question for question in fund.questions() if question.kind in DECIDES}
    table = fund.table(Fills.PROJECTS)
    for column in table.columns if table else ():
        if table and column.kind in DECIDES:
            found[f"{table.key}.{column.key}"] = column
    return found
