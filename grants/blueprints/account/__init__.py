"""Journey: account: signing in and out, one's own password and sessions."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from grants.blueprints.account import (  # noqa: E402 (the doors hang themselves on it)
    entry,  # noqa: F401
    interests,  # noqa: F401
    invitations,  # noqa: F401
    links,  # noqa: F401
    routes,  # noqa: F401
    sign_in,  # noqa: F401
)
