"""A partnership's own round: its pot is a part of its award, and community groups apply to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from grants.demo import bids, decisions, groups, readings, returns, running
from grants.demo.bids import Bid
from grants.demo.closed import groups_of, line
from grants.demo.decisions import Given
from grants.demo.kit import Kit, Row, add, put
from grants.demo.opened import BOTH, Case, course_of, opens_local, plan_of
from grants.demo.people import Cast, Lead
from grants.demo.rounds import Made, Share, closing
from grants.demo.running import Life, Running
from grants.demo.world import Local, Open
from grants.extensions import db
from grants.funds.definition import Fills
from grants.funds.schema import from_document
from grants.models.award import Award
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.person import PanelSeat
from grants.models.project import Project
from grants.models.round import AllocationArea, Round, RoundDefinition
from grants.rules.people import Seat
from grants.rules.states import ApplicationState as Ap
from grants.rules.states import AssessmentState as As
from grants.rules.states import AwardState as Aw
from grants.services import acting, local_rounds
from grants.services import rounds as verbs
from grants.services.local_rounds import NewLocalRound

OPENED_AGO, CLOSES_IN = 150, 25  # days
LEAST, MOST, STEP = 120, 360, 1_000  # of what a group asks, in tens of pounds of pence
MOST_AT_ONCE = 500_000  # pence that one local approver may give
PERCENT_LEAST = 70
DRAFT_GROUP, PROJECT_GROUP = 1, 14
"""Places of the groups whose people are named among the sign-ins."""
CASES = (
    Case(Ap.DRAFT, 2),
    Case(Ap.DRAFT, 3),
    Case(Ap.SUBMITTED, 4),
    Case(Ap.SUBMITTED, 6),
    Case(Ap.SUBMITTED, 7),
    Case(Ap.RETURNED, 12),
    Case(Ap.ASSESSING, 25, (As.ASSIGNED, As.SCORING)),
    Case(Ap.ASSESSING, 30, (As.SUBMITTED, As.CONFLICTED)),
    Case(Ap.MODERATION, 45, BOTH, Aw.NONE),
    Case(Ap.MODERATION, 50, BOTH, Aw.RECOMMENDED),
    Case(Ap.MODERATION, 55, BOTH, Aw.APPROVED),
    Case(Ap.MODERATION, 60, BOTH, Aw.DECLINED, since=6),
    Case(Ap.MODERATION, 60, BOTH, Aw.RELEASED, since=6),
    Case(Ap.MODERATION, 130, BOTH, Aw.ACCEPTED, since=100),
    Case(Ap.MODERATION, 132, BOTH, Aw.ACCEPTED, since=102),
)


def make(kit: Kit, plan: Open, above: Life, password_hash: str) -> Life | None:
    """The whole of it, where the plan has one. With dice of its own."""
    parent = _parent(plan, above.givens)
    if plan.local is None or parent is None:
        return None
    kit, lead = Kit(kit.world, kit.now, f" local {plan.reference}"), parent.course.sent.bid.lead
    names = groups_of(kit, lead.area, len(CASES))
    mine = groups.cast_of(kit, lead, above.cast, names, password_hash)
    made = _open(kit, plan.local, parent, mine)
    sent = bids.make(
        kit,
        made,
        [
            _bid(kit, plan.local, made, *pair)
            for pair in enumerate(zip(mine.leads, CASES, strict=True))
        ],
    )
    courses = [
        replace(course_of(kit, *pair), is_all=True) for pair in zip(sent, CASES, strict=True)
    ]
    readings.read(kit, made, mine, courses)
    limits = (MOST_AT_ONCE, plan.local.pot)
    books = decisions.delegate(mine, [(plan.fund, plan.fund_year)], made.opened_at, limits)
    given = decisions.award(kit, made, mine, books, courses)
    decisions.settle(books)
    projects = _projects(kit, made, above.made, parent, given)
    returns.make(kit, made, mine, projects, plan_of(projects), kit.ago(20))
    return Life(mine, made, given, projects)


def _parent(plan: Open, givens: Sequence[Given]) -> Given | None:
    """The accepted award that is the pot."""
    return next(
        (
            given
            for given in givens
            if given.state == Aw.ACCEPTED and opens_local(plan.local, given.course.sent.bid.lead)
        ),
        None,
    )


def _open(kit: Kit, local: Local, parent: Given, cast: Cast) -> Made:
    """Opened by the partnership's officer, as the product does it."""
    at, area = kit.ago(OPENED_AGO), parent.course.sent.bid.lead.area
    officer = acting.actor_with_id(cast.staff["manager"], now=at)
    new = NewLocalRound(
        title=local.title, opens_at=at, closes_at=closing(kit, CLOSES_IN), pot=local.pot
    )
    if parent.key is None:
        raise ValueError(parent)
    key = local_rounds.create_local(officer, parent.key, new, now=at)
    verbs.open_round(officer, key, now=at)
    record = db.session.scalars(sa.select(Round).where(Round.key == key)).one()
    record.key = kit.key()  # the same each time
    definition = db.session.get_one(RoundDefinition, record.definition_id)
    share = db.session.scalars(
        sa.select(AllocationArea).where(AllocationArea.round_id == record.id)
    ).one()
    put(
        PanelSeat,
        [{"round_id": record.id, "person_id": cast.staff["chair"], "seat": Seat.CHAIR}],
    )
    db.session.flush()
    return Made(
        id=record.id,
        reference=record.reference,
        fund=from_document(definition.content),
        fund_year=record.fund_year,
        definition_id=definition.id,
        shares={area.code: Share(share.id, area, share.amount)},
        opened_at=at,
        is_over=False,
        is_local=True,
    )


