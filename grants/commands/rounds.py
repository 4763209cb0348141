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
    for row in upkeep.rounds(CLOCK):
        click.echo(f"{row.reference:<32}{row.state:<8}{pounds(row.pot):>14}  {row.title}")
