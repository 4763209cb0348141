"""The doors of applying: the list, the task list, check, send, receipt, copy, withdraw."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.apply import blueprint
from grants.blueprints.apply.forms import WithdrawForm, is_wide
from grants.blueprints.apply.queries import point_views, reply_form, reply_versions
from grants.blueprints.apply.words import before_sending, what_next
from grants.queries import applications, comments, confirmations, drafts, equality
from grants.queries.drafts import Draft
from grants.rules import duties
from grants.rules.actions import Action
from grants.rules.eligibility import Problem, SectionStatus
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import ApplicationState
from grants.services import apply, copies
from grants.web.answer_places import name_of
from grants.web.downloads import download
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

DONE_WITH = frozenset({ApplicationState.WITHDRAWN})


@blueprint.get("/applications")
@needs(Action.READ_APPLICATION)
def index() -> ResponseReturnValue:
    """One's own applications, and the rounds that are open to one."""
    actor = current_actor()
    page = request.args.get("page", 1, type=int)
    return render_template(
        "apply/index.html",
        found=applications.own(actor, page=min(page, 10_000)),
        rounds=applications.open_rounds(actor, now=now()),
    )


@blueprint.post("/applications")
@needs(Action.CREATE_APPLICATION)
def start() -> ResponseReturnValue:
    """Begin an application."""
    key = apply.begin(current_actor(), _choice(), now=now())
    return redirect(url_for("apply.tasks", key=key))


@blueprint.get("/applications/<uuid:key>")
@needs(Action.READ_APPLICATION, "application")
def tasks(key: uuid.UUID) -> ResponseReturnValue:
    """How far each section is, and what happens next."""
    draft = drafts.draft(current_actor(), key)
    return task_page(draft, reply_form(draft))


def task_page(draft: Draft, form: Form) -> str:
    """The task list, with what is said to the fund as it was typed."""
    key, statuses = draft.key, draft.statuses
    points = point_views(draft)
    return render_template(
        "apply/tasks.html",
        draft=draft,
        points=points,
        form=form,
        versions=reply_versions(draft),
        writable=draft.may_be_written(now()),
        may_withdraw=draft.is_sender and draft.state not in DONE_WITH and draft.award_key is None,
        may_share=draft.is_sender and draft.state not in DONE_WITH,
        next_step=what_next(draft, now()),
        items=[
            {
                "title": section.title,
                "url": url_for("apply.section", key=key, section=section.key),
                "status": statuses[section.key],
            }
            for section in draft.fund.sections
        ],
        steps=before_sending(draft, confirmations.of_draft(draft, now=now())),
        comments=sum(thread.is_open for thread in comments.threads(draft)),
        duties=duties.must_differ(draft.fund),
        may_be_one=duties.may_be_one(draft.fund),
        done=sum(status == SectionStatus.COMPLETE for status in statuses.values()),
        senders=_senders(draft),
    )


@blueprint.get("/applications/<uuid:key>/check")
@needs(Action.READ_APPLICATION, "application")
def check(key: uuid.UUID) -> ResponseReturnValue:
    """Every answer with a way to change it, and all that is missing."""
    return _checked(drafts.draft(current_actor(), key))


@blueprint.post("/applications/<uuid:key>/submit")
@needs(Action.SUBMIT, "application")
def submit(key: uuid.UUID) -> ResponseReturnValue:
    """Send it. What is in the way is shown on the page it was sent from."""
    try:
        apply.submit(current_actor(), key, now=now())
    except Blocked as blocked:
        missing = {problem.sentence for problem in drafts.draft(current_actor(), key).problems}
        late = [reason.text for reason in blocked.reasons if reason.text not in missing]
        return _checked(drafts.draft(current_actor(), key), late), 422
    return redirect(url_for("apply.receipt", key=key))


@blueprint.get("/applications/<uuid:key>/receipt")
@needs(Action.READ_APPLICATION, "application")
def receipt(key: uuid.UUID) -> ResponseReturnValue:
    """What was sent, when, and its fingerprint."""
    draft = drafts.draft(current_actor(), key)
    sent = applications.content(current_actor(), key)
    return render_template(
        "apply/receipt.html",
        sent=sent,
        draft=draft,
        next_step=what_next(draft, now()),
        asks_equality=equality.waits(current_actor(), key, now=now()),
    )


@blueprint.get("/applications/<uuid:key>/copy.pdf")
@needs(Action.READ_APPLICATION, "application")
def copy(key: uuid.UUID) -> ResponseReturnValue:
    """The copy of what was sent."""
    made = copies.copy_of(current_actor(), key)
    return download(made.data, name=made.name, media_type=made.media_type)


@blueprint.route("/applications/<uuid:key>/withdraw", methods=["GET", "POST"])
@needs(Action.WITHDRAW, "application")
def withdraw(key: uuid.UUID) -> ResponseReturnValue:
    """Take it back, with a reason."""
    draft = drafts.draft(current_actor(), key)
    if not draft.is_sender or draft.state in DONE_WITH:
        return redirect(url_for("apply.tasks", key=key))
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            apply.withdraw(current_actor(), key, form.reason.data, now=now())
        except Blocked as blocked:
            _tell(form, blocked)
        else:
            flash("The application is withdrawn.", "success")
            return redirect(url_for("apply.tasks", key=key))
    page = render_template("apply/withdraw.html", draft=draft, form=form)
    return page, 422 if form.errors else 200


def _choice() -> apply.Choice:
    """The place that was chosen: the keys of round and organisation, and the area's name."""
    organisation, _, area = request.form.get("place", "").partition(" ")
    try:
        return apply.Choice(uuid.UUID(request.form.get("round", "")), uuid.UUID(organisation), area)
    except ValueError as error:
        raise NotFound("There is no such page.") from error


def _checked(draft: Draft, late: list[str] | None = None) -> str:
    problems = draft.problems
    threads = comments.threads(draft)
    return render_template(
        "apply/check.html",
        draft=draft,
        sections=draft.in_words(),
        writable=draft.may_be_written(now()),
        in_time=draft.takes(now()),
        threads=threads,
        commented={thread.question for thread in threads if thread.is_open},
        problems=[(problem.sentence, _where(draft, problem)) for problem in problems],
        late=late or [],
        steps=before_sending(draft, confirmations.of_draft(draft, now=now())),
        next_step=what_next(draft, now()),
        senders=_senders(draft),
    )


def _where(draft: Draft, problem: Problem) -> str:
    """The address of the field that a problem is about."""
    table = problem.question.partition(".")[0]
    question = draft.fund.question(table)
    row = problem.row if question is not None and is_wide(question) else None
    field = name_of((problem.question, problem.row)).replace(".", "-")
    address = url_for("apply.section", key=draft.key, section=problem.section, row=row or None)
    return f"{address}#{field}"


def _senders(draft: Draft) -> tuple[str, ...]:
    """Who can send it, for those who cannot."""
    if draft.is_sender or draft.state not in drafts.EDITABLE:
        return ()
    return drafts.senders(current_actor(), draft.key, now=now())


def _tell(form: Form, blocked: Blocked) -> None:
    for reason in blocked.reasons:
        form.add_problem(reason.key, reason.text)
