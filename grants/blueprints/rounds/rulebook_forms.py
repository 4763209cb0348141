"""The forms of the rest of a rulebook: stages, guidance, letters, and the return's dates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grants.funds.definition import Fund, Letter, Period
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked
from grants.rules.round_edits import Stages
from grants.rules.steps import Step, is_on
from grants.web.forms import (
    DateField,
    Form,
    LongTextField,
    MoneyField,
    NumberField,
    RadiosField,
    TextField,
    TickField,
)
from grants.web.shared_forms import SharedForm

LONGEST_NUMBER = 4

# Made-up values for a letter's preview; every placeholder of a letter has one.
SAMPLES = {
    "accept_by": "31 August 2026",
    "amount": "£120,000",
    "amount_asked": "£130,000",
    "amount_by_year": "£120,000 in 2026-27",
    "amount_words": "one hundred and twenty thousand pounds",
    "approver_name": "Catrìona Sample (fictional)",
    "area_name": "Shetland Islands",
    "award_reference": "AWD-00001",
    "conditions": "This award has no special conditions.",
    "contact_email": "fund@example.org",
    "contact_name": "Iain Sample (fictional)",
    "contact_officer": "Fund team (fictional)",
    "contact_phone": "0131 496 0161",
    "date": "3 August 2026",
    "decision_reason": "The plan meets the fund's aims.",
    "end_date": "31 March 2027",
    "feedback": "The panel liked how members decide together.",
    "financial_years": "2026-27",
    "fund_name": "the fund",
    "fund_year": "2026-27",
    "funder": "the funder",
    "legal_power": "the power named by the fund",
    "letter_number": "1",
    "organisation_address": "1 Made-up Street, Lerwick, ZE1 0AA",
    "organisation_name": "Shetland Islands Wellbeing Partnership (fictional)",
    "own_costs": "£12,000",
    "projects_count": "14",
    "reference": "ADULT-2026-27-1-0001",
    "return_dates": "30 October 2026 and 30 April 2027",
    "round_title": "this round",
    "start_date": "1 April 2026",
}


def samples_of(fund: Fund) -> dict[str, str]:
    """Made-up values, with the fund's own names."""
    return {
        **SAMPLES,
        "fund_name": fund.name,
        "funder": fund.funder,
        "legal_power": fund.legal_power,
        "contact_officer": fund.contact.name,
        "contact_email": fund.contact.email,
        "contact_phone": fund.contact.phone,
    }


class GuidanceForm(SharedForm):
    """What the fund is for, as the notice says it."""

    summary = LongTextField("What the fund is for")
    audience = LongTextField("Who may apply")


class EligibilityForm(SharedForm):
    """A yes-or-no question that people ask themselves first."""

    question = TextField("Question")
    wanted = RadiosField(
        "The answer of those who may apply", options=[("yes", "Yes"), ("no", "No")]
    )
    sentence = LongTextField("What to tell the others", hint="Say where they can go instead.")


class StagesForm(SharedForm):
    """Who looks at an application before money goes out."""

    readers = NumberField("People who score each application")
    approvals_needed = NumberField("People who approve each award")
    second_approval_over = MoneyField(
        "Two people approve above this amount", hint="Leave it empty for none.", optional=True
    )
    acceptance_days = NumberField("Days that an offer stands")


def stages_data(fund: Fund) -> dict[str, str]:
    """What the page of stages shows first."""
    over = fund.settings.second_approval_over
    return {
        "readers": str(fund.scoring.readers),
        "approvals_needed": str(fund.settings.approvals_needed),
        "second_approval_over": "" if over is None else pounds(over),
        "acceptance_days": str(fund.settings.acceptance_days),
    }


def typed_stages(form: StagesForm) -> Stages | None:
    """The stages as typed, or None after putting a sentence at each field that cannot be read."""
    numbers: dict[str, Any] = {}
    for name in ("readers", "approvals_needed", "acceptance_days"):
        text = form[name].data.strip()
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
            numbers[name] = int(text)
        else:
            form.add_problem(name, "Enter a whole number, such as 2.")
    over = None
    if form.second_approval_over.data.strip():
        try:
            over = parse_pounds(form.second_approval_over.data)
        except Blocked as error:
            form.add_problem("second_approval_over", str(error))
    return None if form.errors else Stages(second_approval_over=over, **numbers)


def steps_form(fund: Fund, steps: Iterable[Step]) -> type[Form]:
    """One tick for each step that may still change."""
    fields = {
        step.key: TickField(
            f"In this round: {step.title[:1].lower()}{step.title[1:]}",
            hint=f"{step.does} {step.until}",
            default=is_on(fund.stages, step),
            optional=True,
        )
        for step in steps
    }
    return type("StepsForm", (SharedForm,), fields)


class PeriodForm(SharedForm):
    """A stretch that is reported on."""

    label = TextField("What it is called", hint="Such as: April to September 2027")
    starts = DateField("It begins on")
    ends = DateField("It ends on")
    due = DateField("The return is due on")
    over = MoneyField(
        "Only for projects given more than", hint="Leave it empty for all.", optional=True
    )
    final = TickField("It is the last return")


def period_data(period: Period) -> dict[str, object]:
    """What the page of a period shows first."""
    return {
        "label": period.label,
        "starts": period.starts,
        "ends": period.ends,
        "due": period.due,
        "over": pounds(period.over) if period.over else "",
        "final": period.final,
    }


def typed_period(form: PeriodForm, key: str) -> Period | None:
    """The period as typed, or None after putting a sentence at each date that is none."""
    for name in ("starts", "ends", "due"):
        if form[name].date is None:
            form.add_problem(name, "Enter a date, such as 27 3 2027.")
    over = 0
    if form.over.data.strip():
        try:
            over = parse_pounds(form.over.data)
        except Blocked as error:
            form.add_problem("over", str(error))
    if form.errors:
        return None
    return Period(
        key=key,
        label=form.label.data.strip(),
        starts=form.starts.data,
        ends=form.ends.data,
        due=form.due.data,
        final=form.final.data == "yes",
        over=over,
    )


def letter_form(letter: Letter) -> type[Form]:
    """A letter's words: its subject, its paragraphs, and each clause."""
    fields: dict[str, Any] = {
        "subject": TextField("Subject", default=letter.subject),
        "body": LongTextField(
            "Paragraphs",
            hint="Leave a line empty between two paragraphs.",
            default="\n\n".join(letter.paragraphs),
        ),
    }
    for number, clause in enumerate(letter.clauses):
        heading = f"Clause {number + 1}: heading"
        fields[f"heading_{number}"] = TextField(heading, default=clause.heading)
        fields[f"text_{number}"] = LongTextField(f"Clause {number + 1}: text", default=clause.text)
    return type("LetterForm", (SharedForm,), fields)


def typed_clauses(form: Form, letter: Letter) -> list[tuple[str, str]]:
    """Each clause's heading and text as typed."""
    places = range(len(letter.clauses))
    return [(form[f"heading_{n}"].data, form[f"text_{n}"].data) for n in places]
