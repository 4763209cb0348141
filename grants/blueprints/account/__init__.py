"""Journey: account: signing in and out, one's own password and sessions."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from grants.blueprints.account import entry, links, routes, sign_in  # noqa: E402, F401 (the doors hang themselves on it)
