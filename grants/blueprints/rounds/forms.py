"""The forms of setting up a round. Dates are of the United Kingdom, times on the clock there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from grants.funds.definition import Criterion, Fund, Scoring
from grants.queries.rounds import AreaRow
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked
from grants.services import definitions
from grants.web.forms import (
    DateField,
    Form,
    LongTextField,
    MoneyField,
    NumberField,
    SelectField,
    TextField,
    TicksField,
)
from grants.web.shared_forms import SharedForm

LONDON = ZoneInfo("Europe/London")
NOON = dt.time(12)


class DatesForm(SharedForm):
    """When a round opens and closes."""

    title = TextField("Title of the round")
    opens = DateField("Opening date", hint="Applications can be sent from midnight at its start.")
    closes = DateField("Closing date", hint="Applications close at noon on this day, UK time.")

    def times(self) -> tuple[dt.datetime, dt.datetime] | None:
        """(opens, closes) as instants, or None after putting a sentence at the wrong field."""
        opens, closes = self.opens.date, self.closes.date
        if opens is None:
            self.add_problem("opens", "Enter the opening date, such as 27 3 2027.")
        if closes is None:
            self.add_problem("closes", "Enter the closing date, such as 27 3 2027.")
        if opens is None or closes is None:
            return None
        return (
            dt.datetime.combine(opens, dt.time(), LONDON).astimezone(dt.UTC),
            dt.datetime.combine(closes, NOON, LONDON).astimezone(dt.UTC),
        )


class CopyForm(DatesForm):
    """What differs in a copy."""

    fund_year = TextField("Fund year", hint="A financial year, such as 2027-28")
    pot = MoneyField("Pot", hint="All the money of this round, in pounds")


class NewRoundForm(CopyForm):
    """What is needed to begin a round."""

    fund = SelectField("Fund")


class AreaForm(SharedForm):
    """One share of the pot."""

    name = TextField("Name of the area")
    amount = MoneyField("Share of the pot")
    councils = TicksField("Council areas that it covers")


def money_of(form: Form, name: str) -> int | None:
    """The pence typed in a field, or None after putting the sentence at it."""
    try:
        return parse_pounds(form[name].data)
    except Blocked as error:
        form.add_problem(name, str(error))
        return None


def weights_form(scoring: Scoring) -> type[Form]:
    """One number for each criterion."""
    fields = {
        item.key: NumberField(item.title, default=str(item.weight)) for item in scoring.criteria
    }
    return type("WeightsForm", (SharedForm,), fields)


def weights_of(form: Form, keys: Iterable[str]) -> dict[str, int] | None:
    """The weights typed, or None after putting a sentence at each field that is no number."""
    typed = {key: form[key].data.strip() for key in keys}
    wrong = [key for key, text in typed.items() if not text.isdecimal()]
    for key in wrong:
        form.add_problem(key, "Enter a whole number, such as 20.")
    return None if wrong else {key: int(text) for key, text in typed.items()}


def criterion_form(scoring: Scoring, criterion: Criterion) -> type[Form]:
    """A criterion's words and one anchor for each score."""
    anchors = {anchor.score: anchor.text for anchor in criterion.anchors}
    scores = range(scoring.lowest, scoring.highest + 1)
    minimum = "" if criterion.minimum is None else str(criterion.minimum)
    fields = {
        "title": TextField("Title", default=criterion.title),
        "guidance": LongTextField("Guidance for assessors", default=criterion.guidance),
        "minimum": SelectField(
            "Lowest score that can be funded",
            options=[("", "No minimum"), *((str(score), str(score)) for score in scores)],
            default=minimum,
        ),
        **{
            f"anchor_{score}": LongTextField(
                f"What a score of {score} means", default=anchors.get(score, "")
            )
            for score in scores
        },
    }
    return type("CriterionForm", (SharedForm,), fields)


def criterion_of(form: Form, fund: Fund, key: str) -> Criterion:
    """The criterion as typed."""
    scores = range(fund.scoring.lowest, fund.scoring.highest + 1)
    minimum = form["minimum"].data
    return definitions.criterion_of(
        fund,
        key,
        title=form["title"].data,
        guidance=form["guidance"].data,
        minimum=int(minimum) if minimum.isdecimal() else None,
        anchors={score: form[f"anchor_{score}"].data for score in scores},
    )


def dates_data(title: str, opens_at: dt.datetime, closes_at: dt.datetime) -> dict[str, str]:
    """What the page of dates shows first."""
    return {
        "title": title,
        "opens": opens_at.astimezone(LONDON).date().isoformat(),
        "closes": closes_at.astimezone(LONDON).date().isoformat(),
    }


def area_data(row: AreaRow | None) -> dict[str, object]:
    """What the page of an area shows first."""
    if row is None:
        return {}
    return {"name": row.name, "amount": pounds(row.amount), "councils": list(row.councils)}


def is_fund_year(text: str) -> bool:
    """Whether this is a financial year such as 2027-28."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2])


class YearForm(Form):
    """Which published table."""

    year = TextField("Year")
