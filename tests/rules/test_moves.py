"""The table of transitions, by exhaustion: every life, state and action."""

from __future__ import annotations

import itertools

import pytest

from grants.rules.actions import Action
from grants.rules.moves import MOVES, Life, find_move, moves_from
from grants.rules.permissions import MAY
from grants.rules.refusals import MoveNotAllowed
from grants.rules.states import (
    COMMITTED,
    KNOWN,
    AdditionState,
    ApplicationState,
    AssessmentState,
    AwardState,
    LetterState,
    ReturnState,
    RoundState,
)

STATES = {
    Life.ROUND: RoundState,
    Life.APPLICATION: ApplicationState,
    Life.ASSESSMENT: AssessmentState,
    Life.AWARD: AwardState,
    Life.ADDITION: AdditionState,
    Life.LETTER: LetterState,
    Life.OUTCOME_RETURN: ReturnState,
}
# Written out a second time on purpose: a changed row must be meant.
EXPECTED = {
    ("round", "open-round"): "draft>open",
    ("round", "close-round"): "open>closed",
    ("application", "submit"): "draft>submitted returned>submitted",
    ("application", "return"): "submitted>returned assessing>returned",
    ("application", "open-assessing"): "submitted>assessing",
    ("application", "set-aside"): "submitted>moderation",
    ("application", "open-moderation"): "assessing>moderation",
    ("application", "withdraw"): (
        "draft>withdrawn submitted>withdrawn returned>withdrawn assessing>withdrawn"
        " moderation>withdrawn"
    ),
    ("assessment", "declare"): ("assigned>conflicted scoring>conflicted submitted>conflicted"),
    ("assessment", "score"): "assigned>scoring",
    ("assessment", "submit-score"): "scoring>submitted",
    ("assessment", "confirm-scores"): "scoring>submitted",
    ("assessment", "reopen-scores"): "submitted>scoring",
    ("award", "recommend"): "none>recommended recommended>recommended",
    ("award", "hold"): "recommended>none",
    ("award", "approve"): "recommended>approved",
    ("award", "refuse"): "recommended>refused",
    ("award", "amend"): "approved>recommended refused>recommended",
    ("award", "withdraw"): "recommended>none approved>none refused>none",
    ("award", "release"): "approved>released refused>declined",
    ("award", "accept"): "released>accepted",
    ("award", "decline-offer"): "released>offer-declined",
    ("award", "lapse"): "released>lapsed",
    ("award", "close"): "accepted>closed",
    ("addition", "approve"): "recommended>approved",
    ("addition", "refuse"): "recommended>dropped",
    ("addition", "amend"): "recommended>dropped approved>dropped",
    ("addition", "release"): "approved>released",
    ("addition", "accept"): "released>accepted",
    ("addition", "decline-offer"): "released>declined",
    ("addition", "lapse"): "released>lapsed",
    ("letter", "issue-letter"): "drafted>issued",
    ("letter", "supersede-letter"): "issued>superseded",
    ("return", "submit-return"): "open>submitted queried>submitted",
    ("return", "query-return"): "submitted>queried",
    ("return", "accept-return"): "submitted>accepted",
}
ALLOWED = {
    (life, action, *step.split(">"))
    for (life, action), steps in EXPECTED.items()
    for step in steps.split()
}


def test_table_is_what_was_meant():
    assert {
        (move.life.value, move.action.value, before.value, move.after.value)
        for move in MOVES
        for before in move.before
    } == ALLOWED


@pytest.mark.parametrize("life", Life)
def test_every_state_and_action(life):
    for state, action in itertools.product(STATES[life], Action):
        after = [row[3] for row in ALLOWED if row[:3] == (life.value, action.value, state.value)]
        if after:
            assert [find_move(life, state, action).after.value] == after
        else:
            with pytest.raises(MoveNotAllowed):
                find_move(life, state, action)


@pytest.mark.parametrize("life", Life)
def test_buttons_come_from_the_same_rows(life):
    for state in STATES[life]:
        assert {move.action.value for move in moves_from(life, state)} == {
            row[1] for row in ALLOWED if row[0] == life.value and row[2] == state.value
        }


def test_every_move_has_somebody_who_may_make_it():
    assert [move.action for move in MOVES if not MAY[move.action]] == []


def test_no_outcome_stands_in_the_state_of_an_application():
    words = {state.value for state in ApplicationState}

    assert words & {state.value for state in COMMITTED | KNOWN} == set()


def test_only_release_makes_an_outcome_known():
    ways_in = {
        move.action
        for move in MOVES
        if move.life == Life.AWARD and move.after in KNOWN and not move.before & KNOWN
    }

    assert ways_in == {Action.RELEASE}
