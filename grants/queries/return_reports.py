"""One return with its answers: live for its own side, as it was last sent for its fund."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fills, Fund, QuestionKind
from grants.models.application import ApplicationVersion
from grants.queries.answer_words import SectionText, in_words, sections_in_words
from grants.queries.definitions import fund_of
from grants.queries.return_facts import (
    Before,
    Facts,
    QueryRow,
    before_of,
    facts_of,
    is_final,
    live_answers,
    queries_of,
    sent_answers,
    sent_content,
)
from grants.queries.returns import OPEN, is_own, is_staff
from grants.rules import dates, return_check
from grants.rules.actions import Action
from grants.rules.answers import split_codes
from grants.rules.eligibility import Problem, SectionStatus
from grants.rules.people import Actor
from grants.rules.permissions import may
from grants.rules.return_check import Checked, Promise

SHORT = frozenset({QuestionKind.NUMBER, QuestionKind.MONEY, QuestionKind.SINGLE, QuestionKind.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A return with its answers, live for its own side and as it was sent for the fund."""

    facts: Facts
    fund: Fund
    promise: Promise
    before: Before
    answers: Mapping[tuple[str, str], str]
    versions: Mapping[tuple[str, str], int]
    queries: tuple[QueryRow, ...]
    today: dt.date
    is_reporter: bool
    is_sender: bool
    changed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What the answers that changed said when the return was sent before."""

    @property
    def form(self) -> Fund:
        """The return's own form, where a fund's form is looked for."""
        return return_check.as_form(self.fund)

    @property
    def checked(self) -> Checked:
        """What is missing, what wants a reason, what is merely said."""
        return return_check.check(self.fund, self.answers, self.promise, self.today)

    @property
    def may_be_written(self) -> bool:
        """Whether this person may change it as it stands."""
        return self.is_reporter and self.facts.state in OPEN

    @property
    def open_queries(self) -> tuple[QueryRow, ...]:
        """What the fund asked and waits for."""
        return tuple(query for query in self.queries if query.is_open)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that the plan promised, in words."""
        listed = self.fund.code_lists.get(self.fund.outcome_list)
        return tuple(listed.label(code) if listed else code for code in self.promise.outcomes)

    @property
    def activity(self) -> str:
        """What kind of activity it is, in words."""
        listed = self.fund.column_list(Fills.PROJECTS, "activity_type")
        return listed.label(self.facts.activity_type) if listed else self.facts.activity_type

    @property
    def main_group(self) -> str:
        """Whom it is mainly for, in words."""
        listed = self.fund.column_list(Fills.PROJECTS, "main_group")
        return listed.label(self.facts.main_group) if listed else self.facts.main_group

    def statuses(self, problems: tuple[Problem, ...]) -> dict[str, SectionStatus]:
        """How far each section is."""
        return return_check.statuses(self.fund, self.answers, problems)

    def in_words(self) -> tuple[SectionText, ...]:
        """Every section with its answers as people read them."""
        return sections_in_words(self.form, self.answers)

    def last_time(self) -> dict[str, str]:
        """What was answered for the period before, in words, by question: short answers alone."""
        form = self.form
        return {
            question.key: in_words(form, question, text)
            for question in form.questions()
            if question.kind in SHORT and (text := self.before.answers.get((question.key, ""), ""))
        }


def report(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Report:
    """One's own return with what is written in it now. Raises NotFound. Five statements."""
    facts = facts_of(actor, key, is_own(actor))
    answers, versions = live_answers(facts.id)
    return made(actor, facts, answers, versions, now=now)


def review(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Report:
    """A return as it was last sent, for its fund: never what is being written. Raises NotFound."""
    facts = facts_of(actor, key, is_staff(actor))
    content = sent_content(facts)
    report = made(actor, facts, sent_answers(content), {}, now=now)
    changed = {(question, row): text for question, row, text in content.get("changed", ())}
    return replace(report, changed=changed)


def made(
    actor: Actor,
    facts: Facts,
    answers: Mapping[tuple[str, str], str],
    versions: Mapping[tuple[str, str], int],
    *,
    now: dt.datetime,
) -> Report:
    """A return from its facts and these answers: three statements."""
    fund = fund_of(actor, facts.definition_id)
    before = before_of(facts.project_id, facts.starts_on)
    return Report(
        facts=facts,
        fund=fund,
        promise=promise_of(facts, fund, before, promised_outcomes(fund, facts)),
        before=before,
        answers=answers,
        versions=versions,
        queries=queries_of(facts.id),
        today=dates.today(now),
        is_reporter=may(actor, Action.EDIT_RETURN, facts.case),
        is_sender=may(actor, Action.SUBMIT_RETURN, facts.case),
    )


def promise_of(facts: Facts, fund: Fund, before: Before, outcomes: tuple[str, ...] = ()) -> Promise:
    """What this return is held against."""
    return Promise(
        amount=facts.amount,
        people=facts.people_expected,
        ends_on=facts.ends_on,
        is_final=is_final(fund, facts.period),
        outcomes=outcomes,
        spent_before=before.spent,
        people_before=before.people,
    )


def promised_outcomes(fund: Fund, facts: Facts) -> tuple[str, ...]:
    """The outcomes that the application named, as it was sent."""
    asked = {question.key for question in fund.questions() if question.choices == fund.outcome_list}
    content: dict[str, Any] | None = db.session.scalar(
        sa.select(ApplicationVersion.content).where(
            ApplicationVersion.application_id == facts.application_id,
            ApplicationVersion.number == facts.application_number,
        )
    )
    answers = sent_answers(content or {})
    return tuple(
        code
        for (question, row), text in answers.items()
        if question in asked and not row
        for code in split_codes(text)
    )
