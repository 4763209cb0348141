"""``flask demo``: fill an empty database with the demonstration, or say how to sign in to it."""

from __future__ import annotations

import click

from grants.commands.plain import Sentence, plainly, settings
from grants.services.hashing import Hashing

SIZES = ("small", "national")


@click.command()
@click.option("--size", type=click.Choice(SIZES), default="national", show_default=True)
@click.option("--sign-ins", is_flag=True, help="Say how to sign in; fill nothing.")
@plainly
def demo(*, size: str, sign_ins: bool) -> None:
    """Fill an empty database with the demonstration. Every person, group and bid is fictional."""
    from grants import demo as world  # noqa: PLC0415 (the other commands start without it)

    if sign_ins:
        if not world.is_filled():
            raise Sentence(
                "The demonstration is not in this database: run 'flask --app wsgi demo'."
            )
        click.echo(world.sign_ins())
        return
    chosen = settings()
    costs = Hashing(chosen.argon_memory_kib, chosen.argon_passes)
    filled = world.fill(size, chosen.clock(), hashing=costs, base_url=chosen.base_url)
    for line in filled.lines():
        click.echo(line)
