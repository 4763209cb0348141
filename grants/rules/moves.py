"""** THE table of state transitions. ** A move that is not here cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grants.rules.actions import Action as Do
from grants.rules.refusals import MoveNotAllowed
from grants.rules.states import AdditionState as Ad
from grants.rules.states import ApplicationState as Ap
from grants.rules.states import AssessmentState as As
from grants.rules.states import AwardState as Aw
from grants.rules.states import LetterState as L
from grants.rules.states import ReturnState as Re
from grants.rules.states import RoundState as Ro


class Life(StrEnum):
    """Whose states these are."""

    ROUND = "round"
    APPLICATION = "application"
    ASSESSMENT = "assessment"
    AWARD = "award"
    ADDITION = "addition"
    LETTER = "letter"
    OUTCOME_RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row: from any of ``before`` to ``after``, unless a blocker stands in the way.

    ``blockers`` are the names of checks that the verb must hand over to ``services/moving.py``;
    ``tells`` are kinds of message; ``asks`` says that a reason must be given.
    """

    life: Life
    action: Do
    before: frozenset[StrEnum]
    after: StrEnum
    label: str
    blockers: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    asks: bool = False


def _move(
    life: Life,
    action: Do,
    before: set[StrEnum],
    after: StrEnum,
    label: str,
    *,
    blockers: tuple[str, ...] = (),
    tells: tuple[str, ...] = (),
    asks: bool = False,
) -> Move:
    return Move(
        life=life,
        action=action,
        before=frozenset(before),
        after=after,
        label=label,
        blockers=blockers,
        tells=tells,
        asks=asks,
    )


