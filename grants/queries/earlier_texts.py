"""What answers said before somebody else's text took their place: shown to those who write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.earlier_text import EarlierText
from grants.models.person import Person
from grants.queries.assessments import AssessmentPage
from grants.queries.drafts import Draft
from grants.queries.paper_scores import PaperPage
from grants.queries.return_reports import Report

MOST = 100  # the newest of a page's


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A text that was replaced: whose it was, and who put theirs in its place."""

    question: str
    row: str
    text: str
    by: str
    at: dt.datetime
    replaced_by: str
    replaced_at: dt.datetime


def of_draft(draft: Draft, questions: Collection[str]) -> tuple[EarlierRow, ...]:
    """Of these questions of a draft, the newest first. The draft was fetched for its own people."""
    return _read(EarlierText.application_id == draft.id, questions)


def of_report(report: Report, questions: Collection[str]) -> tuple[EarlierRow, ...]:
    """Of these questions of a return, the newest first."""
    return _read(EarlierText.return_id == report.facts.id, questions)


def of_assessment(page: AssessmentPage | PaperPage) -> tuple[EarlierRow, ...]:
    """Of a score sheet, the newest first: what a second window took the place of.

    The page was fetched for who may write there.
    """
    sheet = sa.select(Assessment.id).where(Assessment.key == page.key).scalar_subquery()
    return _read(EarlierText.assessment_id == sheet)


def _read(
    whose: sa.ColumnElement[bool], questions: Collection[str] | None = None
) -> tuple[EarlierRow, ...]:
    writer, replacer = aliased(Person), aliased(Person)
    asked = [] if questions is None else [EarlierText.question.in_(sorted(questions))]
    rows = db.session.execute(
        sa.select(
            EarlierText.question,
            EarlierText.row,
            EarlierText.text,
            writer.name,
            EarlierText.written_at,
            replacer.name,
            EarlierText.replaced_at,
        )
        .join(writer, writer.id == EarlierText.written_by)
        .join(replacer, replacer.id == EarlierText.replaced_by)
        .where(whose, *asked)
        .order_by(EarlierText.id.desc())
        .limit(MOST)
    )
    return tuple(EarlierRow(*row) for row in rows)
