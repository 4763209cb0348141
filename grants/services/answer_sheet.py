"""One form's answers as rows: read, compared with what a page knew, and written. For any table of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants.extensions import Model, db
from grants.funds.definition import Fund, Question, QuestionKind
from grants.models.application import Answer
from grants.models.assessment import ScoreField
from grants.models.earlier_text import EarlierText
from grants.models.outcome_return import ReturnAnswer
from grants.models.person import Person
from grants.rules.answers import GAPS, LONGEST_TEXT, is_blank, join_codes, parse, split_codes, unfit
from grants.rules.opening import LOCKED, WHOLE, Opening
from grants.rules.people import Actor

Place = tuple[str, str]  # question key (or "table.column") and row key
LONGEST_ROW_KEY = 60
TICKED = "yes"
NO_CHANGE: Mapping[str, Any] = {}
TOO_LONG = f"This is too long to keep. Use {LONGEST_TEXT:,} characters or fewer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came from a page. ``seen`` are the versions that the page was made with (0: none was
    there); None where the page knows none, then the last to write wins."""

    texts: Mapping[Place, str]
    seen: Mapping[Place, int] | None = None
    chosen: Collection[Place] = ()
    """Where the person has seen both texts of a clash and chose what is sent."""
    section: str = ""
    """Names the section when it is saved by button: that is audited, single autosaves are not."""


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that somebody else changed since the page was made. Neither text is lost."""

    question: str
    row: str
    yours: str
    theirs: str
    by: str
    """Empty where it was the same person, in another window."""
    at: dt.datetime
    version: int
    """Of theirs: whoever saves with it has seen their text."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that cannot be kept, with the sentence that says why."""

    question: str
    row: str
    text: str

    @property
    def sentence(self) -> str:
        """The same sentence where it stands away from its field."""
        return self.text


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: the versions as they are now, what was not saved, and how many were."""

    versions: Mapping[Place, int] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    refused: tuple[Refused, ...] = ()
    written: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A text as it stands, and who wrote it when."""

    text: str
    version: int
    changed_by: int
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was sent, held against what stands there: what to write, and what to tell."""

    fresh: Mapping[Place, str]
    saved: Saved


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the answers of one application or one return are kept."""

    table: type[Answer | ReturnAnswer]
    owner: str  # the column that names whose they are
    owner_id: int

    def keep(
        self,
        texts: Mapping[Place, str],
        sent: Sent,
        actor: Actor,
        *,
        now: dt.datetime,
        opening: Opening = WHOLE,
    ) -> Saved:
        """Write what is fit and not changed by somebody else meanwhile; tell the rest apart.

        ``texts`` are those of ``sent`` that the form asks; what ``opening`` does not open stays as
        it is. Two statements, one more where texts clash and one more where somebody else's text is
        replaced.
        """
        before = self._before(texts)
        refused = (*_unkept(texts), *_locked(texts, before, opening))
        weighed = weigh(texts, before, sent, actor, refused)
        aside = replaced(weighed.fresh, before, sent, actor)
        keep_earlier({self.owner: self.owner_id}, aside, actor, now)
        self._write(weighed.fresh, actor, now)
        return weighed.saved

    def _before(self, texts: Mapping[Place, str]) -> dict[Place, Standing]:
        if not texts:
            return {}
        kept = self.table
        rows = db.session.execute(
            sa.select(
                kept.question, kept.row, kept.text, kept.version, kept.changed_by, kept.changed_at
            ).where(
                getattr(kept, self.owner) == self.owner_id,
                kept.question.in_(sorted({question for question, _ in texts})),
                kept.row.in_(sorted({row for _, row in texts})),
            )
        )
        return {
            (row.question, row.row): Standing(row.text, row.version, row.changed_by, row.changed_at)
            for row in rows
        }

    def _write(self, texts: Mapping[Place, str], actor: Actor, now: dt.datetime) -> None:
        common = {self.owner: self.owner_id, "changed_at": now, "changed_by": actor.person_id}
        rows = [
            {**common, "question": question, "row": row, "text": text}
            for (question, row), text in texts.items()
        ]
        put_versions(self.table, self.owner, rows)


def weigh(
    texts: Mapping[Place, str],
    before: Mapping[Place, Standing],
    sent: Sent,
    actor: Actor,
    refused: tuple[Refused, ...],
) -> Weighed:
    """Tell what is new from what somebody else, or another window, changed since the page was made."""
    unfit_places = {(entry.question, entry.row) for entry in refused}
    changed = {
        place: text
        for place, text in texts.items()
        if place not in unfit_places and _differs(before, place, text)
    }
    stale = {p: before[p] for p in changed if _is_stale(sent, p, before.get(p))}
    fresh = {place: text for place, text in changed.items() if place not in stale}
    clashes = _clashes(stale, texts, actor)
    return Weighed(fresh, Saved(_versions(texts, before, fresh), clashes, refused, len(fresh)))


