"""Journey: rounds: setting up rounds."""

from flask import Blueprint

blueprint = Blueprint("rounds", __name__)

from grants.blueprints.rounds import (  # noqa: E402, F401 (they hang themselves on it)
    changes,
    editor,
    lists,
    local,
    money,
    rehearsal,
    routes,
    rulebook,
    rules,
)
