"""Room: commands.
You are a door without a page: you ask services and print what came of it.
You may name: services, queries, demo, rules, funds, settings.   You may never name: rows, the web."""

from __future__ import annotations

from flask import Flask

from grants.commands.audit import audit
from grants.commands.demo import demo
from grants.commands.extract import extract
from grants.commands.letters import letters
from grants.commands.registers import registers
from grants.commands.rounds import rounds
from grants.commands.routes import routes_matrix


def install(app: Flask) -> None:
    """Hang the commands on ``flask --app wsgi``."""
    for command in (audit, demo, extract, letters, registers, rounds, routes_matrix):
        app.cli.add_command(command)
