"""The question set of a round on paper: every question with its hint and limits, before anybody begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from grants.documents.paper import Block, Furniture, Heading, Points, Words, render
from grants.documents.wording import plain_date
from grants.funds.definition import Fund, Period, Question, QuestionKind, Section
from grants.rules.money import pounds

KIND_WORDS = {
    QuestionKind.NUMBER: "a number",
    QuestionKind.MONEY: "an amount in pounds",
    QuestionKind.DATE: "a date",
    QuestionKind.YES_NO: "yes or no",
    QuestionKind.SINGLE: "one of a list",
    QuestionKind.MANY: "one or more of a list",
    QuestionKind.POSTCODE: "a postcode",
    QuestionKind.EMAIL: "an e-mail address",
    QuestionKind.PHONE: "a phone number",
    QuestionKind.LINK: "a web address",
    QuestionKind.UPLOAD: "a file",
    QuestionKind.DECLARATION: "a box to tick",
    QuestionKind.ROWS: "a table",
}
MOST_LISTED = 40  # answers of a list that are printed


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """Whose questions these are."""

    fund: Fund
    round_reference: str
    round_title: str
    closes: str
    notice: str = ""


def question_set_pdf(values: QuestionSet) -> bytes:
    """The tagged question set, the criteria, and what is asked afterwards."""
    furniture = Furniture(
        sender=values.fund.name,
        strapline=values.fund.funder,
        running=f"{values.round_reference}: questions",
        footer=f"Questions of {values.round_reference}",
        notice=values.notice,
    )
    return render(f"Questions of {values.round_reference}", _blocks(values), furniture)


def _blocks(values: QuestionSet) -> Iterator[Block]:
    fund = values.fund
    yield Heading(f"Questions of {values.round_title}", 1)
    yield Words(fund.summary)
    yield Words(values.closes)
    for section in fund.sections:
        yield from _section(fund, section)
    yield Heading("How applications are scored")
    for criterion in fund.scoring.criteria:
        yield Heading(f"{criterion.title}: {criterion.weight} of 100", 3)
        yield Words(criterion.guidance)
        yield Points(tuple(f"{anchor.score}: {anchor.text}" for anchor in criterion.anchors))
    yield from _afterwards(fund)


def _section(fund: Fund, section: Section) -> Iterator[Block]:
    yield Heading(section.title)
    if section.intro:
        yield Words(section.intro)
    for question in section.questions:
        yield Heading(question.label, 3)
        yield Words(limits(question), "quiet")
        yield from (Words(text) for text in (question.hint, question.guidance) if text)
        if question.show_when is not None:
            asked = fund.question(question.show_when.question)
            yield Words(
                f"Asked only after some answers to: {asked.label if asked else ''}", "quiet"
            )
        yield from _answers(fund, question)
        if question.columns:
            yield Points(tuple(f"{c.label} ({limits(c)})" for c in question.columns))


def _answers(fund: Fund, question: Question) -> Iterator[Block]:
    listed = fund.code_lists.get(question.choices or "")
    if listed is not None:
        labels = [code.label for code in listed.codes]
        more = [f"and {len(labels) - MOST_LISTED} more"] if len(labels) > MOST_LISTED else []
        yield Points((*labels[:MOST_LISTED], *more))


def limits(question: Question) -> str:
    """How a question is to be answered, in a few words."""
    words = [KIND_WORDS.get(question.kind, "text")]
    if question.max_words is not None:
        words.append(f"up to {question.max_words} {'word' if question.max_words == 1 else 'words'}")
    if not question.required:
        words.append("optional")
    return ", ".join(words)


def _afterwards(fund: Fund) -> Iterator[Block]:
    yield Heading("What is asked afterwards, and when")
    yield Words(fund.return_form.intro)
    yield Points(tuple(_period(period) for period in fund.return_form.periods))
    for section in fund.return_form.sections:
        yield Heading(section.title, 3)
        yield Points(tuple(question.label for question in section.questions))


def _period(period: Period) -> str:
    due = f"{period.label}: due on {plain_date(date.fromisoformat(period.due))}"
    return f"{due}, for projects given more than {pounds(period.over)}" if period.over else due
