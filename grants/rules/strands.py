"""Which strand of the pot an award's money comes from. Pence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grants.funds.definition import Fund
from grants.rules.money import Pence

Answers = Mapping[tuple[str, str], str]


def split(
    fund: Fund, answers: Answers, lines: Iterable[tuple[str, Pence]], whole: Pence
) -> dict[str, Pence]:
    """What each strand gives, by its key: project by project, or the whole by one answer.

    ``lines`` are (row, pence). Money whose answer is in no strand is held by the pot alone.
    """
    place = fund.strand_question
    strands = {value: strand.key for strand in fund.strands for value in strand.values}
    given = [(row, pence) for row, pence in lines] if "." in place else [("", whole)]
    found: dict[str, Pence] = {}
    for row, pence in given:
        key = strands.get(answers.get((place, row), "").strip())
        if key and pence:
            found[key] = found.get(key, 0) + pence
    return found
