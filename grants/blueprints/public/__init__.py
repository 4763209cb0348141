"""Journey: public: what anybody may see."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

from grants.blueprints.public import before, confirming, routes  # noqa: E402, F401 (the doors hang on it)
