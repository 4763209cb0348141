"""Applications that are likely the same: within a funder's rounds of one fund and year."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.models.application import Application
from grants.models.identity import DuplicateVerdict, IdentityMark, VerdictMember
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import AllocationArea, Round
from grants.queries import rounds
from grants.queries.paging import Page
from grants.queries.rounds import RoundRow
from grants.queries.visible import applications_of, visible
from grants.rules.actions import Action
from grants.rules.identity import KINDS, Kind, Mark, together
from grants.rules.people import Actor
from grants.rules.states import ApplicationState

GROUPS = 20  # on one page
MOST_MARKS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """One thing that some applications have in common."""

    words: str
    value: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One application of a group."""

    id: int
    key: uuid.UUID
    reference: str
    title: str
    organisation: str
    area: str
    round_reference: str
    state: ApplicationState
    asked: int


@dataclass(frozen=True, slots=True)
class Group:
    """Applications that are alike, and in what."""

    members: tuple[Suspect, ...]
    likenesses: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was said of some applications."""

    is_same: bool
    reason: str
    said_by: str
    said_at: dt.datetime
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """One page of a round's likely duplicates, and what was said of others."""

    round: RoundRow
    page: Page[Group]
    verdicts: tuple[Verdict, ...]
    may_judge: bool


@dataclass(frozen=True, slots=True)
class Double:
    """Another application that is like the one that is looked at."""

    reference: str
    key: uuid.UUID
    words: tuple[str, ...]


