"""``python -m bench.last_minutes``: a round's last two minutes, with 640 people writing and sending.

Two server processes on PostgreSQL answer over HTTP. Everybody reads a section, types into it again
and again, each time on top of what the server last said it holds, and sends before the round closes.
Afterwards the database is asked whether anything that was taken in is missing: that is the finding,
printed with the times people waited.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bench import world
from bench.databases import application
from bench.workloads import SIGN_IN, TOKEN
from bench.world import NOW
from grants.extensions import db
from grants.models.application import Answer, Application, ApplicationVersion
from grants.models.round import Round
from grants.rules.states import ApplicationState

OTHERS = 64  # applications that are there already
SECTION, QUESTION = "plan", "plan_summary"
VERSIONS = re.compile(rb'name="_versions" value="([^"]*)"')
WORKERS, PATIENCE = 2, 60.0
START, SENDING = 5.0, 0.35  # seconds to gather; the share of the time in which people send


@dataclass
class Writer:
    """One person: what they typed last, what the server took in, and how long each answer took."""

    key: str
    cookie: str
    port: int
    address: str
    dice: random.Random
    accepted: str = ""
    is_sent: bool = False
    trouble: list[str] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=dict)
    jar: str = ""

    def live(self, begins: float, ends: float, saves: int) -> None:
        """Read, type, send: in real seconds."""
        try:
            self._live(begins, ends, saves)
        except (OSError, http.client.HTTPException, AssertionError) as error:
            self.trouble.append(f"{type(error).__name__}: {error}"[:200])

    def _live(self, begins: float, ends: float, saves: int) -> None:
        span = ends - begins
        sends = ends - span * SENDING * self.dice.random() - 2
        moments = sorted(begins + (sends - 1 - begins) * self.dice.random() for _ in range(saves))
        _until(moments[0] - 1)
        page = self._ask("section", f"/applications/{self.key}/sections/{SECTION}")
        token, seen = self._token(page), self._seen(page)
        for number, moment in enumerate(moments):
            _until(moment)
            text = f"Saved {number} times by {self.key}, in time."
            sent = {QUESTION: text, "_versions": json.dumps(seen), "csrf_token": token}
            answer = self._ask("autosave", f"/applications/{self.key}/autosave", sent)
            seen |= json.loads(answer)["versions"]
            self.accepted = text
        _until(sends)
        page = self._ask("check", f"/applications/{self.key}/check")
        sent = {"csrf_token": self._token(page)}
        self._ask("send", f"/applications/{self.key}/submit", sent, expected=302)
        self.is_sent = True

    def _ask(
        self, what: str, path: str, data: dict[str, str] | None = None, expected: int = 200
    ) -> bytes:
        began = time.perf_counter()
        link = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, source_address=(self.address, 0)
        )
        head = {"Cookie": f"{SIGN_IN}={self.cookie}; {self.jar}", "Connection": "close"}
        body = None
        if data is not None:
            body = urlencode(data)
            head |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        link.request("GET" if data is None else "POST", path, body, head)
        answer = link.getresponse()
        found = answer.read()
        link.close()
        self.waits.setdefault(what, []).append(time.perf_counter() - began)
        assert answer.status == expected, f"{what}: {answer.status}"
        if kept := answer.getheader("Set-Cookie"):
            self.jar = kept.split(";")[0]
        return found

    @staticmethod
    def _token(page: bytes) -> str:
        found = TOKEN.search(page)
        assert found, "a page without a form"
        return found[1].decode()

    @staticmethod
    def _seen(page: bytes) -> dict[str, int]:
        found = VERSIONS.search(page)
        assert found, "a page without versions"
        known: dict[str, int] = json.loads(found[1].decode().replace("&#34;", '"'))
        return {name: number for name, number in known.items() if name == QUESTION}


def main() -> None:
    """Build, serve, let people write, look what is there, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.last_minutes", description=__doc__)
    parser.add_argument("--people", type=int, default=640)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--saves", type=int, default=6, help="times each person types")
    asked = parser.parse_args()
    threading.stack_size(256 * 1024)
    with application("postgresql") as (app, server):
        with app.app_context():
            made = world.build(OTHERS, asked.people)
            drafts = _drafts()
            url = app.config["SETTINGS"].database_url
            instance = str(app.config["SETTINGS"].instance)
        with _servers(instance, url) as (ports, began):
            begins = time.time() + START
            ends = begins + asked.seconds
            with app.app_context():
                _close_at(made.round_id, NOW + dt.timedelta(seconds=ends - began))
            writers = [
                Writer(
                    key,
                    made.applicants[person],
                    ports[number % WORKERS],
                    f"127.1.{number // 250}.{number % 250 + 1}",
                    random.Random(number),
                )
                for number, (key, person) in enumerate(drafts)
            ]
            _crowd(writers, begins, ends, asked.saves)
        with app.app_context():
            found = _missing(writers)
    del server
    print(json.dumps({**vars(asked), **_about(), **found, **_waits(writers)}, indent=1))


