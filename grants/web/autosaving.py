"""The door of autosave, whatever is being written: what came from the script, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Request, jsonify
from flask.typing import ResponseReturnValue

from grants.services.answer_sheet import Clash, Refused, Saved, Sent
from grants.web.answer_places import (
    At,
    Place,
    clash_sentence,
    name_of,
    named,
    place_of,
    seen_in,
    sent_texts,
    unfit_fields,
)
from grants.web.filters import time_short
from grants.web.guards import now

CLASH, UNKEPT, SAVED = 409, 422, 200
CHOSEN = "_chosen"


def received(request: Request) -> tuple[Sent, tuple[At, ...]]:
    """What can be kept of what was typed, and what cannot, told before anything is taken away."""
    texts, unfit = _fit(request, sent_texts(request))
    return Sent(texts=texts, seen=seen_in(request), chosen=_chosen(request)), unfit


def of_page(
    request: Request, texts: Mapping[Place, str], section: str
) -> tuple[Sent, tuple[At, ...]]:
    """The same of a whole page that is saved by button: ``texts`` are what its form read."""
    kept, unfit = _fit(request, texts)
    return Sent(texts=kept, seen=seen_in(request), section=section), unfit


def _fit(request: Request, texts: Mapping[Place, str]) -> tuple[dict[Place, str], tuple[At, ...]]:
    unfit = unfit_fields(request)
    out = {(problem.question, problem.row) for problem in unfit}
    return {place: text for place, text in texts.items() if place not in out}, unfit


def told(saved: Saved, unfit: tuple[At, ...] = (), **more: Any) -> ResponseReturnValue:
    """What became of each field: its version where it is saved, both texts, or why it is not kept.

    ``more`` is told beside it.
    """
    clashes = [_clash(clash) for clash in saved.clashes]
    unkept: list[At | Refused] = [*unfit, *saved.refused]
    refused = [_refused(entry) for entry in unkept]
    unsaved = {entry["field"] for entry in (*clashes, *refused)}
    versions = {
        name: number for name, number in named(saved.versions).items() if name not in unsaved
    }
    answer: dict[str, Any] = {"saved_at": time_short(now()), "versions": versions, **more}
    if not clashes and not refused:
        return jsonify(answer), SAVED
    first = (*clashes, *refused)[0]["message"]
    answer |= {"clashes": clashes, "refused": refused, "message": first}
    return jsonify(answer), CLASH if clashes else UNKEPT


def _clash(clash: Clash) -> dict[str, Any]:
    return {
        "field": name_of((clash.question, clash.row)),
        "yours": clash.yours,
        "theirs": clash.theirs,
        "version": clash.version,
        "message": clash_sentence(clash),
    }


def _refused(entry: At | Refused) -> dict[str, Any]:
    return {"field": name_of((entry.question, entry.row)), "message": entry.text}


def _chosen(request: Request) -> frozenset[Place]:
    """Where the person chose between two texts; nothing where that cannot be read."""
    try:
        names = json.loads(request.form.get(CHOSEN, "[]"))
    except ValueError:
        return frozenset()
    return (
        frozenset(place_of(str(name)) for name in names) if isinstance(names, list) else frozenset()
    )
