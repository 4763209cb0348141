"""The audit trail: the only writer of it, and its hash chain."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants.extensions import db
from grants.models.audit import AuditEntry, AuditHead
from grants.rules.actions import Action
from grants.rules.people import Actor

PENDING = "grants_audit"
START = "0" * 64


def record(
    actor: Actor,
    action: Action | str,
    thing: tuple[str, int | None, str],
    *,
    now: dt.datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Remember one act. ``thing`` is (type, id, reference). Written when the transaction ends."""
    db.session().info.setdefault(PENDING, []).append(
        {
            "at": now,
            "person_id": actor.person_id if actor.is_signed_in else None,
            "person_name": actor.signature,
            "action": str(action),
            "thing_type": thing[0],
            "thing_id": thing[1],
            "reference": thing[2],
            "before": before,
            "after": after,
            "reason": reason,
        }
    )


def seal(session: Session) -> None:
    """Put the pending entries at the end of the chain: three statements, however many there are."""
    pending: list[dict[str, Any]] = session.info.pop(PENDING, [])
    if not pending:
        return
    head = session.execute(
        sa.select(AuditHead.entries, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    previous = head.hash
    for entry in pending:
        entry["previous_hash"] = previous
        previous = entry["hash"] = fingerprint(entry)
    session.execute(sa.insert(AuditEntry), pending)
    session.execute(
        sa.update(AuditHead)
        .where(AuditHead.id == 1)
        .values(entries=head.entries + len(pending), hash=previous)
    )


def forget(session: Session) -> None:
    """Drop the pending entries of a transaction that was not kept."""
    session.info.pop(PENDING, None)


def fingerprint(entry: dict[str, Any]) -> str:
    """SHA-256 of an entry and of the hash before it, over canonical JSON."""
    content = {name: entry[name] for name in sorted(entry) if name not in {"id", "hash"}}
    content["at"] = entry["at"].astimezone(dt.UTC).isoformat()
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds, and where it first does not."""

    entries: int
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.fault


BATCH = 1000  # entries read at once: no reader may stand in the way of writers for long


def verify() -> Verdict:
    """Walk the whole chain. Finds a changed, missing or added entry, and a cut tail."""
    previous, count, last = START, 0, 0
    while True:
        head = db.session.execute(sa.select(AuditHead.entries, AuditHead.hash)).one()
        batch = _after(last)
        for entry in batch:
            count += 1
            if entry["previous_hash"] != previous:
                return Verdict(count, f"Entry {entry['id']} does not follow the one before it.")
            if entry["hash"] != fingerprint(entry):
                return Verdict(count, f"Entry {entry['id']} was changed after it was written.")
            previous, last = entry["hash"], entry["id"]
        db.session.rollback()
        if not batch:
            break
    if (head.entries, head.hash) != (count, previous):
        return Verdict(count, f"The trail ends early: {head.entries} entries were written.")
    return Verdict(count)


def _after(last: int) -> list[dict[str, Any]]:
    table = AuditEntry.__table__
    rows = db.session.execute(
        sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
    )
    return [dict(row) for row in rows.mappings()]
