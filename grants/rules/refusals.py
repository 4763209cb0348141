"""The ways a rule says no. Never HTTP: ``web/errors.py`` maps them once."""

from __future__ import annotations


class Refusal(Exception):
    """A rule said no. ``str()`` of it is a sentence that a person may read."""


class NotFound(Refusal):
    """There is no such thing for this person: absent, or not theirs to see."""


class Forbidden(Refusal):
    """The person may see the thing, but may not do this with it."""


class MoveNotAllowed(Refusal):
    """The thing is no longer in a state from which this can be done."""


class Stale(Refusal):
    """Somebody else changed the thing since this person last saw it."""


class Blocked(Refusal):
    """Something is missing or in the way. ``reasons`` are sentences to show, each with its key."""

    def __init__(self, *reasons: Reason | str) -> None:
        self.reasons = tuple(
            reason if isinstance(reason, Reason) else Reason(reason) for reason in reasons
        )
        super().__init__(" ".join(reason.text for reason in self.reasons))


class Reason:
    """One sentence, and the key of the question or figure that it is about."""

    __slots__ = ("key", "text")

    def __init__(self, text: str, key: str = "") -> None:
        self.text = text
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.text, self.key) == (other.text, other.key)

    def __hash__(self) -> int:
        return hash((self.text, self.key))

    def __repr__(self) -> str:
        return f"Reason({self.text!r}, {self.key!r})"
