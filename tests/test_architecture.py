"""Who may import whom, and which room holds which tool. Needs the standard library alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

GRANTS = Path(__file__).resolve().parent.parent / "grants"
FILES = sorted(GRANTS.rglob("*.py"))
FUNDS = sorted(path.parent.name for path in (GRANTS / "funds").glob("*/fund.toml"))
FIVE = ["criteria.toml", "form.toml", "fund.toml", "letters.toml", "return.toml"]

BELOW_MODELS = {"rules", "funds"}
SHELVES = {"models", "extensions"} | BELOW_MODELS
SPECIALISTS = {"queries", "documents", "notifications", "audit", "storage", "queue"}

MAY_IMPORT: dict[str, set[str]] = {
    "funds": set(),
    "rules": {"funds"},
    "config": set(),
    "extensions": set(),
    "models": BELOW_MODELS | {"extensions"},
    "queries": SHELVES,
    "notifications": SHELVES | {"config"},
    "audit": SHELVES,
    "storage": SHELVES | {"config"},
    "queue": SHELVES | {"config"},
    "documents": BELOW_MODELS,
    "services": SHELVES | SPECIALISTS | {"config"},
    "demo": SHELVES | {"services", "config"},
    "web": BELOW_MODELS | {"services", "queries", "documents", "config"},
    "blueprints": BELOW_MODELS | {"web", "services", "queries"},
    "jobs": BELOW_MODELS | {"services", "queries", "config", "__init__"},
    "commands": BELOW_MODELS | {"services", "queries", "demo", "config", "__init__"},
}
MAY_IMPORT["__init__"] = set(MAY_IMPORT) - {"__init__"}
ROOMS_WITHOUT_CODE = {"templates", "static"}

ROWS = {"extensions", "models", "queries", "notifications", "audit", "storage", "queue"}
ONLY_HERE: dict[str, set[str]] = {
    "PIL": {"storage"},
    "argon2": {"services"},
    "click": {"commands", "__init__"},
    "flask": {"web", "blueprints", "jobs", "commands", "__init__"},
    "flask_limiter": {"web"},
    "flask_login": {"web"},
    "flask_migrate": {"extensions"},
    "flask_smorest": {"blueprints"},
    "flask_sqlalchemy": {"extensions"},
    "flask_wtf": {"web", "blueprints"},
    "huey": {"jobs"},
    "jinja2": {"web", "notifications", "documents"},
    "marshmallow": {"funds", "blueprints"},
    "openpyxl": {"documents"},
    "ortools": {"rules"},
    "pikepdf": {"documents", "storage"},
    "pyotp": {"services"},
    "reportlab": {"documents"},
    "smtplib": {"notifications"},
    "sqlalchemy": ROWS | {"services", "demo"},
    "waitress": set(),
    "webauthn": {"services"},
    "werkzeug": {"web", "blueprints", "__init__"},
    "wtforms": {"web", "blueprints"},
    "xlsxwriter": {"documents"},
    "zxcvbn": {"services"},
}
"""A library that is not named here may be used anywhere."""


def named(path: Path) -> str:
    return path.relative_to(GRANTS).as_posix()


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a dotted name after ``grants``; the assembler is ``__init__``."""
    first = parts[0].removesuffix(".py") if parts else "__init__"
    return first if first in MAY_IMPORT else "__init__"


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every dotted name imported anywhere in a file, inside functions too, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}:{node.lineno} imports by a relative name"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def journey_of(path: Path) -> str | None:
    parts = path.relative_to(GRANTS).parts
    return parts[1].removesuffix(".py") if parts[0] == "blueprints" else None


@pytest.mark.parametrize("path", FILES, ids=named)
def test_imports_stay_within_the_house(path: Path) -> None:
    room = room_of(path.relative_to(GRANTS).parts)
    faults = []

    for name, line in imports(path):
        library, *rest = name.split(".")
        if library == "grants":
            other = room_of(tuple(rest))
            if other not in MAY_IMPORT[room] | {room}:
                faults.append(f"line {line}: {room} may not name {other}")
            elif other == room == "blueprints" and rest[1:2] != [journey_of(path)]:
                faults.append(f"line {line}: a journey may not name another")
        elif room not in ONLY_HERE.get(library, {room}):
            faults.append(f"line {line}: {library} is not a tool of {room}")

    assert faults == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_environment_and_clock_are_read_in_one_place(path: Path) -> None:
    told = {"environ", "getenv"} | {"now", "utcnow", "today"}
    tree = ast.parse(path.read_text(encoding="utf8"))
    reads = [
        f"line {node.lineno}: {node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in told
        and isinstance(node.value, ast.Name)
        and node.value.id in {"os", "datetime", "date"}
    ]

    assert named(path) == "config.py" or reads == []


def test_rooms_on_disk_are_the_rooms_listed() -> None:
    folders = {p.name for p in GRANTS.iterdir() if p.is_dir() and p.name != "__pycache__"}
    files = {p.stem for p in GRANTS.glob("*.py")}

    assert folders | files == set(MAY_IMPORT) | ROOMS_WITHOUT_CODE


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_python_names_a_fund(path: Path) -> None:
    slug = re.compile(rf"""["'](?:{"|".join(FUNDS) or "no fund yet"})["']""")

    assert slug.findall(path.read_text(encoding="utf8")) == []


@pytest.mark.parametrize("fund", FUNDS)
def test_fund_is_five_files(fund: str) -> None:
    assert sorted(p.name for p in (GRANTS / "funds" / fund).iterdir()) == FIVE
