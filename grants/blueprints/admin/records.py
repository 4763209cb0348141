"""The doors of what is kept: the audit trail and the outbox."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.admin import blueprint
from grants.queries import audit_trail as trail_queries
from grants.queries import outbox as outbox_queries
from grants.queries.audit_trail import Search
from grants.rules.actions import Action
from grants.rules.states import MessageState
from grants.services import messages, trail
from grants.web.filters import state_words
from grants.web.guards import current_actor, needs, now, settings

# Acts that are not verbs of ``actions.py``: they concern accounts, or the system did them.
ACCOUNT_ACTS = (
    "sign-in sign-out sign-out-elsewhere second-factor set-up-second-factor ask-new-password "
    "change-password invite ask-role grant-role end-role disable enable end-sessions ask-reset "
    "reset-second-factor turn-down hold-message release-message"
).split()


@blueprint.get("/audit-trail")
@needs(Action.READ_AUDIT, "audit")
def audit_trail() -> ResponseReturnValue:
    """Who did what, when, with the old and the new value."""
    search = Search(
        reference=request.args.get("reference", "").strip(),
        action=request.args.get("action", ""),
        person=request.args.get("person", "").strip(),
    )
    page = trail_queries.entries(current_actor(), search, request.args.get("page", 1, type=int))
    acts = sorted({*ACCOUNT_ACTS, *(action.value for action in Action)})
    options = [(act, act.replace("-", " ").capitalize()) for act in acts]
    return render_template("admin/audit_trail.html", page=page, search=search, acts=options)


@blueprint.post("/audit-trail/verify")
@needs(Action.READ_AUDIT, "audit")
def verify_trail() -> ResponseReturnValue:
    """Walk the whole chain and say whether it holds."""
    verdict = trail.verdict(current_actor())
    if verdict.is_whole:
        flash(
            f"The trail is whole: {verdict.entries:,} entries, each following the last.", "success"
        )
    else:
        flash(f"The trail is NOT whole. {verdict.fault}", "warning")
    return redirect(url_for("admin.audit_trail"))


@blueprint.get("/outbox")
@needs(Action.READ_OUTBOX, "message")
def outbox() -> ResponseReturnValue:
    """What is to be sent, and what was."""
    state, search = request.args.get("state", ""), request.args.get("search", "").strip()
    page = outbox_queries.messages(
        current_actor(),
        state=state,
        search=search,
        number=request.args.get("page", 1, type=int),
    )
    states = [(each.value, state_words(each)) for each in MessageState]
    return render_template(
        "admin/outbox.html",
        page=page,
        state=state,
        search=search,
        states=states,
        is_sending=bool(settings().smtp_host),
    )


@blueprint.get("/outbox/<uuid:key>")
@needs(Action.READ_OUTBOX, "message")
def message(key: uuid.UUID) -> ResponseReturnValue:
    """One message. A link that lets its holder in is shown in the demonstration alone."""
    found = outbox_queries.message(current_actor(), key, shows_links=settings().demonstration)
    return render_template("admin/message.html", message=found)


@blueprint.post("/outbox/<uuid:key>/hold")
@needs(Action.READ_OUTBOX, "message")
def hold_message(key: uuid.UUID) -> ResponseReturnValue:
    """Keep a message from being sent."""
    messages.hold(current_actor(), key, now=now())
    flash("Held. It stays here until it is released.", "success")
    return redirect(url_for("admin.message", key=key))


@blueprint.post("/outbox/<uuid:key>/release")
@needs(Action.READ_OUTBOX, "message")
def release_message(key: uuid.UUID) -> ResponseReturnValue:
    """Let a held or failed message be sent."""
    messages.release(current_actor(), key, now=now())
    flash("Released. It goes out with the next batch.", "success")
    return redirect(url_for("admin.message", key=key))
