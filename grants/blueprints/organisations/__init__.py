"""Journey: organisations: their profiles, their council areas, and the registers to look them up in."""

from flask import Blueprint

blueprint = Blueprint("organisations", __name__)

from grants.blueprints.organisations import registers, routes  # noqa: E402, F401 (the routes hang themselves on it)
