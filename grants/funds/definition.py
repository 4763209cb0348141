"""What a fund's rulebook holds, as frozen values. Money is integer pence, weights are whole percent."""

from __future__ import annotations

from dataclasses import dataclass, field
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
TIES = ("heaviest", "asked", "lot")  # what can part equal totals: rules/scoring.py says how
LETTER_KINDS = ("award", "part_award", "decline")
PLACEHOLDERS = frozenset(
    {
        "accept_by",
        "amount",
        "amount_asked",
        "amount_by_year",
        "amount_words",
        "approver_name",
        "area_name",
        "award_reference",
        "conditions",
        "contact_email",
        "contact_name",
        "contact_officer",
        "contact_phone",
        "date",
        "decision_reason",
        "end_date",
        "feedback",
        "financial_years",
        "fund_name",
        "fund_year",
        "funder",
        "legal_power",
        "letter_number",
        "organisation_address",
        "organisation_name",
        "own_costs",
        "projects_count",
        "reference",
        "return_dates",
        "round_title",
        "start_date",
    }
)  # what a letter's words may ask for; the letters service fills every one


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
class Anchor:
    """What one score means for one criterion."""

    score: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What is marked. Weights of a fund's criteria add up to 100."""

    key: str
    title: str
    weight: int
    guidance: str
    minimum: int | None = None  # the lowest score that is still fundable
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How marks add up and when a difference is worth talking about."""

    scheme: str  # name of a function in rules/scoring.py
    lowest: int
    highest: int
    readers: int  # assessors per application
    criterion_spread: int  # flag when any criterion differs by this or more
    total_spread: int  # flag when totals (of 100) differ by this or more
    source: str
    status: str
    criteria: tuple[Criterion, ...] = ()
    ties: tuple[str, ...] = (
        "heaviest",
        "lot",
    )  # what parts equal totals, in turn: rules/scoring.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of one kind of letter; paragraphs hold {placeholders}."""

    kind: str  # award, part_award, decline
    subject: str
    paragraphs: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A numbered condition of a letter, with where its substance comes from."""

    heading: str
    text: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityCheck:
    """A yes-or-no question that anybody may ask themselves before they have an account."""

    key: str
    question: str
    wanted: str  # "yes" or "no"
    sentence: str  # what to do when the answer is the other one


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch that is reported on. Dates are ISO text; periods are data, never half-years."""

    key: str
    label: str
    starts: str
    ends: str
    due: str
    final: bool = False
    over: int = 0  # pence: asked only of projects that were given more than this


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForm:
    """What projects report, and when."""

    title: str
    intro: str
    sections: tuple[Section, ...]
    periods: tuple[Period, ...]

    def asked_of(self, amount: int) -> tuple[Period, ...]:
        """What a project of this size (pence) owes: what the notice promises and the award makes."""
        return tuple(period for period in self.periods if amount > period.over or not period.over)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Whom the fund is for. ``care_experienced_to`` extends ``oldest``."""

    youngest: int
    oldest: int | None = None
    care_experienced_to: int | None = None
    overlap: str = ""  # words shown where two funds may count the same people


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Numbers a fund manager may ask about: each is data, none is a constant in code."""

    acceptance_days: int
    small_count: int  # counts of people from 1 to this are hidden
    percent_base: int  # percentages only where the base is at least this
    approvals_needed: int
    reminder_days: int = 7  # before the deadline, holders of unsent drafts are reminded
    query_reminder_days: int = 2  # before the day of a query, its people are reminded
    second_approval_over: int | None = None  # pence; above it two people approve
    size_bands: tuple[int, ...]  # upper limits in pence, each "up to and including"
    needs_routing_council: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Which steps an application goes through. A fund sets them, a round may change its own."""

    sign_off: bool = False  # a second named person signs off before it is sent
    partners_confirm: bool = False  # every partner named confirms its part before it is sent
    equality: bool = False  # equality questions are asked, apart from the application
    triage: bool = False  # eligibility and completeness are a step of their own
    blind: bool = False  # answers that identify are hidden from assessors
    moderation: bool = True  # the panel moderates; without it the mean of the scores stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A size of grant that can be asked for, in pence, and what is asked at that size, in words."""

    key: str
    title: str
    least: int = 0
    most: int
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most that can be asked for, in pence, after one of these answers; and the sentence for more."""

    key: str
    question: str
    values: tuple[str, ...]
    most: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """A part of the pot, in pence, for applications or projects with one of these answers."""

    key: str
    title: str
    amount: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask. Fictional in the demonstration."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a text of the criteria or letters says in a local round; saying nothing leaves it out."""

    starts: str  # how the text begins in the national round
    says: str = ""


