"""Whether the database answers and is migrated."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from grants.extensions import db
from grants.models.audit import AuditHead
from grants.rules.people import Actor


def is_up(_actor: Actor) -> bool:
    """Whether a row that the migrations made can be read. Anybody may ask."""
    try:
        return db.session.scalar(sa.select(AuditHead.id)) == 1
    except SQLAlchemyError:
        return False
