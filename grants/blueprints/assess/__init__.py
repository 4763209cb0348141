"""Journey: assess: assessing."""

from flask import Blueprint

blueprint = Blueprint("assess", __name__)

from grants.blueprints.assess import routes  # noqa: E402, F401 (the routes hang themselves on it)
