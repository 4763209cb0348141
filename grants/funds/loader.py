"""Turns a folder of five TOML files into a Fund, or says in one sentence what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from grants.funds import reference
from grants.funds.checks import faults
from grants.funds.definition import CodeList, Fund, Letter, ReturnForm, Rule, Scoring, Section
from grants.funds.schema import FundError, door, read


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """What form.toml holds."""

    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersFile:
    """What letters.toml holds."""

    letters: tuple[Letter, ...]


PARTS: dict[str, type] = {
    "form": FormFile,
    "criteria": Scoring,
    "letters": LettersFile,
    "return": ReturnForm,
}
ELSEWHERE = ("slug", "sections", "rules", "scoring", "letters", "return_form")


@cache
def all_funds() -> dict[str, Fund]:
    """The funds shipped with the product, by slug. Read once."""
    return load_funds(Path(__file__).parent)


def load_funds(root: Path) -> dict[str, Fund]:
    """Every fund of a folder of folders; a folder is a fund when it holds a fund.toml."""
    folders = sorted(path.parent for path in root.glob("*/fund.toml"))
    return {fund.slug: fund for fund in map(load_fund, folders)}


def load_fund(folder: Path) -> Fund:
    """The fund of one folder. Its slug is the folder's name."""
    document = _toml(folder, "fund")
    for key in ELSEWHERE:
        if key in document:
            raise FundError(f"{folder.name}/fund.toml, {key}: this does not belong in this file.")
    parts = {part: _toml(folder, part) for part in PARTS}
    for part, shape in PARTS.items():
        read(shape, parts[part], f"{folder.name}/{part}.toml")
    document |= {
        "slug": folder.name.replace("_", "-"),
        "code_lists": _named_lists(folder, document.get("code_lists", {})),
        "sections": parts["form"]["sections"],
        "rules": parts["form"].get("rules", []),
        "scoring": parts["criteria"],
        "letters": parts["letters"]["letters"],
        "return_form": parts["return"],
    }
    fund = read(Fund, document, f"{folder.name}/fund.toml")
    for fault in faults(fund):
        raise FundError(f"{folder.name}/{fault.part}.toml, {fault.key}: {fault.sentence}.")
    return fund


def with_editions(fund: Fund, editions: Mapping[str, str]) -> Fund:
    """The fund with other editions of some code lists, as an earlier year's round needs."""
    chosen = {name: reference.code_list(name, edition) for name, edition in editions.items()}
    return replace(fund, code_lists={**fund.code_lists, **chosen})


def _toml(folder: Path, part: str) -> dict[str, Any]:
    path = folder / f"{part}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FundError(f"{folder.name}/{part}.toml, the whole: the file is missing.") from None
    except UnicodeDecodeError:
        raise FundError(f"{folder.name}/{part}.toml, the whole: is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise FundError(f"{folder.name}/{part}.toml, the whole: is not TOML: {error}.") from None


def _named_lists(folder: Path, editions: object) -> dict[str, Any]:
    """The code lists that fund.toml names with their editions, in full."""
    place = f"{folder.name}/fund.toml, code_lists"
    if not isinstance(editions, dict):
        raise FundError(f"{place}: should be a table of names and editions.")
    lists = {}
    for name, edition in editions.items():
        try:
            lists[name] = door(CodeList).dump(reference.code_list(name, edition))
        except (LookupError, TypeError) as error:
            raise FundError(f"{place}.{name}: {error}.") from None
    return lists
