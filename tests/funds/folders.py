"""Copies of the shipped fund folders, to be broken or renamed in a test's own folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import grants.funds

SHIPPED = Path(grants.funds.__file__).parent


def copy(source: str, target: Path) -> Path:
    """A shipped fund's five files under another name."""
    shutil.copytree(SHIPPED / source, target)
    return target


def edit(folder: Path, part: str, old: str, new: str) -> None:
    """Put ``new`` in place of the first ``old`` in one file of the folder."""
    path = folder / f"{part}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer says {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
