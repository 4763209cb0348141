"""The doors of the rest of a rulebook: guidance, stages, letters, the return's dates, a preview."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds import rulebook_forms as forms
from grants.blueprints.rounds.pages import bench, form_page, take
from grants.funds.definition import PLACEHOLDERS, EligibilityCheck
from grants.rules import form_edits, round_edits
from grants.rules.actions import Action
from grants.rules.dates import due_before_closing
from grants.rules.refusals import NotFound
from grants.rules.states import RoundState
from grants.rules.steps import STEPS, is_on, save_steps
from grants.web.form_builder import page_form
from grants.web.guards import needs

ROUND = "/rounds/<uuid:key>"


@blueprint.route(f"{ROUND}/guidance", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def guidance(key: uuid.UUID) -> ResponseReturnValue:
    """What the fund is for and who may apply."""
    desk = bench(key)
    form = forms.GuidanceForm(data={"summary": desk.fund.summary, "audience": desk.fund.audience})
    back = url_for("rounds.show", key=key)
    if form.validate_on_submit():
        summary, audience = form.summary.data, form.audience.data
        if take(
            form, key, lambda f: round_edits.save_guidance(f, summary, audience), "the guidance"
        ):
            return redirect(back)
    return form_page(form, "Guidance", back, record=desk.record)


@blueprint.get(f"{ROUND}/eligibility")
@needs(Action.SET_UP_ROUND, "round")
def eligibility(key: uuid.UUID) -> ResponseReturnValue:
    """What people can ask themselves before they have an account."""
    desk = bench(key)
    return render_template(
        "rounds/eligibility.html", bench=desk, record=desk.record, checks=desk.fund.eligibility
    )


@blueprint.route(f"{ROUND}/eligibility/new", methods=["GET", "POST"], defaults={"check": ""})
@blueprint.route(f"{ROUND}/eligibility/<string:check>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def eligibility_check(key: uuid.UUID, check: str) -> ResponseReturnValue:
    """Add or change one of these questions."""
    desk = bench(key)
    known = next((kept for kept in desk.fund.eligibility if kept.key == check), None)
    if check and known is None:
        raise NotFound("There is no such question.")
    form = forms.EligibilityForm(obj=known)
    back = url_for("rounds.eligibility", key=key)
    if form.validate_on_submit():
        typed = EligibilityCheck(
            key=check,
            question=form.question.data.strip(),
            wanted=form.wanted.data,
            sentence=" ".join(form.sentence.data.split()),
        )
        if take(form, key, lambda fund: round_edits.save_eligibility(fund, typed), "who may apply"):
            return redirect(back)
    return form_page(form, "Before they apply", back, record=desk.record)


@blueprint.post(f"{ROUND}/eligibility/<string:check>/remove")
@needs(Action.SET_UP_ROUND, "round")
def remove_eligibility(key: uuid.UUID, check: str) -> ResponseReturnValue:
    """Ask one thing fewer."""
    take(None, key, lambda fund: round_edits.remove_eligibility(fund, check), "who may apply")
    return redirect(url_for("rounds.eligibility", key=key))


@blueprint.route(f"{ROUND}/stages", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def stages(key: uuid.UUID) -> ResponseReturnValue:
    """How many score, how many approve, and how long an offer stands. Frozen once open."""
    desk = bench(key)
    form = forms.StagesForm(data=forms.stages_data(desk.fund))
    back = url_for("rounds.show", key=key)
    if form.validate_on_submit():
        typed = forms.typed_stages(form)
        if typed is not None and take(
            form,
            key,
            lambda fund: round_edits.save_stages(fund, typed),
            "the stages",
            after_opening=False,
        ):
            return redirect(back)
    return form_page(form, "Readers and approvals", back, record=desk.record)


@blueprint.route(f"{ROUND}/steps", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def steps(key: uuid.UUID) -> ResponseReturnValue:
    """The steps that an application goes through, to switch on and off."""
    desk = bench(key)
    is_draft = desk.record.state == RoundState.DRAFT
    loose = [step for step in STEPS if is_draft or step.after_opening]
    form = forms.steps_form(desk.fund, loose)()
    if form.validate_on_submit():
        chosen = {step.key: form[step.key].data == "yes" for step in loose}
        if take(form, key, lambda fund: save_steps(fund, chosen), "the steps"):
            flash("The steps are saved.", "success")
            return redirect(url_for("rounds.show", key=key))
    page = render_template(
        "rounds/steps.html",
        bench=desk,
        record=desk.record,
        form=form,
        loose=loose,
        firm=[(step, is_on(desk.fund.stages, step)) for step in STEPS if step not in loose],
        all_steps=[(step, is_on(desk.fund.stages, step)) for step in STEPS],
    )
    return page, form.status


@blueprint.get(f"{ROUND}/letter-words")
@needs(Action.SET_UP_ROUND, "round")
def letter_words(key: uuid.UUID) -> ResponseReturnValue:
    """Each kind of letter with made-up values in it."""
    desk = bench(key)
    samples = forms.samples_of(desk.fund)
    return render_template(
        "rounds/letters.html",
        bench=desk,
        record=desk.record,
        letters=desk.fund.letters,
        filled=lambda text: round_edits.filled(text, samples),
    )


@blueprint.route(f"{ROUND}/letter-words/<string:kind>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def letter_text(key: uuid.UUID, kind: str) -> ResponseReturnValue:
    """One letter's words."""
    desk = bench(key)
    letter = round_edits.letter_of(desk.fund, kind)
    form = forms.letter_form(letter)()
    back = url_for("rounds.letter_words", key=key)
    if form.validate_on_submit():
        subject, body = form["subject"].data, form["body"].data
        clauses = forms.typed_clauses(form, letter)
        if take(
            form,
            key,
            lambda fund: round_edits.save_letter(fund, kind, subject, body, clauses),
            f"the letter {kind}",
        ):
            return redirect(back)
    names = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
    intro = f"These are filled in when the letter is written: {names}."
    return form_page(form, "Words of the letter", back, record=desk.record, intro=intro)


