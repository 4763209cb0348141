"""Journey: admin: people, authority, the audit trail and the outbox."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from grants.blueprints.admin import (  # noqa: E402 (the doors hang themselves on it)
    delegations,  # noqa: F401
    members,  # noqa: F401
    people,  # noqa: F401
    records,  # noqa: F401
)
