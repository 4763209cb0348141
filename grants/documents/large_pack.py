"""The large-type pack: applications to read on paper, each with its score sheet to fill in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from grants.documents.packs import PrintedAnswer, PrintedSection, PrintedTable
from grants.documents.paper import (
    Block,
    Furniture,
    Heading,
    NewPage,
    Points,
    Ruled,
    Together,
    Words,
    render,
)
from grants.documents.wording import plain_date
from grants.funds.definition import Criterion, Scoring
from grants.rules.money import pounds
from grants.rules.score_sheet import Line

APART = " · · · · "  # so that one can be ringed
REASON_LINES, ADVICE_LINES, COMMENT_LINES = 6, 3, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBid:
    """One application, in words, and what is asked of its reader."""

    reference: str
    title: str
    number: int  # the version
    sections: tuple[PrintedSection, ...]
    scoring: Scoring
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LargePack:
    """Whose pack it is, and what is in it."""

    fund_name: str
    funder: str
    round_title: str
    reader: str
    made_at: datetime
    bids: tuple[PackedBid, ...]
    notice: str = ""


def large_pack_pdf(values: LargePack) -> bytes:
    """The pack as a tagged PDF in 18 point, its reader's name across every page."""
    made = plain_date(values.made_at.date())
    furniture = Furniture(
        sender=values.fund_name,
        strapline=values.funder,
        running=f"For {values.reader} alone",
        footer=f"For {values.reader} alone. Made on {made}.",
        notice=values.notice,
        watermark=values.reader,
        is_large=True,
    )
    return render(f"Applications to read: {values.round_title}", _blocks(values), furniture)


def _blocks(values: LargePack) -> Iterator[Block]:
    yield Heading("Applications to read", 1)
    yield Words(values.round_title)
    yield Words(
        f"This pack was made for {values.reader}, who has declared no interest in what is in it. "
        "Keep it where nobody else can read it, and give it back or destroy it when the scores are in."
    )
    yield Words(
        "After each application comes a score sheet. Ring one score for each criterion and write your "
        "reason. Then type it on the score page or in the score workbook, or give the filled sheets to "
        "the fund: it types them, and nothing counts before you, or a second person, have checked it."
    )
    yield Points(tuple(f"{bid.reference}: {bid.title}" for bid in values.bids))
    for bid in values.bids:
        yield NewPage()
        yield Heading(f"{bid.reference}: {bid.title}")
        yield Words(f"Version {bid.number}")
        for section in bid.sections:
            yield from _section(section)
        yield NewPage()
        yield from _sheet(bid)


def _section(section: PrintedSection) -> Iterator[Block]:
    yield Heading(section.title, 3)
    for answer in section.answers:
        yield Heading(answer.question, 4)
        if isinstance(answer, PrintedAnswer):
            yield Words(answer.answer)
        else:
            yield from _table(answer)


def _table(table: PrintedTable) -> Iterator[Block]:
    """Row by row: in large type a table has no room."""
    if not table.rows:
        yield Words("No rows")
    for row in table.rows:
        pairs = [
            f"{column}: {value}" if column else value
            for column, value in zip(table.columns, row, strict=True)
            if value
        ]
        yield Points(tuple(pairs))


def _sheet(bid: PackedBid) -> Iterator[Block]:
    yield Heading(f"Score sheet: {bid.reference}")
    yield Words(bid.title)
    for criterion in bid.scoring.criteria:
        yield from _criterion(criterion, bid.scoring)
    for line in bid.lines:
        yield Together(
            (
                Heading(f"{line.title}: {pounds(line.asked)} asked", 3),
                Words("Your advice. Ring one:"),
                Words(APART.join(("In full", "In part: £ __________", "No")), "strong"),
                Words("Why, unless it is in full:"),
                Ruled(ADVICE_LINES),
            )
        )
    yield Together((Heading("Overall comment", 3), Ruled(COMMENT_LINES)))
    yield Together((Words("Your name and the date:"), Ruled(1)))


def _criterion(criterion: Criterion, scoring: Scoring) -> Iterator[Block]:
    marks = range(scoring.lowest, scoring.highest + 1)
    yield Heading(f"{criterion.title} ({criterion.weight}%)", 3)
    yield Words(criterion.guidance)
    yield Points(tuple(f"{anchor.score}: {anchor.text}" for anchor in criterion.anchors))
    yield Together(
        (
            Words("Your score. Ring one:"),
            Words(APART.join(str(mark) for mark in marks), "strong"),
            Words("Your reason:"),
            Ruled(REASON_LINES),
        )
    )
