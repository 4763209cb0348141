"""What the pages of setting up a round share."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import g, render_template
from flask.typing import ResponseReturnValue

from grants.funds.definition import Fund
from grants.queries import rounds as queries
from grants.queries.definitions import Working, working
from grants.queries.rounds import RoundRow
from grants.rules.actions import Action
from grants.rules.form_edits import Edit
from grants.rules.people import Actor
from grants.rules.permissions import Case, may
from grants.rules.refusals import Blocked, Forbidden
from grants.rules.states import RoundState, Tier
from grants.services import definitions
from grants.web.forms import Form
from grants.web.guards import current_actor, now


@dataclass(frozen=True, slots=True)
class Bench:
    """A round and the version of its rulebook that is being worked on."""

    record: RoundRow
    version: Working
    is_open_to_change: bool

    @property
    def fund(self) -> Fund:
        """The rulebook as it stands."""
        return self.version.fund


def bench(key: uuid.UUID) -> Bench:
    """The round with this key on the bench. Two statements. Raises NotFound."""
    actor = current_actor()
    record = queries.one(actor, key)
    version = working(actor, record.id)
    g.working = version.sha256
    is_draft = record.state == RoundState.DRAFT or not version.is_published
    return Bench(record, version, is_draft and may_set_up(actor, record))


def to_change(key: uuid.UUID) -> RoundRow:
    """The round with this key for somebody who sets it up. Raises NotFound, Forbidden for readers."""
    actor = current_actor()
    record = queries.one(actor, key)
    if not may_set_up(actor, record):
        raise Forbidden("This round is set up by others.")
    return record


def may_set_up(actor: Actor, record: RoundRow) -> bool:
    """Whether this person sets up this round, or only reads it."""
    is_local = record.tier == Tier.LOCAL
    case = Case(fund=record.fund, funder_id=record.organisation_id, is_local=is_local)
    return may(actor, Action.SET_UP_ROUND, case)


def take(
    form: Form | None, key: uuid.UUID, step: Edit, what: str, *, after_opening: bool = True
) -> str | None:
    """Take a step of the editor: the key of what changed, or None with the reasons at the fields."""
    try:
        return definitions.edit(
            current_actor(),
            key,
            step,
            what,
            now=now(),
            after_opening=after_opening,
            seen=g.get("working", "") if form is not None else "",
        )
    except Blocked as refusal:
        if form is None:
            raise
        form.add_reasons(refusal)
        return None


def form_page(
    form: Form,
    heading: str,
    back: str,
    *,
    record: RoundRow | None = None,
    button_text: str = "Save",
    intro: str = "",
) -> ResponseReturnValue:
    """A page that is one form."""
    page = render_template(
        "rounds/form.html",
        form=form,
        heading=heading,
        back=back,
        record=record,
        button_text=button_text,
        intro=intro,
    )
    return page, form.status


def guarded(form: Form, verb: Callable[[], object]) -> bool:
    """Whether the verb did it; what stood in the way is put at the fields."""
    try:
        verb()
    except Blocked as refusal:
        form.add_reasons(refusal)
        return False
    return True
