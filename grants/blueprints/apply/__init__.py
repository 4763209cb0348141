"""Journey: apply: applying."""

from flask import Blueprint

blueprint = Blueprint("apply", __name__)

from grants.blueprints.apply import (  # noqa: E402 (the routes hang themselves on it)
    commenting,  # noqa: F401
    confirming,  # noqa: F401
    copying,  # noqa: F401
    equality,  # noqa: F401
    helping,  # noqa: F401
    people,  # noqa: F401
    replying,  # noqa: F401
    routes,  # noqa: F401
    workbook,  # noqa: F401
    writing,  # noqa: F401
)