R, AP, AS, AW, AD, LE, RE = (
    Life.ROUND,
    Life.APPLICATION,
    Life.ASSESSMENT,
    Life.AWARD,
    Life.ADDITION,
    Life.LETTER,
    Life.OUTCOME_RETURN,
)
# fmt: off
MOVES: tuple[Move, ...] = (
    _move(R, Do.OPEN_ROUND, {Ro.DRAFT}, Ro.OPEN, "Open the round",
          blockers=("definition_incomplete", "allocations_missing")),
    _move(R, Do.CLOSE_ROUND, {Ro.OPEN}, Ro.CLOSED, "Close the round"),

    _move(AP, Do.SUBMIT, {Ap.DRAFT, Ap.RETURNED}, Ap.SUBMITTED, "Send the application",
          blockers=("round_closed", "answers_missing", "query_unanswered", "sign_off_missing",
                    "partners_missing")),  # copies.py tells
    _move(AP, Do.RETURN, {Ap.SUBMITTED, Ap.ASSESSING}, Ap.RETURNED, "Return for correction",
          tells=("returned",), asks=True),
    _move(AP, Do.OPEN_ASSESSING, {Ap.SUBMITTED}, Ap.ASSESSING, "Open for assessment",
          blockers=("check_not_passed",)),
    _move(AP, Do.SET_ASIDE, {Ap.SUBMITTED}, Ap.MODERATION, "Go on to a refusal",
          blockers=("check_not_failed",)),
    _move(AP, Do.OPEN_MODERATION, {Ap.ASSESSING}, Ap.MODERATION, "Open moderation",
          blockers=("scores_missing",)),
    _move(AP, Do.WITHDRAW, {Ap.DRAFT, Ap.SUBMITTED, Ap.RETURNED, Ap.ASSESSING, Ap.MODERATION},
          Ap.WITHDRAWN, "Withdraw the application",
          blockers=("already_decided",), tells=("withdrawn", "taken_back"), asks=True),

    _move(AS, Do.DECLARE, {As.ASSIGNED, As.SCORING, As.SUBMITTED}, As.CONFLICTED,
          "Declare a conflict"),
    _move(AS, Do.SCORE, {As.ASSIGNED}, As.SCORING, "Begin scoring"),
    _move(AS, Do.SUBMIT_SCORE, {As.SCORING}, As.SUBMITTED, "Submit your scores",
          blockers=("scores_incomplete",)),
    _move(AS, Do.CONFIRM_SCORES, {As.SCORING}, As.SUBMITTED, "Confirm what was typed from paper",
          blockers=("not_a_second_pair_of_eyes", "scores_incomplete"), tells=("scores_confirmed",)),
    _move(AS, Do.REOPEN_SCORES, {As.SUBMITTED}, As.SCORING, "Open the scores again",
          tells=("scores_reopened",), asks=True),

    _move(AW, Do.RECOMMEND, {Aw.NONE, Aw.RECOMMENDED}, Aw.RECOMMENDED, "Recommend",
          blockers=("not_moderated", "not_eligible", "lines_undecided", "over_area")),
    _move(AW, Do.HOLD, {Aw.RECOMMENDED}, Aw.NONE, "Put in reserve",
          blockers=("nothing_to_hold",), asks=True),
    _move(AW, Do.APPROVE, {Aw.RECOMMENDED}, Aw.APPROVED, "Approve",
          blockers=("over_limit", "over_budget", "recommendation_changed")),
    _move(AW, Do.REFUSE, {Aw.RECOMMENDED}, Aw.REFUSED, "Refuse", asks=True),
    _move(AW, Do.AMEND, {Aw.APPROVED, Aw.REFUSED}, Aw.RECOMMENDED, "Amend the recommendation",
          asks=True),
    _move(AW, Do.WITHDRAW, {Aw.RECOMMENDED, Aw.APPROVED, Aw.REFUSED}, Aw.NONE,
          "Undone: the application was withdrawn", asks=True),  # the system's, with the other
    _move(AW, Do.RELEASE, {Aw.APPROVED}, Aw.RELEASED, "Release the outcome", tells=("outcome",)),
    _move(AW, Do.RELEASE, {Aw.REFUSED}, Aw.DECLINED, "Release the outcome", tells=("outcome",)),
    _move(AW, Do.ACCEPT, {Aw.RELEASED}, Aw.ACCEPTED, "Accept the offer",
          blockers=("letter_not_issued", "offer_expired"), tells=("accepted",)),
    _move(AW, Do.DECLINE_OFFER, {Aw.RELEASED}, Aw.OFFER_DECLINED, "Decline the offer",
          tells=("offer_declined",), asks=True),
    _move(AW, Do.LAPSE, {Aw.RELEASED}, Aw.LAPSED, "Let the offer lapse",
          blockers=("offer_still_open",), tells=("lapsed",)),
    _move(AW, Do.CLOSE, {Aw.ACCEPTED}, Aw.CLOSED, "Close the award",
          blockers=("returns_outstanding",)),

    _move(AD, Do.APPROVE, {Ad.RECOMMENDED}, Ad.APPROVED, "Approve the addition",
          blockers=("over_limit", "over_budget", "recommendation_changed")),
    _move(AD, Do.REFUSE, {Ad.RECOMMENDED}, Ad.DROPPED, "Refuse the addition", asks=True),
    _move(AD, Do.AMEND, {Ad.RECOMMENDED, Ad.APPROVED}, Ad.DROPPED, "Take the addition back",
          asks=True),
    _move(AD, Do.RELEASE, {Ad.APPROVED}, Ad.RELEASED, "Release the addition", tells=("outcome",)),
    _move(AD, Do.ACCEPT, {Ad.RELEASED}, Ad.ACCEPTED, "Accept the addition",
          blockers=("letter_not_issued", "offer_expired"), tells=("accepted",)),
    _move(AD, Do.DECLINE_OFFER, {Ad.RELEASED}, Ad.DECLINED, "Turn the addition down",
          tells=("offer_declined",), asks=True),
    _move(AD, Do.LAPSE, {Ad.RELEASED}, Ad.LAPSED, "Let the addition lapse",
          blockers=("offer_still_open",), tells=("lapsed",)),

    _move(LE, Do.ISSUE_LETTER, {L.DRAFTED}, L.ISSUED, "Issue the letter",
          blockers=("not_released", "letter_out_of_date"), tells=("letter",)),
    _move(LE, Do.SUPERSEDE_LETTER, {L.ISSUED}, L.SUPERSEDED, "Supersede the letter"),

    _move(RE, Do.SUBMIT_RETURN, {Re.OPEN, Re.QUERIED}, Re.SUBMITTED, "Send the return",
          blockers=("return_incomplete",), tells=("return_received",)),
    _move(RE, Do.QUERY_RETURN, {Re.SUBMITTED}, Re.QUERIED, "Send the queries",
          blockers=("nothing_asked",), tells=("return_queried",)),
    _move(RE, Do.ACCEPT_RETURN, {Re.SUBMITTED}, Re.ACCEPTED, "Accept the return",
          tells=("return_accepted",)),
)
# fmt: on


def find_move(life: Life, state: StrEnum, action: Do) -> Move:
    """The row for this verb from this state. Raises MoveNotAllowed when there is none."""
    for move in MOVES:
        if move.life == life and move.action == action and state in move.before:
            return move
    raise MoveNotAllowed("This has moved on since you opened it.")


def moves_from(life: Life, state: StrEnum) -> tuple[Move, ...]:
    """Every row that begins at this state: what buttons may be drawn from."""
    return tuple(move for move in MOVES if move.life == life and state in move.before)
