"""A profile: what is wrong with it, and what it gives an application."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from grants.rules import profile
from grants.rules.registers import SENTENCES, Register

pytestmark = pytest.mark.feature("A11")
FUND = profile.rulebook(all_funds().values())
WHOLE = {
    ("name", ""): "Glen Hall (fictional)",
    ("legal_form", ""): "scio",
    ("charity_number", ""): "SC099001",
    ("address", ""): "1 Made-up Street",
    ("postcode", ""): "ZE1 0AA",
    ("email", ""): "hall@example.org",
    ("phone", ""): "01595 496000",
    ("people.name", "0001"): "Mòrag Made-up",
    ("people.role", "0001"): "Convener",
    ("people.name", "0002"): "Calum Made-up",
    ("partners.name", "0001"): "Hillside Collective (fictional)",
    ("partners.partner_type", "0001"): "anchor",
    ("partners.part", "0001"): "Sits on the panel",
}


def test_whole_profile_has_no_fault():
    assert profile.faults(FUND, WHOLE) == ()


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        (("name", ""), "  ", profile.NEEDED),
        (("name", ""), "x" * 301, "Use 300 characters or fewer."),
        (("charity_number", ""), "098765", SENTENCES[Register.CHARITIES]),
        (("company_number", ""), "12", SENTENCES[Register.COMPANIES]),
        (("legal_form", ""), "guild", "Choose one of the answers listed."),
        (("postcode", ""), "ZE1", "Enter a full UK postcode, such as AB10 1AB."),
        (("people.role", "0001"), "a\x00b", "The text holds a character that cannot be shown."),
        (("partners.partner_type", "0001"), "x", "Choose one of the answers listed."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(place, text, sentence):
    (fault,) = profile.faults(FUND, {**WHOLE, place: text})

    assert (fault.question, fault.row) == place
    assert fault.text.startswith(sentence)


def test_profile_is_kept_without_white_space_and_empty_rows():
    typed = {
        ("name", ""): "  Glen Hall ",
        ("company_number", ""): " sc 123456",
        ("people.name", "0001"): " ",
        ("people.role", "0001"): "",
    }

    assert profile.kept(typed) == {("name", ""): "Glen Hall", ("company_number", ""): "SC123456"}


@pytest.mark.parametrize("fund", all_funds().values(), ids=list(all_funds()))
def test_application_takes_what_it_asks_and_would_accept(fund):
    taken = profile.for_application(fund, WHOLE, ["S12000027"])

    asked = {question.key for question in fund.questions()}
    assert {key.partition(".")[0] for key, _ in taken} <= asked
    assert taken["contact_name", ""] == "Mòrag Made-up"
    assert taken["contact_role", ""] == "Convener"
    assert taken["partners.partner_type", "0001"] == "anchor"


def test_application_takes_nothing_that_it_would_refuse():
    odd = {**WHOLE, ("postcode", ""): "nowhere", ("partners.partner_type", "0001"): "no such type"}

    taken = profile.for_application(FUND, odd, [])

    assert ("postcode", "") not in taken
    assert ("partners.partner_type", "0001") not in taken
    assert taken["partners.name", "0001"] == "Hillside Collective (fictional)"