def _drafts() -> list[tuple[str, int]]:
    rows = db.session.execute(
        sa.select(Application.key, Application.created_by)
        .where(Application.state == ApplicationState.DRAFT)
        .order_by(Application.id)
    )
    return [(str(key), person) for key, person in rows]


@contextmanager
def _servers(instance: str, url: str) -> Iterator[tuple[list[int], float]]:
    """The processes that answer, ready; and the second at which their clock began."""
    began = time.time()
    ports = [_free_port() for _ in range(WORKERS)]
    words = [sys.executable, "-m", "bench.serving", instance, url]
    children = [subprocess.Popen([*words, str(port), str(began)]) for port in ports]
    try:
        for port in ports:
            _await(port)
        yield ports, began
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("a server did not start")


def _close_at(round_id: int, moment: dt.datetime) -> None:
    record = db.session.get_one(Round, round_id)
    record.closes_at = moment
    db.session.commit()


def _crowd(writers: list[Writer], begins: float, ends: float, saves: int) -> None:
    threads = [threading.Thread(target=one.live, args=(begins, ends, saves)) for one in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def _missing(writers: list[Writer]) -> dict[str, Any]:
    """What was taken in and is not there: in the answers, and in what was sent."""
    kept = {
        str(row.key): row
        for row in db.session.execute(
            sa.select(
                Application.key,
                Application.state,
                Answer.text,
                ApplicationVersion.content,
            )
            .join(Answer, Answer.application_id == Application.id)
            .outerjoin(ApplicationVersion, ApplicationVersion.application_id == Application.id)
            .where(Answer.question == QUESTION, Answer.row == "")
        )
    }
    lost, unsent = 0, 0
    for one in writers:
        row = kept[one.key]
        lost += bool(one.accepted) and row.text != one.accepted
        if one.is_sent:
            texts = {question: text for question, _, text in (row.content or {}).get("answers", ())}
            is_there = row.state == ApplicationState.SUBMITTED and texts[QUESTION] == one.accepted
            unsent += not is_there
    troubles = Counter(text for one in writers for text in one.trouble)
    return {
        "sent": sum(one.is_sent for one in writers),
        "lost_texts": lost,
        "lost_applications": unsent,
        "troubles": dict(troubles.most_common(10)),
    }


def _waits(writers: list[Writer]) -> dict[str, Any]:
    found: dict[str, list[float]] = {}
    for one in writers:
        for what, times in one.waits.items():
            found.setdefault(what, []).extend(times)
    return {
        "wait_ms": {
            what: {
                "requests": len(times),
                "p50": round(statistics.median(times) * 1000),
                "p95": round(sorted(times)[int(len(times) * 0.95)] * 1000),
                "longest": round(max(times) * 1000),
            }
            for what, times in found.items()
        }
    }


def _about() -> dict[str, Any]:
    return {"processors": os.cpu_count(), "load": [round(one, 1) for one in os.getloadavg()]}


if __name__ == "__main__":
    main()
