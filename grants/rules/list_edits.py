"""Changing the code lists and the rules that a round adds of its own. National lists are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grants.funds.definition import Code, CodeList, Fund, Question, Rule
from grants.funds.rule_checks import rule_faults
from grants.rules.form_edits import CORE, LONGEST_LINE, Edited, new_key, wrong_words
from grants.rules.refusals import Blocked, Forbidden, NotFound, Reason

MOST_CODES = 300
MOST_LISTS = 100
MOST_RULES = 60


def list_of(fund: Fund, name: str) -> CodeList:
    """The code list of this name. Raises NotFound."""
    if name not in fund.code_lists:
        raise NotFound("There is no such list.")
    return fund.code_lists[name]


def uses_of(fund: Fund, name: str) -> tuple[Question, ...]:
    """The questions and columns of both forms that are answered from this list."""
    sections = (*fund.sections, *fund.return_form.sections)
    asked = [question for section in sections for question in section.questions]
    return tuple(
        question
        for question in [*asked, *(column for table in asked for column in table.columns)]
        if name in {question.choices, question.row_list}
    )


def add_list(fund: Fund, title: str, labels: Sequence[str]) -> Edited:
    """A list of the round's own, from the answers as they are to be read."""
    reasons = _wrong(title, labels)
    if len(fund.code_lists) >= MOST_LISTS:
        reasons.append(Reason("There are too many lists already. Remove one first.", ""))
    if reasons:
        raise Blocked(*reasons)
    name = new_key(title, fund.code_lists)
    made = CodeList(
        name=name,
        title=title.strip(),
        edition="1",
        source="Added by this round",
        status="proposed",
        codes=_coded(labels, ()),
        own=True,
    )
    return Edited(replace(fund, code_lists={**fund.code_lists, name: made}), name)


def save_list(fund: Fund, name: str, title: str, labels: Sequence[str]) -> Edited:
    """Other answers. One whose words stay keeps its code; so does one that is reworded in its place."""
    before = _own(fund, name)
    reasons = _wrong(title, labels)
    if reasons:
        raise Blocked(*reasons)
    changed = replace(before, title=title.strip(), codes=_coded(labels, before.codes))
    return Edited(replace(fund, code_lists={**fund.code_lists, name: changed}), name)


def remove_list(fund: Fund, name: str) -> Edited:
    """Take a list away that no question uses any more."""
    _own(fund, name)
    used = uses_of(fund, name)
    if used:
        raise Blocked(f"The question “{used[0].label}” uses this list. Change that first.")
    kept = {key: listed for key, listed in fund.code_lists.items() if key != name}
    return Edited(replace(fund, code_lists=kept), name)


def add_rule(fund: Fund, rule: Rule) -> Edited:
    """One more rule across several answers; its key is made of its sentence."""
    if len(fund.rules) >= MOST_RULES:
        raise Blocked("There are too many rules already. Remove one first.")
    made = replace(rule, key=new_key(rule.sentence, {entry.key for entry in fund.rules}))
    return _sound(replace(fund, rules=(*fund.rules, made)), made)


def save_rule(fund: Fund, rule: Rule) -> Edited:
    """Change a rule."""
    _rule(fund, rule.key)
    rules = tuple(rule if entry.key == rule.key else entry for entry in fund.rules)
    return _sound(replace(fund, rules=rules), rule)


def remove_rule(fund: Fund, key: str) -> Edited:
    """Take a rule away."""
    _rule(fund, key)
    return Edited(replace(fund, rules=tuple(e for e in fund.rules if e.key != key)), key)


def _rule(fund: Fund, key: str) -> Rule:
    found = next((entry for entry in fund.rules if entry.key == key), None)
    if found is None:
        raise NotFound("There is no such rule.")
    return found


def _sound(fund: Fund, rule: Rule) -> Edited:
    reasons = []
    said = wrong_words(rule.sentence, LONGEST_LINE, "Write the sentence.")
    if said:
        reasons.append(Reason(said, "sentence"))
    else:
        faults = [sentence for key, sentence in rule_faults(fund) if key == rule.key]
        reasons += [Reason(f"This rule does not work yet: {sentence}.") for sentence in faults]
    if reasons:
        raise Blocked(*reasons)
    return Edited(fund, rule.key)


def _own(fund: Fund, name: str) -> CodeList:
    listed = list_of(fund, name)
    if not listed.own:
        raise Forbidden(CORE)
    return listed


def _wrong(title: str, labels: Sequence[str]) -> list[Reason]:
    reasons = []
    if said := wrong_words(title, LONGEST_LINE, "Enter a name for the list."):
        reasons.append(Reason(said, "title"))
    given = [label.strip() for label in labels if label.strip()]
    if not given:
        reasons.append(Reason("Enter at least one answer.", "labels"))
    if len(given) > MOST_CODES:
        reasons.append(Reason(f"Keep to {MOST_CODES} answers or fewer.", "labels"))
    if len({label.casefold() for label in given}) < len(given):
        reasons.append(Reason("Two answers are the same.", "labels"))
    wrong = (wrong_words(label, LONGEST_LINE, "") for label in given)
    reasons += [Reason(said, "labels") for said in list(dict.fromkeys(wrong)) if said]
    return reasons


def _coded(labels: Sequence[str], before: Sequence[Code]) -> tuple[Code, ...]:
    """Codes for these labels. Answers are kept under their code, so a code outlives its words."""
    given = [label.strip() for label in labels if label.strip()]
    codes = {code.label: code.code for code in before}
    is_reworded = len(given) == len(before)
    taken = {code.code for code in before}
    made = []
    for place, label in enumerate(given):
        code = codes.get(label)
        if code is None and is_reworded and before[place].label not in given:
            code = before[place].code
        if code is None:
            code = new_key(label, taken)
            taken.add(code)
        made.append(Code(code=code, label=label))
    return tuple(made)