class Part(StrEnum):
    """Which of a fund's two forms."""

    FORM = "form"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a local round puts one section, question or column. What is not given stays as it is."""

    part: Part = Part.FORM
    section: str = ""  # its key, or
    question: str = ""  # its key, or "table.column"
    label: str | None = None  # of a section its title
    hint: str | None = None  # of a section its introduction
    guidance: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What differs in a local round, where community groups apply to a partnership."""

    audience: str
    summary: str = ""  # the fund's own where it is empty
    leave_out: tuple[str, ...] = ()
    """Questions, "table.column", or checks of eligibility that a group is not asked."""
    sections: tuple[Section, ...] = ()  # asked of groups alone, before the others
    most_projects: int | None = None  # rows in the table of proposed projects
    words: tuple[Wording, ...] = ()  # of criteria and letters, which speak of partnerships
    asks: tuple[Asking, ...] = ()  # of the forms, which speak to partnerships


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A programme with its own rulebook: everything that differs between funds."""

    slug: str
    name: str
    short_name: str
    edition: str
    summary: str
    audience: str
    source: str
    ages: Ages
    settings: Settings
    stages: Stages = Stages()
    contact: Contact
    funder: str  # the words for who grants, on paper
    legal_power: str
    role_titles: dict[str, str] = field(default_factory=dict)
    code_lists: dict[str, CodeList] = field(default_factory=dict)
    eligibility: tuple[EligibilityCheck, ...] = ()
    sections: tuple[Section, ...] = ()
    rules: tuple[Rule, ...] = ()
    levels: tuple[Level, ...] = ()  # none: any amount can be asked for
    caps: tuple[Cap, ...] = ()
    strands: tuple[Strand, ...] = ()
    strand_question: str = ""  # a question, or a column of the projects: its answer says the strand
    scoring: Scoring
    letters: tuple[Letter, ...] = ()
    return_form: ReturnForm
    outcome_list: str = "outcome"
    local: Local | None = None  # null where the fund has no local tier, and in a local round
    onward_category: str = "projects"  # the budget category whose money goes on to projects

    def section(self, key: str) -> Section | None:
        """The section with this key, or None."""
        return next((section for section in self.sections if section.key == key), None)

    def questions(self) -> tuple[Question, ...]:
        """Every question of the form in order, columns of tables left out."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, key: str) -> Question | None:
        """The question with this key, or None."""
        return next((question for question in self.questions() if question.key == key), None)

    def asked(self, place: str) -> Question | None:
        """The question or "table.column" that a rule looks at, or None."""
        key, _, column = place.partition(".")
        found = self.question(key)
        if not column or found is None:
            return found
        return next((entry for entry in found.columns if entry.key == column), None)

    def table(self, fills: Fills) -> Question | None:
        """The table whose rows become these typed rows, or None."""
        return next((question for question in self.questions() if question.fills == fills), None)

    def column_list(self, fills: Fills, column: str) -> CodeList | None:
        """The code list a typed column is chosen from: its labels stand in tables and extracts."""
        table = self.table(fills)
        columns = table.columns if table else ()
        chosen = next((entry.choices for entry in columns if entry.key == column), None)
        return self.code_lists.get(chosen or "")

    def letter(self, kind: str) -> Letter | None:
        """The words for this kind of letter, or None."""
        return next((letter for letter in self.letters if letter.kind == kind), None)
