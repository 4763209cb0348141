"""The doors of code lists: national ones to read, a round's own to write."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint
from grants.blueprints.rounds.pages import bench, take
from grants.rules import list_edits
from grants.rules.actions import Action
from grants.web.forms import LongTextField, TextField
from grants.web.guards import needs
from grants.web.shared_forms import SharedForm

LISTS = "/rounds/<uuid:key>/lists"


class ListForm(SharedForm):
    """A list of answers of the round's own."""

    title = TextField("Name of the list")
    labels = LongTextField("Answers", hint="One on each line, in the order they are to stand.")


@blueprint.get(LISTS)
@needs(Action.SET_UP_ROUND, "round")
def lists(key: uuid.UUID) -> ResponseReturnValue:
    """Every list of answers, with its edition and where it comes from."""
    desk = bench(key)
    listed = sorted(desk.fund.code_lists.values(), key=lambda entry: entry.words.casefold())
    return render_template(
        "rounds/lists.html",
        bench=desk,
        record=desk.record,
        own=[entry for entry in listed if entry.own],
        national=[entry for entry in listed if not entry.own],
        uses={entry.name: list_edits.uses_of(desk.fund, entry.name) for entry in listed},
    )


@blueprint.route(f"{LISTS}/new", methods=["GET", "POST"], defaults={"name": ""})
@blueprint.route(f"{LISTS}/<string:name>", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def code_list(key: uuid.UUID, name: str) -> ResponseReturnValue:
    """Add a list of the round's own, or change it. A national one is shown."""
    desk = bench(key)
    known = list_edits.list_of(desk.fund, name) if name else None
    labels = "\n".join(code.label for code in known.codes) if known else ""
    form = ListForm(data={"title": known.title if known else "", "labels": labels})
    if form.validate_on_submit():
        title, typed = form.title.data, form.labels.data.split("\n")
        made = take(
            form,
            key,
            lambda fund: (
                list_edits.save_list(fund, name, title, typed)
                if name
                else list_edits.add_list(fund, title, typed)
            ),
            f"the list {name}" if name else "a new list",
        )
        if made is not None:
            return redirect(url_for("rounds.lists", key=key))
    page = render_template(
        "rounds/list.html",
        bench=desk,
        record=desk.record,
        listed=known,
        form=form,
        uses=list_edits.uses_of(desk.fund, name) if name else (),
    )
    return page, form.status


@blueprint.post(f"{LISTS}/<string:name>/remove")
@needs(Action.SET_UP_ROUND, "round")
def remove_list(key: uuid.UUID, name: str) -> ResponseReturnValue:
    """Take away a list of the round's own that nothing uses."""
    take(None, key, lambda fund: list_edits.remove_list(fund, name), f"removed the list {name}")
    flash("The list is removed.", "success")
    return redirect(url_for("rounds.lists", key=key))
