"""What staff looked at: whether an application may be scored, and who is behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from grants.demo.kit import Kit, Row, put
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.application import Application
from grants.models.award import Award
from grants.models.due_diligence import ApplicantCheck
from grants.models.triage import Triage
from grants.rules import dates, triage
from grants.rules.states import ApplicationState, AwardState, Finding

SCORED = frozenset({ApplicationState.ASSESSING, ApplicationState.MODERATION})
CONCERN = "The accounts are of two years ago. Asked for the latest. (Fictional.)"
SEEN = "The latest accounts came and agree with the form. (Fictional.)"
NOT_THERE = "No budget for the second half, and nobody answers the telephone. (Fictional.)"
CHECKS = "due_diligence"  # the code list of what is looked at
ACCOUNTS = "accounts"
ELSEWHERE = "past_grants"
LOOKED_AT = (AwardState.NONE, AwardState.RECOMMENDED, AwardState.APPROVED)


def check(kit: Kit, made: Made, cast: Cast) -> None:
    """Triage of what is scored, and of the last of several that wait; and due diligence."""
    db.session.flush()
    _triage(made, cast)
    _look(kit, made, cast)


def _triage(made: Made, cast: Cast) -> None:
    if not made.fund.stages.triage:
        return
    records = db.session.scalars(
        sa.select(Application).where(Application.round_id == made.id).order_by(Application.id)
    ).all()
    waiting = [one for one in records if one.state == ApplicationState.SUBMITTED]
    failed = waiting[-1:] if len(waiting) > 1 else []
    put(
        Triage,
        [
            _checked(made, cast, record, passes=record not in failed)
            for record in records
            if record.state in SCORED or record in failed
        ],
    )


def _checked(made: Made, cast: Cast, record: Application, *, passes: bool) -> Row:
    return {
        "application_id": record.id,
        "number": record.number,
        "passes": passes,
        "findings": [
            [point.key, triage.NO, NOT_THERE]
            if point.key == triage.COMPLETE and not passes
            else [point.key, point.wanted, ""]
            for point in triage.points(made.fund)
        ],
        "decided_at": (record.submitted_at or record.changed_at) + dt.timedelta(hours=20),
        "decided_by": cast.staff["manager"],
    }


def _look(kit: Kit, made: Made, cast: Cast) -> None:
    """At the applicants of awards that are not decided yet or just now."""
    found = db.session.execute(
        sa.select(Application.id, Award.state)
        .join(Award, Award.application_id == Application.id)
        .where(Award.round_id == made.id, Award.state.in_(LOOKED_AT))
        .order_by(Application.id)
    )
    listed = made.fund.code_lists.get(CHECKS)
    items = [code.code for code in (listed.codes if listed else ())]
    put(
        ApplicantCheck,
        [row for key, state in found for row in _looks(kit, cast, key, state, items)],
    )


def _looks(
    kit: Kit, cast: Cast, application: int, state: AwardState, items: Sequence[str]
) -> Iterator[Row]:
    """Before a recommendation a concern stands; after it, it has been put right."""
    looks = [(item, Finding.SATISFACTORY, "", 14) for item in items]
    is_open = state == AwardState.NONE
    looks = [
        look for look in looks if look[0] != ACCOUNTS and not (is_open and look[0] == ELSEWHERE)
    ]
    looks.append((ACCOUNTS, Finding.CONCERN, CONCERN, 14))
    if not is_open:
        looks.append((ACCOUNTS, Finding.SATISFACTORY, SEEN, 9))
    for item, finding, note, days in looks:
        at = kit.ago(days)
        yield {
            "application_id": application,
            "item": item,
            "finding": finding,
            "note": note,
            "checked_on": dates.today(at),
            "checked_by": cast.staff["manager"],
            "recorded_at": at,
        }
