"""Journey: home: what should I do now?"""

from flask import Blueprint

blueprint = Blueprint("home", __name__)

from grants.blueprints.home import routes  # noqa: E402, F401 (the doors hang themselves on it)
