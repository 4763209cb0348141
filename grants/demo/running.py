"""Projects of accepted awards, and the groups that run them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grants.demo.bids import Line
from grants.demo.decisions import RUNNING, Given
from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Cast, group
from grants.demo.rounds import Made
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.project import Project, ProjectCode
from grants.rules import funding_line
from grants.rules.recommendation import LineChoice


@dataclass(frozen=True, slots=True)
class Running:
    """A project: whose, of which award, for how much and how many people."""

    id: int
    organisation_id: int
    given: Given
    amount: int
    people: int
    groups: list[str]


@dataclass(frozen=True, slots=True)
class Life:
    """A round, everybody in it, its awards and its projects."""

    cast: Cast
    made: Made
    givens: list[Given]
    projects: list[Running]


def run(kit: Kit, made: Made, givens: Sequence[Given]) -> list[Running]:
    """The projects of accepted awards, with the groups that run them and a ledger line each."""
    funded = [
        (given, place, choice)
        for given in givens
        if given.state in RUNNING
        for place, choice in enumerate(given.choices)
        if choice.decision in funding_line.FUNDED
        and not given.course.sent.bid.lines[place].is_local
    ]
    runners = _groups(kit, [(given, place) for given, place, _ in funded])
    rows = [
        _project(kit, made, given, place, runners[_group_of(given, place)])
        for given, place, _ in funded
    ]
    ids = add(Project, rows)
    lines = [given.course.sent.bid.lines[place] for given, place, _ in funded]
    put_codes(ids, lines)
    put(LedgerLine, [_project_line(made, *pair) for pair in zip(ids, rows, funded, strict=True)])
    return [
        Running(key, row["organisation_id"], given, row["amount"], line.people, line.groups)
        for key, row, line, (given, _, _) in zip(ids, rows, lines, funded, strict=True)
    ]


def put_codes(projects: Sequence[int], lines: Sequence[Line]) -> None:
    """The groups, themes and area of each project."""
    put(
        ProjectCode,
        [
            {"project_id": key, "kind": kind, "code": code}
            for key, line in zip(projects, lines, strict=True)
            for kind, codes in (
                ("group", line.groups),
                ("theme", line.themes),
                ("area", [line.area]),
            )
            for code in codes
        ],
    )


def _group_of(given: Given, place: int) -> tuple[str, str]:
    """A group is itself within one area."""
    line = given.course.sent.bid.lines[place]
    return line.area, line.group


def _groups(kit: Kit, places: Sequence[tuple[Given, int]]) -> dict[tuple[str, str], int]:
    first: dict[tuple[str, str], tuple[str, int]] = {}
    for given, place in places:
        first.setdefault(_group_of(given, place), (given.course.sent.reference, place + 1))
    rows = [
        group(kit, f"GROUP-{reference}-{line:02d}", name)
        for (_, name), (reference, line) in first.items()
    ]
    ids = add(Organisation, rows)
    put(
        OrganisationArea,
        [
            {"organisation_id": key, "area_code": area}
            for key, (area, _) in zip(ids, first, strict=True)
        ],
    )
    return dict(zip(first, ids, strict=True))


def _project(kit: Kit, made: Made, given: Given, place: int, runner: int) -> Row:
    sent, line = given.course.sent, given.course.sent.bid.lines[place]
    return {
        "key": kit.key(),
        "reference": f"{sent.reference}-P{place + 1:02d}",
        "award_id": given.id,
        "round_id": made.id,
        "allocation_area_id": sent.share_id,
        "proposed_project_id": sent.lines[place],
        "organisation_id": runner,
        "title": line.title,
        "summary": line.summary,
        "activity_type": line.activity,
        "main_group": line.groups[0],
        "people_expected": line.people,
        "amount": given.choices[place].amount,
        "recorded_at": given.course.answered_at,
    }


def _project_line(made: Made, key: int, row: Row, funded: tuple[Given, int, LineChoice]) -> Row:
    given = funded[0]
    return {
        "at": given.course.answered_at,
        "kind": LedgerKind.PROJECT,
        "amount": row["amount"],
        "round_id": made.id,
        "allocation_area_id": row["allocation_area_id"],
        "award_id": given.id,
        "project_id": key,
        "person_id": given.course.sent.bid.lead.people["signatory"],
        "note": "Accepted",
    }
