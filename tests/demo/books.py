"""Whether every pound stands in one place."""

from __future__ import annotations

import sqlalchemy as sa

from grants.extensions import db
from grants.models.award import Approval, Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.person import Delegation
from grants.models.project import Project
from grants.models.round import Round


def pairs(statement: sa.Select) -> dict[int, int]:
    return {key: value for key, value in db.session.execute(statement)}  # noqa: C416 (rows are no pairs)


def check_books() -> None:
    """Ledger lines, awards, projects, areas, rounds and used authority agree."""
    lines = sa.select(LedgerLine.round_id, sa.func.sum(LedgerLine.amount)).group_by(
        LedgerLine.round_id
    )
    by_kind = {kind: pairs(lines.where(LedgerLine.kind == kind)) for kind in LedgerKind}
    rounds = list(db.session.scalars(sa.select(Round)))
    spent = (
        sa.select(Award.round_id, sa.func.sum(Project.amount))
        .join(Award, Award.id == Project.award_id)
        .group_by(Award.round_id)
    )
    passed = sa.select(Project.award_id, sa.func.sum(Project.amount)).group_by(Project.award_id)
    onward = sa.select(Award.id, Award.onward).where(Award.onward > 0)
    used = sa.select(Approval.delegation_id, sa.func.sum(Approval.amount)).group_by(
        Approval.delegation_id
    )
    held = sa.select(Delegation.id, Delegation.used).where(Delegation.used > 0)

    assert by_kind[LedgerKind.POT] == {record.id: record.pot for record in rounds}
    assert by_kind[LedgerKind.ALLOCATION] == {record.id: record.allocated for record in rounds}
    assert by_kind[LedgerKind.AWARD] == {record.id: record.committed for record in rounds}
    assert by_kind[LedgerKind.PROJECT] == pairs(spent)
    assert pairs(used) == pairs(held)
    assert pairs(passed) == pairs(onward)
