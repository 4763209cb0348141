"""The columns of every extract, declared once: what each holds, where it comes from, what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """What a column's cells are. Money is given in pence and written in pounds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"  # given aware, written in UTC
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``people`` counts people: small numbers in it are hidden before it gets here.

    ``code_list`` names a list of the reference data, or says which of the fund's own lists it is.
    """

    name: str
    title: str
    type: ColumnType
    description: str
    source: str
    people: bool = False
    code_list: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractTable:
    """One table of an extract, with what one row of it is."""

    name: str
    title: str
    counts: str
    columns: tuple[Column, ...]

    def choose(self, names: tuple[str, ...]) -> ExtractTable:
        """The same table with these columns alone, in this order."""
        by_name = {column.name: column for column in self.columns}
        return ExtractTable(
            self.name, self.title, self.counts, tuple(by_name[name] for name in names)
        )


_T = ColumnType
_APPLICATION, _AWARD, _PROJECT = "application", "award", "project"
_RETURN, _ROUND, _REFERENCE = "accepted return", "round", "reference table of council areas"

_FUND = Column("fund", "Fund", _T.TEXT, "The fund's short name.", _ROUND)
_ROUND_REFERENCE = Column("round", "Round", _T.TEXT, "The round's reference.", _ROUND)
_AREA_CODE = Column(
    "area_code",
    "Council area code",
    _T.TEXT,
    "The nine-character code of the council area; several, separated by semicolons, where "
    "one allocation covers several councils.",
    _REFERENCE,
    code_list="council_area",
)
_AREA = Column("area", "Council area", _T.TEXT, "The council area's name.", _REFERENCE)
_AWARD_REFERENCE = Column(
    "award_reference",
    "Award reference",
    _T.TEXT,
    "The award's reference, as on the letter.",
    _AWARD,
)
_PROJECT_REFERENCE = Column(
    "project_reference", "Project reference", _T.TEXT, "The project's own reference.", _PROJECT
)
_PSEUDONYM = Column(
    "project",
    "Project (pseudonym)",
    _T.TEXT,
    "Stands for one project in all extracts of the round; it does not say which project it is.",
    _PROJECT,
)
_PERIOD = Column("period", "Period", _T.TEXT, "The period that the return covers.", _RETURN)

AWARDS = ExtractTable(
    "awards",
    "Awards",
    "One row is one award to one partnership, released to it.",
    (
        _FUND,
        _ROUND_REFERENCE,
        _AWARD_REFERENCE,
        Column(
            "application_reference",
            "Application reference",
            _T.TEXT,
            "The application that the award answers.",
            _APPLICATION,
        ),
        Column(
            "organisation", "Partnership", _T.TEXT, "The organisation awarded to.", "organisation"
        ),
        _AREA_CODE,
        _AREA,
        Column("state", "State", _T.TEXT, "Released, accepted or closed.", _AWARD),
        Column("asked", "Asked for (£)", _T.MONEY, "What the application asked for.", _APPLICATION),
        Column(
            "awarded",
            "Awarded (£)",
            _T.MONEY,
            "Decided projects and the partnership's own costs together.",
            _AWARD,
        ),
        Column("own_costs", "Own costs (£)", _T.MONEY, "The partnership's own costs.", _AWARD),
        Column("projects", "Projects", _T.INTEGER, "Projects funded by the award.", _PROJECT),
        Column("approved_on", "Approved on", _T.DATE, "The day of the last approval.", _AWARD),
        Column("released_at", "Released at", _T.INSTANT, "When the partnership was told.", _AWARD),
        Column(
            "accepted_on",
            "Accepted on",
            _T.DATE,
            "The day of acceptance; empty if not yet.",
            _AWARD,
        ),
    ),
)

PROJECTS = ExtractTable(
    "projects",
    "Projects",
    "One row is one funded project.",
    (
        _FUND,
        _ROUND_REFERENCE,
        _AWARD_REFERENCE,
        _PROJECT_REFERENCE,
        Column("title", "Project", _T.TEXT, "The project's title.", _PROJECT),
        Column("group", "Group", _T.TEXT, "The group that runs the project.", _PROJECT),
        _AREA_CODE,
        _AREA,
        Column(
            "activity_type",
            "Activity type",
            _T.TEXT,
            "The one type that fits best.",
            _PROJECT,
            code_list="the fund’s activity types",
        ),
        Column(
            "main_group",
            "Main at-risk group",
            _T.TEXT,
            "The one group that the project is mainly for.",
            _PROJECT,
            code_list="the fund’s at-risk groups",
        ),
        Column(
            "groups",
            "Other at-risk groups",
            _T.TEXT,
            "All other groups, separated by semicolons; one project may have several.",
            _PROJECT,
            code_list="the fund’s at-risk groups",
        ),
        Column(
            "themes",
            "Themes",
            _T.TEXT,
            "Priority themes, separated by semicolons.",
            _PROJECT,
            code_list="the fund’s themes",
        ),
        Column("decision", "Decision", _T.TEXT, "In full or in part.", _PROJECT),
        Column("asked", "Asked for (£)", _T.MONEY, "What was asked for the project.", _PROJECT),
        Column("awarded", "Awarded (£)", _T.MONEY, "What was decided for the project.", _PROJECT),
        Column(
            "people_planned",
            "People planned",
            _T.INTEGER,
            "How many people the project meant to reach.",
            _PROJECT,
            people=True,
        ),
    ),
)

ORGANISATIONS = ExtractTable(
    "organisations",
    "Organisations",
    "One row is one organisation with at least one project in the round.",
    (
        _FUND,
        _ROUND_REFERENCE,
        Column("organisation", "Organisation", _T.TEXT, "The organisation's name.", "organisation"),
        Column(
            "organisation_type",
            "Type",
            _T.TEXT,
            "What kind of body it is.",
            "organisation",
            code_list="legal_form",
        ),
        Column(
            "charity_number", "Charity number", _T.TEXT, "Empty where it has none.", "organisation"
        ),
        Column("projects", "Projects", _T.INTEGER, "Its projects in the round.", _PROJECT),
        Column("awarded", "Awarded (£)", _T.MONEY, "Its projects' money together.", _PROJECT),
    ),
)

RETURNS = ExtractTable(
    "returns",
    "Returns",
    "One row is one accepted return for one project and period.",
    (
        _FUND,
        _ROUND_REFERENCE,
        _PSEUDONYM,
        _AREA_CODE,
        _AREA,
        _PERIOD,
        Column("due_on", "Due on", _T.DATE, "The day by which the return was due.", _RETURN),
        Column("submitted_on", "Submitted on", _T.DATE, "The day on which it was sent.", _RETURN),
        Column(
            "people_reached",
            "People reached",
            _T.INTEGER,
            "Different people supported in the period, each counted once.",
            _RETURN,
            people=True,
        ),
        Column(
            "volunteers", "Volunteers", _T.INTEGER, "Volunteers involved.", _RETURN, people=True
        ),
        Column("sessions", "Sessions", _T.INTEGER, "Sessions held.", _RETURN),
        Column("spent", "Spent (£)", _T.MONEY, "Spent in the period.", _RETURN),
    ),
)

OUTCOMES = ExtractTable(
    "outcomes",
    "Outcomes",
    "One row is one outcome, or measure, in one accepted return.",
    (
        _FUND,
        _ROUND_REFERENCE,
        _PSEUDONYM,
        _AREA_CODE,
        _PERIOD,
        Column(
            "outcome",
            "Outcome",
            _T.TEXT,
            "What was meant to change.",
            _RETURN,
            code_list="the fund’s outcomes",
        ),
        Column(
            "measure",
            "Measure",
            _T.TEXT,
            "How change was measured; empty where people were asked directly.",
            _RETURN,
            code_list="outcome_measure",
        ),
        Column(
            "asked",
            "People asked",
            _T.INTEGER,
            "People asked or measured twice.",
            _RETURN,
            people=True,
        ),
        Column(
            "improved", "Better", _T.INTEGER, "People for whom it got better.", _RETURN, people=True
        ),
        Column(
            "same",
            "The same",
            _T.INTEGER,
            "People for whom it stayed the same.",
            _RETURN,
            people=True,
        ),
        Column("worse", "Worse", _T.INTEGER, "People for whom it got worse.", _RETURN, people=True),
    ),
)

AREAS = ExtractTable(
    "areas",
    "Council areas",
    "One row is one council area, or one allocation that covers several.",
    (
        _FUND,
        _ROUND_REFERENCE,
        _AREA_CODE,
        _AREA,
        Column("board", "Health board", _T.TEXT, "The health board of the area.", _REFERENCE),
        Column(
            "population",
            "Population",
            _T.INTEGER,
            "People living in the area, middle of 2019.",
            "reference table of council areas, which names its source",
        ),
        Column("allocated", "Allocated (£)", _T.MONEY, "The area's share of the pot.", _ROUND),
        Column(
            "applications",
            "Applications",
            _T.INTEGER,
            "Applications received by the round.",
            _APPLICATION,
        ),
        Column("asked", "Asked for (£)", _T.MONEY, "Asked for by them together.", _APPLICATION),
        Column("awards", "Awards", _T.INTEGER, "Awards released.", _AWARD),
        Column("awarded", "Awarded (£)", _T.MONEY, "Awarded in all.", _AWARD),
        Column("projects", "Projects", _T.INTEGER, "Projects funded.", _PROJECT),
        Column(
            "projects_per_100000",
            "Projects per 100,000 people",
            _T.NUMBER,
            "Projects for each 100,000 people living in the area.",
            "projects and population",
        ),
        Column(
            "awarded_per_head",
            "Awarded per head (£)",
            _T.MONEY,
            "Awarded in all, for each person living in the area.",
            "awards and population",
        ),
        Column(
            "organisations", "Organisations", _T.INTEGER, "Organisations with a project.", _PROJECT
        ),
        Column(
            "people_reached",
            "People reached",
            _T.INTEGER,
            "People in accepted returns; a person may be in several projects.",
            _RETURN,
            people=True,
        ),
    ),
)

TABLES: dict[str, ExtractTable] = {
    table.name: table for table in (AWARDS, PROJECTS, ORGANISATIONS, RETURNS, OUTCOMES, AREAS)
}
