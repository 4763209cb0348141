"""What an application or a return asks: questions, their lists, sections and rules across answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    """How one question is asked and kept. A new kind needs one field in ``web/form_builder.py``."""

    TEXT = "text"  # one line
    LONG_TEXT = "long_text"  # several lines, with a word limit
    NUMBER = "number"  # whole number, not negative
    MONEY = "money"  # typed in pounds, kept in pence
    DATE = "date"  # ISO date
    YES_NO = "yes_no"  # kept as "yes" or "no"
    SINGLE = "single"  # one code of a code list
    MANY = "many"  # several codes, kept as a list
    POSTCODE = "postcode"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    UPLOAD = "upload"  # files are attachments; the answer holds nothing
    DECLARATION = "declaration"  # one tick, kept as "yes"
    ROWS = "rows"  # a table; answers are kept under "<question>.<column>" and the row's key


class Fills(StrEnum):
    """Which typed rows a table of answers becomes when the application is submitted."""

    PARTNERS = "partners"  # columns: name, partner_type, part
    PROJECTS = "projects"  # columns: title, group_name, activity_type, main_group, groups, themes,
    # areas, summary, people, asked, minimum
    BUDGET = "budget"  # columns: category, description, financial_year, amount


FILLS_COLUMNS: dict[Fills, tuple[str, ...]] = {
    Fills.PARTNERS: ("name", "partner_type", "part"),
    Fills.PROJECTS: (
        "title",
        "group_name",
        "activity_type",
        "main_group",
        "groups",
        "themes",
        "areas",
        "summary",
        "people",
        "asked",
        "minimum",
    ),
    Fills.BUDGET: ("category", "description", "financial_year", "amount"),
}
STATUSES = ("published", "derived", "published in part", "proposed", "unverified")  # best first


class RowSource(StrEnum):
    """Where the rows of a table come from when people may not add their own."""

    FREE = "free"  # people add and remove rows
    CODE_LIST = "code_list"  # one row per code of ``row_list``
    BUDGET = "budget"  # one row per budget line of the application (returns only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One entry of a code list."""

    code: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A closed list of answers, in the edition that was current when the round opened."""

    name: str
    edition: str
    source: str
    status: str  # one of STATUSES
    codes: tuple[Code, ...]
    own: bool = False  # a round added it, so the round may change it; the others are national core
    title: str = ""

    @property
    def words(self) -> str:
        """What the list is called on a page."""
        return self.title or self.name.replace("_", " ").capitalize()

    def label(self, code: str) -> str:
        """The label of a code; the code itself where an old code is no longer listed."""
        return next((entry.label for entry in self.codes if entry.code == code), code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWhen:
    """Shows a question only when an earlier answer has one of these values."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a form, or one column of a table."""

    key: str
    label: str
    kind: QuestionKind
    hint: str = ""
    guidance: str = ""
    example: str = ""
    required: bool = True
    locked: bool = False  # national core: partnerships may not change it
    max_words: int | None = None
    minimum: int | None = None  # of a number, or of money in pence
    maximum: int | None = None
    choices: str | None = None  # name of a code list of the fund
    show_when: ShowWhen | None = None
    columns: tuple[Question, ...] = ()
    min_rows: int = 0
    max_rows: int | None = None
    fills: Fills | None = None
    row_source: RowSource = RowSource.FREE
    row_list: str | None = None  # the code list whose codes are the rows
    people: bool = False  # counts people: small numbers are hidden when published
    may_differ: bool = False  # of a table of counts: its sum need not be the total
    identifies: bool = False  # hidden in a blind round


class RuleKind(StrEnum):
    """What a rule across several answers asks for."""

    AT_LEAST_ONE_OF = "at_least_one_of"  # one of ``questions`` is answered
    SUM_EQUALS = "sum_equals"  # the sum of ``questions`` is ``than``, or ``amount``
    LESS_OR_EQUAL = "less_or_equal"  # the same, not more; one date may be held against another
    IF_THEN_REQUIRED = (
        "if_then_required"  # ``at`` is answered when the question has one of ``values``
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule across several answers, with the officer's own sentence for when it is broken."""

    key: str
    kind: RuleKind
    questions: tuple[str, ...]  # "table.column" stands for every row
    sentence: str
    at: str  # the question beside which the sentence stands
    than: str | None = None  # a question
    amount: int | None = None  # a number, or pence
    values: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Every question it looks at, each once."""
        more = (self.than,) if self.than else ()
        return tuple(dict.fromkeys((*self.questions, *more, self.at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Some questions on one page of the task list."""

    key: str
    title: str
    intro: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityCheck:
    """A yes-or-no question that anybody may ask themselves before they have an account."""

    key: str
    question: str
    wanted: str  # "yes" or "no"
    sentence: str  # what to do when the answer is the other one
