"""Whether a letter is genuine: for anybody who holds one."""

from __future__ import annotations

import datetime as dt

from grants.extensions import db
from grants.queries import public
from grants.rules.people import Actor
from grants.services import tries


def is_genuine(actor: Actor, code: str, *, address: str, now: dt.datetime) -> bool:
    """Whether a letter in force carries this code; nothing else is said. Raises Blocked at a flood."""
    tries.count(("verify", address), now=now, field="code")
    answer = public.is_letter_in_force(actor, code)
    db.session.rollback()
    return answer
