"""What is locked holds no registry's address and no machine's path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKED = [*sorted(ROOT.glob("requirements*.txt")), ROOT / "pyproject.toml"]
ADDRESS = re.compile(r"https?://|file://|index-url|find-links")


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_lock_file_holds_no_address(path: Path) -> None:
    assert ADDRESS.findall(path.read_text(encoding="utf8")) == []


@pytest.mark.parametrize("path", LOCKED[:-1], ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_a_hash(path: Path) -> None:
    text = path.read_text(encoding="utf8").replace("\\\n", " ")
    loose = [line for line in text.splitlines() if "==" not in line or "--hash=sha256:" not in line]

    assert loose == []


def test_no_other_lock_file_is_kept() -> None:
    assert [name for name in ("pylock.toml", "package-lock.json") if (ROOT / name).exists()] == []


def test_every_declared_package_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    run = set(project["dependencies"])
    test = run | set(project["optional-dependencies"]["test"])

    assert names(run, r"^[a-z0-9-]+") - locked("requirements.txt") == set()
    assert names(test, r"^[a-z0-9-]+") - locked("requirements-dev.txt") == set()


def names(lines: Iterable[str], pattern: str) -> set[str]:
    return {found.group() for line in lines if (found := re.match(pattern, line))}


def locked(file: str) -> set[str]:
    return names((ROOT / file).read_text(encoding="utf8").splitlines(), r"[a-z0-9-]+(?===|\[)")


def test_both_files_pin_the_same_releases() -> None:
    run, test = (
        set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / file).read_text("utf8"), re.MULTILINE))
        for file in ("requirements.txt", "requirements-dev.txt")
    )

    assert run - test == set()
