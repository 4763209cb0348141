"""What is asked of the product, each as a list of calls: reading, writing, exporting."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.answers import complete
from bench.measuring import REPEATS, WARM, Answer, Browser
from bench.world import FUND, World
from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment
from grants.rules.states import ApplicationState, AssessmentState

TIMES = WARM + 1 + REPEATS
SIGN_IN = "grants_sign_in"
TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
Calls = list[Callable[[], Answer]]


class Workloads:
    """Every workload of one world."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app = app
        self.world = world
        self._count = 0

    def browser(self) -> Browser:
        """One at an address of its own, so that the guard against floods stays out of the way."""
        self._count += 1
        return Browser(self.app.wsgi_app, f"10.0.{self._count // 250}.{self._count % 250 + 1}")

    def reads(self) -> dict[str, Calls]:
        """Pages, each asked for again and again."""
        manager, approver = self.world.cookies["manager"], self.world.cookies["approver"]
        evaluator = self.world.cookies["evaluator"]
        assessor = next(iter(self.world.assessors.values()))
        applications = f"/rounds/{self.world.round_key}/applications"
        ranking = f"/rounds/{self.world.round_key}/ranking"
        area = self.world.area.replace(" ", "+")
        last = max(1, -(-self.world.size // 60))
        return {
            "staff home": self._same("/home", manager),
            "approver home": self._same("/home", approver),
            "assessor home": self._same("/home", assessor),
            "assessor's list": self._same("/assessments", assessor),
            "list, page 1": self._same(applications, manager),
            "list, last page": self._same(applications, manager, f"page={last}"),
            "list, by state": self._same(applications, manager, "state=moderation"),
            "list, by decision": self._same(applications, manager, "award=recommended"),
            "list, by area": self._same(applications, manager, f"area={area}"),
            "list, sorted by title": self._same(applications, manager, "sort=title"),
            "list, sorted by mean total": self._same(applications, manager, "sort=-total"),
            "list, searched (1%)": self._same(applications, manager, "search=heather07"),
            "assignments": self._same(f"/rounds/{self.world.round_key}/assignments", manager),
            "staff application with scores": self._applications(manager),
            "score form GET": self._score_forms(),
            "application section GET": self._sections(),
            "application check GET": self._drafts("check"),
            "ranking of a round": self._same(ranking, manager),
            "ranking of an area": self._same(ranking, manager, f"area={area}"),
            "workbench, a moved line": self._moved(manager),
            "returns of a round": self._same(f"/rounds/{self.world.round_key}/returns", manager),
            "evaluation": self._same(f"/rounds/{self.world.round_key}/evaluation", evaluator),
        }

    def writes(self) -> dict[str, Calls]:
        """Forms that are sent, each a new one; the page with the form is fetched before."""
        return {
            "autosave of one answer": self._autosaves(),
            "score submit POST": self._scores(),
            "application submit POST": self._submits(),
        }

    def _moved(self, cookie: str) -> Calls:
        """The line with another budget each time, as a script asks for it while it is dragged."""
        path = f"/rounds/{self.world.round_key}/workbench"
        return [
            self._same(path, cookie, f"budget={1_000 * (place + 1)}", times=1)[0]
            for place in range(TIMES)
        ]

    def _same(self, path: str, cookie: str, query: str = "", times: int = TIMES) -> Calls:
        browser, cookies = self.browser(), f"{SIGN_IN}={cookie}"

        def call() -> Answer:
            return _whole(browser.ask(path, cookies, query=query), path)

        return [call] * times

    def _applications(self, cookie: str) -> Calls:
        with self.app.app_context():
            keys = db.session.scalars(
                sa.select(Application.key)
                .where(Application.state == ApplicationState.MODERATION)
                .order_by(Application.id)
                .limit(TIMES)
            ).all()
        calls = [self._same(f"/staff/applications/{key}", cookie, times=1)[0] for key in keys]
        return (calls * TIMES)[:TIMES]

    def _scoring(self) -> list[tuple[uuid.UUID, str, int]]:
        with self.app.app_context():
            rows = db.session.execute(
                sa.select(Assessment.key, Assessment.person_id, Assessment.application_id)
                .where(Assessment.state == AssessmentState.SCORING)
                .order_by(Assessment.id)
                .limit(TIMES)
            ).all()
        return [(key, self.world.assessors[person], place) for key, person, place in rows]

    def _score_forms(self) -> Calls:
        calls = [
            self._same(f"/assessments/{key}", cookie, times=1)[0]
            for key, cookie, _ in self._scoring()
        ]
        return (calls * TIMES)[:TIMES]

    def _scores(self) -> Calls:
        criteria = all_funds()[FUND].scoring.criteria
        marks = {f"mark.{one.key}": "3" for one in criteria}
        reasons = {f"reason.{one.key}": "It says how, and shows that it can." for one in criteria}
        calls = []
        for key, cookie, application in self._scoring():
            with self.app.app_context():
                lines = db.session.scalars(
                    sa.select(ProposedProject.key).where(
                        ProposedProject.application_id == application
                    )
                ).all()
            data = {**marks, **reasons, **{f"line.{line}": "full" for line in lines}}
            data |= {"comment": "Sound.", "submit": ""}
            calls.append(self._sending(f"/assessments/{key}", f"/assessments/{key}", cookie, data))
        return calls

    def _own_drafts(self) -> list[tuple[uuid.UUID, str]]:
        with self.app.app_context():
            rows = db.session.execute(
                sa.select(Application.key, Application.created_by)
                .where(Application.state == ApplicationState.DRAFT)
                .order_by(Application.id)
            ).all()
        return [(key, self.world.applicants[person]) for key, person in rows]

    def _drafts(self, page: str) -> Calls:
        return [
            self._same(f"/applications/{key}/{page}", cookie, times=1)[0]
            for key, cookie in self._own_drafts()[:TIMES]
        ]

    def _sections(self) -> Calls:
        return self._drafts("sections/plan")

    def _autosaves(self) -> Calls:
        key, cookie = self._own_drafts()[-1]
        form = f"/applications/{key}/sections/plan"
        text = complete(all_funds()[FUND], 1)["plan_summary", ""]
        return [
            self._sending(
                f"/applications/{key}/autosave",
                form,
                cookie,
                {"plan_summary": f"{text} {number}"},
                expected=200,
            )
            for number in range(TIMES)
        ]

    def _submits(self) -> Calls:
        return [
            self._sending(f"/applications/{key}/submit", f"/applications/{key}/check", cookie, {})
            for key, cookie in self._own_drafts()[:TIMES]
        ]

    def _sending(
        self, path: str, form: str, cookie: str, data: dict[str, Any], expected: int = 302
    ) -> Callable[[], Answer]:
        browser = self.browser()
        page = _whole(browser.ask(form, f"{SIGN_IN}={cookie}"), form)
        token = TOKEN.search(page.body)
        assert token, f"no form on {form}"
        kept = next(value for name, value in page.headers if name == "Set-Cookie")
        cookies = f"{SIGN_IN}={cookie}; {kept.split(';')[0]}"
        sent = {**data, "csrf_token": token[1].decode()}

        def call() -> Answer:
            return _whole(browser.ask(path, cookies, sent), path, expected)

        return call


def _whole(answer: Answer, path: str, expected: int = 200) -> Answer:
    assert answer.status == expected, f"{path}: {answer.status} {answer.body[-3000:]!r}"
    return answer
