"""Room: commands.
You are a door without a page: you ask services and print what came of it.
You may name: services, queries, rules, funds.   You may never name: rows, the web."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Hang the doors on the application."""
    del app
