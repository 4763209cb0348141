"""Where a person stands to a fund: whoever works or assesses for it takes no part in a bid to it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from grants.extensions import db
from grants.models.assessment import Assessment
from grants.models.person import Membership
from grants.models.round import Round
from grants.rules.people import STAFF, Role

FOR_FUNDER = STAFF | {Role.ASSESSOR, Role.PARTNERSHIP_OFFICER}


def is_funders(
    person_id: int, round_record: Round, application_id: int, *, now: dt.datetime
) -> bool:
    """Whether this person works or assesses for the funder of this round, or ever held a reading of
    this application."""
    works = sa.exists().where(
        Membership.person_id == person_id,
        Membership.organisation_id == round_record.organisation_id,
        Membership.role.in_(sorted(FOR_FUNDER)),
        sa.or_(Membership.fund.is_(None), Membership.fund == round_record.fund),
        sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
    )
    reads = sa.exists().where(
        Assessment.person_id == person_id, Assessment.application_id == application_id
    )
    return bool(db.session.scalar(sa.select(sa.or_(works, reads))))
