"""Fictional answers of equality monitoring, as counts: who gave them is nowhere, here neither."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from grants.demo.kit import Kit, put
from grants.demo.rounds import Made
from grants.funds.reference import EqualityQuestion, equality_questions
from grants.models.equality import EqualityAsked, EqualityCount
from grants.rules.equality import counted, options

ASKED, ANSWERED = 0.9, 0.95  # of all who applied; of the questions, by those who were asked


def ask(kit: Kit, made: Made, applications: Sequence[int]) -> None:
    """Most of those who applied answered most of it. With dice of its own."""
    if not made.fund.stages.equality:
        return
    dice = random.Random(f"{kit.world.seed} equality {made.reference}")  # noqa: S311 (the same each time)
    asked = [key for key in applications if dice.random() < ASKED]
    counts = Counter(
        pair
        for _ in asked
        for pair in counted(
            equality_questions(),
            {
                question.key: _choice(question, dice)
                for question in equality_questions()
                if dice.random() < ANSWERED
            },
        )
    )
    put(EqualityAsked, [{"application_id": key} for key in asked])
    put(
        EqualityCount,
        [
            {"round_id": made.id, "question": question, "code": code, "people": people}
            for (question, code), people in sorted(counts.items())
        ],
    )


def _choice(question: EqualityQuestion, dice: random.Random) -> str:
    """The first answers listed are drawn more often."""
    codes = [code for code, _ in options(question)]
    return dice.choices(codes, weights=[1 / place for place in range(1, len(codes) + 1)])[0]
