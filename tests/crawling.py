"""Every page that can be asked for, with every key that there is, for the tests that look at all of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from flask import Flask

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.calibration import CalibrationSample
from grants.models.letter import Letter
from grants.models.meeting import Meeting
from grants.models.organisation import Organisation
from grants.models.outcome_return import OutcomeReturn
from grants.models.person import Person
from grants.models.round import Round
from grants.models.scenario import Scenario

# What a key in an address is of, by how the address begins: several where one cannot tell.
KINDS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("/rounds/", (Round,)),
    ("/calibration/", (CalibrationSample,)),
    ("/samples/", (CalibrationSample,)),
    ("/applications/", (Application,)),
    ("/staff/applications/", (Application,)),
    ("/assessments/rounds/", (Round,)),
    ("/assessments/", (Assessment,)),
    ("/awards/", (Award,)),
    ("/outcomes/", (Award,)),
    ("/letters/", (Letter,)),
    ("/files/", (Attachment,)),
    ("/returns/", (OutcomeReturn,)),
    ("/staff/returns/", (OutcomeReturn,)),
    ("/people/", (Person,)),
    ("/organisations/", (Organisation,)),
    ("/scenarios/", (Scenario,)),
    ("/meetings/", (Meeting, Application)),
)
PARAMETER = re.compile(r"<(\w+)(?:\([^)]*\))?:(\w+)>")
FIRST = re.compile(r"<any\(([a-z-]+)[^)]*\):\w+>")
LISTS = (
    "?search=hall&sort=-amount",
    "?sort=state&state=approved",
    "?award=approved",
    "?award=recommended&area=Shetland+Islands",
    "?area=Orkney+Islands&measure=asked",
    "?by=assessor&show=waiting&sort=readers",
    "?budget=9000&measure=adjusted&show=reserve",
)


def rules(app: Flask) -> list[str]:
    """Each address as written that answers to GET."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]


def addresses(app: Flask, words: Iterable[str] = ("form",)) -> list[str]:
    """Each of them with every key of its kind, and the words given. In no context."""
    return filled(app, rules(app), words)


def filled(app: Flask, of: Iterable[str], words: Iterable[str]) -> list[str]:
    """These addresses with every key of their kind."""
    with app.app_context():
        keys = {
            kind: [str(key) for key in db.session.scalars(sa.select(kind.key).order_by(kind.id))]
            for kind in {kind for _, kinds in KINDS for kind in kinds}
        }
    return [place for rule in of for place in _filled(rule, keys, tuple(words))]


def _filled(rule: str, keys: dict[Any, list[str]], words: tuple[str, ...]) -> Iterator[str]:
    one = FIRST.sub(r"\1", rule)
    found = PARAMETER.search(one)
    if found is None:
        yield one
        return
    for value in _values(rule, found.group(1), keys, words):
        yield from _filled(one[: found.start()] + value + one[found.end() :], keys, words)


def _values(
    rule: str, kind: str, keys: dict[Any, list[str]], words: tuple[str, ...]
) -> Iterable[str]:
    if kind == "uuid":
        kinds = next((kinds for start, kinds in KINDS if rule.startswith(start)), ())
        return [key for one in kinds for key in keys[one]] or [str(uuid.UUID(int=7))]
    return ("1",) if kind == "int" else words
