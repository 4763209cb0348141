"""The states of each kind of thing. Three lives are kept apart so that no secret outcome stands in
what an applicant may read."""

from __future__ import annotations

from enum import StrEnum


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"  # published; whether it takes applications now is a matter of its dates
    CLOSED = "closed"


class Tier(StrEnum):
    NATIONAL = "national"
    LOCAL = "local"


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ASSESSING = "assessing"
    MODERATION = "moderation"
    WITHDRAWN = "withdrawn"


class AssessmentState(StrEnum):
    ASSIGNED = "assigned"
    SCORING = "scoring"  # declared, no conflict
    SUBMITTED = "submitted"
    CONFLICTED = "conflicted"


class AwardState(StrEnum):
    NONE = "none"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    REFUSED = "refused"
    RELEASED = "released"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    OFFER_DECLINED = "offer-declined"
    LAPSED = "lapsed"
    CLOSED = "closed"


# Money is set aside from approval until it is given back.
COMMITTED = frozenset(
    {AwardState.APPROVED, AwardState.RELEASED, AwardState.ACCEPTED, AwardState.CLOSED}
)
# From here on the applicant may know.
KNOWN = frozenset(
    {
        AwardState.RELEASED,
        AwardState.DECLINED,
        AwardState.ACCEPTED,
        AwardState.OFFER_DECLINED,
        AwardState.LAPSED,
        AwardState.CLOSED,
    }
)


class AdditionState(StrEnum):
    """Of a project in reserve that joins its award after release."""

    RECOMMENDED = "recommended"
    APPROVED = "approved"
    DROPPED = "dropped"  # refused, or taken back, before anybody was told
    RELEASED = "released"
    ACCEPTED = "accepted"
    DECLINED = "declined"  # by the applicant
    LAPSED = "lapsed"


# From here on the applicant may know.
OFFERED = frozenset(
    {
        AdditionState.RELEASED,
        AdditionState.ACCEPTED,
        AdditionState.DECLINED,
        AdditionState.LAPSED,
    }
)


class LineDecision(StrEnum):
    """What is decided for one proposed project."""

    UNDECIDED = "undecided"
    FULL = "full"
    PART = "part"
    RESERVE = "reserve"
    OUT = "out"


class Finding(StrEnum):
    """What a look at one thing about an applicant found."""

    SATISFACTORY = "satisfactory"
    CONCERN = "concern"
    NOT_NEEDED = "not-needed"


class LetterState(StrEnum):
    DRAFTED = "drafted"
    ISSUED = "issued"
    SUPERSEDED = "superseded"


class ReturnState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    QUERIED = "queried"
    ACCEPTED = "accepted"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MessageState(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  # cut after the text was handed over; tried once more, then shown to staff
    FAILED = "failed"


class ScanState(StrEnum):
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
