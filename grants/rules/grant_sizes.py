"""How much may be asked for: the levels of a round, and caps that an answer brings. Pence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grants.funds.definition import Fund, Level
from grants.rules.answers import split_codes
from grants.rules.money import Pence, pounds


def level_of(fund: Fund, asked: Pence) -> Level | None:
    """The level that this amount falls into, or None."""
    return next((level for level in fund.levels if level.least <= asked <= level.most), None)


def too_much(
    fund: Fund, answers: Mapping[tuple[str, str], str], shown: set[str], asked: Pence
) -> Iterator[str]:
    """Why this amount cannot be asked for: the officer's sentence of each cap that it is above."""
    if fund.levels and asked and level_of(fund, asked) is None:
        yield f"You ask for {pounds(asked)}. Grants of this round are {in_words(fund)}."
    for cap in fund.caps:
        given = split_codes(answers.get((cap.question, ""), ""))
        if asked > cap.most and cap.question in shown and set(given) & set(cap.values):
            yield cap.sentence


def in_words(fund: Fund) -> str:
    """The levels of a round, as "up to £2,000, or £2,001 to £10,000"."""
    return ", or ".join(level_words(level) for level in fund.levels)


def level_words(level: Level) -> str:
    """One level's amounts."""
    if level.least <= 0:
        return f"up to {pounds(level.most)}"
    return f"{pounds(level.least)} to {pounds(level.most)}"
