"""Journey: admin: people, the audit trail, the outbox."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from grants.blueprints.admin import routes  # noqa: E402, F401 (the routes hang themselves on it)
