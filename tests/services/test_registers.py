"""Loading a register: all or nothing, faults by line, in the place of the last; and the look-up."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.audit import AuditEntry
from grants.models.register import LoadedRegister, RegisteredBody, RegisterLine
from grants.queries import registers as queries
from grants.rules.people import CLOCK, Role
from grants.rules.refusals import Blocked, NotFound
from grants.rules.registers import Register
from grants.services import registers
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.feature("A24")
CHARITIES = Register.CHARITIES
DAY = dt.date(2026, 10, 1)
GOOD = (
    "number,name,status\nSC099001,Glen Hall (fictional),Active\nsc 099002,“Càirdeas” (fictional),\n"
)


def source(text: str | bytes, *, register: Register = CHARITIES, as_at: dt.date = DAY):
    data = text if isinstance(text, bytes) else text.encode()
    return registers.Source(register, io.BytesIO(data), "A fictional sample", as_at)


def load(text: str | bytes, **rest) -> int:
    return registers.load(CLOCK, source(text, **rest), now=NOW)


def numbers() -> list[str]:
    return list(
        db.session.scalars(sa.select(RegisteredBody.number).order_by(RegisteredBody.number))
    )


@pytest.fixture
def somebody(context):
    return build.actor_of(build.person(Role.APPLICANT_EDITOR, at=build.organisation()))


def finding(actor, number: str):
    return queries.look_up(actor, {CHARITIES: number})[CHARITIES]


def test_file_is_loaded_and_remembered(context):
    assert load("\ufeff" + GOOD) == 2

    record = db.session.scalars(sa.select(LoadedRegister)).one()
    assert (record.entries, record.as_at, record.source) == (2, DAY, "A fictional sample")
    assert numbers() == ["SC099001", "SC099002"]
    assert db.session.scalars(sa.select(AuditEntry.action)).all() == ["load-register"]


def test_newer_file_takes_the_place_of_the_older_and_leaves_the_other_register(context):
    load(GOOD)
    load("number,name\nSC999001,Glen Trading (fictional)\n", register=Register.COMPANIES)

    load("name,number\nGlen Choir (fictional),SC099003\n")

    assert numbers() == ["SC099003", "SC999001"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The first line must name the columns number and name."),
        ("number,title\nSC099001,x\n", "It has no name."),
        ("number,name\n", "The file has no lines below its heading."),
        ("number,name\nSC1,x\n", "Line 2: “SC1” cannot be a number of this register."),
        ("number,name\n,x\n", "Line 2: There is no number."),
        ("number,name\nSC099001,\n", "Line 2: There is no name."),
        ("number,name\nSC099001,a\n\nsc099001,b\n", "Line 4: SC099001 stands in line 2 too."),
        ("number,name\nSC099001,a\x07b\n", "Line 2: The name holds a character"),
        (f"number,name\nSC099001,{'x' * 301}\n", "Line 2: The name is longer than 300"),
        (b"number,name\nSC099001,\xff\n", registers.NOT_TEXT),
        ('number,name\nSC099001,"a" b\n', registers.NOT_TEXT),
        (b"PK\x03\x04\x00\x00", "The first line must name the columns"),
    ],
)
def test_file_with_a_fault_changes_nothing(context, text, sentence):
    load(GOOD)

    with pytest.raises(Blocked) as refusal:
        load(text)

    assert sentence in str(refusal.value)
    assert numbers() == ["SC099001", "SC099002"]


def test_only_the_first_faults_are_listed(context):
    with pytest.raises(Blocked) as refusal:
        load("number,name\n" + "x,y\n" * 100)

    assert len(refusal.value.reasons) == registers.MOST_FAULTS + 1


def test_day_in_the_future_is_refused(context):
    with pytest.raises(Blocked):
        load(GOOD, as_at=NOW.date() + dt.timedelta(days=1))


def test_only_administrators_load(somebody):
    with pytest.raises(NotFound):
        registers.load(somebody, source(GOOD), now=NOW)

    administrator = build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))
    registers.load(administrator, source(GOOD), now=NOW)
    assert queries.loads(administrator)[CHARITIES].loaded_by == administrator.name
    assert queries.loads(somebody) == {}


def test_look_up_finds_the_name(somebody):
    load(GOOD)

    found = finding(somebody, " sc099001 ")

    assert (found.name, found.status, found.is_found) == ("Glen Hall (fictional)", "Active", True)
    assert found.loaded.as_at == DAY


def test_look_up_tells_not_found_from_not_loaded(somebody):
    assert finding(somebody, "SC099009").loaded is None

    load(GOOD)

    assert finding(somebody, "SC099009").loaded.as_at == DAY
    assert not finding(somebody, "SC099009").is_found
    assert queries.look_up(somebody, {CHARITIES: " "}) == {}


def test_line_that_was_left_by_a_broken_load_is_cleared(context):
    build.kept(RegisterLine(load="broken", number="SC099009", name="Half a load"))

    load(GOOD)

    assert numbers() == ["SC099001", "SC099002"]
    assert db.session.query(RegisterLine).count() == 0


def test_load_whose_lines_another_cleared_changes_nothing(context):
    load(GOOD)

    with pytest.raises(Blocked) as refusal:
        registers._replace(CHARITIES, "cleared meanwhile", 1)

    assert str(refusal.value) == registers.ANOTHER
    assert numbers() == ["SC099001", "SC099002"]


def test_large_file_is_loaded_in_batches(context, monkeypatch):
    monkeypatch.setattr(registers, "BATCH", 10)
    lines = "".join(f"SC{number:06d},Body {number}\n" for number in range(2 * registers.BATCH + 1))

    assert load("number,name\n" + lines) == 2 * registers.BATCH + 1
