"""Whose round it is, and what of its balance this person may know: what the top of its pages asks."""

from __future__ import annotations

from typing import Any

from grants.queries.visible import above_id, visible
from grants.rules.actions import Action
from grants.rules.people import Actor
from grants.rules.permissions import Case
from grants.rules.states import Tier


class Placed:
    """A row of a round, with the columns below."""

    __slots__ = ()
    fund: str
    organisation_id: int
    tier: Tier
    above_id: int | None  # who funds the award that is a local round's pot
    has_balance: bool  # whether this person may know what is committed

    @property
    def place(self) -> Case:
        """For what a person's roles could do here."""
        return Case(
            fund=self.fund,
            funder_id=self.organisation_id,
            is_local=self.tier == Tier.LOCAL,
            above_id=self.above_id or 0,
        )


def columns(actor: Actor) -> tuple[Any, ...]:
    """What a placed row has beside the round's own columns."""
    return (
        visible(actor, Action.READ_BALANCE).label("has_balance"),
        above_id().label("above_id"),
    )
