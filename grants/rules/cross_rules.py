"""Rules across several answers that a fund manager wrote: whether given values break one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from grants.funds.definition import Rule, RuleKind
from grants.rules.answers import Value

# By "question" or "table.column": what was answered, blank and hidden answers left out.
# An answer that cannot be read stands as None.
Seen = Mapping[str, tuple[Value, ...]]


def is_broken(rule: Rule, seen: Seen) -> bool:
    """Whether these answers break the rule. What cannot be read is told elsewhere, and breaks none."""
    if rule.kind == RuleKind.AT_LEAST_ONE_OF:
        return not any(seen.get(place) for place in rule.questions)
    if rule.kind == RuleKind.IF_THEN_REQUIRED:
        return _waits(rule, seen) and not seen.get(rule.at)
    return _is_unequal(rule, seen)


def _waits(rule: Rule, seen: Seen) -> bool:
    given = {code for value in seen.get(rule.questions[0], ()) for code in _codes(value)}
    return bool(given & set(rule.values))


def _codes(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()


def _is_unequal(rule: Rule, seen: Seen) -> bool:
    left = [value for place in rule.questions for value in seen.get(place, ())]
    right = list(seen.get(rule.than, ())) if rule.than else [rule.amount]
    if not left or not right or None in left or None in right:
        return False
    if isinstance(left[0], dt.date):
        return any(day > other for day in _days(left) for other in _days(right))
    total, most = _sum(left), _sum(right)
    return total != most if rule.kind == RuleKind.SUM_EQUALS else total > most


def _days(values: Iterable[Value]) -> list[dt.date]:
    return [value for value in values if isinstance(value, dt.date)]


def _sum(values: Iterable[Value]) -> int:
    return sum(value for value in values if isinstance(value, int))
