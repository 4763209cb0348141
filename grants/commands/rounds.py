"""``flask rounds``: every round with its reference, which the other commands ask for."""

from __future__ import annotations

import click

from grants.commands.plain import plainly
from grants.queries import upkeep
from grants.rules.money import pounds
from grants.rules.people import CLOCK


@click.command()
@plainly
def rounds() -> None:
    """List every round with its reference."""
    rows = upkeep.rounds(CLOCK)
    width = max((len(row.reference) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row.reference:<{width}}  {row.state:<8}{pounds(row.pot):>14}  {row.title}")
