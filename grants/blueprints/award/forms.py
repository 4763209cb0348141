"""The forms of the award journey, and what people typed into them as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from werkzeug.datastructures import MultiDict
from wtforms import Field

from grants.funds.definition import Fund
from grants.queries.applicants import CheckRow
from grants.queries.awards import Decision
from grants.queries.definitions import departures_of
from grants.queries.triages import TriageDesk
from grants.queries.workbench import WorkRow
from grants.rules import money
from grants.rules.recommendation import (
    REASONS,
    Condition,
    LineChoice,
    Recommendation,
    reason_parts,
    reason_text,
)
from grants.rules.refusals import Blocked
from grants.rules.states import Finding as Look
from grants.rules.states import LineDecision
from grants.rules.triage import NO, YES, Finding, Point
from grants.web.filters import state_words
from grants.web.forms import (
    DateField,
    Form,
    LongTextField,
    MoneyField,
    RadiosField,
    SelectField,
    TextField,
    TickField,
)

SPARE = 2  # empty conditions to type into
YES_NO = ((YES, "Yes"), (NO, "No"))
LINE_CHOICES = (
    ("", "Choose"),
    (LineDecision.FULL.value, "In full"),
    (LineDecision.PART.value, "In part"),
    (LineDecision.RESERVE.value, "Reserve"),
    (LineDecision.OUT.value, "Out"),
)


class ReasonForm(Form):
    """Why something is done."""

    reason = LongTextField("Reason", max_words=300)


class ReturnForm(Form):
    """What the applicant is asked to put right."""

    reason = LongTextField(
        "What should they put right?",
        hint="They read these words. Their application opens again for changes.",
        max_words=300,
    )


class ModerationForm(Form):
    """Opening moderation, with a reason where scores are missing."""

    reason = LongTextField(
        "Why open moderation without every score?",
        hint="It stays in the audit trail.",
        max_words=100,
    )


class CountForm(Form):
    """The number of things that are about to be done, typed."""

    typed = TextField("How many?")


class AcceptForm(Form):
    """Acceptance of an offer."""

    typed_name = TextField("Your full name", hint="As it stands on your account.")
    agrees = TickField(
        "I may sign for this organisation, and I accept the offer and the conditions in the letter."
    )


class DeclineForm(Form):
    """Turning an offer down."""

    reason = LongTextField("Why do you turn the offer down?", max_words=200)
    typed_name = TextField("Your full name", hint="As it stands on your account.")


def check_form(rows: Sequence[CheckRow], *, today: date | None = None) -> Form:
    """One look at one thing about an applicant. ``today`` stands in an empty form."""
    items = (("", "Choose"), *((row.item.code, row.item.label) for row in rows))
    findings = [(finding.value, state_words(finding)) for finding in Look]
    made = type(
        "CheckForm",
        (Form,),
        {
            "item": SelectField("What did you look at?", options=items),
            "finding": RadiosField("What did you find?", options=findings),
            "note": LongTextField(
                "In your words", hint="Needed unless all is well.", max_words=300, optional=True
            ),
            "checked_on": DateField(
                "The day you looked", default=today.isoformat() if today else ""
            ),
        },
    )
    return made(formdata=None) if today else made()  # type: ignore[no-any-return]  # made just now


def triage_form(desk: TriageDesk, *, fresh: bool = False) -> Form:
    """Yes or no to each point, and a reason. A fresh one shows the check that stands."""
    stands = {f.key: f for f in desk.verdict.findings} if desk.verdict else {}
    fields: dict[str, Field] = {}
    for point in desk.points:
        found = stands.get(point.key)
        fields[point.key] = RadiosField(
            point.question, options=YES_NO, default=found.answer if found else ""
        )
        fields[f"{point.key}_reason"] = LongTextField(
            f"Why, if it is not “{point.wanted}”",
            optional=True,
            max_words=150,
            default=found.reason if found else "",
        )
    made = type("TriageForm", (Form,), fields)
    return made(formdata=None) if fresh else made()  # type: ignore[no-any-return]  # made just now


def triage_findings(form: Form, points: Sequence[Point]) -> tuple[Finding, ...]:
    """What was typed of each point."""
    return tuple(
        Finding(point.key, form[point.key].data, form[f"{point.key}_reason"].data)
        for point in points
    )


def reasons_of(fund: Fund) -> tuple[tuple[str, str], ...]:
    """The reasons for giving less than was asked, to choose from."""
    listed = fund.code_lists.get(REASONS)
    codes = listed.codes if listed else ()
    return (("", "Choose"), *((code.code, code.label) for code in codes))


def refusal_form(fund: Fund, reason: str = "", *, prefix: str = "refusal") -> Form:
    """Why an award is refused or held; ``reason`` is what was recommended."""
    code, note = reason_parts(reason)
    made = type(
        "RefusalForm",
        (Form,),
        {
            "code": SelectField("Reason", options=reasons_of(fund), default=code),
            "note": LongTextField("In your words", optional=True, max_words=150, default=note),
        },
    )
    return made(prefix=prefix)  # type: ignore[no-any-return]  # made just now


def refusal_reason(form: Form) -> str:
    """The code with its note."""
    return reason_text(form["code"].data, form["note"].data)


def decision_form(decision: Decision) -> Form:
    """Every line with its decision, own costs, conditions, reason and feedback."""
    made = type("DecisionForm", (Form,), decision_fields(decision))
    return made()  # type: ignore[no-any-return]  # made just now


def decision_fields(decision: Decision) -> dict[str, Field]:
    """The fields of a decision, to stand in a form of their own or in a meeting's."""
    fields: dict[str, Field] = {}
    reasons = reasons_of(decision.fund)
    code, note = reason_parts(decision.reason)
    fields["is_award"] = RadiosField(
        "What do you recommend?",
        options=(("yes", "An award"), ("no", "A refusal")),
        default="yes" if decision.is_award else "no",
    )
    for line in decision.lines:
        is_decided = line.decision != LineDecision.UNDECIDED
        line_code, line_note = reason_parts(line.reason)
        shown = {
            "decision": line.decision.value if is_decided else "",
            "amount": typed_pounds(line.amount) if line.amount else "",
            "reason": line_code,
            "note": line_note,
        }
        fields.update(_line_fields(line.row, line.title, reasons, shown))
    fields["own_costs"] = MoneyField(
        "Own costs",
        hint=f"Asked: {money.pounds(decision.own_asked)}.",
        default=typed_pounds(decision.own_costs if decision.sha256 else decision.own_asked),
    )
    fields.update(_condition_fields(decision))
    fields["reason"] = SelectField(
        "Why less than was asked, or nothing", options=reasons, default=code
    )
    fields["note"] = LongTextField(
        "That reason in words for the applicant", optional=True, max_words=150, default=note
    )
    if decision.below or decision.departure:
        fields.update(departure_fields(decision.fund, decision.departure))
    fields["feedback"] = LongTextField(
        "Feedback to the applicant",
        hint="Released together with the outcome.",
        optional=True,
        max_words=500,
        default=decision.feedback,
    )
    return fields


