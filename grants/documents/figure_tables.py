"""The columns of the evaluation tables, on the page and in files alike, with what each table counts."""

from __future__ import annotations

from grants.documents.columns import AREAS, Column, ColumnType, ExtractTable

_T = ColumnType
_LONGEST = 25  # letters of the name of a sheet

RETURN, PROJECT = "accepted return", "project"
PEOPLE_NOTE = "Somebody in two projects or two periods is counted in each."

_FUND, _ROUND = AREAS.columns[:2]
_CODE = Column("code", "Code", _T.TEXT, "The code in the fund's list.", "the fund's rulebook")
_NOTE = Column("note", "Note", _T.TEXT, "What the list says about the code.", "the fund's rulebook")


def _label(title: str) -> Column:
    return Column("label", title, _T.TEXT, "What the code stands for.", "the fund's rulebook")


HEADLINE = ExtractTable(
    "headline",
    "Headline",
    "One row is the whole round.",
    (
        _FUND,
        _ROUND,
        Column(
            "national_applications",
            "National applications",
            _T.INTEGER,
            "Applications received by the national round, those withdrawn left out.",
            "application",
        ),
        Column(
            "local_applications",
            "Local applications",
            _T.INTEGER,
            "Applications received here by local rounds, those withdrawn left out.",
            "application",
        ),
        Column("awards", "Awards", _T.INTEGER, "Awards released to those who applied.", "award"),
        Column("projects", "Projects", _T.INTEGER, "Funded projects.", PROJECT),
        Column(
            "organisations",
            "Organisations",
            _T.INTEGER,
            "Organisations with at least one project, each counted once.",
            PROJECT,
        ),
        Column("asked", "Asked for (£)", _T.MONEY, "Asked for by all applications.", "application"),
        Column("awarded", "Awarded (£)", _T.MONEY, "Awards released, together.", "award"),
        Column(
            "people_planned",
            "People planned",
            _T.INTEGER,
            "People whom the projects mean to reach, added up.",
            PROJECT,
            people=True,
        ),
        Column(
            "people_reached",
            "People reached",
            _T.INTEGER,
            f"People in accepted returns, added up. {PEOPLE_NOTE}",
            RETURN,
            people=True,
        ),
    ),
)


def by_code(name: str, title: str, label: str, *, several: bool) -> ExtractTable:
    """Projects by one code each, or by several."""
    counts = "One row counts the projects " + (
        "that name the code; a project may name several, so rows add up to more than all projects."
        if several
        else "of one code; each project is counted once."
    )
    return ExtractTable(
        name,
        title,
        counts,
        (
            _FUND,
            _ROUND,
            _CODE,
            _label(label),
            _NOTE,
            Column("projects", "Projects", _T.INTEGER, "Funded projects.", PROJECT),
            Column("percent", "% of projects", _T.NUMBER, "Share of all funded projects.", PROJECT),
            Column("awarded", "Awarded (£)", _T.MONEY, "These projects' money.", PROJECT),
        ),
    )


ACTIVITY_TYPES = by_code("activity_types", "By activity type", "Activity type", several=False)
AT_RISK_GROUPS = by_code("at_risk_groups", "By at-risk group", "At-risk group", several=True)
MAIN_GROUPS = by_code("main_groups", "By main at-risk group", "Main group", several=False)
THEMES = by_code("themes", "By theme", "Theme", several=True)
SIZES = by_code("sizes", "By size of grant", "Size of grant", several=False)


def people_by(question: str, title: str, label: str, *, several: bool) -> ExtractTable:
    """People in accepted returns by the codes of one question."""
    counts = (
        "One row counts people in accepted returns; one person may be in several rows."
        if several
        else f"One row counts people in accepted returns. {PEOPLE_NOTE}"
    )
    return ExtractTable(
        f"people_{question}",
        title[:_LONGEST],
        counts,
        (
            _FUND,
            _ROUND,
            _CODE,
            _label(label),
            Column("people", "People", _T.INTEGER, "People reached.", RETURN, people=True),
            Column(
                "percent",
                "% of people reached",
                _T.NUMBER,
                "Share of all people reached; kept back where the base is small or hidden.",
                RETURN,
                people=True,
            ),
        ),
    )


_SHARED = people_by("other_counts", "Other counts of people", "Count", several=True)
OTHER_PEOPLE = _SHARED.choose(tuple(c.name for c in _SHARED.columns if c.name != "percent"))


def _counted(name: str, title: str, description: str) -> Column:
    return Column(name, title, _T.INTEGER, description, RETURN, people=True)


OUTCOME_TOTALS = ExtractTable(
    "outcome_totals",
    "Outcomes in all",
    "One row is one outcome over all accepted returns; people may be counted for several outcomes.",
    (
        _FUND,
        _ROUND,
        _CODE,
        _label("Outcome"),
        Column("projects", "Projects", _T.INTEGER, "Projects that reported on it.", RETURN),
        _counted("asked", "Asked at the start", "People asked or measured at the start."),
        _counted("paired", "Asked both times", "People asked at the start and again later."),
        _counted("improved", "Improved", "People for whom it got better."),
        _counted("same", "No change", "People for whom it stayed the same."),
        _counted("worse", "Worse", "People for whom it got worse."),
        _counted("lost", "Not asked again", "People asked at the start and not again."),
        Column(
            "improved_percent",
            "% improved",
            _T.NUMBER,
            "Improved, of those asked both times.",
            RETURN,
            people=True,
        ),
        Column(
            "lost_percent",
            "% not asked again",
            _T.NUMBER,
            "Not asked again, of those asked at the start.",
            RETURN,
            people=True,
        ),
    ),
)

_NAMED = {column.name: column for column in AREAS.columns}
_RETURNS = (
    ("owed", "Owed in all", "Returns owed by projects in the area, whenever they are due."),
    ("due", "Due by now", "Returns whose day has passed."),
    ("received", "Received", "Returns sent and not sent back with a question."),
    ("accepted", "Accepted", "Returns that the fund accepted: only these count in other tables."),
    ("late", "Received late", "Returns received after their day."),
    ("missing", "Overdue", "Returns whose day has passed and that are not here."),
    ("reach_given", "With people reached", "Accepted returns that say how many people."),
)
COMPLETENESS = ExtractTable(
    "return_completeness",
    "Returns by area",
    "One row counts the returns owed in one council area, or one allocation that covers several.",
    (
        _FUND,
        _ROUND,
        _NAMED["area_code"],
        _NAMED["area"],
        *(
            Column(name, title, _T.INTEGER, description, "return obligation and return")
            for name, title, description in _RETURNS
        ),
    ),
)

ABOUT = ExtractTable(
    "about",
    "About",
    "One row is one fact about this extract.",
    (
        Column("fact", "Fact", _T.TEXT, "What is said.", "this product"),
        Column("value", "Value", _T.TEXT, "What it is.", "this product"),
    ),
)
