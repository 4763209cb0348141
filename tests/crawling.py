"""Every page that can be asked for, with every key that there is, for the tests that look at all of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import sqlalchemy as sa
from flask import Flask

from grants.extensions import db
from grants.models.application import Application
from grants.models.assessment import Assessment, Conflict
from grants.models.attachment import Attachment
from grants.models.award import Award
from grants.models.calibration import CalibrationSample
from grants.models.extract import Extract
from grants.models.job import Job
from grants.models.letter import Letter
from grants.models.meeting import Meeting
from grants.models.organisation import Organisation
from grants.models.outbox import OutboxMessage
from grants.models.outcome_return import OutcomeReturn
from grants.models.person import Person
from grants.models.round import AllocationArea, Round, RoundDefinition
from grants.models.scenario import Scenario
from grants.models.workbook_load import ScoreLoad, WorkbookLoad

READERS = "readers"
# What a key in an address is of, by the parameter's name, or else by how the address begins.
NAMED: dict[str, tuple[Any, ...]] = {
    "person": (READERS,),
    "application": (Application,),
    "source": (Application,),
    "load": (WorkbookLoad, ScoreLoad),
}
KINDS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("/rounds/local/", (Award,)),
    ("/rounds/", (Round,)),
    ("/calibration/", (CalibrationSample,)),
    ("/samples/", (CalibrationSample,)),
    ("/applications/", (Application,)),
    ("/staff/applications/", (Application,)),
    ("/assessments/rounds/", (Round,)),
    ("/assessments/", (Assessment,)),
    ("/assignments/plans/", (Job,)),
    ("/large-type/", (Job,)),
    ("/jobs/", (Job,)),
    ("/extracts/", (Extract,)),
    ("/awards/", (Award,)),
    ("/outcomes/", (Award,)),
    ("/letters/", (Letter,)),
    ("/files/", (Attachment,)),
    ("/returns/", (OutcomeReturn,)),
    ("/staff/returns/", (OutcomeReturn,)),
    ("/people/", (Person,)),
    ("/members/", (Organisation,)),
    ("/organisations/", (Organisation,)),
    ("/outbox/", (OutboxMessage,)),
    ("/scenarios/", (Scenario,)),
    ("/meetings/", (Meeting,)),
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
SOUGHT = "hall"  # stands in the title of every application


@dataclass(frozen=True)
class Has:
    """What there is to fill into an address: keys by kind, words by name."""

    keys: dict[Any, list[str]]
    spoken: dict[str, tuple[str, ...]]


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
        kinds = {kind for _, of_it in (*KINDS, *NAMED.items()) for kind in of_it} - {READERS}
        keys = {
            kind: [str(key) for key in db.session.scalars(sa.select(kind.key).order_by(kind.id))]
            for kind in kinds
        }
        keys[READERS] = [str(key) for key in db.session.scalars(_readers())]
        has = Has(keys, _spoken())
    return [place for rule in of for place in _filled(rule, has, tuple(words))]


def _readers() -> sa.Select[tuple[uuid.UUID]]:
    """Whom a page about a person in a round can be of."""
    has = sa.union(sa.select(Assessment.person_id), sa.select(Conflict.person_id))
    return sa.select(Person.key).where(Person.id.in_(has)).order_by(Person.id)


def _spoken() -> dict[str, tuple[str, ...]]:
    """The words that a parameter can be, by the part before it and its name: of the first round.

    In a context.
    """
    content = db.session.scalars(
        sa.select(RoundDefinition.content).order_by(RoundDefinition.id).limit(1)
    ).first()
    if content is None:
        return {}
    sections, returns = content["sections"], content["return_form"]
    tables = [one for section in sections for one in section["questions"] if one.get("columns")]
    found = {
        "applications/section": sections[:1],
        "returns/section": returns["sections"][:1],
        "rounds/section": sections[:1],
        "question": tables[:1],
        "column": tables[0]["columns"][:1] if tables else [],
        "after": sections[0]["questions"][:1],
        **{one: content[f"{one}s"][:1] for one in ("rule", "cap", "level", "strand")},
        "remove/name": sections[1:2],
        "criterion": content["scoring"]["criteria"][:1],
        "check": content["eligibility"][:1],
        "period": returns["periods"][:1],
    }
    spoken = {name: tuple(one["key"] for one in some) for name, some in found.items() if some}
    areas = sa.select(AllocationArea.id).order_by(AllocationArea.id).limit(1)
    return spoken | {
        "area": tuple(map(str, db.session.scalars(areas))),
        "reference": tuple(db.session.scalars(sa.select(Round.reference))),
        "lists/name": tuple(sorted(content["code_lists"]))[:1],
        "letter-words/kind": (content["letters"][0]["kind"],),
        "new/kind": (content["rules"][0]["kind"],),
        "remove/kind": ("section",),
        "row": ("r1",),
    }


def _filled(rule: str, has: Has, words: tuple[str, ...]) -> Iterator[str]:
    one = FIRST.sub(r"\1", rule)
    found = PARAMETER.search(one)
    if found is None:
        yield one
        return
    for value in _values(rule, found, has, words):
        yield from _filled(one[: found.start()] + value + one[found.end() :], has, words)


def _values(rule: str, found: re.Match[str], has: Has, words: tuple[str, ...]) -> Iterable[str]:
    kind, name = found.groups()
    if kind == "uuid":
        return _keys(rule, name, has.keys)
    parts = rule[: rule.index(":" + name)].split("/")
    known = (f"{parts[1]}/{name}", f"{parts[-2]}/{name}", name)
    spoken = next((has.spoken[one] for one in known if one in has.spoken), ())
    return spoken or (("1",) if kind == "int" else words)


def _keys(rule: str, name: str, keys: dict[Any, list[str]]) -> list[str]:
    kinds = NAMED.get(name) or next((found for start, found in KINDS if rule.startswith(start)), ())
    return [key for one in kinds for key in keys[one]] or [str(uuid.UUID(int=7))]


class _Asking(HTMLParser):
    """What a page offers to ask: its links with a question, its forms that only ask."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, dict[str, None]()
        self.form: str | None = None
        self.fixed: dict[str, str] = {}
        self.fields: list[tuple[str, str]] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "?" in given.get("href", ""):
            self._add(given["href"])
        elif tag == "form" and given.get("method", "get").lower() == "get":
            self.form, self.fixed, self.fields = given.get("action", ""), {}, []
        elif self.form is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and value:
            self.fields.append((self.select, value))
        elif tag == "input" and kind == "hidden":
            self.fixed[name] = value
        elif tag == "input" and name:
            ticked = kind in {"checkbox", "radio"}
            self.fields.append((name, value if ticked else value or SOUGHT))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "form" and self.form is not None:
            for name, value in self.fields:
                self._add(f"{self.form.split('?')[0]}?{urlencode({**self.fixed, name: value})}")
            self.form = None

    def _add(self, place: str) -> None:
        whole = urlsplit(urljoin(self.address, place))
        if not whole.netloc and not whole.path.startswith(ELSEWHERE):
            self.found[f"{whole.path}?{whole.query}"] = None


ELSEWHERE = ("/sign-in", "/static/")


def questions(address: str, page: str) -> list[str]:
    """The addresses with a search, a sort, a filter or a page number that this page leads to."""
    asking = _Asking(address)
    asking.feed(page)
    return list(asking.found)
