"""Whether the audit trail is whole, for those who may read it."""

from __future__ import annotations

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.queries.visible import visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.refusals import NotFound


def verdict(actor: Actor) -> audit.Verdict:
    """Walk the whole chain. Raises NotFound for who may not read it."""
    if not db.session.scalar(sa.select(visible(actor, Action.READ_AUDIT))):
        raise NotFound("There is no such page.")
    return audit.verify()