def replaced(
    fresh: Iterable[Place], before: Mapping[Place, Standing], sent: Sent, actor: Actor
) -> dict[Place, Standing]:
    """What this takes the place of, of somebody else or by choice of a second window."""
    return {
        place: was
        for place in fresh
        if (was := before.get(place)) is not None
        and not is_blank(was.text)
        and (place in sent.chosen or was.changed_by != actor.person_id)
    }


def keep_earlier(
    owner: Mapping[str, int], aside: Mapping[Place, Standing], actor: Actor, now: dt.datetime
) -> None:
    """Put these texts aside. ``owner`` is the column that names whose they are, and its value."""
    rows = [
        {
            **owner,
            "question": place[0],
            "row": place[1],
            "text": was.text,
            "written_at": was.changed_at,
            "written_by": was.changed_by,
            "replaced_at": now,
            "replaced_by": actor.person_id,
        }
        for place, was in aside.items()
    ]
    if rows:
        db.session.execute(sa.insert(EarlierText), rows)


def put_versions(
    table: type[Answer | ReturnAnswer | ScoreField], owner: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Write these fields: a new one has version 1, one that is there counts on."""
    counted = {"version": table.__table__.c.version + 1}
    put(table, (owner, "question", "row"), [{**row, "version": 1} for row in rows], counted)


def put(
    table: type[Model],
    unique: Sequence[str],
    rows: Sequence[dict[str, Any]],
    counted: Mapping[str, Any] = NO_CHANGE,
) -> None:
    """Write these rows, each new or in the place of the one with the same ``unique`` columns.

    ``counted`` is what a row that is there is given instead of what is sent. One statement.
    """
    if not rows:
        return
    maker: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = maker(table.__table__)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in unique}
    statement = statement.on_conflict_do_update(index_elements=unique, set_={**changed, **counted})
    db.session.execute(statement, list(rows))


def asked_texts(fund: Fund, texts: Mapping[Place, str]) -> dict[Place, str]:
    """What the form asks, as it is kept: what it does not ask is not kept."""
    return {
        place: as_kept(asked, text)
        for place, text in texts.items()
        if (asked := asked_at(fund, place)) is not None
    }


def asked_at(fund: Fund, place: Place) -> Question | None:
    """The question or column that this answers; None where the form asks no such thing."""
    table, _, column = place[0].partition(".")
    question = fund.question(table)
    if question is None or question.kind == QuestionKind.UPLOAD:
        return None
    if question.kind != QuestionKind.ROWS:
        return None if column or place[1] else question
    if not 0 < len(place[1]) <= LONGEST_ROW_KEY:
        return None
    return next((found for found in question.columns if found.key == column), None)


def as_kept(question: Question, text: str) -> str:
    """As typed; a date that came in three parts is one text, codes stand one a line, a tick is a tick."""
    if question.kind == QuestionKind.MANY:
        return join_codes(split_codes(text))
    if question.kind == QuestionKind.DECLARATION:
        return TICKED if TICKED in text.splitlines() else ""
    if question.kind != QuestionKind.DATE:
        return text
    parts = text.split("\n")
    joined = " ".join(GAPS.sub("", part) for part in parts) if len(parts) > 1 else text
    day = parse(question, joined).value
    return day.isoformat() if isinstance(day, dt.date) else joined.rstrip()


def _unkept(texts: Mapping[Place, str]) -> Iterable[Refused]:
    for (question, row), text in texts.items():
        sentence = unfit(text) or (TOO_LONG if len(text) > LONGEST_TEXT else "")
        if sentence:
            yield Refused(question, row, sentence)


def _locked(
    texts: Mapping[Place, str], before: Mapping[Place, Standing], opening: Opening
) -> Iterable[Refused]:
    """What the fund did not ask to be changed. The same text sent once more is no change."""
    for place, text in texts.items():
        if not opening.takes(place) and _differs(before, place, text):
            yield Refused(*place, LOCKED)


def _differs(before: Mapping[Place, Standing], place: Place, text: str) -> bool:
    return text != (before[place].text if place in before else "")


def _is_stale(sent: Sent, place: Place, kept: Standing | None) -> bool:
    return sent.seen is not None and kept is not None and kept.version != sent.seen.get(place, 0)


def _versions(
    texts: Mapping[Place, str], before: Mapping[Place, Standing], fresh: Mapping[Place, str]
) -> dict[Place, int]:
    """What stands there now. After a clash, saving again with that is a choice."""
    known = {place: before[place].version if place in before else 0 for place in texts}
    return {place: number + (place in fresh) for place, number in known.items()}


def _clashes(
    stale: Mapping[Place, Standing], texts: Mapping[Place, str], actor: Actor
) -> tuple[Clash, ...]:
    others = {row.changed_by for row in stale.values()} - {actor.person_id}
    names: dict[int | None, str] = {actor.person_id: ""}
    if others:
        found = db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(others)))
        names |= {row.id: row.name for row in found}
    return tuple(
        Clash(*place, texts[place], row.text, names[row.changed_by], row.changed_at, row.version)
        for place, row in stale.items()
    )
