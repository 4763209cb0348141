"""One world as each person sees it: every page, every question that a page offers, every export, every mail.

The world is built once and set aside; each secret is put into a copy of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants.extensions import db
from grants.jobs import worker
from grants.jobs.handlers import CLOCK_WORK, HANDLERS
from grants.models.application import Application
from grants.models.extract import Extract
from grants.models.outbox import OutboxMessage
from grants.models.round import RoundDefinition
from grants.models.workbook_load import ScoreLoad, WorkbookLoad
from grants.notifications import outbox
from grants.rules.people import Actor
from grants.services import (
    allocate_later,
    calibration,
    extracts,
    large_packs,
    meetings,
    samples,
    scenarios,
)
from grants.services.allocate import Wish
from grants.services.extracts import FORMATS
from grants.services.meetings import Plan
from grants.services.scenarios import View
from tests import build, crawling, everybody, signing
from tests.everybody import CONFLICTED, Bid, World

TOKEN = re.compile(rb'name="(?:csrf_token|key)" value="[^"]*"')
TABLE = re.compile(r'name="tables"[^>]*value="([^"]*)"')
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
VIEW = View(measure="total", budgets={})
LATER = build.NOW + dt.timedelta(days=27)  # when drafts are reminded of the closing date
Look = tuple[int, str, str]  # status, where to, fingerprint of what is there
Seen = dict[str, Look]
Secret = Callable[["Watch"], None]
NOT_TOLD = {"deliver_outbox", "clear_extracts", "clear_packs"}
OPENED = {200, 409, 422}  # the page itself, perhaps with a sentence about what is in the way


@dataclass
class Watch:
    """The world, its browsers, and what each saw before there was a secret."""

    app: Flask
    database: Any
    world: World
    scoring: Bid  # being scored: the second reader's scores are in
    weighed: Bid  # in moderation
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)  # of each person
    before: dict[str, Seen] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)  # the tables that looking changed

    def actor(self, who: str) -> Actor:
        """Somebody as the gate makes them. In a context."""
        return build.actor_of(self.world.person(who))

    def back(self) -> None:
        """The world as it was set aside."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.database.restore("world")

    def first_look(self) -> None:
        """As everybody sees it without a secret; and what looking writes."""
        self.back()
        kept = prints(self.app)
        pages = {who: self._explored(who) for who in self.clients}
        now = prints(self.app)
        self.written = [table for table in kept if now[table] != kept[table]]
        self.before = {who: pages[who] | self._fetched(who) for who in self.clients}
        self._add_mail(self.before)

    def look(self, people: Iterable[str], *secrets: Secret) -> list[tuple[str, str]]:
        """What these people see of these secrets: who, and where."""
        self.back()
        with self.app.app_context():
            for secret in secrets:
                secret(self)
            db.session.commit()
        pages = {who: self._pages(who, self.asked[who]) for who in people}
        seen = {who: pages[who] | self._fetched(who) for who in pages}
        self._add_mail(seen)
        return [
            (who, place)
            for who in pages
            for place in seen[who].keys() | self.before[who].keys()
            if seen[who].get(place) != self.before[who].get(place)
        ]

    def glance(self, who: str, addresses: Iterable[str], *secrets: Secret) -> Seen:
        """These pages alone."""
        self.back()
        with self.app.app_context():
            for secret in secrets:
                secret(self)
            db.session.commit()
        return self._pages(who, addresses)

    def _explored(self, who: str) -> Seen:
        """Every address, and every question that its page offers."""
        seen: Seen = {}
        asked: dict[str, str] = {}  # each once, whatever keys stand in it
        for address in self.addresses:
            answer = self.clients[who].get(address)
            seen[address] = self._look(who, address, answer)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                for place in crawling.questions(address, answer.get_data(as_text=True)):
                    asked.setdefault(KEY.sub("*", place), place)
            answer.close()
        self.asked[who] = [*self.addresses, *asked.values()]
        return seen | self._pages(who, asked.values())

    def _pages(self, who: str, addresses: Iterable[str]) -> Seen:
        seen = {}
        for address in addresses:
            answer = self.clients[who].get(address)
            seen[address] = self._look(who, address, answer)
            answer.close()
        return seen

    def _look(self, who: str, address: str, answer: Any) -> Look:
        assert answer.status_code != 500, f"{who} broke {address}"
        body = TOKEN.sub(b"", answer.get_data())
        return answer.status_code, answer.location or "", hashlib.sha256(body).hexdigest()

    def _fetched(self, who: str) -> Seen:
        """What is fetched by asking with a form: score workbooks, and extracts in every format."""
        seen: Seen = {}
        if not who:
            return seen
        client, place = self.clients[who], f"/rounds/{self.world.round_key}/score-workbook.xlsx"
        seen[place] = self._look(who, place, client.post(place))
        for place in self.packs:
            answer = client.post(place)
            seen[place] = self._look(who, place, answer)
            answer.close()
        page = client.get(f"/rounds/{self.world.round_key}/extracts")
        if page.status_code == 200:
            tables = TABLE.findall(page.get_data(as_text=True))
            seen |= {kind: self._extract(who, tables, kind) for kind in FORMATS}
        return seen

    def _extract(self, who: str, tables: list[str], kind: str) -> Look:
        form = {"tables": tables, "format": kind, "reason": "To compare."}
        address = f"/rounds/{self.world.round_key}/extracts"
        assert self.clients[who].post(address, data=form).status_code == 302, who
        with self.app.app_context():
            worker.run_due(build.NOW)
            made = db.session.query(Extract).order_by(Extract.id.desc()).first()
            assert made is not None
            address = f"/extracts/{made.key}/file"
        answer = self.clients[who].get(address)
        assert answer.status_code == 200, (who, kind)
        found = self._look(who, address, answer)
        answer.close()
        return found

    def _add_mail(self, seen: dict[str, Seen]) -> None:
        """With what the clock sends by itself a day later, and shortly before the round closes."""
        with self.app.app_context():
            for when in (build.NOW + dt.timedelta(days=1), LATER):
                for kind in sorted(CLOCK_WORK.keys() - NOT_TOLD):
                    HANDLERS[kind]({}, now=when, progress=lambda _done, _total: None)
            for who, found in seen.items():
                rows = db.session.execute(
                    sa.select(OutboxMessage.subject, OutboxMessage.body)
                    .where(OutboxMessage.recipient == self.world.people.get(who, ""))
                    .order_by(OutboxMessage.id)
                )
                found["mail"] = (0, "", KEY.sub("*", repr([tuple(row) for row in rows])))


