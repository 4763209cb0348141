"""Journey: assess: assessing."""

from flask import Blueprint

blueprint = Blueprint("assess", __name__)

from grants.blueprints.assess import (  # noqa: E402 (they hang themselves on it)
    assignments,  # noqa: F401
    beforehand,  # noqa: F401
    calibrating,  # noqa: F401
    calibration,  # noqa: F401
    interests,  # noqa: F401
    large_packs,  # noqa: F401
    panel,  # noqa: F401
    paper,  # noqa: F401
    plans,  # noqa: F401
    rescoring,  # noqa: F401
    routes,  # noqa: F401
    samples,  # noqa: F401
    score_workbooks,  # noqa: F401
    volunteering,  # noqa: F401
)
