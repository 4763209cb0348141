"""The pot of a local round is changed while that is safe, and what is left goes back to its award."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.award import Award
from grants.models.ledger import LedgerLine
from grants.models.round import AllocationArea, Round
from grants.queries.definitions import fund_of
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.services import accept, local_pots, rounds
from tests import build, local
from tests.services.test_local_rounds import decided

pytestmark = [pytest.mark.feature("S15"), pytest.mark.usefixtures("context")]


def of(key: uuid.UUID, kind: type = Award):
    return db.session.scalars(
        sa.select(kind).where(kind.key == key).execution_options(populate_existing=True)
    ).one()


def ledger(round_id):
    lines = db.session.query(LedgerLine).filter_by(round_id=round_id).order_by(LedgerLine.id)
    return [(line.kind.value, line.amount) for line in lines]


def whole(made, key):
    """What the award says, and where each pound of its pots is."""
    award, record = of(made.award), of(key, Round)
    area = db.session.query(AllocationArea).filter_by(round_id=record.id).one()
    db.session.refresh(area)
    return award.local_pots, record.pot, record.allocated, area.amount


def test_pot_of_a_draft_is_changed_with_its_lone_area():
    made = local.scene()
    key = local.begin(made, pot=500_000)

    local_pots.change(made.people["officer"], key, 700_000, now=build.NOW)
    assert whole(made, key) == (700_000,) * 4
    local_pots.change(made.people["officer"], key, 300_000, now=build.NOW)
    assert whole(made, key) == (300_000,) * 4

    with pytest.raises(Blocked, match="not so much left"):
        local_pots.change(made.people["officer"], key, local.POT + 1, now=build.NOW)
    assert whole(made, key) == (300_000,) * 4
    assert ledger(of(key, Round).id) == []


def test_pot_of_an_open_round_stands_in_the_ledger_and_never_below_its_shares():
    made = local.scene()
    shares = (("North isles", 150_000), ("Mainland", 250_000))
    key = local.open_local(made, pot=500_000, areas=shares).key

    local_pots.change(made.people["officer"], key, 600_000, now=build.NOW)
    with pytest.raises(Blocked, match="£4,000 of the pot is given"):
        local_pots.change(made.people["officer"], key, 399_999, now=build.NOW)

    record = of(key, Round)
    assert (record.pot, record.allocated, of(made.award).local_pots) == (600_000, 400_000, 600_000)
    assert sum(amount for kind, amount in ledger(record.id) if kind == "pot") == 600_000


def test_who_has_an_interest_changes_no_pot():
    """The least it may be would tell what is recommended to the one that is hidden from them."""
    made = local.scene()
    record = local.open_local(made, pot=500_000)
    application = local.apply_to(made, record)
    person = db.session.get_one(build.Person, made.people["officer"].person_id)
    key = record.key

    build.conflict(of(application, build.Application), person)

    for pot in (1, 600_000):
        with pytest.raises(Forbidden, match="an interest in an application to this round"):
            local_pots.change(made.people["officer"], key, pot, now=build.NOW)
    assert of(key, Round).pot == 500_000


def test_what_is_left_of_a_closed_round_goes_back_to_the_award():
    made = local.scene()
    record = local.open_local(made)
    key, officer = record.key, made.people["officer"]
    application = local.apply_to(made, record)
    with pytest.raises(MoveNotAllowed):
        local_pots.give_back(officer, key, now=build.NOW)
    rounds.close_round(officer, key, now=build.NOW)
    with pytest.raises(Blocked, match="Not every outcome is released"):
        local_pots.give_back(officer, key, now=build.NOW)
    award = decided(made, record, application)
    given = of(award).amount

    left = local_pots.give_back(officer, key, now=build.NOW)
    again = local_pots.give_back(officer, key, now=build.NOW)

    assert (left, again) == (local.POT - given, 0)
    assert whole(made, key) == (given,) * 4
    for kind in ("pot", "allocation", "award"):
        assert sum(pence for name, pence in ledger(of(key, Round).id) if name == kind) == given
    group = made.people["group"]
    accept.accept(group, award, typed_name=group.name, agrees=True, now=build.NOW)
    parent = of(made.award)
    assert (parent.local_pots, parent.onward) == (0, 500_000 + given)


def test_what_was_given_back_can_open_another_round():
    made = local.scene()
    key = local.open_local(made).key
    rounds.close_round(made.people["officer"], key, now=build.NOW)

    local_pots.give_back(made.people["officer"], key, now=build.NOW)

    assert whole(made, key) == (0, 0, 0, 0)
    local.begin(made, title="A second round")
    assert of(made.award).local_pots == local.POT


def test_closed_round_keeps_its_pot_and_a_national_round_has_none_to_change():
    made = local.scene()
    key = local.open_local(made).key
    rounds.close_round(made.people["officer"], key, now=build.NOW)

    with pytest.raises(MoveNotAllowed):
        local_pots.change(made.people["officer"], key, 1, now=build.NOW)
    with pytest.raises(NotFound):
        local_pots.change(made.national.manager, made.national.round_key, 1, now=build.NOW)


@pytest.mark.parametrize("fund", sorted(all_funds()))
def test_words_of_a_local_round_speak_to_groups(fund):
    made = local.scene(fund)
    record = local.open_local(made)

    book = fund_of(made.people["officer"], record.definition_id)

    letters = [text for letter in book.letters for text in letter.paragraphs]
    letters += [clause.text for letter in book.letters for clause in letter.clauses]
    judged = [text for item in book.scoring.criteria for text in (item.title, item.guidance)]
    for text in (*letters, *judged):
        assert "artnership" not in text
        assert "pass on" not in text.casefold()
        assert "passes on" not in text.casefold()
        assert "{own_costs}" not in text
    assert [len(item.anchors) for item in book.scoring.criteria] == [
        len(item.anchors) for item in all_funds()[fund].scoring.criteria
    ]
