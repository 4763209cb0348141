"""The question set of a published round as a file."""

from __future__ import annotations

import datetime as dt

from grants.documents.question_set import QuestionSet, question_set_pdf
from grants.queries import public
from grants.rules import dates
from grants.rules.people import Actor
from grants.services.attachments import Download

ILLUSTRATIVE = "Illustrative: made up to show how a round works."


def question_set(actor: Actor, reference: str, *, now: dt.datetime) -> Download:
    """The PDF of a round's questions, criteria and returns. Raises NotFound while it is a draft."""
    page = public.round_page(actor, reference, now=now)
    values = QuestionSet(
        fund=page.fund,
        round_reference=page.round.reference,
        round_title=page.round.title,
        closes=dates.describe_deadline(page.round.closes_at, now),
        notice=ILLUSTRATIVE if page.round.is_illustrative else "",
    )
    name = f"{page.round.reference} questions.pdf"
    return Download(name, "application/pdf", question_set_pdf(values))
