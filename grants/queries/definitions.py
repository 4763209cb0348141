"""The rulebook that a round froze, kept in memory: every page of a round asks for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import CodeList, Fund
from grants.funds.reference import code_list
from grants.funds.schema import from_document, from_json
from grants.models.round import RoundDefinition
from grants.rules.people import Actor
from grants.rules.recommendation import DEPARTURES
from grants.rules.refusals import NotFound

MOST = 256  # rulebooks in memory
_kept: dict[tuple[str, int], Fund] = {}


def fund_of(actor: Actor, definition_id: int) -> Fund:
    """The fund as this definition has it. Published ones never change: one statement, then none.

    A definition that is still a draft is for staff alone; anybody else gets NotFound.
    """
    place = (str(db.engine.url), definition_id)
    if place in _kept:
        return _kept[place]
    row = db.session.execute(
        sa.select(RoundDefinition.content, RoundDefinition.is_published).where(
            RoundDefinition.id == definition_id
        )
    ).one_or_none()
    if row is None or not (row.is_published or actor.works_on_rounds):
        raise NotFound("There is no such page.")
    fund = from_json(json.dumps(row.content, sort_keys=True, ensure_ascii=False))
    if row.is_published:
        if len(_kept) >= MOST:
            _kept.pop(next(iter(_kept)))
        _kept[place] = fund
    return fund


def departures_of(fund: Fund) -> CodeList:
    """The reasons for going against rank: a round that froze its fund before there were any has ours."""
    return fund.code_lists.get(DEPARTURES) or code_list(DEPARTURES, "1")


def version_of(actor: Actor, definition_id: int) -> int:
    """Which version of its round's rulebook this definition is; for whoever may read it."""
    fund_of(actor, definition_id)
    return (
        db.session.scalar(
            sa.select(RoundDefinition.version).where(RoundDefinition.id == definition_id)
        )
        or 0
    )


def numbered(actor: Actor, round_id: int, version: int) -> Fund | None:
    """The rulebook that this round published under this number; None where there is none."""
    found: int | None = db.session.scalar(
        sa.select(RoundDefinition.id).where(
            RoundDefinition.round_id == round_id,
            RoundDefinition.version == version,
            RoundDefinition.is_published,
        )
    )
    return None if found is None else fund_of(actor, found)


@dataclass(frozen=True, slots=True)
class Working:
    """The newest version of a round's rulebook."""

    id: int
    version: int
    is_published: bool
    sha256: str
    fund: Fund


def working(actor: Actor, round_id: int) -> Working:
    """The version that is being worked on; the one in force where nobody does. Staff alone."""
    row = db.session.execute(
        sa.select(
            RoundDefinition.id,
            RoundDefinition.version,
            RoundDefinition.is_published,
            RoundDefinition.sha256,
            RoundDefinition.content,
        )
        .where(RoundDefinition.round_id == round_id)
        .order_by(RoundDefinition.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not actor.works_on_rounds:
        raise NotFound("There is no such page.")
    fund = from_document(row.content)
    return Working(row.id, row.version, row.is_published, row.sha256, fund)


@sa.event.listens_for(sa.Engine, "engine_disposed")
def _forget(_engine: Any) -> None:
    """When the connections are thrown away, the database behind them may be another."""
    _kept.clear()
