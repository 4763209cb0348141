"""What happens next with a return, said plainly."""

from __future__ import annotations

from grants.queries.return_reports import Report
from grants.queries.returns import Group
from grants.rules import dates
from grants.rules.states import ReturnState as State

NEXT = {
    State.SUBMITTED: "We have it. The fund reads it and writes to you if anything is unclear. You do "
    "not need to do anything now.",
    State.QUERIED: "The fund has a question. Answer it where it stands, change what needs changing, "
    "then send the return again.",
    State.ACCEPTED: "The fund has accepted this return. Thank you. You do not need to do anything.",
}
HEADINGS = {
    Group.QUERIED: ("Questions to answer", "The fund has a question about these"),
    Group.OVERDUE: ("Overdue", "These should have come in already"),
    Group.DUE: ("To do", "To do"),
    Group.LATER: ("Later", "Not begun yet: their time is still to come"),
    Group.SENT: ("Sent", "Sent: the fund is reading them"),
    Group.ACCEPTED: ("Accepted", "Accepted"),
}


def group_words(group: Group) -> str:
    """A group in one or two words."""
    return HEADINGS[group][0]


def heading_of(group: Group) -> str:
    """What stands above the returns of a group."""
    return HEADINGS[group][1]


def what_next(report: Report) -> str:
    """One or two sentences on where it stands and what happens next."""
    facts = report.facts
    if facts.state != State.OPEN:
        return NEXT[facts.state]
    day = dates.describe_day(facts.due_on)
    if report.today > facts.due_on:
        return f"It was due on {day}. Please send it as soon as you can. What you type is saved."
    return f"It is due on {day}. You can leave and come back: your answers are saved as you type."
