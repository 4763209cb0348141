"""The doors of: a panel's meetings, who is there, the order of business, one application on the screen."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.award import blueprint
from grants.blueprints.award.forms import fill, recommendation, show
from grants.blueprints.award.meeting_forms import (
    agreements,
    attendance_form,
    attended,
    item_form,
    plan_form,
    planned,
)
from grants.queries import applicants, asked, awards, fairness, feedback, meeting_items, scores
from grants.queries import meetings as queries
from grants.queries.awards import Decision
from grants.queries.meeting_items import ItemPage
from grants.queries.meetings import MeetingPage
from grants.rules.actions import Action
from grants.rules.feedback import Draft
from grants.rules.meetings import Outcome
from grants.rules.permissions import may
from grants.rules.recommendation import Recommendation
from grants.rules.refusals import Blocked, Stale
from grants.rules.states import AwardState
from grants.services import meetings as verbs
from grants.services import recording
from grants.services.recording import Recorded
from grants.web.filters import plural
from grants.web.forms import Form
from grants.web.guards import current_actor, needs, now

UNKEPT, CLASH = 422, 409
OPEN = (AwardState.NONE, AwardState.RECOMMENDED)
NOTHING = uuid.UUID(int=0)
ONLY_LOOKS = ("total", "fill", "draft")


@blueprint.get("/rounds/<uuid:key>/meetings")
@needs(Action.READ_MEETING, "round")
def meetings(key: uuid.UUID) -> ResponseReturnValue:
    """The meetings of a round."""
    record, rows = queries.of_round(current_actor(), key)
    return render_template(
        "award/meetings.html",
        record=record,
        rows=rows,
        may_hold=may(current_actor(), Action.HOLD_MEETING, record.place),
    )


@blueprint.route("/rounds/<uuid:key>/meetings/new", methods=["GET", "POST"])
@needs(Action.HOLD_MEETING, "round")
def plan_meeting(key: uuid.UUID) -> ResponseReturnValue:
    """Plan a meeting."""
    actor = current_actor()
    record, _ = queries.of_round(actor, key)
    form = plan_form(queries.may_be_of(actor, record, now=now()))
    if request.method == "POST":
        try:
            made = verbs.plan(actor, key, planned(form), now=now())
        except Blocked as blocked:
            form.add_reasons(blocked)
        else:
            flash("Planned. The order of business is proposed; you can change it.", "success")
            return redirect(url_for("award.meeting", key=made))
    return render_template("award/plan_meeting.html", record=record, form=form), form.status


@blueprint.get("/meetings/<uuid:key>")
@needs(Action.READ_MEETING, "meeting")
def meeting(key: uuid.UUID) -> ResponseReturnValue:
    """Who is there and what is taken."""
    return _meeting(queries.one(current_actor(), key))


def _meeting(
    found: MeetingPage, form: Form | None = None, *, clash: str = ""
) -> ResponseReturnValue:
    page = render_template(
        "award/meeting.html",
        found=found,
        form=form or (attendance_form(found.members) if found.may_hold else None),
        failed=form,
        clash=clash,
    )
    return page, CLASH if clash else UNKEPT if form is not None else 200


@blueprint.post("/meetings/<uuid:key>/attendance")
@needs(Action.HOLD_MEETING, "meeting")
def attend(key: uuid.UUID) -> ResponseReturnValue:
    """Record who is there."""
    actor = current_actor()
    found = queries.one(actor, key)
    form = attendance_form(found.members)
    seen = request.form.get("seen", 0, type=int)
    try:
        verbs.attend(actor, key, attended(form, found.members), seen=seen, now=now())
    except Blocked as blocked:
        form.add_reasons(blocked)
        return _meeting(found, form)
    except Stale as stale:
        return _meeting(queries.one(actor, key), form, clash=str(stale))
    flash("Who is there is recorded.", "success")
    return redirect(url_for("award.meeting", key=key))


@blueprint.post("/meetings/<uuid:key>/list")
@needs(Action.HOLD_MEETING, "meeting")
def add_to_list(key: uuid.UUID) -> ResponseReturnValue:
    """Put on the list what has come to moderation since."""
    count = verbs.add_to_list(current_actor(), key, now=now())
    flash(f"{plural(count, 'application', 'applications')} added at the end.", "success")
    return redirect(url_for("award.meeting", key=key))


@blueprint.post("/meetings/<uuid:key>/<uuid:application>/<any(up, down):way>")
@needs(Action.HOLD_MEETING, "meeting")
def move_item(key: uuid.UUID, application: uuid.UUID, way: str) -> ResponseReturnValue:
    """Take an application earlier or later, past the one that the page showed there."""
    past = request.form.get("past", NOTHING, type=uuid.UUID)
    verbs.move_item(current_actor(), key, application, up=way == "up", past=past, now=now())
    return redirect(url_for("award.meeting", key=key) + "#business")


@blueprint.get("/meetings/<uuid:key>/<uuid:application>")
@needs(Action.READ_ITEM, "meeting")
def item(key: uuid.UUID, application: uuid.UUID) -> ResponseReturnValue:
    """One application on the screen."""
    return _item(meeting_items.item(current_actor(), key, application))


def _item(
    found: ItemPage,
    form: Form | None = None,
    *,
    typed: Recommendation | None = None,
    clash: str = "",
    draft: Draft | None = None,
) -> ResponseReturnValue:
    actor, key = current_actor(), found.item.key
    given = scores.of_meeting(actor, key)
    decision = _decision(found) if found.may_record else None
    shown = form or (item_form(found.item, given, decision) if found.may_record else None)
    page = render_template(
        "award/meeting_item.html",
        found=found,
        scores=given,
        fair=fairness.of_application(actor, key),
        decision=decision,
        form=shown,
        failed=form if form is not None and form.errors else None,
        typed=typed,
        draft=draft,
        clash=clash,
        past=applicants.past(actor, key, now=now()) if found.knows_history else None,
        checks=applicants.checks(actor, key),
        open_points=[one for one in asked.history(actor, key) if one.closed_at is None],
    )
    return page, CLASH if clash else UNKEPT if form is not None and form.errors else 200


def _decision(found: ItemPage) -> Decision | None:
    """What can be recommended now by whoever looks."""
    if found.item.award_key is None:
        return None
    decision = awards.decision(current_actor(), found.item.award_key)
    return decision if decision.state in OPEN and decision.may(Action.RECOMMEND) else None


@blueprint.post("/meetings/<uuid:key>/<uuid:application>")
@needs(Action.MODERATE, "meeting")
def record_item(key: uuid.UUID, application: uuid.UUID) -> ResponseReturnValue:
    """Record what came of it, then go to the next; or only work something out."""
    actor = current_actor()
    found = meeting_items.item(actor, key, application)
    given = scores.of_meeting(actor, application)
    decision = _decision(found)
    form, draft = item_form(found.item, given, decision), None
    if "fill" in request.form:
        fill(form)
    if "draft" in request.form and decision is not None:
        draft = feedback.draft(actor, application)
        form["feedback"].data = draft.text or form["feedback"].data
    wanted = recommendation(form, decision) if decision is not None else None
    if set(ONLY_LOOKS) & set(request.form):
        return _item(found, form, typed=wanted, draft=draft)
    is_recommended = form["outcome"].data == Outcome.RECOMMENDED
    if form.errors and not is_recommended:
        form = item_form(found.item, given, decision)  # faults of what is not recommended
    typed = Recorded(
        seen=request.form.get("seen", 0, type=int),
        outcome=form["outcome"].data,
        marks=agreements(form, given),
        wanted=wanted if is_recommended else None,
        asked=form["asked"].data,
        votes=form["votes"].data,
        note=form["remark"].data,
    )
    if form.errors:
        return _item(found, form, typed=wanted)
    try:
        recording.record(actor, key, application, typed, now=now())
    except Blocked as blocked:
        show(form, blocked)
        return _item(found, form, typed=wanted if is_recommended else None)
    except Stale as stale:
        return _item(meeting_items.item(actor, key, application), form, clash=str(stale))
    flash(f"{found.item.reference} is recorded.", "success")
    return redirect(_next(meeting_items.item(actor, key, application)))


def _next(found: ItemPage) -> str:
    """The next that waits after this one, then any that waits, then the list."""
    waiting = [one for one in found.page.items if one.outcome == Outcome.WAITING]
    later = [one for one in waiting if one.number > found.item.number]
    following = next(iter(later or waiting), None)
    key = found.page.meeting.key
    if following is None:
        return url_for("award.meeting", key=key)
    return url_for("award.item", key=key, application=following.key)
