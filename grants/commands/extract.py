"""``flask extract``: every table of a round as files in a folder, all of them or none."""

from __future__ import annotations

from pathlib import Path

import click

from grants.commands.plain import plainly, settings

FORMATS = ("csv", "xlsx", "json")


@click.command()
@click.option("--round", "reference", required=True, help="The round's reference.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder.")
@plainly
def extract(*, reference: str, file_format: str, out: Path) -> None:
    """Write every table of a round, with its data dictionary, into a folder."""
    from grants.services import extracts  # noqa: PLC0415 (the other commands start without it)

    for path in extracts.write(reference, file_format, out, now=settings().clock()):
        click.echo(str(path))
