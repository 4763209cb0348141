"""Evaluating: the only supplier of a round's figures, to pages and to files alike, protected."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grants.documents import figure_tables
from grants.documents.columns import AREAS, ExtractTable
from grants.funds.definition import CodeList, Fills, Fund
from grants.queries import evaluation as queries
from grants.queries import reported
from grants.queries.definitions import fund_of
from grants.queries.evaluation import AreaRow, ProjectsRow, RoundRow
from grants.queries.reported import OutcomeRow, PeopleRow
from grants.rules import dates
from grants.rules.disclosure import protect_list
from grants.rules.people import Actor
from grants.rules.refusals import NotFound
from grants.rules.states import Tier
from grants.services import figures, people_tables
from grants.services.figures import Counted, Figures, Whose
from grants.services.reach import Reach, ReachForm, protected, reach_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A round in figures. The first table is the headline, a single row."""

    round: RoundRow
    whose: Whose
    headline: Figures
    tables: tuple[Figures, ...]
    areas: tuple[AreaRow, ...]
    form: ReachForm
    reach: Reach

    @property
    def every(self) -> tuple[Figures, ...]:
        """All tables in the order of the page."""
        return (self.headline, *self.tables)


def evaluation(actor: Actor, key: uuid.UUID, *, now: dt.datetime) -> Evaluation:
    """The figures of the round with this key. Raises NotFound."""
    return of_round(actor, queries.round_of(actor, key), now=now)


def of_round(
    actor: Actor, record: RoundRow, *, now: dt.datetime, at: Session | None = None
) -> Evaluation:
    """The figures of a round as the database is now, or of a session on a snapshot of it."""
    if record.definition_id is None:
        raise NotFound("There is no such page.")
    whose = Whose(record, fund_of(actor, record.definition_id))
    facts = _Facts(actor, whose, now, at)
    return Evaluation(
        round=record,
        whose=whose,
        headline=_headline(facts),
        tables=(
            figures.by_area(whose, facts.areas, facts.reach),
            *_projects(facts),
            *_people(facts),
            people_tables.outcomes(whose, facts.outcomes, facts.reach),
            figures.completeness(whose, facts.areas, facts.due, facts.given),
        ),
        areas=tuple(facts.areas),
        form=facts.form,
        reach=facts.reach,
    )


def catalogue(fund: Fund) -> tuple[ExtractTable, ...]:
    """The tables that ``evaluation`` gives for a round of this fund, without their figures."""
    form = reach_form(fund)
    return (
        figure_tables.HEADLINE,
        AREAS,
        figure_tables.ACTIVITY_TYPES,
        figure_tables.AT_RISK_GROUPS,
        figure_tables.MAIN_GROUPS,
        figure_tables.THEMES,
        figure_tables.SIZES,
        *(people_tables.people_table_of(part) for part in form.breakdowns),
        *((figure_tables.OTHER_PEOPLE,) if form.others else ()),
        figure_tables.OUTCOME_TOTALS,
        figure_tables.COMPLETENESS,
    )


class _Facts:
    """Everything counted, read once, with the counts of people protected together."""

    def __init__(self, actor: Actor, whose: Whose, now: dt.datetime, at: Session | None) -> None:
        self.whose = whose
        round_id, settings = whose.round.id, whose.fund.settings
        self.areas: Sequence[AreaRow] = queries.areas(actor, round_id, at=at)
        self.whole = queries.whole(actor, round_id, at=at)
        self.projects: Sequence[ProjectsRow] = queries.projects(
            actor, round_id, settings.size_bands, at=at
        )
        self.funded = _sum(self.projects, lambda _row: "").get("", Counted())
        self.codes = queries.codes(actor, round_id, at=at)
        ends = {day: dates.end_of(day) for day in reported.due_days(actor, round_id, at=at)}
        self.due = reported.completeness(actor, round_id, ends, now, at=at)
        self.form: ReachForm = reach_form(whose.fund)
        people: Sequence[PeopleRow] = reported.people(
            actor, round_id, self.form.keys, by_area=self.form.people, at=at
        )
        self.given: Mapping[int, int] = {
            row.area_id: row.returns for row in people if row.area_id is not None
        }
        self.outcomes: Sequence[OutcomeRow] = reported.outcomes(actor, round_id, at=at)
        self.reach = protected(self.form, people, self.outcomes, small=settings.small_count)


