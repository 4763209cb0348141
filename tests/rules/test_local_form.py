"""The form of a local round is made from the fund's, and may be used as it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grants.funds.checks import faults
from grants.funds.definition import Asking, Contact, Fills
from grants.funds.loader import all_funds
from grants.funds.schema import from_document, to_document
from grants.rules.local_form import LocalFunder, at_local_tier

FUNDER = LocalFunder(
    name="Shetland Islands Wellbeing Partnership (fictional)",
    legal_power="its award AWARD-1",
    contact=Contact(name="The partnership", email="grants@example.org", phone="01595 496000"),
)


@pytest.mark.feature("S15")
@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_local_form_of_every_fund_may_be_used(slug):
    local = at_local_tier(all_funds()[slug], FUNDER)

    assert list(faults(local)) == []
    assert from_document(to_document(local)) == local


@pytest.mark.feature("S15")
@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_local_form_keeps_what_is_locked_and_asks_who_holds_the_money(slug):
    fund = all_funds()[slug]
    local = at_local_tier(fund, FUNDER)

    left_out = set(fund.local.leave_out)
    core = {q.key for q in fund.questions() if q.locked and q.key not in left_out}
    assert {q.key for q in local.questions() if q.locked} == core
    assert local.question("partner_body").show_when.question == "is_constituted"
    assert left_out & {q.key for q in local.questions()} == {"partners"}
    assert local.table(Fills.PROJECTS).max_rows == fund.local.most_projects
    assert "local_round" not in {c.key for c in local.table(Fills.PROJECTS).columns}
    assert (local.funder, local.contact) == (FUNDER.name, FUNDER.contact)
    assert [(c.key, c.weight, c.minimum) for c in local.scoring.criteria] == [
        (c.key, c.weight, c.minimum) for c in fund.scoring.criteria
    ]


@pytest.mark.feature("S15")
@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_groups_are_not_asked_whether_they_lead_a_partnership(slug):
    fund = all_funds()[slug]
    local = at_local_tier(fund, FUNDER)

    kept = [check.key for check in fund.eligibility if check.key != "partnership"]
    assert [check.key for check in local.eligibility] == kept


@pytest.mark.feature("S15")
@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_local_forms_speak_to_groups_and_not_to_partnerships(slug):
    local = at_local_tier(all_funds()[slug], FUNDER)

    texts = [text for one in forms(local) for text in one]
    wrong = re.compile(
        r"lead (organisation|body)|partnership|\byour? plan\b|you propose to (fund|pay)",
        re.IGNORECASE,
    )
    assert [text for text in texts if wrong.search(text)] == []


def forms(fund):
    """Every text of both forms that people read before they answer."""
    for section in (*fund.sections, *fund.return_form.sections):
        yield section.title, section.intro
        for one in section.questions:
            for asked in (one, *one.columns):
                yield asked.label, asked.hint, asked.guidance, asked.example


@pytest.mark.feature("S15")
def test_what_a_local_round_asks_otherwise_is_data_and_the_rest_stays():
    fund = all_funds()["adult"]
    asks = (
        Asking(section="budget", label="Money", hint=""),
        Asking(question="budget", hint="Line by line.", example=""),
        Asking(question="budget.amount", label="Pounds"),
    )

    made = at_local_tier(replace(fund, local=replace(fund.local, asks=asks)), FUNDER)

    section = next(one for one in made.sections if one.key == "budget")
    was, now_ = fund.question("budget"), made.question("budget")
    assert (section.title, section.intro) == ("Money", "")
    assert (now_.label, now_.hint, now_.example) == (was.label, "Line by line.", "")
    assert [c.label for c in now_.columns] == [
        "Pounds" if c.key == "amount" else c.label for c in was.columns
    ]
    assert made.return_form == fund.return_form
    assert made.summary == fund.local.summary


def test_fund_without_a_local_part_is_asked_in_full():
    fund = replace(next(iter(all_funds().values())), local=None)

    assert at_local_tier(fund, FUNDER).sections == fund.sections
