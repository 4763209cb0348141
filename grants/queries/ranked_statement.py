"""The applications of a round that are ranked, with what a list and a funding line both show of each."""

from __future__ import annotations

from typing import Any

from grants.models.application import Application
from grants.models.award import Award
from grants.models.organisation import Organisation
from grants.models.round import AllocationArea
from grants.queries import standings
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_seen, visible
from grants.rules.actions import Action
from grants.rules.people import Actor


def ranked_applications(actor: Actor, record: RoundRow, *more: Any) -> Any:
    """Sent and neither withdrawn nor returned, as far as this person may know the decision."""
    return (
        applications_seen(
            actor,
            Action.READ_DECISION,
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Application.state,
            Application.asked,
            Application.projects_count,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Award.key.label("award_key"),
            Award.state.label("award"),
            Award.amount,
            visible(actor, Action.READ_ALL_SCORES).label("scores"),
            *more,
            with_award=True,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.round_id == record.id, *standings.is_ranked())
    )
