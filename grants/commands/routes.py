"""``flask routes-matrix``: each route with who may knock, for what action, on what object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click
from flask import current_app
from flask.cli import with_appcontext

MARK = "door_mark"  # as web/guards.py leaves it on a view
UNASKED = {"HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route. A view without a mark is refused by the gate, and says so here."""

    rule: str
    methods: tuple[str, ...]
    endpoint: str
    mark: str
    action: str
    object: str


@click.command("routes-matrix")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@with_appcontext
def routes_matrix(*, as_json: bool) -> None:
    """List each route with its mark, action and object."""
    if as_json:
        click.echo(json.dumps([asdict(row) for row in _rows()], indent=1))
        return
    for row in _rows():
        methods = ",".join(row.methods)
        line = f"{methods:<10}{row.rule:<58}{row.mark:<11}{row.action:<22}{row.object}"
        click.echo(line.rstrip())


def _rows() -> Iterator[RouteRow]:
    for rule in sorted(
        current_app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)
    ):
        mark = getattr(current_app.view_functions[rule.endpoint], MARK, None)
        is_file = rule.endpoint == "static"
        yield RouteRow(
            rule=rule.rule,
            methods=tuple(sorted((rule.methods or set()) - UNASKED)),
            endpoint=rule.endpoint,
            mark=mark.kind if mark else "public" if is_file else "refused",
            action=str(mark.action or "") if mark else "",
            object=mark.thing if mark else "",
        )
