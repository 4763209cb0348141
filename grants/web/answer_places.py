"""Where answers stand on a page: the names of their fields, the versions it knows, and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Request

from grants.rules.answers import UNFIT, unfit
from grants.rules.refusals import Reason
from grants.services.answer_sheet import Clash, Refused
from grants.web.filters import time_short
from grants.web.forms import as_typed

Place = tuple[str, str]
SEEN = "_versions"
NOT_ANSWERS = frozenset({SEEN, "_chosen", "csrf_token"})


@dataclass(frozen=True, slots=True)
class At:
    """A sentence about one answer, as the form builder attaches it."""

    question: str
    row: str
    text: str
    sentence: str


def name_of(place: Place) -> str:
    """The name of the field: ``question``, ``kind.row`` or ``table.row.column``."""
    table, _, column = place[0].partition(".")
    if column:
        return f"{table}.{place[1]}.{column}"
    return f"{table}.{place[1]}" if place[1] else table


def place_of(name: str) -> Place:
    """Where the answer of the field with this name stands."""
    table, _, rest = name.partition(".")
    row, _, column = rest.partition(".")
    return (f"{table}.{column}" if column else table, row)


def named(versions: Mapping[Place, int]) -> dict[str, int]:
    """The versions by the names of the fields."""
    return {name_of(place): number for place, number in versions.items()}


def versions_text(versions: Mapping[Place, int]) -> str:
    """The versions as the page carries them."""
    return json.dumps(named(versions), separators=(",", ":"))


def reasons_of(unkept: Iterable[At | Refused]) -> tuple[Reason, ...]:
    """Why fields could not be kept, by their names."""
    return tuple(Reason(entry.text, name_of((entry.question, entry.row))) for entry in unkept)


def seen_in(request: Request) -> Mapping[Place, int] | None:
    """The versions that the page was made with; None where it sent none that can be read."""
    try:
        versions = json.loads(request.form.get(SEEN, ""))
        return {place_of(str(name)): int(number) for name, number in versions.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def sent_texts(request: Request) -> dict[Place, str]:
    """What a script sent of what was just typed: several values of one field are lines of one text."""
    return {
        place_of(name): "\n".join(as_typed(value) for value in values)
        for name, values in request.form.lists()
        if name not in NOT_ANSWERS
    }


def unfit_fields(request: Request) -> tuple[At, ...]:
    """Fields with a character that no page can show: told, before the form takes it away."""
    return tuple(
        At(*place_of(name), unfit(value), unfit(value))
        for name, value in request.form.items(multi=True)
        if UNFIT.search(value) and name not in NOT_ANSWERS
    )


def clash_sentence(clash: Clash) -> str:
    """Who changed it, and when. Nobody is named where it was the same person."""
    when = time_short(clash.at)
    if not clash.by:
        return f"You changed this in another window or on another device at {when}."
    return f"{clash.by} changed this at {when}, while you had it open."
