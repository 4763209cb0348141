"""Figures read from a return's answers, for every fund that ships."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from grants.rules.outcomes import Severity, findings
from grants.rules.return_figures import breakdowns, reported, total

FUNDS = list(all_funds().values())
ANSWERS = {
    ("unique_people", ""): "1,200",
    ("people_16_24", ""): "",
    ("reach_by_age.people", "a"): "700",
    ("reach_by_age.people", "b"): "",
    ("reach_by_age.people", "c"): "600",
    ("outcomes.n_started", "less_lonely"): "50",
    ("outcomes.n_paired", "less_lonely"): "51",
    ("outcomes.n_improved", "less_lonely"): "not counted",
    ("spending.spent", "1"): "£1,000.50",
    ("spending.spent", "2"): "",
    ("spending.reason", "2"): "Not needed yet",
}


@pytest.mark.parametrize("fund", FUNDS, ids=lambda fund: fund.slug)
def test_reported_reads_what_was_typed_and_leaves_blanks_unknown(fund):
    read = reported(fund.return_form, ANSWERS, received=200_000, overlapping={"reach_by_group"})

    by_key = {part.question: part for part in read.breakdowns}
    assert (read.people, read.family, read.counts["people_16_24"]) == (1200, None, None)
    assert by_key["reach_by_age"].counts == {"a": 700, "c": 600}
    assert (by_key["reach_by_group"].may_overlap, by_key["reach_by_age"].may_overlap) == (
        True,
        False,
    )
    assert [(c.key, c.started, c.paired, c.improved) for c in read.changes] == [
        ("less_lonely", 50, 51, None)
    ]
    assert read.money is not None
    assert (read.money.spent, read.money.unspent) == ({"1": 100_050}, None)


@pytest.mark.feature("T4")
@pytest.mark.parametrize("fund", FUNDS, ids=lambda fund: fund.slug)
@pytest.mark.parametrize(
    ("differing", "severity"), [((), Severity.ERROR), (("reach_by_age",), Severity.WARNING)]
)
def test_a_breakdown_that_is_over_the_total_is_found(fund, differing, severity):
    found = findings(reported(fund.return_form, ANSWERS, received=None, differing=differing))

    assert [f.severity for f in found if f.question == "reach_by_age"] == [severity]


@pytest.mark.parametrize("fund", FUNDS, ids=lambda fund: fund.slug)
def test_breakdowns_count_people_by_a_code_list(fund):
    keys = [table.key for table in breakdowns(fund.return_form)]

    assert {"reach_by_age", "reach_by_sex", "reach_by_group"} <= set(keys)
    assert "outcomes" not in keys


def test_total_of_nothing_collected_is_unknown():
    assert (total([None, None]), total([None, 0]), total([2, 3])) == (None, 0, 5)
