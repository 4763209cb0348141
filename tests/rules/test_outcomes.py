"""Checks on a return, and promise against delivery."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grants.rules.outcomes import (
    Breakdown,
    Change,
    Comparison,
    Finding,
    Money,
    Reported,
    Severity,
    Share,
    errors,
    far_from_promise,
    findings,
    improved_share,
    not_known,
    promised_against_delivered,
    unexplained,
)

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def change(started=50, baseline=45, paired=40, improved=30, same=8, worse=2):
    return Change(
        key="wellbeing",
        label="Wellbeing",
        started=started,
        baseline=baseline,
        paired=paired,
        improved=improved,
        same=same,
        worse=worse,
    )


def said(**figures):
    return [
        (found.severity, found.question, found.text)
        for found in findings(Reported(**{"people": 100, **figures}))
    ]


def test_findings_of_a_sound_return_are_none():
    sex = Breakdown(question="by_sex", label="By sex", counts={"female": 60, "male": 40})
    money = Money(received=100_00, spent={"staff": 60_00, "venue": 30_00}, unspent=10_00)

    assert said(family=10, breakdowns=[sex], changes=[change()], money=money, counts={"n": 0}) == []


def test_findings_of_an_empty_return_are_none():
    blank = change(None, None, None, None, None, None)
    nothing = Breakdown(question="by_sex", label="By sex", counts={"female": None})

    assert said(people=None, breakdowns=[nothing], changes=[blank]) == []


def test_findings_hold_both_readings_against_those_who_started_where_no_first_is_given():
    expected = "Wellbeing: 40 people with both readings are more than the 39 people who started."

    assert said(changes=[change(started=39, baseline=None)]) == [(ERROR, "outcomes", expected)]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"people": -1}, (ERROR, "unique_people", "A count cannot be less than 0.")),
        ({"counts": {"sessions": -1}}, (ERROR, "sessions", "A count cannot be less than 0.")),
        (
            {"family": 101},
            (
                ERROR,
                "family_members",
                "101 family members and carers are more than the 100 people in all.",
            ),
        ),
        (
            {"changes": [change(baseline=51, paired=40)]},
            (
                ERROR,
                "outcomes",
                "Wellbeing: 51 people with a first reading are more than the 50 people who started.",
            ),
        ),
        (
            {"changes": [change(paired=46, improved=36)]},
            (
                ERROR,
                "outcomes",
                "Wellbeing: 46 people with both readings are more than the 45 people with a first reading.",
            ),
        ),
        (
            {"changes": [change(improved=29)]},
            (
                ERROR,
                "outcomes",
                "Wellbeing: improved, the same and worse add up to 39, not to the 40 people with both readings.",
            ),
        ),
        (
            {"changes": [change(worse=None)]},
            (ERROR, "outcomes", "Wellbeing: give all three of improved, the same and worse."),
        ),
        (
            {"changes": [change(started=101)]},
            (WARNING, "outcomes", "Wellbeing: 101 started, more than the 100 people in all."),
        ),
        (
            {"changes": [change(paired=29, improved=19)]},
            (
                NOTE,
                "outcomes",
                "Wellbeing: fewer than 30 people have both readings, so read it with care.",
            ),
        ),
        (
            {"money": Money(received=100_00, spent={"staff": 60_00}, unspent=39_99)},
            (
                ERROR,
                "spending",
                "£60 spent and £39.99 not spent come to £99.99, not to the £100 received.",
            ),
        ),
        (
            {"money": Money(received=50_00, spent={"staff": 50_01}, unspent=None)},
            (WARNING, "spending", "£50.01 spent is more than the £50 received."),
        ),
        (
            {"money": Money(received=0, spent={"staff": -1, "venue": 1}, unspent=0)},
            (ERROR, "spending", "An amount cannot be less than £0."),
        ),
    ],
)
def test_findings_name_what_is_wrong(figures, expected):
    assert said(**figures) == [expected]


@pytest.mark.parametrize(
    ("numbers", "more", "expected"),
    [
        ((60, 41), {}, [(ERROR, "by", "By sex adds up to 101, more than the 100 people in all.")]),
        (
            (60, 41),
            {"may_differ": True},
            [(WARNING, "by", "By sex adds up to 101, more than the 100 people in all.")],
        ),
        ((60, 41), {"may_overlap": True}, []),
        (
            (101, None),
            {"may_overlap": True},
            [(ERROR, "by", "101 is more than the 100 people in all.")],
        ),
        (
            (60, 30),
            {},
            [(NOTE, "by", "By sex adds up to 90: the other 10 are shown as not known.")],
        ),
        ((-1, 101), {"may_differ": True}, [(ERROR, "by", "A count cannot be less than 0.")]),
    ],
)
def test_findings_of_a_breakdown(numbers, more, expected):
    part = Breakdown(
        question="by", label="By sex", counts=dict(zip("fm", numbers, strict=True)), **more
    )

    assert said(breakdowns=[part]) == expected


@pytest.mark.parametrize(
    ("people", "numbers", "expected"),
    [
        (100, (60, 30), 10),
        (100, (60, None), 40),
        (100, (60, 41), 0),
        (None, (1, 2), None),
        (9, (None, None), None),
    ],
)
def test_not_known_is_the_remainder(people, numbers, expected):
    part = Breakdown(question="by", label="By sex", counts=dict(zip("fm", numbers, strict=True)))

    assert not_known(part, people) == expected


def test_warnings_pass_with_a_reason_and_errors_never():
    wrong = Finding(ERROR, "unique_people", "")
    odd = Finding(WARNING, "by_sex", "")
    row = Finding(WARNING, "outcomes", "", "wellbeing")
    found = (wrong, odd, row)

    assert errors(found) == (wrong,)
    assert unexplained(found, {}) == (odd, row)
    assert unexplained(found, {("by_sex", ""): " ", ("outcomes", "wellbeing"): "Two counts"}) == (
        odd,
    )


def test_improved_share_pools_counts_and_shows_who_was_lost():
    share = improved_share(
        [change(), change(started=30, paired=10, improved=5), change(paired=None)]
    )

    assert share == Share(35, 50, Decimal("70.0"), Decimal("37.5"))
    assert (share.is_few, improved_share([]).percent) == (False, None)


def test_promised_against_delivered_never_reads_a_blank_as_nought():
    compared = promised_against_delivered(
        {"people": 40, "sessions": 12, "volunteers": None},
        {"people": 60, "sessions": None, "new": 5},
    )

    assert [(c.key, c.difference, c.percent) for c in compared] == [
        ("people", 20, Decimal("150.0")),
        ("sessions", None, None),
        ("volunteers", None, None),
        ("new", None, None),
    ]


@pytest.mark.parametrize(
    ("delivered", "is_far"), [(19, True), (20, False), (80, False), (81, True)]
)
def test_far_from_promise_asks_for_a_reason(delivered, is_far):
    found = far_from_promise([Comparison("people", 40, delivered)])

    text = f"{delivered} delivered, where 40 was promised."
    assert found == ((Finding(WARNING, "people", text),) if is_far else ())
