"""Runs a command as the shell would, and keeps what it said apart from what it complained of."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

Run = Callable[..., tuple[int, str, str]]


def runner(app: Flask) -> Run:
    """``runner(app)("rounds")``: exit code, what was said, what was complained of."""

    def invoke(*words: object) -> tuple[int, str, str]:
        done = app.test_cli_runner().invoke(args=[str(word) for word in words])
        return done.exit_code, done.stdout, done.stderr

    return invoke
