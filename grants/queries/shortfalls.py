"""The applications that an allocation leaves short of readers, a page at a time, with the reasons."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grants.extensions import db
from grants.models.application import Application
from grants.models.round import AllocationArea
from grants.queries.paging import PAGE, Page
from grants.queries.visible import applications_seen
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.shortfalls import Gap, reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRow:
    """One application without all that was wanted for it."""

    key: uuid.UUID
    reference: str
    title: str
    area: str
    wanted: int
    found: int
    why: tuple[str, ...]


def page(actor: Actor, gaps: Sequence[Gap], number: int) -> Page[ShortRow]:
    """Those of one page, in the order of the plan, as far as this person hands them out. One statement."""
    whole: Page[ShortRow] = Page((), len(gaps))
    number = min(max(1, number), whole.pages)
    here = gaps[(number - 1) * PAGE : number * PAGE]
    found: Any = db.session.execute(
        applications_seen(
            actor,
            Action.ASSIGN,
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            AllocationArea.name.label("area"),
        )
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.id.in_([gap.application for gap in here]))
    )
    rows = {row.id: row for row in found}
    shown = tuple(_row(gap, rows[gap.application]) for gap in here if gap.application in rows)
    return Page(shown, whole.total, number)


def _row(gap: Gap, row: Any) -> ShortRow:
    return ShortRow(
        key=row.key,
        reference=row.reference,
        title=row.title,
        area=row.area,
        wanted=gap.wanted,
        found=gap.found,
        why=reasons(gap, row.area),
    )
