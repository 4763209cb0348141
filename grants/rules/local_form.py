"""A fund's rulebook at the local tier: a partnership's own round, for community groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grants.funds.definition import Contact, Fills, Fund, Local, Part, Question, Section
from grants.rules import local_words


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFunder:
    """The partnership as the words of its round name it."""

    name: str
    legal_power: str
    contact: Contact


def at_local_tier(fund: Fund, funder: LocalFunder) -> Fund:
    """The rulebook with which a partnership's own round begins. What is core stays locked."""
    local = fund.local or Local(audience=fund.audience)
    asked = {key for section in local.sections for key in _keys(section)}
    kept = (_section(section, local, asked) for section in fund.sections)
    sections = (
        *local.sections,
        *local_words.sections(
            [section for section in kept if section.questions], local.asks, Part.FORM
        ),
    )
    left = {key for section in sections for key in _keys(section)}
    return replace(
        fund,
        local=None,
        audience=local.audience,
        summary=local.summary or fund.summary,
        sections=sections,
        eligibility=tuple(one for one in fund.eligibility if one.key not in local.leave_out),
        rules=tuple(
            rule
            for rule in fund.rules
            if {place.partition(".")[0] for place in rule.places} <= left
            and not set(rule.places) & set(local.leave_out)
        ),
        scoring=local_words.scoring(fund.scoring, local.words),
        return_form=replace(
            fund.return_form,
            sections=local_words.sections(fund.return_form.sections, local.asks, Part.RETURN),
        ),
        letters=tuple(local_words.letter(letter, local.words) for letter in fund.letters),
        levels=(),
        caps=tuple(cap for cap in fund.caps if cap.question in left),
        strands=(),  # of the pot of the round above
        strand_question="",
        funder=funder.name,
        legal_power=funder.legal_power,
        contact=funder.contact,
        settings=replace(fund.settings, needs_routing_council=False),
        # Small groups are asked for no second person, unless the partnership wants one.
        stages=replace(fund.stages, sign_off=False, partners_confirm=False),
    )


def _keys(section: Section) -> tuple[str, ...]:
    return tuple(question.key for question in section.questions)


def _section(section: Section, local: Local, asked: set[str]) -> Section:
    questions = (
        _question(question, local)
        for question in section.questions
        if question.key not in local.leave_out and question.key not in asked
    )
    return replace(section, questions=tuple(questions))


def _question(question: Question, local: Local) -> Question:
    columns = tuple(
        column
        for column in question.columns
        if f"{question.key}.{column.key}" not in local.leave_out
    )
    most = local.most_projects if question.fills == Fills.PROJECTS else None
    return replace(question, columns=columns, max_rows=most or question.max_rows)
