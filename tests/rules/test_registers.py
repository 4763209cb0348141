"""Numbers of registers: two Scottish kinds that look alike."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.rules import registers
from grants.rules.registers import SENTENCES, Finding, Loaded, Register

pytestmark = pytest.mark.feature("A11")
CHARITIES, COMPANIES = Register.CHARITIES, Register.COMPANIES


@pytest.mark.parametrize(
    ("register", "number"),
    [
        (CHARITIES, ""),
        (CHARITIES, " sc 098765 "),
        (CHARITIES, "SC123456"),
        (COMPANIES, "01234567"),
        (COMPANIES, "sc123456"),
        (COMPANIES, "SO300001"),
        (COMPANIES, "R0000123"),
    ],
)
def test_number_written_rightly_has_no_fault(register, number):
    assert registers.fault(register, number) == ""


@pytest.mark.parametrize(
    ("register", "number"),
    [
        (CHARITIES, "098765"),
        (CHARITIES, "SC98765"),
        (CHARITIES, "SC0987654"),
        (CHARITIES, "SC\uff1098765"),
        (COMPANIES, "1234567"),
        (COMPANIES, "SC12345"),
        (COMPANIES, "none"),
    ],
)
def test_number_written_wrongly_gets_a_sentence(register, number):
    assert registers.fault(register, number) == SENTENCES[register]
    assert registers.doubt(register, number) == SENTENCES[register]


def test_charity_number_that_looks_like_a_company_is_doubted():
    assert "company number" in registers.doubt(CHARITIES, "SC123456")
    assert registers.doubt(CHARITIES, "SC098765") == registers.doubt(COMPANIES, "SC123456") == ""


@pytest.mark.parametrize(
    ("name", "is_same"),
    [
        ("THE Glen Hall & Garden, SCIO", True),
        ("Glen Hall and Garden SCIO", True),
        ("Glen Hall", False),
    ],
)
def test_name_is_compared_without_capitals_and_marks(name, is_same):
    loaded = Loaded(CHARITIES, "A sample", dt.date(2026, 10, 1), 1)

    assert (
        Finding(CHARITIES, "SC099001", loaded, "Glen Hall and Garden SCIO").is_named(name)
        is is_same
    )