@blueprint.get(f"{ROUND}/return-dates")
@needs(Action.SET_UP_ROUND, "round")
def periods(key: uuid.UUID) -> ResponseReturnValue:
    """What will be asked afterwards, and when."""
    desk = bench(key)
    return render_template(
        "rounds/periods.html",
        bench=desk,
        record=desk.record,
        fund=desk.fund,
        too_soon=due_before_closing(desk.fund.return_form.periods, desk.record.closes_at),
    )


@blueprint.route(f"{ROUND}/return-dates/new", methods=["GET", "POST"], defaults={"period": ""})
@blueprint.route(f"{ROUND}/return-dates/<string:period>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def period(key: uuid.UUID, period: str) -> ResponseReturnValue:
    """Add or change one stretch that is reported on."""
    desk = bench(key)
    known = next((kept for kept in desk.fund.return_form.periods if kept.key == period), None)
    if period and known is None:
        raise NotFound("There is no such return.")
    form = forms.PeriodForm(data=forms.period_data(known) if known else None)
    back = url_for("rounds.periods", key=key)
    if form.validate_on_submit():
        typed = forms.typed_period(form, period)
        if typed is not None and take(
            form, key, lambda fund: round_edits.save_period(fund, typed), "the return's dates"
        ):
            return redirect(back)
    heading = known.label if known else "Another return"
    return form_page(form, heading, back, record=desk.record)


@blueprint.post(f"{ROUND}/return-dates/<string:period>/remove")
@needs(Action.SET_UP_ROUND, "round")
def remove_period(key: uuid.UUID, period: str) -> ResponseReturnValue:
    """Ask for one return fewer."""
    take(None, key, lambda fund: round_edits.remove_period(fund, period), "the return's dates")
    return redirect(url_for("rounds.periods", key=key))


@blueprint.get(f"{ROUND}/preview/<any(form, return):part>")
@blueprint.get(f"{ROUND}/preview/<any(form, return):part>/<string:section>")
@needs(Action.SET_UP_ROUND, "round")
def preview(key: uuid.UUID, part: str, section: str = "") -> ResponseReturnValue:
    """A section as the people who answer will see it. Nothing that is typed here is kept."""
    desk = bench(key)
    sections = form_edits.sections_of(desk.fund, part)
    if not sections:
        raise NotFound("There is nothing to show yet.")
    found = form_edits.section_of(desk.fund, part, section or sections[0].key)
    place = sections.index(found)
    rows = {q.key: [("1", "A line of the budget")] for q in found.questions}
    return render_template(
        "rounds/preview.html",
        record=desk.record,
        part=part,
        section=found,
        sections=sections,
        place=place + 1,
        form=page_form(found, desk.fund, {}, rows)(),
        after=sections[place + 1] if place + 1 < len(sections) else None,
    )
