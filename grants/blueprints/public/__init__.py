"""Journey: public: what anybody may read."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

from grants.blueprints.public import routes  # noqa: E402, F401 (the routes hang themselves on it)
