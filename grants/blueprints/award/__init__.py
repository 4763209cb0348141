"""Journey: award: deciding, letters, acceptance."""

from flask import Blueprint

blueprint = Blueprint("award", __name__)

from grants.blueprints.award import (  # noqa: E402, F401 (the routes hang themselves on it)
    additions,
    applications,
    approving,
    checks,
    deciding,
    duplicates,
    fairness,
    letters,
    meetings,
    minutes,
    outcomes,
    queries,
    recoveries,
    releasing,
    reserves,
    scenarios,
    triage,
    workbench,
)
