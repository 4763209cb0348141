"""The migrations: numbered without gaps, and they make what the models say, on both databases."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from grants.extensions import db

VERSIONS = sorted((Path(__file__).resolve().parent.parent / "migrations/versions").glob("*.py"))


def constants(path: Path) -> dict[str, object]:
    """The plain values that a file gives names to."""
    return {
        line.targets[0].id: line.value.value
        for line in ast.parse(path.read_text(encoding="utf8")).body
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
    }


def test_numbers_follow_one_another() -> None:
    numbers = [f"{number:04}" for number in range(1, len(VERSIONS) + 1)]

    assert [path.name[:4] for path in VERSIONS] == numbers
    assert [constants(path)["revision"] for path in VERSIONS] == numbers
    assert [constants(path)["down_revision"] for path in VERSIONS] == [None, *numbers[:-1]]


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.name)
def test_goes_forward_only(path: Path) -> None:
    assert "def downgrade" not in path.read_text(encoding="utf8")


def test_migrated_is_what_the_models_say(app: Flask) -> None:
    def ours(_name: object, kind: str, *_rest: object) -> bool:
        return kind in {"table", "column", "unique_constraint", "foreign_key_constraint"}

    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": ours,
                "include_name": lambda name, kind, _: (
                    not (kind == "table" and str(name).startswith("search_index"))
                ),
            },
        )
        differences = compare_metadata(context, db.metadata)

    assert differences == []


def test_indexes_and_checks_are_what_the_models_say(app: Flask) -> None:
    with app.app_context():
        found = sa.inspect(db.engine)
        faults = [
            f"{table.name}: {kind} {sorted(wanted ^ there)}"
            for table in db.metadata.sorted_tables
            for kind, wanted, there in (
                (
                    "check",
                    {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)},
                    {str(c["name"]) for c in found.get_check_constraints(table.name)},
                ),
                (
                    "index",
                    {str(index.name) for index in table.indexes},
                    {
                        str(index["name"])
                        for index in found.get_indexes(table.name)
                        if not index.get("duplicates_constraint")
                    }
                    - {"ix_search_vector"},
                ),
            )
            if wanted != there
        ]

    assert faults == []
