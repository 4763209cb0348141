"""Whether what is asked for is done already: sent twice, it is done once and nobody meets a refusal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.rules.people import Actor

MOST = 20  # times that are looked back


def last(actor: Actor, action: str, kind: str, thing_id: int) -> AuditEntry | None:
    """The last that happened to this thing, if it was this act by this person."""
    found: AuditEntry | None = db.session.scalar(
        sa.select(AuditEntry)
        .where(AuditEntry.thing_type == kind, AuditEntry.thing_id == thing_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    is_it = found is not None and (found.action, found.person_id) == (action, actor.person_id)
    return found if is_it else None


def is_last(actor: Actor, action: str, kind: str, thing_id: int, reason: str) -> bool:
    """Whether the last that happened to this thing was this act by this person for this reason."""
    found = last(actor, action, kind, thing_id)
    return found is not None and found.reason == reason


def acts(actor: Actor, action: str, kind: str, thing_id: int) -> list[dict[str, Any]]:
    """What this person made of this thing by this act, each time, the latest first."""
    found = db.session.scalars(
        sa.select(AuditEntry.after)
        .where(
            AuditEntry.thing_type == kind,
            AuditEntry.thing_id == thing_id,
            AuditEntry.action == action,
            AuditEntry.person_id == actor.person_id,
        )
        .order_by(AuditEntry.id.desc())
        .limit(MOST)
    )
    return [after or {} for after in found]
