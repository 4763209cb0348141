"""The page of a clash, for browsers without script: both texts, and a choice between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Request, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from grants.funds.definition import Fund, QuestionKind
from grants.queries.answer_words import in_words
from grants.services.answer_sheet import Clash, Refused, Saved, Sent, asked_at
from grants.web.answer_places import At, Place, clash_sentence, name_of, place_of
from grants.web.forms import as_typed

MINE, THEIRS, BOTH = "mine", "theirs", "both"
JOINED = "\n\n"
WRITING = frozenset({QuestionKind.LONG_TEXT})
MOST = 500  # clashes of one page that are read back


@dataclass(frozen=True, slots=True)
class TwoTexts:
    """An answer with two texts, as the page shows it and sends it back."""

    name: str
    label: str
    said: str
    mine: str
    theirs: str
    version: int
    mine_in_words: str
    theirs_in_words: str
    may_join: bool
    problem: str = ""

    @property
    def place(self) -> Place:
        """Where the answer stands."""
        return place_of(self.name)


class Words(Protocol):
    """What the fields of a page are called, and how their texts read."""

    def label(self, place: Place) -> str: ...

    def in_words(self, place: Place, text: str) -> str: ...

    def is_writing(self, place: Place) -> bool: ...


@dataclass(frozen=True, slots=True)
class FormWords:
    """The words of a fund's form."""

    fund: Fund

    def label(self, place: Place) -> str:
        """The question; of a table, its name with the column's."""
        question = asked_at(self.fund, place)
        if question is None:
            return "Your answer"
        table = self.fund.question(place[0].partition(".")[0])
        return f"{table.label}, {question.label}" if place[1] and table else question.label

    def in_words(self, place: Place, text: str) -> str:
        """The answer with the words of its codes."""
        question = asked_at(self.fund, place)
        return in_words(self.fund, question, text) if question else text

    def is_writing(self, place: Place) -> bool:
        """Whether two texts may stand one under the other."""
        question = asked_at(self.fund, place)
        return question is None or question.kind in WRITING


@dataclass(frozen=True, slots=True)
class Around:
    """The page that the clash came from: its words, and where the choice and the way back lead."""

    words: Words
    action: str
    back: str


def both_texts(
    around: Around, clashes: Iterable[Clash], unkept: Sequence[At | Refused] = ()
) -> ResponseReturnValue:
    """Ask which text stays. ``unkept`` are those of the same page that could not be kept at all."""
    shown = [
        _two(
            around.words,
            (clash.question, clash.row),
            clash_sentence(clash),
            (clash.yours, clash.theirs),
            clash.version,
        )
        for clash in clashes
    ]
    return _page(around, shown, unkept), 409


def read_back(around: Around, request: Request) -> list[TwoTexts]:
    """The clashes that the page showed, as it sent them back."""
    form = request.form
    found = []
    for number in range(min(form.get("count", 0, type=int), MOST)):
        texts = (
            as_typed(form.get(f"mine.{number}", "")),
            as_typed(form.get(f"theirs.{number}", "")),
        )
        found.append(
            _two(
                around.words,
                place_of(form.get(f"name.{number}", "")),
                form.get(f"said.{number}", ""),
                texts,
                form.get(f"version.{number}", 0, type=int),
            )
        )
    return found


def chosen(found: Sequence[TwoTexts], request: Request) -> Sent | None:
    """What is to be saved of the choices; None while one is missing."""
    choices = [request.form.get(f"choice.{number}", "") for number in range(len(found))]
    if not set(choices) <= {MINE, THEIRS, BOTH}:
        return None
    texts = {
        two.place: two.mine if choice == MINE else two.theirs + JOINED + two.mine
        for two, choice in zip(found, choices, strict=True)
        if choice != THEIRS
    }
    return Sent(texts=texts, seen={two.place: two.version for two in found}, chosen=tuple(texts))


def settle(around: Around, request: Request, save: Callable[[Sent], Saved]) -> ResponseReturnValue:
    """Keep what was chosen and go back; or ask again, where a choice is missing or somebody else was
    quicker once more."""
    found = read_back(around, request)
    sent = chosen(found, request)
    if sent is None:
        return ask_again(around, found, request)
    saved = save(sent)
    if saved.clashes:
        return both_texts(around, saved.clashes, saved.refused)
    flash("Saved as you chose.", "success")
    return redirect(around.back)


def ask_again(around: Around, found: Sequence[TwoTexts], request: Request) -> ResponseReturnValue:
    """The page once more, with what is chosen already."""
    choices = {n: request.form.get(f"choice.{n}", "") for n in range(len(found))}
    return _page(around, found, (), choices), 422


def _page(
    around: Around,
    found: Sequence[TwoTexts],
    unkept: Sequence[At | Refused],
    choices: dict[int, str] | None = None,
) -> str:
    missing = [
        (f"{two.label}: choose which text stays.", f"#choice-{number}-{MINE}")
        for number, two in enumerate(found)
        if choices is not None and choices.get(number) not in {MINE, THEIRS, BOTH}
    ]
    return render_template(
        "errors/clash.html",
        found=found,
        around=around,
        choices=choices or {},
        problems=missing,
        unkept=[(around.words.label((entry.question, entry.row)), entry.text) for entry in unkept],
    )


def _two(words: Words, place: Place, said: str, texts: tuple[str, str], version: int) -> TwoTexts:
    mine, theirs = texts
    return TwoTexts(
        name=name_of(place),
        label=words.label(place),
        said=said,
        mine=mine,
        theirs=theirs,
        version=version,
        mine_in_words=words.in_words(place, mine),
        theirs_in_words=words.in_words(place, theirs),
        may_join=words.is_writing(place),
    )
