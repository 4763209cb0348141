"""The forms of: assessing."""

from __future__ import annotations

from typing import Any

from grants.blueprints.assess.words import Scored
from grants.funds.definition import Criterion, Scoring
from grants.queries.beforehand import BodiesPage
from grants.queries.panel import TermsPage
from grants.rules.conflicts import INTERESTS
from grants.rules.interests import TIES, Tie
from grants.rules.money import pounds
from grants.rules.paper import CHECKERS
from grants.rules.score_sheet import FULL, NO, PART, Advice, Line, Sheet, amount_text
from grants.services.allocate import Wish
from grants.web.forms import (
    DateField,
    FileField,
    Form,
    LongTextField,
    MoneyField,
    NumberField,
    RadiosField,
    SelectField,
    TextField,
    TickField,
    TicksField,
)

NONE = "none"
DECLARED = tuple((interest.value, label) for interest, label in INTERESTS.items())


class DeclarationForm(Form):
    """Before anything is read: is there an interest?"""

    interest = RadiosField(
        "Do you have an interest in this application?",
        options=[(NONE, "No, I have no connection with the applicant or its partners"), *DECLARED],
    )
    detail = LongTextField("Tell us a little more", optional=True)


class ConflictForm(Form):
    """Later on: an interest that came to light."""

    interest = RadiosField("What kind of interest is it?", options=DECLARED)
    detail = LongTextField("Tell us a little more", optional=True)


class ProposalForm(Form):
    """What is asked of an allocation."""

    readers = NumberField("Readers for each application")
    most = NumberField("Most applications for one assessor")
    lived = NumberField("Of the readers, in a lived-experience seat", optional=True)
    due_on = DateField("Scores wanted by", optional=True)


def wish_of(form: ProposalForm) -> Wish:
    """What was typed; minus one for what is no number, which no check lets through."""
    lived = form.lived.data.strip()
    return Wish(_whole(form.readers.data), _whole(form.most.data), _whole(lived) if lived else 0)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1  # noqa: PLR2004 (digits)


def terms_form(page: TermsPage) -> Form:
    """On what terms an assessor sits in a round, with those that are set."""
    terms = page.terms
    fields = {
        "most": NumberField(
            "Most applications in this round",
            hint="Leave it empty for as many as anybody.",
            default="" if terms.most is None else str(terms.most),
            optional=True,
        ),
        "seat": TickField(
            "Sits in a seat kept for lived experience", default="yes" if terms.is_lived else ""
        ),
        "areas": TicksField(
            "Areas this assessor knows",
            hint="Tick none if they know all alike. Others can still be given to them.",
            options=[(str(area), name) for area, name in page.areas],
            default="\n".join(str(area) for area in sorted(terms.areas)),
            optional=True,
        ),
    }
    form: Form = type("TermsForm", (Form,), fields)()
    return form


class AskToReopenForm(Form):
    """Why one's own submitted scores should be opened again."""

    reason = LongTextField(
        "Why should your scores be opened again?",
        hint="For example: a new version was sent after you read it.",
    )


class ReopenForm(Form):
    """Why an assessor's scores are opened again, or stay locked."""

    reason = LongTextField(
        "Your reason", hint="The assessor reads it, and it stays in the trail of these scores."
    )


class TimeForm(Form):
    """Hours given."""

    bid = SelectField("What was it for?", optional=True)
    day = DateField("Which day?")
    hours = NumberField("Hours", optional=True)
    minutes = NumberField("Minutes", optional=True)
    note = TextField("Note", optional=True)


class TrainingForm(Form):
    """Training done."""

    note = TextField("What was it?", hint="For example: assessing fairly, or safeguarding.")
    day = DateField("Which day?")


class ExpenseForm(Form):
    """An expense noted."""

    amount = MoneyField("How much?")
    note = TextField(
        "What was it for?", hint="For example: bus to the panel meeting, there and back."
    )
    day = DateField("Which day?")


class ScoreWorkbookForm(Form):
    """The filled-in score workbook."""

    file = FileField("The workbook that you filled in", hint="An XLSX file.", accept=".xlsx")


class StandDownForm(Form):
    """What is taken back when an assessor stands down."""

    begun = TickField("Also take back what they have begun to score")


class AssignForm(Form):
    """By when the scores are wanted."""

    due_on = DateField("Scores wanted by", optional=True)


def bodies_form(page: BodiesPage) -> Form:
    """The bodies of a round that were not named yet, to tick those that one has to do with."""
    fields = {
        "bodies": TicksField(
            "Which of these do you have to do with?",
            hint="Tick none if you have to do with none of them.",
            options=[(name, name) for name in page.bodies if name not in page.told],
            optional=True,
        ),
        "tie": RadiosField(
            "What do you have to do with those that you ticked?",
            options=[(tie.value, label) for tie, label in TIES.items() if tie != Tie.ADDRESS],
            optional=True,
        ),
    }
    form: Form = type("BodiesForm", (Form,), fields)()
    return form


class OverrideForm(Form):
    """Why a suggested conflict is none."""

    reason = LongTextField(
        "Why this is no conflict", hint="It stands in the register beside your name."
    )


class PaperForm(Form):
    """How an assessor's scores came on paper, and who checks what is typed."""

    day = DateField("On which day did the sheets reach you?")
    checker = RadiosField(
        "Who holds what you type against the paper?",
        options=[(one.value, label) for one, label in CHECKERS.items()],
    )


class SheetsForm(Form):
    """The scanned sheets."""

    file = FileField("Scan or photographs of the sheets", hint="PDF, JPEG or PNG.", many=True)


class OtherwiseForm(Form):
    """What is not typed as it stands on paper."""

    note = LongTextField("What is otherwise on paper?", hint="Whoever typed it reads this.")


def score_form(page: Scored, whose: str = "Your") -> Form:
    """Every criterion and every proposed project of what is scored, with what is written."""
    fields: dict[str, Any] = {}
    for criterion in page.fund.scoring.criteria:
        fields |= _criterion_fields(criterion, page.fund.scoring, page.sheet, whose)
    for line in page.lines:
        fields |= _line_fields(line, page.sheet.advice.get(line.key, Advice()), whose)
    fields["comment"] = LongTextField(
        "Overall comment",
        hint="For the panel: strengths, doubts, conditions to ask for.",
        default=page.sheet.comment,
        optional=True,
    )
    form: Form = type("ScoreForm", (Form,), fields)()
    return form


def _criterion_fields(
    criterion: Criterion, scoring: Scoring, sheet: Sheet, whose: str
) -> dict[str, Any]:
    mark = sheet.marks.get(criterion.key)
    anchors = {anchor.score: anchor.text for anchor in criterion.anchors}
    return {
        f"mark.{criterion.key}": RadiosField(
            f"Score for {criterion.title}",
            options=[
                (str(score), anchors.get(score, ""))
                for score in range(scoring.lowest, scoring.highest + 1)
            ],
            default="" if mark is None else str(mark),
        ),
        f"reason.{criterion.key}": LongTextField(
            f"{whose} reason", default=sheet.reasons.get(criterion.key, "")
        ),
    }


def _line_fields(line: Line, advice: Advice, whose: str) -> dict[str, Any]:
    return {
        f"line.{line.key}": RadiosField(
            f"{whose} advice on {line.title}",
            options=[(FULL, f"In full, {pounds(line.asked)}"), (PART, "In part"), (NO, "No")],
            default=advice.choice,
        ),
        f"amount.{line.key}": MoneyField(
            "How much, if in part",
            default=amount_text(advice.amount),
        ),
        f"why.{line.key}": LongTextField("Why not in full", default=advice.reason),
    }
