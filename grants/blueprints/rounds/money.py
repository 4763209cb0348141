"""The doors of how a round's money is divided: sizes of grants, caps and strands."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint, forms
from grants.blueprints.rounds.editor_forms import answer_words
from grants.blueprints.rounds.pages import bench, form_page, take
from grants.funds.definition import Cap, Fund, Level, Question, Strand
from grants.funds.money_checks import strand_places
from grants.funds.rule_checks import answers_to_wait_for
from grants.rules import money_edits as edits
from grants.rules.actions import Action
from grants.rules.grant_sizes import level_words
from grants.rules.money import pounds
from grants.rules.refusals import NotFound
from grants.rules.states import RoundState
from grants.web.forms import Form, LongTextField, MoneyField, SelectField, TextField, TicksField
from grants.web.guards import needs
from grants.web.shared_forms import SharedForm

MONEY = "/rounds/<uuid:key>/money"
SHARE = re.compile(r"(\d{1,3})\s*%", re.ASCII)
WHOLE = 100
REMOVE = {
    "level": (edits.remove_level, True),
    "cap": (edits.remove_cap, True),
    "strand": (edits.remove_strand, False),
}


class LevelForm(SharedForm):
    """One size of grant."""

    title = TextField("Name of the level", hint="Such as: small grants")
    least = MoneyField("Smallest grant", hint="Leave it empty for none.", optional=True)
    most = MoneyField("Largest grant")
    asked = LongTextField(
        "What is asked at this size",
        hint="As applicants read it before they begin, such as: less detail in section 3.",
        optional=True,
    )


class QuestionForm(SharedForm):
    """Which question decides."""

    question = SelectField("Question")


@blueprint.get(MONEY)
@needs(Action.SET_UP_ROUND, "round")
def money(key: uuid.UUID) -> ResponseReturnValue:
    """How the money is divided, all of it on one page."""
    desk = bench(key)
    fund = desk.fund
    return render_template(
        "rounds/money.html",
        bench=desk,
        record=desk.record,
        fund=fund,
        level_words=level_words,
        caps=[(cap, _when(fund, cap)) for cap in fund.caps],
        strands=[
            (strand, _answers(fund, fund.asked(fund.strand_question), strand.values))
            for strand in fund.strands
        ],
        decides=_place_words(fund).get(fund.strand_question, ""),
        may_change_strands=desk.is_open_to_change and desk.record.state == RoundState.DRAFT,
    )


def _when(fund: Fund, cap: Cap) -> str:
    asked = fund.question(cap.question)
    return f"“{asked.label if asked else cap.question}” is {_answers(fund, asked, cap.values)}"


def _answers(fund: Fund, asked: Question | None, values: Sequence[str]) -> str:
    return " or ".join(answer_words(fund, asked, value) if asked else value for value in values)


def _place_words(fund: Fund) -> dict[str, str]:
    return {
        place: f"Of each project: {asked.label}" if "." in place else asked.label
        for place, asked in strand_places(fund).items()
    }


def _back(key: uuid.UUID) -> str:
    return url_for("rounds.money", key=key)


@blueprint.route(f"{MONEY}/levels/new", methods=["GET", "POST"], defaults={"level": ""})
@blueprint.route(f"{MONEY}/levels/<string:level>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def level(key: uuid.UUID, level: str) -> ResponseReturnValue:
    """Add or change one size of grant."""
    desk = bench(key)
    known = edits.level_of(desk.fund, level) if level else None
    data = {"title": known.title, "most": pounds(known.most), "asked": known.asked} if known else {}
    form = LevelForm(data=data | ({"least": pounds(known.least)} if known and known.least else {}))
    if form.validate_on_submit():
        least = forms.money_of(form, "least") if form.least.data.strip() else 0
        most = forms.money_of(form, "most")
        if least is not None and most is not None:
            typed = Level(
                key=level,
                title=form.title.data.strip(),
                least=least,
                most=most,
                asked=" ".join(form.asked.data.split()),
            )
            if take(form, key, lambda fund: edits.save_level(fund, typed), "the sizes of grants"):
                return redirect(_back(key))
    heading = known.title if known else "A size of grant"
    return form_page(form, heading, _back(key), record=desk.record)


@blueprint.route(f"{MONEY}/caps/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def new_cap(key: uuid.UUID) -> ResponseReturnValue:
    """Whose answer brings a new cap."""
    desk = bench(key)
    asked = [q for q in desk.fund.questions() if answers_to_wait_for(desk.fund, q)]
    form = QuestionForm()
    form.question.label.text = "After an answer to which question?"
    form.question.choices = tuple((question.key, question.label) for question in asked)
    if form.validate_on_submit():
        if form.question.data in {question.key for question in asked}:
            return redirect(url_for("rounds.write_cap", key=key, question=form.question.data))
        form.add_problem("question", "Choose a question.")
    return form_page(form, "A new cap", _back(key), record=desk.record, button_text="Continue")


@blueprint.route(f"{MONEY}/caps/new/<string:question>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def write_cap(key: uuid.UUID, question: str) -> ResponseReturnValue:
    """Write a new cap."""
    return _cap_page(key, Cap(key="", question=question, values=(), most=0, sentence=""))


@blueprint.route(f"{MONEY}/caps/<string:cap>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def cap(key: uuid.UUID, cap: str) -> ResponseReturnValue:
    """Change a cap."""
    return _cap_page(key, edits.cap_of(bench(key).fund, cap))


def _cap_page(key: uuid.UUID, kept: Cap) -> ResponseReturnValue:
    desk = bench(key)
    asked = desk.fund.question(kept.question)
    if asked is None:
        raise NotFound("There is no such question.")
    form = _cap_form(desk.fund, asked, kept)()
    if form.validate_on_submit() and (most := forms.money_of(form, "most")) is not None:
        typed = replace(
            kept,
            values=form["values"].codes,
            most=most,
            sentence=" ".join(form["sentence"].data.split()),
        )
        if take(form, key, lambda fund: edits.save_cap(fund, typed), "a cap"):
            return redirect(_back(key))
    return form_page(form, "The most that some may ask for", _back(key), record=desk.record)


def _cap_form(fund: Fund, asked: Question, kept: Cap) -> type[Form]:
    fields: dict[str, Any] = {
        "values": _ticks(fund, asked, f"When “{asked.label}” is", kept.values),
        "most": MoneyField("The most that can be asked for", default=_shown(kept.most, kept.key)),
        "sentence": LongTextField(
            "Sentence for those who ask for more",
            hint="Such as: A group without a constitution can ask for up to £2,000.",
            default=kept.sentence,
        ),
    }
    return type("CapForm", (SharedForm,), fields)


def _ticks(fund: Fund, asked: Question, words: str, chosen: Sequence[str]) -> TicksField:
    options = [(v, answer_words(fund, asked, v)) for v in answers_to_wait_for(fund, asked)]
    return TicksField(words, options=options, default=list(chosen))


def _shown(pence: int, key: str) -> str:
    return pounds(pence) if key else ""


@blueprint.route(f"{MONEY}/strands-by", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def strands_by(key: uuid.UUID) -> ResponseReturnValue:
    """Whose answer says from which strand of the pot the money comes."""
    desk = bench(key)
    form = QuestionForm(data={"question": desk.fund.strand_question})
    form.question.label.text = "The answer to which question says the strand?"
    form.question.choices = tuple(_place_words(desk.fund).items())
    if form.validate_on_submit():
        place = form.question.data
        if take(
            form,
            key,
            lambda fund: edits.decide_strands_by(fund, place),
            "the strands",
            after_opening=False,
        ):
            return redirect(_back(key))
    intro = "Strands that answers to another question decide are given up."
    return form_page(form, "What decides the strand", _back(key), record=desk.record, intro=intro)


@blueprint.route(f"{MONEY}/strands/new", methods=["GET", "POST"], defaults={"strand": ""})
@blueprint.route(f"{MONEY}/strands/<string:strand>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def strand(key: uuid.UUID, strand: str) -> ResponseReturnValue:
    """Add or change one strand."""
    desk = bench(key)
    asked = desk.fund.asked(desk.fund.strand_question)
    if asked is None:
        return redirect(url_for("rounds.strands_by", key=key))
    kept = edits.strand_of(desk.fund, strand) if strand else None
    form = _strand_form(desk.fund, asked, kept or Strand(key="", title="", amount=0, values=()))()
    if form.validate_on_submit() and (amount := _typed(form, desk.record.pot)) is not None:
        typed = Strand(
            key=strand,
            title=form["title"].data.strip(),
            amount=amount,
            values=form["values"].codes,
        )
        if take(
            form,
            key,
            lambda fund: edits.save_strand(fund, typed),
            "the strands",
            after_opening=False,
        ):
            return redirect(_back(key))
    heading = kept.title if kept else "A strand of the pot"
    return form_page(form, heading, _back(key), record=desk.record)


def _strand_form(fund: Fund, asked: Question, kept: Strand) -> type[Form]:
    fields: dict[str, Any] = {
        "title": TextField("Name of the strand", default=kept.title),
        "amount": TextField(
            "Its part of the pot",
            hint="An amount in pounds, or a share of the pot such as 25%.",
            default=_shown(kept.amount, kept.key),
        ),
        "values": _ticks(fund, asked, f"When “{asked.label}” is", kept.values),
    }
    return type("StrandForm", (SharedForm,), fields)


def _typed(form: Form, pot: int) -> int | None:
    """The pence typed, or of a share of the pot; None after putting a sentence at the field."""
    share = SHARE.fullmatch(form["amount"].data.strip())
    if share is None:
        return forms.money_of(form, "amount")
    if int(share[1]) > WHOLE:
        form.add_problem("amount", "Enter a share of 100% or less.")
        return None
    return pot * int(share[1]) // WHOLE


@blueprint.post(f"{MONEY}/remove/<any(level, cap, strand):kind>/<string:name>")
@needs(Action.SET_UP_ROUND, "round")
def remove_money(key: uuid.UUID, kind: str, name: str) -> ResponseReturnValue:
    """Take a level, a cap or a strand away."""
    step, after_opening = REMOVE[kind]
    take(None, key, lambda fund: step(fund, name), f"removed {name}", after_opening=after_opening)
    flash("It is removed.", "success")
    return redirect(_back(key))
