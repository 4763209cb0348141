"""Every room carries its card; what the README must list, it lists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GRANTS = ROOT / "grants"
ROOMS = sorted(path.parent for path in GRANTS.glob("*/__init__.py"))
README = ROOT / "README.md"


def enum_values(path: Path, name: str = "") -> list[str]:
    """The values of the StrEnums in a file, or of the one named, without importing it."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and name in ("", n.name)]
    return [
        line.value.value
        for each in classes
        for line in each.body
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
    ]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_room_opens_with_its_card(room: Path) -> None:
    card = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf8"))) or ""

    assert card.splitlines()[:1] == [f"Room: {room.name}."]
    assert "You may name:" in card
    assert "You may never name:" in card


def test_module_says_what_lives_in_it() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in GRANTS.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf8")))
    ]

    assert silent == []


def test_readme_lists_every_setting() -> None:
    tree = ast.parse((GRANTS / "config.py").read_text(encoding="utf8"))
    read = {
        str(node.args[1].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_text", "_number", "_switch"}
        and isinstance(node.args[1], ast.Constant)
    } | {"INSTANCE"}

    listed = set(re.findall(r"GRANTS_([A-Z_]+)", README.read_text(encoding="utf8")))

    assert read - listed == set()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("role", enum_values(GRANTS / "rules" / "people.py", "Role")),
        ("state", enum_values(GRANTS / "rules" / "states.py")),
        (
            "job",
            [
                path.stem.replace("_", "-")
                for path in sorted((GRANTS / "jobs").glob("*.py"))
                if path.stem != "__init__"
            ],
        ),
    ],
    ids=["roles", "states", "jobs"],
)
def test_readme_lists_every(what: str, words: list[str]) -> None:
    text = README.read_text(encoding="utf8").lower().replace("_", "-")
    missing = [word for word in words if word not in text and word.replace("-", " ") not in text]

    assert (what, missing) == (what, [])
