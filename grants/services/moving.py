"""The only way to change a state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grants import audit
from grants.models.addition import Addition
from grants.models.application import Application
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.models.letter import Letter
from grants.models.outcome_return import OutcomeReturn
from grants.models.round import Round
from grants.rules.actions import Action
from grants.rules.moves import Life, Move, find_move
from grants.rules.people import CLOCK, Actor
from grants.rules.permissions import Case, require
from grants.rules.refusals import Blocked, Reason
from grants.services import telling

Check = Callable[[], Sequence[Reason]]
LIVES: dict[type[Any], Life] = {
    Round: Life.ROUND,
    Application: Life.APPLICATION,
    Assessment: Life.ASSESSMENT,
    Award: Life.AWARD,
    Addition: Life.ADDITION,
    Letter: Life.LETTER,
    OutcomeReturn: Life.OUTCOME_RETURN,
}
NO_CHECKS: Mapping[str, Check] = {}


def move(
    record: Any,
    action: Action,
    *,
    actor: Actor,
    case: Case,
    now: dt.datetime,
    checks: Mapping[str, Check] = NO_CHECKS,
    reason: str = "",
    after: dict[str, Any] | None = None,
    about: Application | None = None,
) -> Move:
    """Change the state of a record, or refuse and change nothing.

    ``checks`` are the move's blockers by name: each gives the reasons that stand in the way, none if
    all is well. A blocker that the table names and the verb did not bring is a bug (KeyError).
    ``about`` is the application whose people are told. Raises Forbidden, MoveNotAllowed or Blocked.
    Call it inside ``transaction()``.
    """
    life, step = LIVES[type(record)], allowed(record, action, actor, case, checks, reason)
    before = record.state
    record.state = step.after
    audit.record(
        actor,
        action,
        (life.value, record.id, name_of(record)),
        now=now,
        before={"state": before.value},
        after={"state": step.after.value, **(after or {})},
        reason=reason,
    )
    for kind in step.tells:
        telling.tell(kind, record, about, now=now)
    return step


def allowed(
    record: Any,
    action: Action,
    actor: Actor,
    case: Case,
    checks: Mapping[str, Check] = NO_CHECKS,
    reason: str = "",
) -> Move:
    """The move that could be made. Raises as ``move`` does, and changes nothing."""
    if actor is not CLOCK:
        require(actor, action, case)
    step = find_move(LIVES[type(record)], record.state, action)
    _refuse_blocked(step, checks, reason)
    return step


def _refuse_blocked(step: Move, checks: Mapping[str, Check], reason: str) -> None:
    reasons: list[Reason] = []
    if step.asks and not reason.strip():
        reasons.append(Reason("Give a reason.", "reason"))
    for name in step.blockers:
        reasons.extend(checks[name]())
    if reasons:
        raise Blocked(*reasons)


def name_of(record: Any) -> str:
    """What a record is called in the audit trail."""
    for attribute in ("reference", "number", "key"):
        value = getattr(record, attribute, None)
        if value is not None:
            return str(value)
    return ""
