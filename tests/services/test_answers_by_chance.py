"""Two people, two windows each, bad connections, in any order: nothing accepted is lost, nobody is
overwritten unseen, and all that was typed arrives."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from grants.queries import drafts, earlier_texts
from grants.services import answers
from grants.services.answer_sheet import Sent
from tests import applying, build

PEOPLE = ("editor", "sender")
CELL = ("projects.title", "0001")
PLACES = (("need", ""), ("inequalities", ""), CELL)
ARRIVES, LOST, ANSWER_LOST, SIGNED_OUT = "arrives", "lost", "answer lost", "signed out"


@dataclass
class Field:
    """One answer as an open page has it: what stands there, what it knows, what its person has seen."""

    text: str = ""
    version: int = 0
    seen: set[str] = field(default_factory=set)
    waits: bool = False
    flight: str | None = None  # sent, and nobody knows what became of it
    clash: tuple[str, int] | None = None  # the other text and its version
    chosen: bool = False


@dataclass
class Window:
    """One open page of one person."""

    who: str
    fields: dict[tuple[str, str], Field]


class Editing(RuleBasedStateMachine):
    """The protocol of static/autosave.js against the real service."""

    windows = Bundle("windows")

    @initialize()
    def begin(self) -> None:
        self.at = self.config_at
        self.key = applying.drafted(self.at, full=False)
        self.actors = {who: applying.actor(self.at, who) for who in PEOPLE}
        self.left: dict[str, list[dict[tuple[str, str], Field]]] = {who: [] for who in PEOPLE}
        self.open: list[Window] = []
        self.words = (f"word{number}" for number in itertools.count())
        self.authors: dict[str, str] = {}  # text that the server accepted -> who wrote it

    config_at: applying.Place

    # ---- What people do.

    @rule(target=windows, who=st.sampled_from(PEOPLE))
    def open_window(self, who: str) -> Window:
        """A page as the server makes it, then what an earlier one of this person left."""
        draft = drafts.draft(self.actors[who], self.key)
        fields = {}
        for place in PLACES:
            text = draft.answers.get(place, "")
            fields[place] = Field(text, draft.versions.get(place, 0), {text, ""})
        window = Window(who, fields)
        rest = []
        for entry in self.left[who]:
            taken = {p: kept for p, kept in entry.items() if not window.fields[p].waits}
            window.fields.update(taken)
            if len(taken) < len(entry):
                rest.append({p: kept for p, kept in entry.items() if p not in taken})
        self.left[who] = rest
        self.open.append(window)
        return window

    @rule(window=windows, place=st.sampled_from(PLACES), goes_on=st.booleans())
    def type(self, window: Window, place: tuple[str, str], goes_on: bool) -> None:
        """Go on with what stands there, or begin anew."""
        at = window.fields[place]
        word = next(self.words)
        at.text = f"{at.text} {word}" if goes_on and at.text else word
        at.seen.add(at.text)
        at.waits = True

    @rule(
        window=windows,
        fate=st.sampled_from((ARRIVES, ARRIVES, ARRIVES, LOST, ANSWER_LOST, SIGNED_OUT)),
    )
    def send(self, window: Window, fate: str) -> None:
        """Send what waits; what nobody knows the fate of is sent again first, word for word."""
        ready = {p: at for p, at in window.fields.items() if at.waits and at.clash is None}
        flying = {p: at for p, at in ready.items() if at.flight is not None}
        for p, at in (flying or ready).items():
            at.flight = at.flight or window.fields[p].text
        going = flying or ready
        if not going or fate in {LOST, SIGNED_OUT}:
            return
        saved = self._save(window.who, going)
        if fate == ANSWER_LOST:
            return
        clashes = {(clash.question, clash.row): clash for clash in saved.clashes}
        for place, at in going.items():
            sent, at.flight = at.flight, None
            if place in clashes:
                at.clash = (clashes[place].theirs, clashes[place].version)
                continue
            at.version, at.chosen = saved.versions[place], False
            at.waits = at.text != sent

    @rule(
        window=windows,
        place=st.sampled_from(PLACES),
        choice=st.sampled_from(("mine", "theirs", "both")),
    )
    def choose(self, window: Window, place: tuple[str, str], choice: str) -> None:
        """Both texts stand at the field; the person picks."""
        at = window.fields[place]
        if at.clash is None:
            return
        theirs, at.version = at.clash
        at.clash = None
        at.seen.add(theirs)
        at.waits = at.chosen = choice != "theirs"
        if choice == "theirs":
            at.text = theirs
        if choice == "both":
            at.text = f"{theirs}\n\n{at.text}"
            at.seen.add(at.text)

    @rule(window=consumes(windows))
    def close_window(self, window: Window) -> None:
        """A closed tab: what waits stays in the browser, with the version it was typed against."""
        if window not in self.open:
            return
        self.open.remove(window)
        waits = {place: at for place, at in window.fields.items() if at.waits}
        for at in waits.values():
            at.clash, at.chosen = None, False
        if waits:
            self.left[window.who].append(waits)

    @rule(who=st.sampled_from(PEOPLE))
    def remove_row(self, who: str) -> None:
        """Take the row out, whatever stands in it."""
        was = applying.answers_of(self.key).get(CELL, "")
        answers.remove_row(self.actors[who], self.key, "projects", "0001", now=build.NOW)
        assert not was or was in self._aside()

    # ---- What must hold.

    def _save(self, who: str, going: dict[tuple[str, str], Field]) -> answers.Saved:
        before = applying.answers_of(self.key)
        sent = Sent(
            texts={place: at.flight or "" for place, at in going.items()},
            seen={place: at.version for place, at in going.items()},
            chosen=tuple(place for place, at in going.items() if at.chosen),
        )
        saved = answers.save(self.actors[who], self.key, sent, now=build.NOW)
        after = applying.answers_of(self.key)
        aside = self._aside()
        for place, at in going.items():
            was, is_now = before.get(place, ""), after.get(place, "")
            if was == is_now:
                continue
            assert is_now == at.flight, "something else was written than was sent"
            assert was in at.seen, f"{was!r} was overwritten by {who} unseen"
            if was and (at.chosen or self.authors[was] != who):
                assert was in aside, f"{was!r} is nowhere any more"
            self.authors[is_now] = who
        return saved

    def _aside(self) -> set[str]:
        draft = drafts.draft(self.actors["editor"], self.key)
        questions = [place[0] for place in PLACES]
        return {found.text for found in earlier_texts.of_draft(draft, questions)}

    def teardown(self) -> None:
        """Everybody comes back and chooses their own: all that was typed arrives."""
        if not hasattr(self, "key"):
            return
        while any(self.left.values()):
            self.open_window(next(who for who in PEOPLE if self.left[who]))
        typed = {at.text for w in self.open for at in w.fields.values() if at.waits}
        for _ in range(2 * len(self.open) + 2):
            for window in self.open:
                for place in PLACES:
                    self.choose(window, place, "mine")
                self.send(window, ARRIVES)
        waiting = [at for window in self.open for at in window.fields.values() if at.waits]
        assert waiting == []
        assert typed <= set(self.authors), "what was typed never arrived"


@pytest.mark.long
@pytest.mark.feature("A4", "A10")
def test_nothing_is_lost_in_any_order(context, long) -> None:
    at = applying.place("adult")
    run_state_machine_as_test(
        type("EditingHere", (Editing,), {"config_at": at}),
        settings=settings(
            max_examples=500 if long else 50,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
