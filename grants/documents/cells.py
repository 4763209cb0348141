"""Cells of an extract: checked against their column, and safe to open in any spreadsheet."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from grants.documents.columns import Column, ColumnType

HIDDEN = "[c]"  # stands for a small number of people that is kept back

Cell = str | int | float | Decimal | bool | date | None

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LIVE = re.compile(r"[\s\u200b\u2060\ufeff]*[=+\-@＝＋－＠]")  # noqa: RUF001
_HARMLESS = re.compile(r"-(\d+(\.\d+)?)?")  # a dash alone, or a negative number as it stands
_EXPECTED: dict[ColumnType, tuple[type, ...]] = {
    ColumnType.TEXT: (),
    ColumnType.INTEGER: (int,),
    ColumnType.NUMBER: (int, float, Decimal),
    ColumnType.MONEY: (int,),
    ColumnType.DATE: (date,),
    ColumnType.INSTANT: (datetime,),
    ColumnType.YES_NO: (bool,),
}


def csv_cell(column: Column, value: Cell) -> str:
    """One cell as CSV text; only text that a spreadsheet would calculate gets a quote before it."""
    value = checked(column, value)
    if value is None:
        return ""
    if isinstance(value, str):
        return _disarmed(value)
    if column.type is ColumnType.MONEY:
        return f"{in_pounds(value):.2f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return iso(value) if isinstance(value, date) else str(value)


def original_text(cell: str) -> str:
    """The text that ``csv_cell`` was given: takes away the quote, if it was put there."""
    return cell[1:] if cell.startswith("'") and _is_live(cell.lstrip("'")) else cell


def json_cell(column: Column, value: Cell) -> str | int | float | bool | None:
    """One cell as JSON keeps it."""
    value = checked(column, value)
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, date):
        return iso(value)
    return float(in_pounds(value)) if column.type is ColumnType.MONEY else _plain_number(value)


def checked(column: Column, value: Cell) -> Cell:
    """The value, if it is what the column says; text without control characters."""
    if value is None or (value == HIDDEN and column.people):
        return value
    if column.type is ColumnType.TEXT and isinstance(value, str):
        return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    is_flag = isinstance(value, bool)
    if isinstance(value, _EXPECTED[column.type]) and is_flag is (column.type is ColumnType.YES_NO):
        return value
    raise TypeError(f"Column {column.name} takes {column.type}, not {type(value).__name__}.")


def _is_live(text: str) -> bool:
    return bool(_LIVE.match(text)) and not _HARMLESS.fullmatch(text)


def _disarmed(text: str) -> str:
    return f"'{text}" if _is_live(text.lstrip("'")) else text


def in_pounds(pence: object) -> Decimal:
    return Decimal(str(pence)) / 100


def _plain_number(value: float | Decimal) -> int | float:
    return float(value) if isinstance(value, Decimal) else value


def iso(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def naive(value: date) -> date:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
