"""Changing how a round's money is divided: its levels, its caps and the strands of its pot.

As in ``form_edits.py`` each step takes a fund and gives the changed one, or raises Blocked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from grants.funds.definition import Cap, Fund, Level, Strand
from grants.funds.money_checks import money_faults, strand_places
from grants.rules.form_edits import LONGEST_LINE, Edited, new_key, wrong_words
from grants.rules.refusals import Blocked, NotFound, Reason

MOST = 30  # of each
Thing = TypeVar("Thing", bound=Level | Cap | Strand)


def level_of(fund: Fund, key: str) -> Level:
    """The level with this key. Raises NotFound."""
    return _one(fund.levels, key)


def cap_of(fund: Fund, key: str) -> Cap:
    """The cap with this key. Raises NotFound."""
    return _one(fund.caps, key)


def strand_of(fund: Fund, key: str) -> Strand:
    """The strand with this key. Raises NotFound."""
    return _one(fund.strands, key)


def _one(things: tuple[Thing, ...], key: str) -> Thing:
    found = next((thing for thing in things if thing.key == key), None)
    if found is None:
        raise NotFound("There is no such page.")
    return found


def save_level(fund: Fund, level: Level) -> Edited:
    """Add a level (its key empty) or change one. They stand by their amounts."""
    reasons = [
        Reason(said, name)
        for name, text, missing in (
            ("title", level.title, "Enter what the level is called."),
            ("asked", level.asked, ""),
        )
        if (said := wrong_words(text, LONGEST_LINE, missing))
    ]
    if level.most < level.least or not level.most:
        reasons.append(Reason("The largest grant is below the smallest.", "most"))
    others = _others(fund.levels, level.key, reasons)
    if any(kept.least <= level.most and level.least <= kept.most for kept in others):
        reasons.append(Reason("Another level has some of these amounts already.", "least"))
    _refuse(reasons)
    level = replace(level, key=level.key or new_key(level.title, {kept.key for kept in others}))
    levels = sorted([*others, level], key=lambda kept: kept.least)
    return Edited(replace(fund, levels=tuple(levels)), level.key)


def remove_level(fund: Fund, key: str) -> Edited:
    """Take a level away."""
    level_of(fund, key)
    return Edited(replace(fund, levels=_without(fund.levels, key)), key)


def save_cap(fund: Fund, cap: Cap) -> Edited:
    """Add a cap (its key empty) or change one."""
    reasons = []
    if not cap.values:
        reasons.append(Reason("Choose at least one answer.", "values"))
    if said := wrong_words(cap.sentence, LONGEST_LINE, "Say what those read who ask for more."):
        reasons.append(Reason(said, "sentence"))
    others = _others(fund.caps, cap.key, reasons)
    _refuse(reasons)
    cap = replace(cap, key=cap.key or new_key(cap.question, {kept.key for kept in others}))
    caps = _put(fund.caps, cap)
    return _sound(replace(fund, caps=caps), cap.key)


def remove_cap(fund: Fund, key: str) -> Edited:
    """Take a cap away."""
    cap_of(fund, key)
    return Edited(replace(fund, caps=_without(fund.caps, key)), key)


def decide_strands_by(fund: Fund, place: str) -> Edited:
    """Whose answer says the strand. Another question gives the strands up: their answers are its own."""
    if place not in strand_places(fund):
        raise Blocked(Reason("Choose a question.", "question"))
    kept = fund.strands if place == fund.strand_question else ()
    return Edited(replace(fund, strand_question=place, strands=kept), place)


def save_strand(fund: Fund, strand: Strand) -> Edited:
    """Add a strand (its key empty) or change one."""
    reasons = []
    if said := wrong_words(strand.title, LONGEST_LINE, "Enter what the strand is called."):
        reasons.append(Reason(said, "title"))
    if not strand.values:
        reasons.append(Reason("Choose at least one answer.", "values"))
    others = _others(fund.strands, strand.key, reasons)
    if any(set(kept.values) & set(strand.values) for kept in others):
        reasons.append(Reason("Another strand has one of these answers already.", "values"))
    _refuse(reasons)
    strand = replace(strand, key=strand.key or new_key(strand.title, {kept.key for kept in others}))
    return _sound(replace(fund, strands=_put(fund.strands, strand)), strand.key)


def remove_strand(fund: Fund, key: str) -> Edited:
    """Take a strand away."""
    strand_of(fund, key)
    return Edited(replace(fund, strands=_without(fund.strands, key)), key)


def _others(things: tuple[Thing, ...], key: str, reasons: list[Reason]) -> tuple[Thing, ...]:
    others = tuple(thing for thing in things if thing.key != key)
    if len(others) >= MOST:
        reasons.append(Reason("There are too many already. Remove one first."))
    return others


def _put(things: tuple[Thing, ...], changed: Thing) -> tuple[Thing, ...]:
    if all(thing.key != changed.key for thing in things):
        return (*things, changed)
    return tuple(changed if thing.key == changed.key else thing for thing in things)


def _without(things: tuple[Thing, ...], key: str) -> tuple[Thing, ...]:
    return tuple(thing for thing in things if thing.key != key)


def _sound(fund: Fund, key: str) -> Edited:
    wrong = [sentence for place, sentence in money_faults(fund) if place == key]
    _refuse([Reason(f"This {sentence}.", "values") for sentence in wrong])
    return Edited(fund, key)


def _refuse(reasons: Iterable[Reason]) -> None:
    found = tuple(reasons)
    if found:
        raise Blocked(*found)
