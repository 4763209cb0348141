"""The forms of applying: a section of the fund's form, one row of a wide table, and two small ones."""

from __future__ import annotations

from dataclasses import replace

from wtforms.validators import InputRequired

from grants.funds.definition import Question, QuestionKind, RowSource, Section
from grants.queries.drafts import Draft
from grants.rules.answers import is_blank
from grants.rules.eligibility import filled_rows
from grants.rules.people import Right
from grants.rules.refusals import Blocked, Reason
from grants.web.form_builder import attach, page_form
from grants.web.forms import DateField, EmailField, Form, LongTextField, RadiosField, TextField

NARROW = 5  # a table with more columns gives each row a page of its own
RIGHTS = {
    Right.VIEW: "Read it, with its files",
    Right.COMMENT: "Read it and comment on it",
    Right.EDIT: "Read it, comment on it and change it",
}
HEAVY = frozenset({QuestionKind.LONG_TEXT, QuestionKind.MANY, QuestionKind.DATE})


class WithdrawForm(Form):
    """Why an application is taken back."""

    reason = LongTextField(
        "Why are you withdrawing it?",
        hint="One or two sentences. The fund will see this.",
    )


class InviteForm(Form):
    """Somebody to invite to this application alone."""

    name = TextField("Their name", [InputRequired("Enter their name.")])
    email = EmailField(
        "Their e-mail address",
        [InputRequired("Enter their e-mail address.")],
        hint="They need not belong to your organisation. The link works for this address alone.",
    )
    right = RadiosField(
        "What they may do",
        [InputRequired("Choose what they may do.")],
        options=[(right.value, words) for right, words in RIGHTS.items()],
    )
    last_day = DateField(
        "Their last day",
        [InputRequired("Enter their last day.")],
        hint="You can end it sooner at any time.",
    )

    def chosen(self) -> Right:
        """What they may do. Raises Blocked for what is no choice."""
        try:
            return Right(self.right.data)
        except ValueError:
            raise Blocked(Reason("Choose what they may do.", "right")) from None


class CommentForm(Form):
    """Something to say about a question."""

    text = LongTextField("Your comment", hint="The fund never sees it.")


class SignOffForm(Form):
    """The second person who signs the application off."""

    name = TextField("Their name", [InputRequired("Enter their name.")])
    role = TextField(
        "What they are",
        [InputRequired("Enter what they are.")],
        hint="For example chair of the board, treasurer, or a partner's manager.",
    )
    email = EmailField(
        "Their e-mail address",
        [InputRequired("Enter their e-mail address.")],
        hint="Their own, not shared. They need no account.",
    )


class PartnerContactForm(Form):
    """Who answers for a partner."""

    name = TextField("Their name", [InputRequired("Enter their name.")])
    role = TextField("What they are there", optional=True, hint="For example manager.")
    email = EmailField(
        "Their e-mail address",
        [InputRequired("Enter their e-mail address.")],
        hint="At the partner, not in your own organisation. They need no account.",
    )


def is_wide(question: Question) -> bool:
    """Whether each row of this table has a page of its own: too much to fill in across."""
    return (
        question.kind == QuestionKind.ROWS
        and question.row_source == RowSource.FREE
        and (
            len(question.columns) > NARROW
            or any(column.kind in HEAVY for column in question.columns)
        )
    )


def is_listed(draft: Draft, question: Question) -> bool:
    """Whether a table is listed, with a page for each row: also one of which some cells are open."""
    return is_wide(question) or (
        question.kind == QuestionKind.ROWS
        and bool(draft.opening.rows_of(question.key))
        and not draft.opening.takes_all_of(question.key)
    )


def listed_tables(draft: Draft, section: Section) -> tuple[Question, ...]:
    """The tables of a section that are listed, as far as any of them may be changed."""
    return tuple(
        question
        for question in section.questions
        if is_listed(draft, question) and draft.opening.touches(question.key)
    )


def section_form(draft: Draft, section: Section, blank: str = "") -> Form:
    """The questions of a section that may be changed, without its listed tables."""
    narrow = tuple(
        question
        for question in section.questions
        if not is_listed(draft, question) and draft.opening.takes_all_of(question.key)
    )
    return page_form(replace(section, questions=narrow), draft.fund, draft.answers, blank=blank)()


def row_form(draft: Draft, section: Section, table: Question, row: str) -> Form:
    """The questions of one row of a listed table that may be changed."""
    open_columns = tuple(
        column
        for column in table.columns
        if draft.opening.takes((f"{table.key}.{column.key}", row))
    )
    columns = {f"{table.key}.{column.key}" for column in open_columns}
    here = {place: text for place, text in draft.answers.items() if place[1] == row}
    first = f"{table.key}.{open_columns[0].key}"
    only = replace(table, columns=open_columns, min_rows=1, max_rows=1)
    answers = {(first, row): "", **{p: t for p, t in here.items() if p[0] in columns}}
    return page_form(replace(section, questions=(only,)), draft.fund, answers)()


def row_title(draft: Draft, table: Question, row: str) -> str:
    """What a row is called: its first answer, or its place."""
    rows = filled_rows(table, draft.answers)
    named = draft.answers.get((f"{table.key}.{table.columns[0].key}", row), "").strip()
    return named or f"{table.label}, row {(rows.index(row) if row in rows else len(rows)) + 1}"


def attach_faults(form: Form, draft: Draft, section: Section, row: str = "") -> bool:
    """Put at their fields what is wrong with what was typed. Blank is no fault while it is a draft."""
    wide = {table.key for table in section.questions if is_listed(draft, table)}
    found = [
        problem
        for problem in draft.problems
        if problem.section == section.key
        and draft.opening.takes((problem.question, problem.row))
        and (problem.row == row if row else problem.question.partition(".")[0] not in wide)
        and not is_blank(draft.answers.get((problem.question, problem.row), ""))
    ]
    attach(form, found)
    return bool(found)
