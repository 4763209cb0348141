"""Fills an empty database with the demonstration, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from grants.demo import asked, closed, correspondence, decisions, opened, people, planning
from grants.demo.kit import Kit
from grants.demo.people import Cast
from grants.demo.running import Running
from grants.demo.world import World, world
from grants.extensions import db
from grants.models.organisation import Organisation
from grants.models.person import Person
from grants.models.round import Round
from grants.rules.people import CLOCK, Role
from grants.rules.refusals import Blocked
from grants.rules.registers import Register
from grants.services import registers, upkeep
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
        years = [(spec.fund, spec.fund_year) for spec in source.closed]
        years += [(plan.fund, plan.fund_year) for plan in source.open]
        books = decisions.delegate(cast, years, people.BEGAN)
        lives = [closed.make(kit, spec, cast, books, places, size) for spec in source.closed]
        lives += [opened.make(kit, plan, cast, books, places) for plan in source.open]
        decisions.settle(books)
        planning.keep(kit, cast, [made for made, _, _ in lives if not made.is_over], now)
        running = [project for _, _, projects in lives for project in projects]
        for made, givens, _ in lives if with_letters else ():
            correspondence.write(made, cast, givens, base_url + VERIFY)
        for made, _, _ in lives[len(source.closed) :]:
            asked.go_on(kit, made, cast)
        _add_reporter(kit, cast, running, password)
        figures = _figures(cast, running)
        _load_registers(now)
        upkeep.remember("demo-filled", {"size": size, **figures}, now=now)
    return Filled(figures)


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
    rows = [(seat, role) for seat, role in people.STAFF_SEATS if not seat[-1].isdigit()]
    rows += [(f"{slug}.{seat}", role) for seat, role in people.LEAD_SEATS]
    rows.append((f"{slug}.reporter", Role.PROJECT_REPORTER))
    lines = [f"  {_words(seat, role):<24}{seat}@example.org" for seat, role in rows]
    return "\n".join(
        [
            "Demonstration sign-ins. Every person is fictional.",
            *lines,
            f"  The password of all: {source.password}",
            "  Staff and officers are asked for a code as well: while the demonstration is on, the page that",
            "  asks for it shows the code that an authenticator app would.",
        ]
    )


def _words(seat: str, role: Role) -> str:
    return "panel chair" if seat == "chair" else role.value.replace("-", " ")


def _is_anything_there() -> bool:
    return any(
        db.session.scalar(sa.select(sa.exists().where(table.id > 0)))
        for table in (Person, Organisation, Round)
    )


def _add_reporter(kit: Kit, cast: Cast, running: Sequence[Running], password: str) -> None:
    """Somebody who reports for the first few groups of the first area."""
    first = cast.leads[0]
    groups = dict.fromkeys(
        project.organisation_id
        for project in running
        if project.given.course.sent.bid.lead.area == first.area
    )
    people.report_for(kit, first, list(groups)[:REPORTS_FOR], password)


def _figures(cast: Cast, running: Sequence[Running]) -> dict[str, int]:
    source: World = world()
    return {
        "rounds": len(source.closed) + len(source.open),
        "lead bodies": len(cast.leads),
        "people": len(cast.names) + 1,
        "projects": len(running),
        "groups that run them": len({project.organisation_id for project in running}),
    }
