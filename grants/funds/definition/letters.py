"""The words of a fund's letters, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A numbered condition of a letter, with where its substance comes from."""

    heading: str
    text: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of one kind of letter; paragraphs hold {placeholders}."""

    kind: str  # award, part_award, decline
    subject: str
    paragraphs: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
