"""Journey: apply: applying."""

from flask import Blueprint

blueprint = Blueprint("apply", __name__)

from grants.blueprints.apply import people, routes, workbook, writing  # noqa: E402, F401 (the routes hang themselves on it)
