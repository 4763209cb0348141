"""Fills an empty database with the demonstration, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from grants.demo import (
    asked,
    calibrated,
    checked,
    closed,
    correspondence,
    decisions,
    groups,
    local,
    opened,
    panel_meeting,
    people,
    planning,
    together,
)
from grants.demo.kit import Kit
from grants.demo.people import Cast
from grants.demo.running import Life
from grants.demo.world import World, world
from grants.extensions import db
from grants.funds.reference import CouncilArea
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.people import CLOCK, Role
from grants.rules.refusals import Blocked
from grants.rules.registers import Register
from grants.services import duplicates, registers, upkeep
from grants.services.hashing import Hashing
from grants.services.registers import Source
from grants.services.transaction import transaction

NOT_EMPTY = "The database is not empty: the demonstration fills an empty one only."
VERIFY = "/letters/check"
REPORTS_FOR = 3  # groups of the first area for which somebody reports
SAMPLES = Path(__file__).parent / "registers"
SAMPLE = "A fictional sample that comes with the demonstration"


@dataclass(frozen=True, slots=True)
class Filled:
    """What is in the database now, by kind, as figures for a person to read."""

    figures: dict[str, int]

    def lines(self) -> Iterator[str]:
        """One line a figure."""
        for name, number in self.figures.items():
            yield f"{number:>7,}  {name}"


def fill(
    size: str,
    now: dt.datetime,
    *,
    hashing: Hashing | None = None,
    base_url: str = "",
    with_letters: bool = True,
) -> Filled:
    """Fill an empty, migrated database. Raises Blocked for one that is not. Inside an app context.

    The same size and instant make the same world, but for the secret codes of letters. Letters take
    most of the time: tests that read none leave them out.
    """
    source = world()
    with transaction():
        if _is_anything_there():
            raise Blocked(NOT_EMPTY)
        kit = Kit(source, now)
        password = (hashing or Hashing()).hash(source.password)
        places = source.places(size)
        cast = people.make(kit, places, password)
        lives = _lives(kit, cast, places, size, password)
        for life in lives if with_letters else ():
            correspondence.write(life.made, life.cast, life.givens, base_url + VERIFY)
        _go_on(kit, lives, password)
        _add_reporter(kit, cast, lives, password)
        figures = _figures(cast, lives)
        _load_registers(now)
        upkeep.remember("demo-filled", {"size": size, **figures}, now=now)
    return Filled(figures)


def _lives(
    kit: Kit, cast: Cast, places: tuple[CouncilArea, ...], size: str, password: str
) -> list[Life]:
    """Every round: those that are over, those that are open, each with the local round below it."""
    source = kit.world
    years = [(spec.fund, spec.fund_year) for spec in source.closed]
    years += [(plan.fund, plan.fund_year) for plan in source.open]
    books = decisions.delegate(cast, years, people.BEGAN)
    lives = [
        Life(cast, *closed.make(kit, spec, cast, books, places, size)) for spec in source.closed
    ]
    for plan in source.open:
        life = Life(cast, *opened.make(kit, plan, cast, books, places))
        below = local.make(kit, plan, life, password)
        lives += [life] if below is None else [life, below]
    decisions.settle(books)
    return lives


def _go_on(kit: Kit, lives: Sequence[Life], password: str) -> None:
    """What people do in open rounds beside writing and scoring."""
    now_open = [life for life in lives if not life.made.is_over]
    for place, life in enumerate(now_open, start=1):
        planning.keep(kit, life.cast, [life.made], kit.now)
        asked.go_on(kit, life.made, life.cast, place)
        checked.check(kit, life.made, life.cast)
        together.confirm(kit, life.made, life.cast)
    panel_meeting.hold(kit, now_open)
    together.share(kit, now_open[0].made, now_open[0].cast, password)
    calibrated.hold(Kit(kit.world, kit.now, "calibration"), now_open[0])
    duplicates.mark_waiting(now=kit.now)


def _load_registers(now: dt.datetime) -> None:
    """The small fictional samples, so that a look-up can be seen."""
    for register in Register:
        with (SAMPLES / f"{register}.csv").open("rb") as stream:
            registers.load(CLOCK, Source(register, stream, SAMPLE, now.date()), now=now)


def is_filled() -> bool:
    """Whether the demonstration is in this database."""
    name = world().programme
    return bool(db.session.scalar(sa.select(sa.exists().where(Organisation.name == name))))


def sign_ins() -> str:
    """How to sign in: one person a role, the password they share, and where the code is shown."""
    source = world()
    slug = source.areas[source.small[0]]
    rows = [
        (_words(seat, role), seat) for seat, role in people.STAFF_SEATS if not seat[-1].isdigit()
    ]
    rows += [(_words(seat, role), f"{slug}.{seat}") for seat, role in people.LEAD_SEATS]
    rows.append((_words("", Role.PROJECT_REPORTER), f"{slug}.reporter"))
    rows.append(("invited to a draft", together.ADVISER))
    rows += _local_rows(source)
    lines = [f"  {words:<26}{seat}@example.org" for words, seat in rows]
    return "\n".join(
        [
            "Demonstration sign-ins. Every person is fictional.",
            *lines,
            f"  The password of all: {source.password}",
            "  Staff and officers are asked for a code as well: while the demonstration is on, the page that",
            "  asks for it shows the code that an authenticator app would.",
        ]
    )


def _local_rows(source: World) -> Iterator[tuple[str, str]]:
    """Who runs a local round, and two of the groups that apply to it."""
    for plan in source.open:
        if plan.local is None:
            continue
        slug = source.areas[plan.local.area]
        yield "local round: officer", f"{slug}.officer"
        for seat, role in groups.JUDGES:
            if not seat[-1].isdigit():
                yield f"local round: {_words(seat, role)}", f"{slug}.{seat}"
        yield "group with a draft", f"{slug}.group{local.DRAFT_GROUP}"
        yield "group with a project", f"{slug}.group{local.PROJECT_GROUP}"


def _words(seat: str, role: Role) -> str:
    return "panel chair" if seat == "chair" else role.value.replace("-", " ")


def _is_anything_there() -> bool:
    return any(
        db.session.scalar(sa.select(sa.exists().where(table.id > 0)))
        for table in (Person, Organisation, Round)
    )


def _add_reporter(kit: Kit, cast: Cast, lives: Sequence[Life], password: str) -> None:
    """Somebody who reports for the first few groups of the first area."""
    first = cast.leads[0]
    groups_there = dict.fromkeys(
        project.organisation_id
        for life in lives
        for project in life.projects
        if project.given.course.sent.bid.lead.area == first.area
    )
    people.report_for(kit, first, list(groups_there)[:REPORTS_FOR], password)


def _figures(cast: Cast, lives: Sequence[Life]) -> dict[str, int]:
    projects = [project for life in lives for project in life.projects]
    below = [life for life in lives if life.made.is_local]
    return {
        "rounds, local ones included": len(lives),
        "lead bodies": len(cast.leads),
        "groups that apply to a local round": sum(len(life.cast.leads) for life in below),
        "people": len(cast.names) + 2 + sum(len(life.cast.names) for life in below),
        "projects": len(projects),
        "groups that run them": len({project.organisation_id for project in projects}),
    }
