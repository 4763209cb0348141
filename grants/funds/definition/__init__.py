"""What a fund's rulebook holds, as frozen values. Money is integer pence, weights are whole percent."""

from __future__ import annotations

from dataclasses import dataclass, field

from grants.funds.definition.form import (
    FILLS_COLUMNS,
    STATUSES,
    Code,
    CodeList,
    EligibilityCheck,
    Fills,
    Question,
    QuestionKind,
    RowSource,
    Rule,
    RuleKind,
    Section,
    ShowWhen,
)
from grants.funds.definition.letters import LETTER_KINDS, PLACEHOLDERS, Clause, Letter
from grants.funds.definition.local import Asking, Local, Part, Wording
from grants.funds.definition.money import Cap, Level, Strand
from grants.funds.definition.returns import Period, ReturnForm
from grants.funds.definition.scoring import TIES, Anchor, Criterion, Scoring

__all__ = [
    "FILLS_COLUMNS",
    "LETTER_KINDS",
    "PLACEHOLDERS",
    "STATUSES",
    "TIES",
    "Ages",
    "Anchor",
    "Asking",
    "Cap",
    "Clause",
    "Code",
    "CodeList",
    "Contact",
    "Criterion",
    "EligibilityCheck",
    "Fills",
    "Fund",
    "Letter",
    "Level",
    "Local",
    "Part",
    "Period",
    "Question",
    "QuestionKind",
    "ReturnForm",
    "RowSource",
    "Rule",
    "RuleKind",
    "Scoring",
    "Section",
    "Settings",
    "ShowWhen",
    "Stages",
    "Strand",
    "Wording",
]


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
class Contact:
    """Whom to ask. Fictional in the demonstration."""

    name: str
    email: str
    phone: str


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