def _headline(facts: _Facts) -> Figures:
    areas, is_national = facts.areas, facts.whose.round.tier == Tier.NATIONAL
    applications = sum(row.applications for row in areas)
    planned, _ = protect_list(
        {"planned": sum(row.planned for row in facts.projects)},
        total=None,
        small=facts.whose.fund.settings.small_count,
    )
    row = facts.whose.start | {
        "national_applications": applications if is_national else 0,
        "local_applications": facts.whole.local_applications if is_national else applications,
        "awards": sum(row.awards for row in areas),
        "projects": sum(row.projects for row in areas),
        "organisations": facts.whole.organisations,
        "asked": sum(row.asked for row in areas),
        "awarded": sum(row.awarded for row in areas),
        "people_planned": figures.printed(planned["planned"]),
        "people_reached": figures.printed(facts.reach.people),
    }
    return Figures(
        table=figure_tables.HEADLINE,
        heading="The round in figures",
        sentence="",
        rows=(row,),
        note="People are counted in accepted returns alone. " + figure_tables.PEOPLE_NOTE,
    )


def _projects(facts: _Facts) -> tuple[Figures, ...]:
    """Projects by type, group, theme and size: all of one count of projects."""
    rows, columns = facts.projects, facts.whose.fund.column_list
    types, main = columns(Fills.PROJECTS, "activity_type"), columns(Fills.PROJECTS, "main_group")
    bands = figures.size_codes(facts.whose.fund.settings.size_bands)
    by_band = _sum(rows, lambda row: f"B{row.band + 1}")
    return (
        _one(facts, figure_tables.ACTIVITY_TYPES, types, lambda row: row.activity_type),
        _several(facts, figure_tables.AT_RISK_GROUPS, "group", columns(Fills.PROJECTS, "groups")),
        _one(facts, figure_tables.MAIN_GROUPS, main, lambda row: row.main_group),
        _several(facts, figure_tables.THEMES, "theme", columns(Fills.PROJECTS, "themes")),
        figures.projects_by(facts.whose, figure_tables.SIZES, bands, by_band, facts.funded),
    )


def _one(
    facts: _Facts,
    table: ExtractTable,
    codes: CodeList | None,
    code_of: Callable[[ProjectsRow], str],
) -> Figures:
    counts = _sum(facts.projects, code_of)
    listed = codes.codes if codes else ()
    return figures.projects_by(facts.whose, table, listed, counts, facts.funded, source=codes)


def _sum(rows: Sequence[ProjectsRow], code_of: Callable[[ProjectsRow], str]) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for row in rows:
        code = code_of(row)
        found[code] = found.get(code, Counted()) + Counted(row.projects, row.amount)
    return found


def _several(facts: _Facts, table: ExtractTable, kind: str, codes: CodeList | None) -> Figures:
    counts = {
        row.code: Counted(row.projects, row.amount) for row in facts.codes if row.kind == kind
    }
    listed = codes.codes if codes else ()
    return figures.projects_by(
        facts.whose, table, listed, counts, facts.funded, several=True, source=codes
    )


def _people(facts: _Facts) -> tuple[Figures, ...]:
    others = {question.key: question.label for question in facts.form.others}
    return (
        *(
            people_tables.people_by(facts.whose, part, facts.reach)
            for part in facts.form.breakdowns
        ),
        *((people_tables.other_people(facts.whose, others, facts.reach),) if others else ()),
    )
