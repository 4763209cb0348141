"""Whole numbers that came with a form: only such as a row can have."""

from __future__ import annotations

from flask import request

MOST = 2**31 - 1  # what the numbers of rows go up to on every database


def row_number(name: str) -> int:
    """The number in this field of the form; 0, which no row has, where there is none."""
    number = request.form.get(name, 0, type=int)
    return number if 0 < number <= MOST else 0
