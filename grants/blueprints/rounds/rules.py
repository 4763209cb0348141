"""The doors of rules across several answers, with the officer's own sentence."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds.editor_forms import WaitForForm, answer_words
from grants.blueprints.rounds.pages import Bench, bench, form_page, take
from grants.funds.definition import Fund, QuestionKind, Rule, RuleKind
from grants.funds.rule_checks import COMPARED, answers_to_wait_for
from grants.rules import list_edits
from grants.rules.actions import Action
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked, NotFound
from grants.web.forms import Form, LongTextField, RadiosField, SelectField, TextField, TicksField
from grants.web.guards import needs
from grants.web.shared_forms import SharedForm

RULES = "/rounds/<uuid:key>/rules"
KIND_WORDS = {
    RuleKind.AT_LEAST_ONE_OF: "At least one of some questions must be answered",
    RuleKind.SUM_EQUALS: "Some numbers or amounts must add up to another, or to a fixed one",
    RuleKind.LESS_OR_EQUAL: "Some numbers or amounts, or a date, may not be above another",
    RuleKind.IF_THEN_REQUIRED: "After one answer, another question must be answered",
}
LONGEST_FIGURE = 12


class KindForm(Form):
    """What the rule asks for."""

    kind = RadiosField(
        "What does the rule ask for?",
        options=[(kind.value, words) for kind, words in KIND_WORDS.items()],
    )


@blueprint.get(RULES)
@needs(Action.SET_UP_ROUND, "round")
def rules(key: uuid.UUID) -> ResponseReturnValue:
    """Every rule, in words."""
    desk = bench(key)
    return render_template(
        "rounds/rules.html",
        bench=desk,
        record=desk.record,
        rules=[(rule, in_words(desk.fund, rule)) for rule in desk.fund.rules],
    )


@blueprint.route(f"{RULES}/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def new_rule(key: uuid.UUID) -> ResponseReturnValue:
    """The kind of a new rule."""
    desk = bench(key)
    form = KindForm()
    if form.validate_on_submit():
        if form.kind.data in set(RuleKind):
            return redirect(url_for("rounds.write_rule", key=key, kind=form.kind.data))
        form.add_problem("kind", "Choose what the rule asks for.")
    back = url_for("rounds.rules", key=key)
    return form_page(form, "A new rule", back, record=desk.record, button_text="Continue")


@blueprint.route(f"{RULES}/new/<string:kind>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def write_rule(key: uuid.UUID, kind: str) -> ResponseReturnValue:
    """Write a new rule of this kind. One that waits for an answer first asks for the question."""
    if kind not in set(RuleKind):
        raise NotFound("There is no such page.")
    desk = bench(key)
    asked = request.args.get("question", "")
    if kind == RuleKind.IF_THEN_REQUIRED and desk.fund.question(asked) is None:
        return _first_question(desk)
    first = (asked,) if asked else ()
    return _written(
        desk, Rule(key="", kind=RuleKind(kind), questions=first, sentence="", at=""), is_new=True
    )


def _first_question(desk: Bench) -> ResponseReturnValue:
    form = WaitForForm()
    form.question.label.text = "After an answer to which question?"
    form.question.choices = tuple(
        (q.key, q.label) for q in desk.fund.questions() if answers_to_wait_for(desk.fund, q)
    )
    key = desk.record.key
    if form.validate_on_submit():
        if desk.fund.question(form.question.data):
            kind, asked = RuleKind.IF_THEN_REQUIRED.value, form.question.data
            return redirect(url_for("rounds.write_rule", key=key, kind=kind, question=asked))
        form.add_problem("question", "Choose a question.")
    back = url_for("rounds.rules", key=key)
    return form_page(form, "A new rule", back, record=desk.record, button_text="Continue")


@blueprint.route(f"{RULES}/<string:rule>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def rule(key: uuid.UUID, rule: str) -> ResponseReturnValue:
    """Change a rule."""
    desk = bench(key)
    found = next((entry for entry in desk.fund.rules if entry.key == rule), None)
    if found is None:
        raise NotFound("There is no such rule.")
    return _written(desk, found, is_new=False)


@blueprint.post(f"{RULES}/<string:rule>/remove")
@needs(Action.SET_UP_ROUND, "round")
def remove_rule(key: uuid.UUID, rule: str) -> ResponseReturnValue:
    """Take a rule away."""
    take(None, key, lambda fund: list_edits.remove_rule(fund, rule), f"removed the rule {rule}")
    flash("The rule is removed.", "success")
    return redirect(url_for("rounds.rules", key=key))


def _written(desk: Bench, rule: Rule, *, is_new: bool) -> ResponseReturnValue:
    form = _rule_form(desk.fund, rule)()
    back = url_for("rounds.rules", key=desk.record.key)
    if form.validate_on_submit():
        changed = _typed(form, desk.fund, rule)
        step = list_edits.add_rule if is_new else list_edits.save_rule
        if changed is not None and take(
            form, desk.record.key, lambda fund: step(fund, changed), "a rule"
        ):
            return redirect(back)
    return form_page(form, KIND_WORDS[rule.kind], back, record=desk.record)


def _rule_form(fund: Fund, rule: Rule) -> type[Form]:
    fields: dict[str, Any] = {}
    if rule.kind == RuleKind.IF_THEN_REQUIRED:
        fields |= _answers(fund, rule)
    elif rule.kind == RuleKind.AT_LEAST_ONE_OF:
        fields["questions"] = TicksField(
            "Questions of which one must be answered",
            options=_all(fund),
            default=list(rule.questions),
        )
    else:
        fields |= _amounts(fund, rule)
    at = "The question that must then be answered" if rule.values or "values" in fields else ""
    fields["at"] = SelectField(
        at or "The question beside which the sentence stands",
        options=[("", "Choose one"), *_all(fund)],
        default=rule.at,
    )
    fields["sentence"] = LongTextField(
        "Sentence for when the rule is broken",
        hint="Say what to do, such as: Link to your plan or attach it.",
        default=rule.sentence,
    )
    return type("RuleForm", (SharedForm,), fields)


def _answers(fund: Fund, rule: Rule) -> dict[str, Any]:
    asked = fund.question(rule.questions[0])
    options = (
        [(value, answer_words(fund, asked, value)) for value in answers_to_wait_for(fund, asked)]
        if asked
        else []
    )
    words = f"When the answer to “{asked.label if asked else ''}” is one of"
    return {"values": TicksField(words, options=options, default=list(rule.values))}


def _amounts(fund: Fund, rule: Rule) -> dict[str, Any]:
    places = _figures(fund)
    amount = "" if rule.amount is None else _shown_amount(fund, rule)
    return {
        "questions": TicksField("What is added up", options=places, default=list(rule.questions)),
        "than": SelectField(
            "Held against",
            options=[("", "A fixed number or amount"), *places],
            default=rule.than or "",
        ),
        "amount": TextField(
            "The fixed number or amount",
            hint="Only where no question is chosen above.",
            default=amount,
            optional=True,
        ),
    }


def _shown_amount(fund: Fund, rule: Rule) -> str:
    return pounds(rule.amount or 0) if _is_money(fund, rule.questions) else str(rule.amount)


def _is_money(fund: Fund, places: tuple[str, ...]) -> bool:
    asked = [fund.asked(place) for place in places]
    return any(question is not None and question.kind == QuestionKind.MONEY for question in asked)


def _all(fund: Fund) -> list[tuple[str, str]]:
    return [(question.key, question.label) for question in fund.questions()]


def _figures(fund: Fund) -> list[tuple[str, str]]:
    """Numbers, money and dates: questions, and columns of tables for the whole of the column."""
    found = []
    for question in fund.questions():
        if question.kind in COMPARED:
            found.append((question.key, question.label))
        found += [
            (f"{question.key}.{column.key}", f"{question.label}: {column.label}, every row")
            for column in question.columns
            if column.kind in COMPARED - {QuestionKind.DATE}
        ]
    return found


def _typed(form: Form, fund: Fund, rule: Rule) -> Rule | None:
    changed = replace(rule, at=form["at"].data, sentence=" ".join(form["sentence"].data.split()))
    if "values" not in form and not form["questions"].codes:
        form.add_problem("questions", "Choose at least one question that the rule looks at.")
    if not changed.at:
        form.add_problem("at", "Choose the question beside which the sentence stands.")
    if not changed.sentence:
        form.add_problem("sentence", "Write the sentence.")
    if "values" in form:
        return None if form.errors else replace(changed, values=form["values"].codes)
    places = form["questions"].codes
    than = form["than"].data or None if "than" in form else None
    amount = None
    if "amount" in form and than is None:
        amount = _typed_amount(form, money=_is_money(fund, places))
    return None if form.errors else replace(changed, questions=places, than=than, amount=amount)


def _typed_amount(form: Form, *, money: bool) -> int | None:
    text = form["amount"].data.strip()
    try:
        if money:
            return parse_pounds(text)
    except Blocked as error:
        form.add_problem("amount", str(error))
        return None
    plain = text.replace(",", "")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > LONGEST_FIGURE:
        form.add_problem("amount", "Enter a whole number, or choose a question above.")
        return None
    return int(plain)


def in_words(fund: Fund, rule: Rule) -> str:
    """What a rule asks for, in one sentence."""
    named = [_name(fund, place) for place in rule.questions]
    if rule.kind == RuleKind.AT_LEAST_ONE_OF:
        return f"At least one of {', '.join(named)} is answered."
    if rule.kind == RuleKind.IF_THEN_REQUIRED:
        asked = fund.question(rule.questions[0])
        answers = [answer_words(fund, asked, value) if asked else value for value in rule.values]
        return f"When {named[0]} is {' or '.join(answers)}, {_name(fund, rule.at)} is answered."
    other = _name(fund, rule.than) if rule.than else _shown_amount(fund, rule)
    verb = "is the same as" if rule.kind == RuleKind.SUM_EQUALS else "is not above"
    return f"{' and '.join(named)} {verb} {other}."


def _name(fund: Fund, place: str) -> str:
    table, _, column = place.partition(".")
    asked, found = fund.question(table), fund.asked(place)
    if asked is None or found is None:
        return f"“{place}”, which is gone,"
    return f"“{asked.label}: {found.label}”" if column else f"“{found.label}”"
