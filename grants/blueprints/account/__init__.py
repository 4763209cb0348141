"""Journey: account: signing in and out."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from grants.blueprints.account import routes  # noqa: E402, F401 (the routes hang themselves on it)
