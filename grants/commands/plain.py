"""How a command says no: one sentence on stderr, exit 1 or 2, and nothing half-written left."""

from __future__ import annotations

import functools
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from grants.config import Settings
from grants.funds.schema import FundError
from grants.rules.refusals import Refusal
from grants.services import upkeep

P = ParamSpec("P")
T = TypeVar("T")


class Sentence(click.ClickException):
    """One sentence, without a prefix: it could not be done."""

    def show(self, file: object = None) -> None:
        """On stderr, as it stands."""
        del file
        click.echo(self.message, err=True)


def plainly(command: Callable[P, T]) -> Callable[P, T]:
    """Run inside the app, on a migrated database; a fault that somebody can mend is one sentence."""

    @functools.wraps(command)
    def run(*args: P.args, **values: P.kwargs) -> T:
        try:
            upkeep.require_migrated(Path(current_app.extensions["migrate"].directory))
            return command(*args, **values)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            raise Sentence(sentence) from error

    return with_appcontext(run)


def _sentence(error: Exception) -> str | None:
    if isinstance(error, Refusal | FundError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}. Nothing was left half-written."
    return upkeep.explain(error)


def settings() -> Settings:
    """The settings that the application was made with."""
    return current_app.config["SETTINGS"]  # type: ignore[no-any-return]  # config is untyped


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A place to write files that appear in ``folder`` together at the end, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".partial-{secrets.token_hex(6)}"
    draft.mkdir()
    try:
        yield draft
        for path in sorted(draft.iterdir()):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        for path in sorted(draft.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
