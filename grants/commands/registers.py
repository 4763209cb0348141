"""``flask registers``: load a register of charities or companies from a file of any size."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from flask import current_app

from grants.commands.plain import plainly
from grants.rules.people import CLOCK
from grants.rules.registers import Register
from grants.services import registers as services
from grants.services.registers import Source


@click.command()
@click.argument("register", type=click.Choice([kind.value for kind in Register]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Where the file comes from, in words.")
@click.option("--as-at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Its day.")
@plainly
def registers(register: str, file: Path, source: str, as_at: dt.datetime) -> None:
    """Put FILE (CSV with the columns number, name and perhaps status) in the place of REGISTER."""
    now = current_app.config["SETTINGS"].clock()
    with file.open("rb") as stream:
        given = Source(Register(register), stream, source, as_at.date())
        entries = services.load(CLOCK, given, now=now)
    click.echo(f"{entries:,} numbers are loaded.")