def prints(app: Flask) -> dict[str, str]:
    """A fingerprint of every table's rows."""
    with app.app_context():
        return {
            table.name: hashlib.sha256(
                repr(
                    [
                        tuple(row)
                        for row in db.session.execute(sa.select(table).order_by(*table.primary_key))
                    ]
                ).encode()
            ).hexdigest()
            for table in db.metadata.sorted_tables
        }


def made(app: Flask, database: Any, now: dt.datetime) -> Watch:
    """The world, set aside with everybody signed in."""
    with app.app_context():
        world = everybody.world()
        _with_every_step(world)
        everybody.bid(world, "accepted", conflicted=())
        draft = everybody.bid(world, "draft")
        watch = Watch(
            app,
            database,
            world,
            everybody.bid(world, "assessing"),
            everybody.bid(world, "moderation"),
        )
        _make(watch, draft)
    for who in ("", *(one for one in world.people if one != "second_approver")):
        client = app.test_client()
        watch.clients[who] = (
            signing.sign_in(app, client, world.people[who], now=now) if who else client
        )
    watch.addresses = crawling.addresses(app, ("lead",))
    watch.packs = crawling.filled(app, ["/large-type/<uuid:key>.pdf"], ())
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    database.keep("world")
    return watch


def _with_every_step(world: World) -> None:
    """Rounds with all that a round can ask for but blind reading, which has tests of its own."""
    for record in db.session.scalars(sa.select(RoundDefinition)):
        stages = {name: name != "blind" for name in record.content["stages"]}
        record.content = {**record.content, "stages": stages}
        text = json.dumps(record.content, sort_keys=True)
        record.sha256 = hashlib.sha256(text.encode()).hexdigest()
    db.session.commit()


def _make(watch: Watch, draft: Bid) -> None:
    """What people made and have waiting: a scenario, a meeting, a plan, packs, extracts, workbooks."""
    world, manager = watch.world, watch.actor("manager")
    scenarios.keep(manager, world.round_key, "Ours", VIEW, now=build.NOW)
    _meet(world, manager)
    samples.add_sample(manager, world.round_key, "fund:strong", now=build.NOW)
    calibration.open_set(manager, world.round_key, now=build.NOW)
    allocate_later.ask(manager, world.round_key, Wish(2, 9), now=build.NOW)
    large_packs.ask(watch.actor("assessor"), world.round_key, now=build.NOW)
    auditor = watch.actor("auditor")
    tables = [one.name for one in extracts.desk(auditor, world.round_key, now=build.NOW).tables]
    extracts.ask(auditor, world.round_key, tables, "json", "To look.", now=build.NOW)
    worker.run_due(build.NOW)
    words = {"name": "", "link": "https://example.org/made-up"}
    outbox.queue("password", world.people["submitter"], now=build.NOW, values=words)
    db.session.commit()
    application = db.session.get_one(Application, draft.id)
    build.kept(
        WorkbookLoad(
            application_id=draft.id,
            person_id=world.person("submitter").id,
            definition_id=application.definition_id,
            made_at=build.NOW,
            content=[],
        ),
        ScoreLoad(
            round_id=world.round_id,
            person_id=world.person("assessor").id,
            made_at=build.NOW,
            content=[],
        ),
    )


def _meet(world: World, manager: Actor) -> None:
    """A meeting of the round: its members read what it takes, those with an interest not."""
    sitters = [world.person(who).id for who in ("second_assessor", *CONFLICTED)]
    plan = Plan(
        held_on=build.NOW.date(),
        place="Room 2 (fictional)",
        quorum=2,
        chair=sitters[0],
        secretary=manager.person_id,
        members=frozenset(sitters),
    )
    meetings.plan(manager, world.round_key, plan, now=build.NOW)
