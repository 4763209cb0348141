"""The doors of: drafting, issuing, replacing and reading letters."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import CountForm, ReasonForm, show
from grants.queries import letters as lists
from grants.rules.actions import Action
from grants.rules.refusals import Blocked
from grants.rules.states import LetterState
from grants.services import letters as verbs
from grants.web.downloads import download
from grants.web.filters import plural, state_words
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now, settings

UNKEPT = 422


@blueprint.get("/rounds/<uuid:key>/letters")
@needs(Action.READ_DECISION, "round")
def letters(key: uuid.UUID) -> ResponseReturnValue:
    """Every released outcome with its letter."""
    return _page(key, CountForm(formdata=None))


def _page(key: uuid.UUID, form: Form, *, problems: tuple[str, ...] = ()) -> ResponseReturnValue:
    state = request.args.get("state", "")
    page = render_template(
        "award/letters.html",
        found=lists.of_round(
            current_actor(), key, state=state, page=request.args.get("page", 1, type=int)
        ),
        form=form,
        problems=problems,
        state=state,
        states=[("missing", "No letter"), *((s.value, state_words(s)) for s in LetterState)],
    )
    return page, UNKEPT if form.errors or problems else 200


@blueprint.post("/rounds/<uuid:key>/letters/drafts")
@needs(Action.DRAFT_LETTER, "round")
def make_letters(key: uuid.UUID) -> ResponseReturnValue:
    """Have every missing letter made."""
    job = verbs.make_all(current_actor(), key, verify_address=_verify_address(), now=now())
    return redirect(url_for("evaluate.job", key=job))


@blueprint.post("/rounds/<uuid:key>/letters/issue")
@needs(Action.ISSUE_LETTER, "round")
def issue_letters(key: uuid.UUID) -> ResponseReturnValue:
    """Issue every draft that somebody else made, once the number was typed."""
    form = CountForm()
    try:
        count = verbs.issue_all(current_actor(), key, typed=form.typed.data, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _page(key, form)
    if count:
        flash(f"{plural(count, 'letter', 'letters')} issued. Applicants are told.", "success")
    else:
        flash(
            "No draft waits for you: a letter is issued by somebody who did not draft it.", "info"
        )
    return redirect(url_for("award.letters", key=key))


@blueprint.post("/awards/<uuid:key>/letter")
@needs(Action.DRAFT_LETTER, "award")
def draft_letter(key: uuid.UUID) -> ResponseReturnValue:
    """Draft the letter of one award and show it."""
    letter = verbs.draft(current_actor(), key, verify_address=_verify_address(), now=now())
    return redirect(url_for("award.letter", key=letter))


@blueprint.post("/letters/<uuid:key>/issue")
@needs(Action.ISSUE_LETTER, "letter")
def issue_letter(key: uuid.UUID) -> ResponseReturnValue:
    """Issue one letter."""
    verbs.issue(current_actor(), key, now=now())
    flash("Issued. Its people are told.", "success")
    return redirect(_back())


@blueprint.route("/letters/<uuid:key>/replacement", methods=["GET", "POST"])
@needs(Action.SUPERSEDE_LETTER, "letter")
def replace_letter(key: uuid.UUID) -> ResponseReturnValue:
    """Say why an issued letter is replaced; a draft is thrown away and made again."""
    actor, form = current_actor(), ReasonForm()
    found = lists.one(actor, key)
    if request.method == "POST":
        try:
            verbs.replace(
                actor,
                key,
                reason=form.reason.data,
                verify_address=_verify_address(),
                now=now(),
            )
        except Blocked as blocked:
            show(form, blocked)
        else:
            flash("A new letter is drafted. Somebody else can issue it now.", "success")
            return redirect(url_for("award.letters", key=found.round_key))
    page = render_template("award/replace_letter.html", found=found, form=form)
    return page, UNKEPT if form.errors else 200


@blueprint.get("/letters/<uuid:key>.pdf")
@needs(Action.READ_LETTER, "letter")
def letter(key: uuid.UUID) -> ResponseReturnValue:
    """The letter as it was frozen."""
    file = verbs.pdf(current_actor(), key)
    return download(file.data, name=file.name, media_type="application/pdf")


def _verify_address() -> str:
    return settings().base_url + url_for("public.verify")


def _back() -> str:
    """The list of letters that the button stood in."""
    key = request.form.get("round", "")
    try:
        return url_for("award.letters", key=uuid.UUID(key))
    except ValueError:
        return url_for("home.index")
