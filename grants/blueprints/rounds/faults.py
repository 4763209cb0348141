"""What still keeps a rulebook from being published, each with the page where it is mended."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from grants.funds import checks
from grants.funds.definition import Fund
from grants.rules import form_edits


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence and its page."""

    part: str
    sentence: str
    url: str


def faults_of(key: uuid.UUID, fund: Fund) -> list[Fault]:
    """Everything that is wrong, in the order of the pages."""
    return [
        Fault(fault.part, _sentence(fund, fault), _page(key, fund, fault))
        for fault in checks.faults(fund)
    ]


def _sentence(fund: Fund, fault: checks.Fault) -> str:
    names = _names(fund, fault.part)
    name = names.get(fault.key.partition(".")[0], "")
    return f"{name}: {fault.sentence}." if name else f"{fault.key}: {fault.sentence}."


def _names(fund: Fund, part: str) -> dict[str, str]:
    if part not in {form_edits.FORM, form_edits.RETURN}:
        return {item.key: item.title for item in fund.scoring.criteria}
    return dict(_form_names(fund, part))


def _form_names(fund: Fund, part: str) -> Iterator[tuple[str, str]]:
    for section in form_edits.sections_of(fund, part):
        yield section.key, section.title
        yield from ((question.key, question.label) for question in section.questions)


def _page(key: uuid.UUID, fund: Fund, fault: checks.Fault) -> str:
    if fault.part == "criteria":
        return url_for("rounds.criteria", key=key)
    if fault.part in {form_edits.FORM, form_edits.RETURN}:
        return _form_page(key, fund, fault)
    if fault.part == "money":
        return url_for("rounds.money", key=key)
    if fault.part == "letters":
        return url_for("rounds.letter_words", key=key)
    return url_for("rounds.show", key=key)


def _form_page(key: uuid.UUID, fund: Fund, fault: checks.Fault) -> str:
    part, name = fault.part, fault.key.partition(".")[0]
    sections = form_edits.sections_of(fund, part)
    if any(question.key == name for section in sections for question in section.questions):
        return url_for("rounds.question", key=key, part=part, question=name)
    if part == form_edits.RETURN and fault.key in {
        "periods",
        *(period.key for period in fund.return_form.periods),
    }:
        return url_for("rounds.periods", key=key)
    if any(rule.key == name for rule in fund.rules) and part == form_edits.FORM:
        return url_for("rounds.rules", key=key)
    return url_for("rounds.form", key=key, part=part)
