"""A round that is over: one accepted award for each area, of exactly its share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from grants.demo import bids, decisions, equality, readings, returns, rounds, running
from grants.demo.bids import Bid, Line
from grants.demo.decisions import Books, Course, Given
from grants.demo.kit import Kit, amounts, counts, slices, spread
from grants.demo.people import Cast, Lead
from grants.demo.rounds import Made, Share
from grants.demo.running import Running
from grants.demo.world import SMALL, Closed
from grants.funds import reference
from grants.funds.definition import Fills
from grants.funds.reference import CouncilArea
from grants.rules.states import ApplicationState, AssessmentState, AwardState, ReturnState

PEOPLE_PER = 20_000  # pence for each person a project means to reach
IN_STEP = dt.timedelta(days=1)
BOTH_IN = (AssessmentState.SUBMITTED, AssessmentState.SUBMITTED)
FEW_THEMES, FEW_GROUPS = 2, 3


def make(
    kit: Kit, spec: Closed, cast: Cast, books: Books, places: tuple[CouncilArea, ...], size: str
) -> tuple[Made, list[Given], list[Running]]:
    """The whole of it, reported in part."""
    made = rounds.make_closed(kit, spec, cast, places, size)
    leads = [lead for lead in cast.leads if not lead.is_council]
    lines = _lines(kit, spec, made, leads, size)
    ended = made.opened_at + dt.timedelta(days=80)
    wanted = [
        Bid(
            lead=lead,
            state=ApplicationState.MODERATION,
            lines=part,
            begun_at=made.opened_at + IN_STEP,
            sent_at=ended,
        )
        for lead, part in zip(leads, lines, strict=True)
    ]
    courses = [_course(sent) for sent in bids.make(kit, made, wanted)]
    equality.ask(kit, made, [course.sent.id for course in courses])
    readings.read(kit, made, cast, courses)
    givens = decisions.award(kit, made, cast, books, courses)
    projects = running.run(kit, made, givens)
    returns.make(kit, made, cast, projects, _plan(spec), _reported_at(made))
    return made, givens, projects


def _course(sent: bids.Sent) -> Course:
    at = sent.bid.sent_at
    steps = [at + dt.timedelta(days=days) for days in (3, 14, 20, 24, 28, 35)]
    return Course(
        sent=sent,
        readings=BOTH_IN,
        award=AwardState.ACCEPTED,
        assigned_at=steps[0],
        scored_at=steps[1],
        recommended_at=steps[2],
        decided_at=steps[3],
        released_at=steps[4],
        answered_at=steps[5],
        is_all=True,
    )


def _plan(spec: Closed) -> returns.Plan:
    """So many in a hundred are accepted, some more are in, the rest were never sent."""

    def state(project: int, _period: int) -> ReturnState:
        place = project * 37 % 100  # each hundred projects meet each hundredth once
        if place < spec.reported_percent:
            return ReturnState.ACCEPTED
        late = place - spec.reported_percent
        return {0: ReturnState.SUBMITTED, 1: ReturnState.SUBMITTED, 2: ReturnState.QUERIED}.get(
            late, ReturnState.OPEN
        )

    return state


def _reported_at(made: Made) -> dt.datetime:
    last = made.fund.return_form.periods[-1]
    day = dt.date.fromisoformat(last.due) - dt.timedelta(days=10)
    return dt.datetime.combine(day, dt.time(10), tzinfo=dt.UTC)


def _lines(kit: Kit, spec: Closed, made: Made, leads: list[Lead], size: str) -> list[list[Line]]:
    """The projects of each area: in all as many, by as many groups, as the world says."""
    shares = [made.shares[lead.area.code] for lead in leads]
    total = spec.small_projects if size == SMALL else spec.projects
    each = counts(total, [share.amount for share in shares])
    activities = spread(_tally(spec, made), total, kit.dice)
    twice = _twice(total - total * spec.organisations // spec.projects, each)
    return [
        list(_area(kit, made, share, activities[part], repeats))
        for share, part, repeats in zip(shares, slices(each), twice, strict=True)
    ]


def _tally(spec: Closed, made: Made) -> dict[str, int]:
    """The published counts by activity type, or each type as often as the other."""
    published = {
        figure.code: int(figure.value)
        for figure in reference.published_figures()
        if figure.table == "activity_type" and figure.edition == spec.activity_edition
    }
    listed = made.fund.column_list(Fills.PROJECTS, "activity_type")
    return published or {code.code: 1 for code in (listed.codes if listed else ())}


def _twice(count: int, each: list[int]) -> list[int]:
    """How many groups of each area run a second project, the largest areas first."""
    repeats = [0] * len(each)
    order = sorted(range(len(each)), key=lambda place: -each[place])
    while count:
        for place in order:
            if count and repeats[place] < each[place] // 2:
                repeats[place] += 1
                count -= 1
    return repeats


def _area(
    kit: Kit, made: Made, share: Share, activities: list[str], repeats: int
) -> Iterator[Line]:
    count = len(activities)
    names = groups_of(kit, share.area, count - repeats)
    for place, (activity, pence) in enumerate(
        zip(activities, amounts(share.amount, count, kit.dice), strict=True)
    ):
        yield line(kit, made, share.area, activity, names[place % len(names)], pence, pence)


def groups_of(kit: Kit, area: CouncilArea, count: int) -> list[str]:
    """So many different fictional groups of an area."""
    names = kit.world.names
    pairs = [(first, last) for first in names.bodies_first for last in names.bodies_last]
    chosen = kit.dice.sample(pairs, count)
    return [f"{first} {last}, {area.name} (fictional)" for first, last in chosen]


def line(
    kit: Kit,
    made: Made,
    area: CouncilArea,
    activity: str,
    group: str,
    asked: int,
    minimum: int,
) -> Line:
    """One project, with a title of its kind."""
    titles = kit.world.projects.get(activity) or kit.world.projects["other"]
    title = kit.dice.choice(titles)
    main, groups, themes = _codes(kit, made)
    return Line(
        title=title,
        group=group,
        activity=activity,
        groups=[main, *(code for code in groups if code != main)],
        themes=themes,
        area=area.code,
        summary=kit.world.text("summary", title=title, area=area.name),
        people=max(8, asked // PEOPLE_PER),
        asked=asked,
        minimum=minimum,
    )


def _codes(kit: Kit, made: Made) -> tuple[str, list[str], list[str]]:
    listed = {
        column: [code.code for code in chosen.codes]
        for column in ("main_group", "themes")
        if (chosen := made.fund.column_list(Fills.PROJECTS, column)) is not None
    }
    main = kit.dice.choice(listed["main_group"])
    groups = kit.several(listed["main_group"], FEW_GROUPS)
    return main, groups, kit.several(listed["themes"], FEW_THEMES)
