"""The check before scoring, by its points."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.loader import all_funds
from grants.rules.refusals import Reason
from grants.rules.triage import COMPLETE, Finding, faults, passes, points

FUNDS = sorted(all_funds())


def good(fund):
    """Every answer as it is wanted."""
    return [Finding(point.key, point.wanted) for point in points(fund)]


def other(finding: Finding) -> str:
    return "no" if finding.answer == "yes" else "yes"


@pytest.mark.parametrize("name", FUNDS)
def test_passes_when_every_answer_is_wanted(name):
    fund = all_funds()[name]

    assert (passes(fund, good(fund)), faults(fund, good(fund))) == (True, ())


@pytest.mark.parametrize("name", FUNDS)
def test_one_other_answer_fails_and_asks_why(name):
    fund = all_funds()[name]
    for place, finding in enumerate(good(fund)):
        findings = good(fund)
        findings[place] = replace(finding, answer=other(finding))

        assert not passes(fund, findings)
        assert faults(fund, findings) == (
            Reason(
                f"Say why in a few words: {points(fund)[place].question}",
                f"{finding.key}_reason",
            ),
        )
        findings[place] = replace(findings[place], reason="It is a company for profit.")
        assert faults(fund, findings) == ()


def test_a_point_that_was_left_out_is_asked_for():
    fund = all_funds()[FUNDS[0]]

    found = faults(fund, good(fund)[1:])

    asked = "Choose yes or no: Is everything there that is needed to score it?"
    assert found == (Reason(asked, COMPLETE),)
    assert not passes(fund, good(fund)[1:])


def test_a_reason_has_a_longest():
    fund = all_funds()[FUNDS[0]]
    findings = [replace(good(fund)[0], answer="no", reason="x" * 2_001), *good(fund)[1:]]

    assert faults(fund, findings) == (
        Reason("Use 2,000 characters or fewer.", f"{COMPLETE}_reason"),
    )
    assert faults(fund, [replace(findings[0], reason="x" * 2_000), *findings[1:]]) == ()