def departure_fields(fund: Fund, kept: str = "") -> dict[str, Field]:
    """Why something goes against rank or a minimum: a code and words, for the minute alone."""
    code, note = reason_parts(kept)
    codes = ((one.code, one.label) for one in departures_of(fund).codes)
    return {
        "departure": SelectField(
            "Why against rank or a minimum",
            hint="It stands in the minute. The applicant does not read it.",
            options=(("", "Choose"), *codes),
            default=code,
        ),
        "departure_note": LongTextField(
            "That reason in your words", optional=True, max_words=100, default=note
        ),
    }


def departure_of(form: Form) -> str:
    """The reason for going against rank as it is kept; empty where it was not asked."""
    if "departure" not in form:
        return ""
    return reason_text(form["departure"].data, form["departure_note"].data)


def _line_fields(
    row: str, title: str, reasons: tuple[tuple[str, str], ...], shown: dict[str, str]
) -> dict[str, Field]:
    return {
        f"decision-{row}": SelectField(
            f"Decision on {title}", options=LINE_CHOICES, default=shown["decision"]
        ),
        f"amount-{row}": MoneyField(f"Amount for {title}", default=shown["amount"]),
        f"reason-{row}": SelectField(
            f"Reason for {title}", options=reasons, default=shown["reason"]
        ),
        f"note-{row}": TextField(f"Note for the applicant on {title}", default=shown["note"]),
    }


def _condition_fields(decision: Decision) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for place in range(len(decision.conditions) + SPARE):
        kept = decision.conditions[place] if place < len(decision.conditions) else None
        number = place + 1
        fields[f"condition-{place}"] = LongTextField(
            f"Condition {number}", optional=True, default=kept.text if kept else ""
        )
        fields[f"due-{place}"] = DateField(
            "To be met by",
            optional=True,
            default=kept.due_on.isoformat() if kept and kept.due_on else "",
        )
        fields[f"evidence-{place}"] = TextField(
            "What shows that it is met", optional=True, default=kept.evidence if kept else ""
        )
    return fields


