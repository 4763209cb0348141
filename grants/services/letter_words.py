"""The words of one letter: the fund's, filled with what was decided. Kept as JSON, never made again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from grants.documents import letters as paper
from grants.documents.letters import (
    FilledLetter,
    LetterPaper,
    LetterValues,
    ProjectLine,
    YearAmount,
)
from grants.documents.wording import amount_in_words, plain_date
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application, ApplicationVersion, ProposedProject
from grants.models.award import Award, AwardCondition, AwardYear
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.rules import dates
from grants.rules.funding_line import FUNDED
from grants.rules.money import pounds
from grants.rules.recommendation import REASONS, reason_words
from grants.rules.refusals import Blocked
from grants.rules.states import AwardState, LineDecision
from grants.services import recommended

DECISIONS = {
    LineDecision.FULL: "In full",
    LineDecision.PART: "In part",
    LineDecision.RESERVE: "In reserve",
    LineDecision.OUT: "Not funded",
    LineDecision.UNDECIDED: "Not decided",
}
SPECIAL = "This award has special conditions. They are listed with this letter."
FICTION = "Demonstration: the names, bids and people in this letter are made up."
NO_OFFER = "REHEARSAL – not an offer"


def kind_of(award: Award, application: Application) -> str:
    """Which of the fund's letters this award takes."""
    if award.state == AwardState.DECLINED:
        return "decline"
    return "award" if award.amount >= application.asked else "part_award"


def filled(
    fund: Fund,
    round_record: Round,
    award: Award,
    application: Application,
    *,
    number: str,
    now: dt.datetime,
) -> FilledLetter:
    """Every word of the letter. Raises Blocked with the name of each place that nothing fills."""
    kind = kind_of(award, application)
    words = fund.letter(kind)
    if words is None:
        raise Blocked(f"The fund has no words for a letter of the kind “{kind}”.")
    applicant = db.session.get_one(Organisation, application.organisation_id)
    area = db.session.get_one(AllocationArea, award.allocation_area_id)
    lines = recommended.lines_of(award)
    conditions = recommended.conditions_of(award)
    answers = _answers(application)
    fields = {
        **_fund_fields(fund, round_record),
        **_award_fields(fund, award, application, lines, conditions),
        "area_name": area.name,
        "contact_name": answers.get("contact_name", ""),
        "approver_name": _name(award.decided_by),
        "date": plain_date(dates.today(now)),
        "letter_number": number,
        "organisation_name": applicant.name,
        "organisation_address": _address(applicant),
        **_year_fields(award),
    }
    letter = paper.letter_text(
        words, fields, _values(fund, award, applicant, lines, conditions, fields)
    )
    if round_record.rehearsal_id is None:
        return letter
    return replace(letter, subject=f"{NO_OFFER}: {letter.subject}")


def paper_of(
    fund: Fund, *, verify_address: str, is_fictional: bool, is_played: bool = False
) -> LetterPaper:
    """The paper of this fund."""
    return LetterPaper(
        fund_name=fund.name,
        funder=fund.funder[:1].upper() + fund.funder[1:],
        verify_address=verify_address,
        notice=NO_OFFER if is_played else FICTION if is_fictional else "",
    )


def as_kept(letter: FilledLetter, sha256: str | None, day: dt.date) -> dict[str, Any]:
    """What the letter's row keeps: its words, the recommendation they tell of, and its date."""
    return {"words": json.loads(paper.dump(letter)), "about": sha256, "dated": day.isoformat()}


def _fund_fields(fund: Fund, round_record: Round) -> dict[str, str]:
    periods = fund.return_form.periods
    days = [dt.date.fromisoformat(period.due) for period in periods]
    starts = min((dt.date.fromisoformat(period.starts) for period in periods), default=None)
    ends = max((dt.date.fromisoformat(period.ends) for period in periods), default=None)
    return {
        "fund_name": fund.name,
        "funder": fund.funder,
        "legal_power": fund.legal_power,
        "fund_year": round_record.fund_year,
        "round_title": round_record.title,
        "contact_officer": fund.contact.name,
        "contact_email": fund.contact.email,
        "contact_phone": fund.contact.phone,
        "start_date": plain_date(starts) if starts else "",
        "end_date": plain_date(ends) if ends else "",
        "return_dates": _listed([plain_date(day) for day in sorted(set(days))]),
    }


