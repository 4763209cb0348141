"""``flask letters``: every issued letter of a round as PDF in a folder, all of them or none."""

from __future__ import annotations

from pathlib import Path

import click

from grants.commands.plain import plainly, whole
from grants.rules.people import CLOCK


@click.command()
@click.option("--round", "reference", required=True, help="The round's reference.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder.")
@plainly
def letters(*, reference: str, out: Path) -> None:
    """Write every issued letter of a round into a folder."""
    from grants.services import letters as service  # noqa: PLC0415 (paper takes time to import)

    issued = service.issued(CLOCK, reference)
    first = next(issued, None)
    if first is None:
        click.echo(f"No letter of {reference} is issued yet.", err=True)
        return
    names = []
    with whole(out) as draft:
        for letter in (first, *issued):
            (draft / letter.name).write_bytes(letter.data)
            names.append(letter.name)
    for name in names:
        click.echo(str(out / name))