def of_round(actor: Actor, key: uuid.UUID, *, page: int = 1) -> Duplicates:
    """Groups with at least one application of this round, the largest first. Five statements."""
    record = rounds.one(actor, key)
    scope = _scope(actor, record)
    shared, here = _open_marks(scope, record)
    groups = [group for group in together(shared) if here & set(group)]
    pages = max(1, -(-len(groups) // GROUPS))
    number = min(max(1, page), pages)
    chosen = groups[(number - 1) * GROUPS : number * GROUPS]
    found = _suspects(actor, {one for group in chosen for one in group})
    rows = tuple(_group(group, found, shared) for group in chosen)
    return Duplicates(
        round=record,
        page=Page(rows, len(groups), number),
        verdicts=_verdicts(actor, scope, record),
        may_judge=_may_judge(actor, record),
    )


def of_application(actor: Actor, key: uuid.UUID) -> tuple[Double, ...]:
    """Other applications that are like this one and not judged yet. One statement."""
    other, mine = sa.orm.aliased(IdentityMark), sa.orm.aliased(IdentityMark)
    this, its_round = sa.orm.aliased(Application), sa.orm.aliased(Round)
    rows: Any = db.session.execute(
        applications_of(Application.reference, Application.key, other.kind)
        .join(other, other.application_id == Application.id)
        .join(mine, sa.and_(mine.kind == other.kind, mine.value == other.value))
        .join(this, this.id == mine.application_id)
        .join(its_round, its_round.id == this.round_id)
        .where(
            this.key == key,
            Application.id != this.id,
            Application.state != ApplicationState.WITHDRAWN,
            its_round.organisation_id == Round.organisation_id,
            its_round.fund == Round.fund,
            its_round.fund_year == Round.fund_year,
            visible(actor, Action.READ_DUPLICATES),
            this.id.in_(_readable(actor)),
            ~_judged(this.id, Application.id),
        )
        .distinct()
        .order_by(Application.reference, other.kind)
        .limit(GROUPS * len(Kind))
    ).all()
    found: dict[tuple[str, uuid.UUID], list[str]] = {}
    for reference, other_key, kind in rows:
        found.setdefault((reference, other_key), []).append(KINDS[Kind(kind)])
    return tuple(Double(*one, tuple(words)) for one, words in found.items())


def _readable(actor: Actor) -> Any:
    """The applications of which this person may know what they are like."""
    theirs, its_round = Application, Round
    return (
        sa.select(theirs.id)
        .join(its_round, its_round.id == theirs.round_id)
        .where(visible(actor, Action.READ_DUPLICATES))
        .correlate(None)
    )


def _scope(actor: Actor, record: RoundRow) -> Any:
    """The applications that are held against one another: the funder's, of this fund and year."""
    return (
        applications_of(Application.id, Application.round_id)
        .where(
            Round.organisation_id == record.organisation_id,
            Round.fund == record.fund,
            Round.fund_year == record.fund_year,
            Application.state != ApplicationState.WITHDRAWN,
            visible(actor, Action.READ_DUPLICATES),
        )
        .cte("scope")
    )


def _judged(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """Somebody has said of both of them together what they are."""
    first, second = sa.orm.aliased(VerdictMember), sa.orm.aliased(VerdictMember)
    return (
        sa.exists()
        .where(
            first.verdict_id == second.verdict_id,
            first.application_id == one,
            second.application_id == other,
        )
        .correlate_except(first, second)
    )


def _open_marks(scope: Any, record: RoundRow) -> tuple[dict[Mark, frozenset[int]], set[int]]:
    """What is shared by applications of which nobody has said anything, and which are of the round."""
    mark, other = sa.orm.aliased(IdentityMark), sa.orm.aliased(IdentityMark)
    theirs = scope.alias()
    alike = sa.exists().where(
        other.kind == mark.kind,
        other.value == mark.value,
        other.application_id != mark.application_id,
        theirs.c.id == other.application_id,
        ~_judged(mark.application_id, other.application_id),
    )
    rows = db.session.execute(
        sa.select(mark.kind, mark.value, mark.application_id, scope.c.round_id)
        .join(scope, scope.c.id == mark.application_id)
        .where(alike)
        .order_by(mark.application_id)
        .limit(MOST_MARKS)
    )
    shared: dict[Mark, set[int]] = {}
    here: set[int] = set()
    for kind, value, application_id, round_id in rows:
        shared.setdefault(Mark(Kind(kind), value), set()).add(application_id)
        if round_id == record.id:
            here.add(application_id)
    return {mark: frozenset(ids) for mark, ids in shared.items() if len(ids) > 1}, here


def _suspects(actor: Actor, ids: set[int]) -> dict[int, Suspect]:
    rows: Any = db.session.execute(
        applications_of(
            Application.id,
            Application.key,
            Application.reference,
            Application.title,
            Organisation.name.label("organisation"),
            AllocationArea.name.label("area"),
            Round.reference.label("round_reference"),
            Application.state,
            Application.asked,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(AllocationArea, AllocationArea.id == Application.allocation_area_id)
        .where(Application.id.in_(ids), visible(actor, Action.READ_DUPLICATES))
    ).mappings()
    return {row["id"]: Suspect(**row) for row in rows}


def _group(
    ids: tuple[int, ...], found: dict[int, Suspect], shared: dict[Mark, frozenset[int]]
) -> Group:
    members = tuple(found[one] for one in ids if one in found)
    return Group(members, tuple(_likenesses(members, shared)))


def _likenesses(
    members: tuple[Suspect, ...], shared: dict[Mark, frozenset[int]]
) -> Iterable[Likeness]:
    order = list(Kind)
    found: dict[tuple[Kind, tuple[str, ...]], list[str]] = {}
    for mark, ids in sorted(shared.items(), key=lambda one: (order.index(one[0].kind), one[0])):
        names = tuple(member.reference for member in members if member.id in ids)
        if len(names) > 1:
            found.setdefault((mark.kind, names), []).append(mark.value)
    for (kind, names), values in found.items():
        value = "" if kind == Kind.ORGANISATION else "; ".join(values)
        yield Likeness(words=KINDS[kind], value=value, references=names)


def _verdicts(actor: Actor, scope: Any, record: RoundRow) -> tuple[Verdict, ...]:
    """What was said of applications of this round, the latest first.

    Words about an application that is hidden from this person are hidden with it: its number alone
    would tell what another is like, and the reason may speak of it.
    """
    named, hidden = sa.orm.aliased(VerdictMember), sa.orm.aliased(VerdictMember)
    mine = (
        sa.select(named.verdict_id)
        .join(scope, scope.c.id == named.application_id)
        .where(scope.c.round_id == record.id)
    )
    rows: Any = db.session.execute(
        sa.select(DuplicateVerdict, Person.name, Application.reference)
        .join(Person, Person.id == DuplicateVerdict.said_by)
        .join(VerdictMember, VerdictMember.verdict_id == DuplicateVerdict.id)
        .join(Application, Application.id == VerdictMember.application_id)
        .join(scope, scope.c.id == Application.id)
        .where(
            DuplicateVerdict.id.in_(mine),
            DuplicateVerdict.id.not_in(
                sa.select(hidden.verdict_id).where(
                    hidden.application_id.not_in(_readable(actor)),
                )
            ),
        )
        .order_by(DuplicateVerdict.id.desc(), Application.reference)
        .limit(GROUPS * GROUPS)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0].id, []).append(row)
    return tuple(
        Verdict(
            is_same=said[0][0].is_same,
            reason=said[0][0].reason,
            said_by=said[0][1],
            said_at=said[0][0].said_at,
            references=tuple(row[2] for row in said),
        )
        for said in found.values()
    )


def _may_judge(actor: Actor, record: RoundRow) -> bool:
    """Whether this person may judge any application of the round."""
    return bool(
        db.session.scalar(
            applications_of(Application.id)
            .where(Round.id == record.id, visible(actor, Action.JUDGE_DUPLICATES))
            .limit(1)
        )
    )
