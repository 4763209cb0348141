"""The forms of a panel's meeting, and what people typed into them as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import Field

from grants.blueprints.award.forms import decision_fields
from grants.queries.awards import Decision
from grants.queries.meetings import ItemRow, MemberRow
from grants.queries.scores import ScoresOfApplication
from grants.rules.meetings import Outcome, Presence
from grants.services.meetings import Attended, Plan
from grants.services.recording import Agreement
from grants.web.forms import (
    DateField,
    Form,
    LongTextField,
    NumberField,
    RadiosField,
    SelectField,
    TextField,
    TicksField,
)

PRESENCES = (
    (Presence.EXPECTED.value, "Not yet known"),
    (Presence.PRESENT.value, "Present"),
    (Presence.APOLOGIES.value, "Apologies"),
    (Presence.ABSENT.value, "Absent"),
)
UNREADABLE = -1  # no mark
DIGITS = 9  # of a number, at most


def plan_form(people: Sequence[tuple[int, str]]) -> Form:
    """Where and when, who chairs, who writes, who is of it."""
    names = [(str(key), name) for key, name in people]
    fields = {
        "held_on": DateField("The day of the meeting"),
        "place": TextField("Where it is held", hint="A room, or how people join from afar."),
        "quorum": NumberField("How many must be there for a quorum"),
        "chair": SelectField("Who chairs it", options=(("", "Choose"), *names)),
        "secretary": SelectField("Who writes the minute", options=(("", "Choose"), *names)),
        "members": TicksField("Who else sits on the panel", options=names, optional=True),
    }
    return type("PlanForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def planned(form: Form) -> Plan:
    """What was typed."""
    return Plan(
        held_on=form["held_on"].date,
        place=form["place"].data,
        quorum=_number(form["quorum"].data),
        chair=_number(form["chair"].data),
        secretary=_number(form["secretary"].data),
        members=frozenset(_number(code) or 0 for code in form["members"].codes),
    )


def attendance_form(members: Sequence[MemberRow]) -> Form:
    """Each with whether they are there, and the times."""
    fields: dict[str, Field] = {}
    for one in members:
        fields[f"presence-{one.person_id}"] = SelectField(
            f"{one.name}: there?", options=PRESENCES, default=one.presence.value
        )
        fields[f"arrived-{one.person_id}"] = TextField(
            f"{one.name}: came at", optional=True, default=one.arrived
        )
        fields[f"went-{one.person_id}"] = TextField(
            f"{one.name}: left at", optional=True, default=one.went
        )
    return type("AttendanceForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def attended(form: Form, members: Sequence[MemberRow]) -> dict[int, Attended]:
    """What was typed of each."""
    return {
        key: Attended(
            presence=form[f"presence-{key}"].data,
            arrived=form[f"arrived-{key}"].data,
            went=form[f"went-{key}"].data,
        )
        for key in (one.person_id for one in members)
    }


def item_form(item: ItemRow, scores: ScoresOfApplication | None, decision: Decision | None) -> Form:
    """What came of an application: marks, the outcome, and the recommendation where there can be one."""
    fields: dict[str, Field] = {}
    for criterion in scores.criteria if scores else ():
        kept = scores.moderated.get(criterion.key) if scores else None
        marks = [(str(mark), str(mark)) for mark in range((scores.highest if scores else 0) + 1)]
        fields[f"mark-{criterion.key}"] = SelectField(
            f"Mark for {criterion.title}",
            options=(("", "Scores kept"), *marks),
            default=str(kept.mark) if kept else "",
        )
        fields[f"why-{criterion.key}"] = LongTextField(
            f"Why, for {criterion.title}", optional=True, default=kept.reason if kept else ""
        )
    outcomes = [(Outcome.DEFERRED.value, "Put off, something is asked first")]
    if decision is not None:
        outcomes.insert(0, (Outcome.RECOMMENDED.value, "Recommended, as below"))
        fields.update(decision_fields(decision))
    outcomes.append((Outcome.SCORED.value, "Talked about; nothing recommended yet"))
    is_taken = item.outcome != Outcome.WAITING
    fields["outcome"] = RadiosField(
        "What came of it?", options=outcomes, default=item.outcome.value if is_taken else ""
    )
    fields["asked"] = LongTextField(
        "What is asked, if it is put off", optional=True, max_words=200, default=item.put_off
    )
    fields["votes"] = TextField(
        "Votes, if there were any",
        hint="Such as: 4 for, 1 against",
        optional=True,
        default=item.votes,
    )
    fields["remark"] = LongTextField(
        "Anything else for the minute", optional=True, max_words=200, default=item.note
    )
    return type("ItemForm", (Form,), fields)()  # type: ignore[no-any-return]  # made just now


def agreements(form: Form, scores: ScoresOfApplication | None) -> Mapping[str, Agreement]:
    """The marks that were typed, with their reasons."""
    found = {}
    for criterion in scores.criteria if scores else ():
        typed = form[f"mark-{criterion.key}"].data
        mark = None if not typed else int(typed) if typed.isdecimal() else UNREADABLE
        found[criterion.key] = Agreement(mark=mark, reason=form[f"why-{criterion.key}"].data)
    return found


class CorrectionForm(Form):
    """The words of a part of the minute."""

    text = LongTextField("What the minute is to say", optional=True)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None
