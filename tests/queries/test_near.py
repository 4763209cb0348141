"""Open rounds as an applicant meets them: one's own area's and the nation's first, the others counted."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.models.organisation import OrganisationKind
from grants.queries import applications, near, public
from grants.rules.people import NOBODY, Role
from grants.rules.states import RoundState, Tier
from tests import build, deciding, local

NOW = build.NOW
ORKNEY = "S12000023"


class Country:
    """A local round here, a group of this area and one of another; more local rounds elsewhere."""

    def __init__(self, elsewhere: int = 2) -> None:
        self.scene = local.scene()
        self.here = local.open_local(self.scene).reference
        self.national = self.scene.national.reference
        self.group = self.scene.people["group"]
        far = build.organisation("Hoy Folk (fictional)", OrganisationKind.GROUP, ORKNEY)
        self.stranger = build.actor_of(build.person(Role.APPLICANT_EDITOR, at=far))
        self.elsewhere = [self.local_round(n) for n in range(elsewhere)]

    def local_round(self, number: int, **changes) -> str:
        award = deciding.award(self.scene.award)
        record = build.local_round(award, area=f"Hoy {number}")
        record.closes_at = NOW + dt.timedelta(days=1 + number)
        for name, value in changes.items():
            setattr(record, name, value)
        db.session.execute(
            build.AllocationAreaCouncil.__table__.update()
            .where(
                build.AllocationAreaCouncil.allocation_area_id.in_(
                    db.session.query(build.AllocationArea.id).filter_by(round_id=record.id)
                )
            )
            .values(area_code="S12000013")
        )
        db.session.commit()
        return record.reference


def shown(actor):
    found = near.open_rounds(actor, now=NOW)
    return [row.reference for row in found.near], [row.reference for row in found.elsewhere]


def test_own_area_comes_first_then_the_nation_then_the_others(context):
    there = Country()

    assert shown(there.group) == ([there.here, there.national], there.elsewhere)
    assert shown(there.stranger) == ([there.national], [*there.elsewhere, there.here])


def test_whatever_one_can_begin_stands_first_and_nothing_public_is_lost(context):
    there = Country()

    mine = [row.reference for row in applications.open_rounds(there.group, now=NOW)]
    all_ = {row.reference for row in public.open_rounds(NOBODY, now=NOW).rows}

    assert mine == [there.here]
    for actor in (there.group, there.stranger):
        first, others = shown(actor)
        assert {*first, *others} == all_


def test_drafts_and_what_is_over_are_shown_to_nobody(context):
    there = Country(0)
    there.local_round(8, state=RoundState.DRAFT)
    there.local_round(9, opens_at=NOW - dt.timedelta(days=9), closes_at=NOW)

    assert shown(there.group) == ([there.here, there.national], [])


def test_who_writes_for_nobody_is_shown_none(context):
    there = Country(0)

    assert near.open_rounds(there.scene.national.manager, now=NOW) == near.RoundsNear()


@pytest.mark.parametrize("count", [3, 40])
def test_others_are_counted_and_cost_one_statement(context, count_statements, count):
    there = Country(count)
    actor = there.group

    with count_statements() as found:
        ahead = near.open_rounds(actor, now=NOW)

    assert len(found) == 1
    assert ahead.total == count
    assert len(ahead.elsewhere) == min(count, near.SHOWN)
    assert {row.tier for row in ahead.elsewhere} == {Tier.LOCAL}


def test_page_of_all_rounds_holds_them_all(app, client, sign_in):
    with app.app_context():
        there = Country(70)
        email = there.scene.emails["group"]
    sign_in(client, email)

    home = client.get("/home").text
    pages = client.get("/").text + client.get("/?page=2").text

    assert "70 other local rounds" in home
    links = [home.index(f'/{name}"') for name in (there.here, there.national)]
    assert links == sorted(links)
    assert links[1] < home.index("other local rounds")
    assert all(reference in pages for reference in there.elsewhere)
