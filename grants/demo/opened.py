"""A round that is open now: an application, an award and a return in every state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grants.demo import bids, decisions, readings, returns, rounds, running
from grants.demo.bids import Bid, Line, Sent
from grants.demo.closed import PEOPLE_PER, groups_of, line
from grants.demo.decisions import Books, Course, Given
from grants.demo.kit import TEN_POUNDS, Kit, amounts
from grants.demo.people import Cast, Lead
from grants.demo.rounds import Made
from grants.demo.running import Running
from grants.demo.world import Local, Open
from grants.funds.definition import Fills
from grants.funds.reference import CouncilArea
from grants.rules.states import ApplicationState as Ap
from grants.rules.states import AssessmentState as As
from grants.rules.states import AwardState as Aw
from grants.rules.states import ReturnState

LINES = 5
PERCENT_ASKED, PERCENT_OWN = 45, 8  # of the area's share: two bodies may ask in an area
PERCENT_LEAST = 70  # of what is asked: the smallest workable amount
BOTH = (As.SUBMITTED, As.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Case:
    """How far one application is, and how many days ago it came."""

    state: Ap
    days: int
    readings: tuple[As, ...] = ()
    award: Aw | None = None
    since: int = 0
    """Days since the offer was released, where it matters to the offer."""


CASES = (
    Case(Ap.DRAFT, 2),
    Case(Ap.SUBMITTED, 4),
    Case(Ap.RETURNED, 12),
    Case(Ap.WITHDRAWN, 30),
    Case(Ap.ASSESSING, 25, (As.ASSIGNED, As.SCORING)),
    Case(Ap.ASSESSING, 28, (As.SUBMITTED, As.CONFLICTED, As.ASSIGNED)),
    Case(Ap.MODERATION, 45, BOTH, Aw.NONE),
    Case(Ap.MODERATION, 50, BOTH, Aw.RECOMMENDED),
    Case(Ap.MODERATION, 55, BOTH, Aw.APPROVED),
    Case(Ap.MODERATION, 55, BOTH, Aw.REFUSED),
    Case(Ap.MODERATION, 60, BOTH, Aw.RELEASED, since=6),
    Case(Ap.MODERATION, 60, BOTH, Aw.DECLINED, since=6),
    Case(Ap.MODERATION, 240, BOTH, Aw.ACCEPTED, since=190),
    Case(Ap.MODERATION, 120, BOTH, Aw.OFFER_DECLINED, since=60),
    Case(Ap.MODERATION, 120, BOTH, Aw.LAPSED, since=60),
    Case(Ap.MODERATION, 250, BOTH, Aw.CLOSED, since=200),
)
# Where there are more bodies than cases, the others are in the midst of it.
MORE = (1, 12, 5, 10, 12, 7, 6, 8)


def make(
    kit: Kit, spec: Open, cast: Cast, books: Books, places: tuple[CouncilArea, ...]
) -> tuple[Made, list[Given], list[Running]]:
    """The whole of it."""
    made = rounds.make_open(kit, spec, cast, places)
    cases = [case_of(place, spec) for place in range(len(cast.leads))]
    wanted = [
        _bid(kit, made, lead, case, spec.local)
        for lead, case in zip(cast.leads, cases, strict=True)
    ]
    sent = bids.make(kit, made, wanted)
    courses = [course_of(kit, *pair) for pair in zip(sent, cases, strict=True)]
    readings.read(kit, made, cast, courses)
    givens = decisions.award(kit, made, cast, books, courses)
    decisions.condition(kit, givens)
    projects = running.run(kit, made, givens)
    returns.make(kit, made, cast, projects, plan_of(projects), kit.ago(20))
    return made, givens, projects


def case_of(place: int, spec: Open) -> Case:
    """The case of the body at this place."""
    if place < len(CASES):
        return CASES[(place + spec.first_case) % len(CASES)]
    return CASES[MORE[place % len(MORE)]]


def opens_local(local: Local | None, lead: Lead) -> bool:
    """Whether this body opens the local round."""
    return local is not None and lead.area.code == local.area and not lead.is_council


def _bid(kit: Kit, made: Made, lead: Lead, case: Case, local: Local | None) -> Bid:
    share = made.shares[lead.area.code]
    whole = share.amount * PERCENT_ASKED // 100 // TEN_POUNDS * TEN_POUNDS
    own = whole * PERCENT_OWN // 100 // TEN_POUNDS * TEN_POUNDS
    years = [code.code for code in made.fund.code_lists["financial_year"].codes]
    pot = local if local is not None and opens_local(local, lead) else None
    lines = _lines(kit, made, lead, whole - own - (pot.pot if pot else 0))
    return Bid(
        lead=lead,
        state=case.state,
        lines=[*lines, _local_line(lines[0], lead, pot)] if pot else lines,
        own_costs=((made.fund_year, own - own // 4), (years[-1], own // 4)),
        begun_at=kit.ago(case.days + 6),
        sent_at=kit.ago(case.days),
    )


def _lines(kit: Kit, made: Made, lead: Lead, whole: int) -> list[Line]:
    listed = made.fund.column_list(Fills.PROJECTS, "activity_type")
    activities = [code.code for code in (listed.codes if listed else ())]
    names = groups_of(kit, lead.area, LINES)
    return [
        line(
            kit,
            made,
            lead.area,
            kit.dice.choice(activities),
            name,
            pence,
            pence * PERCENT_LEAST // 100 // 100 * 100,
        )
        for name, pence in zip(names, amounts(whole, LINES, kit.dice), strict=True)
    ]


def _local_line(like: Line, lead: Lead, local: Local) -> Line:
    """Money for a local round: asked for under the partnership's own name."""
    return replace(
        like,
        title=local.title,
        group=lead.name,
        summary="Small grants, for which community groups apply to us. (Fictional.)",
        people=local.pot // PEOPLE_PER,
        asked=local.pot,
        minimum=local.pot,
        is_local=True,
    )


def course_of(kit: Kit, sent: Sent, case: Case) -> Course:
    """When each step of it was taken."""
    released = case.since or max(case.days - 40, 1)
    spread = (case.days - released) / 5
    steps = [kit.ago(case.days - spread * turn) for turn in range(1, 5)]
    return Course(
        sent=sent,
        readings=case.readings,
        award=case.award,
        assigned_at=steps[0],
        scored_at=steps[1],
        recommended_at=steps[2],
        decided_at=steps[3],
        released_at=kit.ago(released),
        answered_at=kit.ago(max(released - 8, 1)),
    )


def plan_of(projects: list[Running]) -> returns.Plan:
    """Of an accepted award each return is in another state; a closed one's are all accepted."""
    turn = (ReturnState.ACCEPTED, ReturnState.SUBMITTED, ReturnState.QUERIED, ReturnState.OPEN)

    def state(project: int, period: int) -> ReturnState:
        if projects[project].given.state == Aw.CLOSED:
            return ReturnState.ACCEPTED
        return turn[project % len(turn)] if period == 0 else ReturnState.OPEN

    return state