def _award_fields(
    fund: Fund,
    award: Award,
    application: Application,
    lines: Sequence[ProposedProject],
    conditions: Sequence[AwardCondition],
) -> dict[str, str]:
    return {
        "reference": application.reference,
        "award_reference": award.reference,
        "amount": pounds(award.amount),
        "amount_words": amount_in_words(award.amount),
        "amount_asked": pounds(application.asked),
        "own_costs": pounds(award.own_costs),
        "projects_count": str(sum(line.decision in FUNDED for line in lines)),
        "conditions": SPECIAL if conditions else "",
        "decision_reason": reason_words(award.reason, fund.code_lists.get(REASONS)),
        "feedback": award.feedback,
        "accept_by": plain_date(award.accept_by) if award.accept_by else "",
    }


def _year_fields(award: Award) -> dict[str, str]:
    years = _years(award)
    return {
        "financial_years": _listed([year for year, _ in years]),
        "amount_by_year": _listed([f"{year} {pounds(amount)}" for year, amount in years]),
    }


def _values(
    fund: Fund,
    award: Award,
    applicant: Organisation,
    lines: Sequence[ProposedProject],
    conditions: Sequence[AwardCondition],
    fields: dict[str, str],
) -> LetterValues:
    to = (fields["contact_name"], applicant.name, *applicant.address.splitlines())
    addressee = tuple(line for line in (*to, applicant.postcode or "") if line.strip())
    if award.state == AwardState.DECLINED:
        return LetterValues(addressee=addressee)
    return LetterValues(
        addressee=addressee,
        signatory=(fields["approver_name"], f"for {fund.funder}"),
        years=tuple(YearAmount(label=year, pence=amount) for year, amount in _years(award)),
        projects=tuple(
            ProjectLine(
                title=line.title,
                group=line.group_name,
                decision=DECISIONS[line.decision],
                pence=line.amount,
            )
            for line in lines
        ),
        own_costs=award.own_costs,
        conditions=tuple(_condition(entry) for entry in conditions),
        returns=fund.return_form.periods,
        acceptance=(
            "Sign in and open the outcome of your application.",
            "Read the conditions. Ask us if anything is not clear.",
            f"Type your name and accept by {fields['accept_by']}.",
        ),
    )


def _condition(entry: AwardCondition) -> str:
    text = entry.text if entry.text.endswith(".") else f"{entry.text}."
    if entry.due_on:
        text += f" By {plain_date(entry.due_on)}."
    return f"{text} Show us: {entry.evidence}" if entry.evidence else text


def _answers(application: Application) -> dict[str, str]:
    """Answers outside tables, as they were last sent."""
    content = db.session.scalar(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == application.id,
            ApplicationVersion.number == application.number,
        )
    )
    listed = content["answers"] if content else []
    return {question: text.strip() for question, row, text in listed if not row}


def _years(award: Award) -> list[tuple[str, int]]:
    rows = db.session.execute(
        sa.select(AwardYear.financial_year, AwardYear.amount)
        .where(AwardYear.award_id == award.id)
        .order_by(AwardYear.financial_year)
    )
    return [(year, amount) for year, amount in rows]


def _name(person_id: int | None) -> str:
    return "" if person_id is None else db.session.get_one(Person, person_id).name


def _address(applicant: Organisation) -> str:
    return ", ".join([*applicant.address.splitlines(), applicant.postcode or ""]).strip(", ")


def _listed(items: Sequence[str]) -> str:
    *most, last = items or ("",)
    return f"{', '.join(most)} and {last}" if most else last
