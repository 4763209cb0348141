"""``flask audit verify``: whether the audit trail is as it was written."""

from __future__ import annotations

import click

from grants.commands.plain import Sentence, plainly
from grants.services import upkeep


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command()
@plainly
def verify() -> None:
    """Walk the whole chain; exit 1 where it does not hold."""
    verdict = upkeep.verify_trail()
    if not verdict.is_whole:
        raise Sentence(f"The audit trail is not whole. {verdict.fault}")
    entries = "entry" if verdict.entries == 1 else "entries"
    click.echo(f"The audit trail is whole: {verdict.entries:,} {entries}.")
