"""What volunteers give and spend: their own log, and the sums for who manages."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.volunteering import VolunteerEntry
from grants.queries import volunteering as logs
from grants.rules.people import Role
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, NotFound
from grants.rules.states import AssessmentState
from grants.rules.volunteering import Kind
from grants.services import assess
from grants.services import volunteering as volunteers
from grants.services.volunteering import Entry
from tests import build
from tests.build import NOW
from tests.services.test_assess import Panel

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.feature("R22")]
DAY = NOW.date() - dt.timedelta(days=2)


class Log(Panel):
    def __init__(self) -> None:
        super().__init__(state=AssessmentState.SCORING)
        self.at = self.round.key
        self.programme = db.session.get_one(Organisation, self.round.organisation_id)
        self.manages = build.actor_of(self.manager)

    def note(self, kind: Kind, actor=None, **given) -> uuid.UUID:
        entry = Entry(**{"key": uuid.uuid4(), "kind": kind, "day": DAY, **given})
        volunteers.note(actor or self.actor, self.at, entry, now=NOW)
        return entry.key


def count() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(VolunteerEntry))


def test_what_is_noted_is_read_back_and_added_up() -> None:
    log = Log()
    log.note(Kind.TIME, minutes=150, bid=log.application.key, note="Read it twice.")
    log.note(Kind.TIME, minutes=45)
    log.note(Kind.TRAINING, note="Assessing fairly")
    log.note(Kind.EXPENSE, amount=460, note="Bus")

    own = logs.log(log.actor, log.at)
    assert (own.minutes, own.amount, len(own.rows)) == (195, 460, 4)
    assert {row.reference for row in own.rows if row.minutes == 150} == {log.application.reference}
    found = logs.volunteers(log.manages, log.at)
    (row,) = found.people
    assert (row.name, row.minutes, row.bids, row.training, row.noted, row.approved) == (
        log.reader.name,
        195,
        1,
        1,
        460,
        0,
    )


def test_the_same_form_sent_twice_is_one_line() -> None:
    log = Log()
    key = uuid.uuid4()
    for _ in range(2):
        log.note(Kind.TIME, key=key, minutes=10)

    assert count() == 1


def test_another_line_from_another_window_is_not_lost() -> None:
    log = Log()
    key = uuid.uuid4()
    for minutes in (10, 20):
        log.note(Kind.TIME, key=key, minutes=minutes)

    assert count() == 2


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (Kind.TIME, {"minutes": 0}, "hours"),
        (Kind.TIME, {"minutes": 1441}, "hours"),
        (Kind.TIME, {"minutes": 5, "day": NOW.date() + dt.timedelta(days=1)}, "day"),
        (Kind.TRAINING, {"note": " "}, "note"),
        (Kind.EXPENSE, {"amount": None, "note": "Bus"}, "amount"),
        (Kind.EXPENSE, {"amount": 1, "note": ""}, "note"),
        (Kind.TIME, {"minutes": 5, "bid": uuid.UUID(int=3)}, "bid"),
    ],
)
def test_unfit_line_is_refused_at_its_field(kind, given, field) -> None:
    log = Log()

    with pytest.raises(Blocked) as refused:
        log.note(kind, **given)
    assert [reason.key for reason in refused.value.reasons] == [field]
    assert count() == 0


def test_expense_is_approved_by_somebody_else_once() -> None:
    log = Log()
    both = build.person(Role.FUND_MANAGER, Role.ASSESSOR, at=log.programme)
    key = log.note(Kind.EXPENSE, amount=460, note="Bus")
    own = log.note(Kind.EXPENSE, build.actor_of(both), amount=100, note="Bus")

    for _ in range(2):
        volunteers.approve(log.manages, log.at, key, now=NOW)

    with pytest.raises(Forbidden):
        volunteers.approve(build.actor_of(both), log.at, own, now=NOW)
    with pytest.raises((Forbidden, NotFound)):
        volunteers.approve(log.actor, log.at, own, now=NOW)
    assert logs.volunteers(log.manages, log.at).approved == 460
    with pytest.raises(MoveNotAllowed):
        volunteers.take_out(log.actor, log.at, key, now=NOW)


def test_only_ones_own_lines_are_read_and_taken_out() -> None:
    log = Log()
    key = log.note(Kind.TIME, minutes=10)
    other = build.actor_of(log.other)

    volunteers.take_out(other, log.at, key, now=NOW)

    assert logs.log(other, log.at).rows == ()
    assert count() == 1
    volunteers.take_out(log.actor, log.at, key, now=NOW)
    volunteers.take_out(log.actor, log.at, key, now=NOW)
    assert count() == 0
    for hidden in (lambda: logs.log(log.manages, log.at), lambda: logs.volunteers(other, log.at)):
        with pytest.raises(NotFound):
            hidden()


def test_conflicted_application_is_in_no_name_and_no_sum() -> None:
    log = Log()
    log.note(Kind.TIME, minutes=10, bid=log.application.key)
    log.note(Kind.TIME, minutes=7)
    build.conflict(log.application, log.manager)
    assert logs.volunteers(log.manages, log.at).minutes == 7
    assess.declare_conflict(log.actor, log.key, "employer", "", now=NOW)

    own = logs.log(log.actor, log.at)

    assert own.bids == ()
    assert {row.reference for row in own.rows} == {""}
