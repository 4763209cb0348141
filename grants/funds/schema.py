"""The door for a fund's documents, TOML or JSON: shapes are read off the dataclasses."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, cast, get_args, get_origin, get_type_hints

import marshmallow
from marshmallow import ValidationError, post_load

from grants.funds.definition import Fund

T = TypeVar("T")
UNKNOWN = "there is no such key"
Words = dict[str, str | list[Any] | dict[Any, Any]]  # what marshmallow calls error messages


class FundError(Exception):
    """A fund's document is wrong; the sentence names the file and the key."""


class _Door(marshmallow.Schema):
    """One dataclass as a document: unknown keys are refused, missing ones take their default."""

    makes: ClassVar[type[Any]]
    error_messages = {"unknown": UNKNOWN, "type": "should be a table of keys"}  # noqa: RUF012

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        return self.makes(**values)


class _Tuple(marshmallow.fields.List[Any]):
    """A list in the document, a tuple in the value."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class _Flag(marshmallow.fields.Boolean):
    """true or false, and nothing that merely resembles them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("should be true or false")
        return super()._deserialize(value, *args, **kwargs)


def _field(hint: Any, **options: Any) -> marshmallow.fields.Field[Any]:
    """The marshmallow field for one type hint."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType or NoneType in arguments:
        inner = next(argument for argument in arguments if argument is not NoneType)
        return _field(inner, **options, allow_none=True)
    if origin is tuple:
        return _Tuple(
            _field(arguments[0]), error_messages={"invalid": "should be a list"}, **options
        )
    if origin is dict:
        values = _field(arguments[1])
        return marshmallow.fields.Dict(marshmallow.fields.String(), values, **options)
    return _single(hint, **options)


def _single(hint: Any, **options: Any) -> marshmallow.fields.Field[Any]:
    if is_dataclass(hint):
        return marshmallow.fields.Nested(lambda: door(cast("type", hint)), **options)
    if issubclass(hint, StrEnum):
        words: Words = {"unknown": "is not one of: {choices}"}
        return marshmallow.fields.Enum(hint, by_value=True, error_messages=words, **options)
    words = {"invalid": _EXPECTED[hint]}
    if hint is bool:
        return _Flag(**options)
    if hint is int:
        return marshmallow.fields.Integer(strict=True, error_messages=words, **options)
    return marshmallow.fields.String(error_messages=words, **options)


_EXPECTED: dict[type, str] = {
    str: "should be text",
    int: "should be a whole number",
    bool: "should be true or false",
}


def _options(item: Field[Any]) -> dict[str, Any]:
    words = {"required": "is missing", "null": "may not be empty"}
    if item.default is not MISSING:
        return {"load_default": item.default, "error_messages": words}
    if item.default_factory is not MISSING:
        return {"load_default": item.default_factory, "error_messages": words}
    return {"required": True, "error_messages": words}


@cache
def door(cls: type) -> marshmallow.Schema:
    """The schema that reads and writes this dataclass; also used for parts of a fund."""
    hints = get_type_hints(cls)
    shape: dict[str, Any] = {"makes": cls}
    for item in fields(cls):
        options = _options(item)
        words = options.pop("error_messages")
        made = _field(hints[item.name], **options)
        made.error_messages.update(words)
        shape[item.name] = made
    return cast("marshmallow.Schema", type(f"{cls.__name__}Door", (_Door,), shape)())


def read(cls: type[T], document: Any, place: str) -> T:
    """The value this document describes, or one sentence naming the place and key."""
    try:
        return cast("T", door(cast("type", cls)).load(document))
    except ValidationError as error:
        path, words = _first(error.messages, document)
        raise FundError(f"{place}, {path or 'the whole'}: {words}.") from None


def _first(messages: Any, document: Any) -> tuple[str, str]:
    """The first fault's path in the document's own keys, and its words.

    A key nobody knows is told before one that is missing: the one is mostly the other mistyped.
    """
    steps: list[str] = []
    while isinstance(messages, dict):
        mistyped = (key for key, said in messages.items() if said == [UNKNOWN])
        step = next(mistyped, next(iter(messages)))
        messages = messages[step]
        if step != "_schema":
            document, name = _step(document, step)
            steps.append(name)
    words = messages[0] if isinstance(messages, list) else str(messages)
    return ".".join(steps), words.rstrip(".")


def _step(document: Any, step: Any) -> tuple[Any, str]:
    try:
        document = document[step]
    except (KeyError, IndexError, TypeError):
        return None, str(step)
    if isinstance(step, int) and isinstance(document, dict):
        return document, str(document.get("key") or document.get("kind") or step + 1)
    return document, str(step)


def from_document(document: dict[str, Any]) -> Fund:
    """The fund a JSON document holds. Shape is checked here, meaning in ``checks.faults``."""
    return read(Fund, document, "The fund's definition")


def to_document(fund: Fund) -> dict[str, Any]:
    """The fund as JSON-safe values: what a round freezes."""
    return cast("dict[str, Any]", door(Fund).dump(fund))


def to_json(fund: Fund) -> str:
    """The fund as canonical JSON: the same fund gives the same bytes, so it can be hashed."""
    return json.dumps(to_document(fund), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def from_json(text: str) -> Fund:
    """The fund a round froze. Kept in memory: every page of a round asks for it."""
    return from_document(json.loads(text))