class NameForm(Form):
    """What a scenario is called."""

    name = TextField("Name of the scenario", hint="Such as: Panel of 3 March, less for sport")


PIN_CHOICES = (
    ("", "As the line says"),
    (LineDecision.FULL.value, "In full"),
    (LineDecision.PART.value, "In part"),
    (LineDecision.RESERVE.value, "In reserve"),
    (LineDecision.OUT.value, "Out"),
)


def pin_form(row: WorkRow, fund: Fund) -> Form:
    """One line's decision by hand, with why it goes against rank."""
    pin = row.pin
    least = f"At least {money.pounds(row.line.smallest)}, less than {money.pounds(row.line.asked)}."
    fields: dict[str, Field] = {
        "decision": SelectField(
            "Decision by hand", options=PIN_CHOICES, default=pin.decision.value if pin else ""
        ),
        "amount": MoneyField(
            "Amount, if in part",
            hint=least,
            default=typed_pounds(pin.amount) if pin and pin.amount else "",
        ),
        **departure_fields(fund, row.reason),
    }
    return type("PinForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def adoption_form(fund: Fund, typed: MultiDict[str, str]) -> Form:
    """The reasons that an adopted scenario gives to those who do not get all they asked for."""
    reasons = reasons_of(fund)
    fields = {
        "less": SelectField(
            "Reason for those in part or in reserve",
            hint="It stands in the letter of an award that is less than was asked.",
            options=reasons,
            default=typed.get("less", ""),
        ),
        "out": SelectField(
            "Reason for those who are out",
            hint="It stands in the letter of a refusal.",
            options=reasons,
            default=typed.get("out", ""),
        ),
    }
    return type("AdoptionForm", (Form,), fields)(formdata=None)  # type: ignore[no-any-return]


def fill(form: Form) -> None:
    """Every line without a decision gets all that it asks for. Nothing is saved by it."""
    for field in form:
        if field.name.startswith("decision-") and not field.data:
            field.data = LineDecision.FULL.value


def typed_pounds(pence: int) -> str:
    """An amount as a person would type it."""
    return money.pounds(pence).removeprefix("£")


def recommendation(form: Form, decision: Decision) -> Recommendation:
    """What was typed, as a value. Amounts that cannot be read are put at their fields."""
    reason = reason_text(form["reason"].data, form["note"].data)
    feedback = form["feedback"].data.strip()
    if form["is_award"].data == "no":
        return Recommendation(is_award=False, reason=reason, feedback=feedback)
    return Recommendation(
        is_award=True,
        own_costs=_pence(form, "own_costs"),
        lines=tuple(_choice(form, line.row, line.asked) for line in decision.lines),
        conditions=_conditions(form),
        reason=reason,
        feedback=feedback,
        departure=departure_of(form),
    )


def _choice(form: Form, row: str, asked: int) -> LineChoice:
    chosen = form[f"decision-{row}"].data
    decided = LineDecision(chosen) if chosen in set(LineDecision) else LineDecision.UNDECIDED
    reason = reason_text(form[f"reason-{row}"].data, form[f"note-{row}"].data)
    if decided == LineDecision.FULL:
        return LineChoice(row=row, decision=decided, amount=asked)
    if decided == LineDecision.PART:
        return LineChoice(
            row=row, decision=decided, amount=_pence(form, f"amount-{row}"), reason=reason
        )
    return LineChoice(row=row, decision=decided, reason=reason)


def _pence(form: Form, name: str) -> int:
    try:
        return money.parse_pounds(form[name].data)
    except Blocked as blocked:
        form.add_problem(name, str(blocked))
        return 0


def _conditions(form: Form) -> tuple[Condition, ...]:
    found = []
    places = sorted(int(name[10:]) for name in form._fields if name.startswith("condition-"))
    for place in places:
        text, due = form[f"condition-{place}"].data.strip(), form[f"due-{place}"]
        if due.data and due.date is None:
            form.add_problem(f"due-{place}", "Enter a date, such as 31 3 2027.")
        if text:
            evidence = form[f"evidence-{place}"].data.strip()
            found.append(Condition(text=text, due_on=due.date, evidence=evidence))
    return tuple(found)


def show(form: Form, blocked: Blocked) -> None:
    """Put each reason at its field; a line's at its decision; the rest at the top."""
    for reason in blocked.reasons:
        name = f"decision-{reason.key}" if f"decision-{reason.key}" in form else reason.key
        form.add_problem(name, reason.text)