def _bid(kit: Kit, local: Local, made: Made, place: int, pair: tuple[Lead, Case]) -> Bid:
    lead, case = pair
    listed = made.fund.column_list(Fills.PROJECTS, "activity_type")
    asked = kit.dice.randint(LEAST, MOST) * STEP
    project = line(
        kit,
        made,
        lead.area,
        kit.dice.choice([code.code for code in (listed.codes if listed else ())]),
        lead.name,
        asked,
        asked * PERCENT_LEAST // 100 // STEP * STEP,
    )
    return Bid(
        lead=lead,
        state=case.state,
        lines=[project],
        begun_at=kit.ago(case.days + 6),
        sent_at=kit.ago(case.days),
        partners=(),
        title=f"{project.title}, {lead.name}",
        known=_known(local, is_constituted=place % 3 != 1),
    )


def _known(local: Local, *, is_constituted: bool) -> dict[str, str]:
    """What a small group says of itself. Every third has no constitution, and another body's help."""
    return {
        **local.texts,
        "is_constituted": "yes" if is_constituted else "no",
        "legal_form": "unincorp" if is_constituted else "unconst",
        "charity_number": "",
        "company_number": "",
        "partner_body": local.host,
        "contact_role": "Secretary",
        "signatory_role": "Treasurer",
    }


def _projects(
    kit: Kit, made: Made, above: Made, parent: Given, givens: Sequence[Given]
) -> list[Running]:
    """One of each accepted award; its money leaves what the award above set aside."""
    accepted = [given for given in givens if given.state == Aw.ACCEPTED]
    rows = [_project(kit, made, parent, given) for given in accepted]
    ids = add(Project, rows)
    lines = [given.course.sent.bid.lines[0] for given in accepted]
    running.put_codes(ids, lines)
    put(
        LedgerLine,
        [
            {
                "at": given.course.answered_at,
                "kind": LedgerKind.PROJECT,
                "amount": given.amount,
                "round_id": above.id,
                "allocation_area_id": parent.course.sent.share_id,
                "award_id": parent.id,
                "project_id": key,
                "person_id": given.course.sent.bid.lead.people["signatory"],
                "note": "Accepted in a local round",
            }
            for key, given in zip(ids, accepted, strict=True)
        ],
    )
    _pass_on(parent, sum(given.amount for given in accepted))
    return [
        Running(key, row["organisation_id"], given, row["amount"], each.people, each.groups)
        for key, row, given, each in zip(ids, rows, accepted, lines, strict=True)
    ]


def _project(kit: Kit, made: Made, parent: Given, given: Given) -> Row:
    sent, asked = given.course.sent, given.course.sent.bid.lines[0]
    return {
        "key": kit.key(),
        "reference": f"{sent.reference}-P01",
        "award_id": parent.id,
        "round_id": made.id,
        "allocation_area_id": sent.share_id,
        "local_award_id": given.id,
        "organisation_id": sent.bid.lead.organisation_id,
        "title": asked.title,
        "summary": asked.summary,
        "activity_type": asked.activity,
        "main_group": asked.groups[0],
        "people_expected": asked.people,
        "amount": given.amount,
        "recorded_at": given.course.answered_at,
    }


def _pass_on(parent: Given, amount: int) -> None:
    db.session.execute(
        sa.update(Award)
        .where(Award.id == parent.id)
        .values(local_pots=Award.local_pots - amount, onward=Award.onward + amount)
        .execution_options(synchronize_session=False)
    )
