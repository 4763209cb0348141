"""Numbers of rows that came with a form."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.web.numbers import row_number


@pytest.mark.parametrize(
    ("sent", "number"),
    [("7", 7), ("", 0), ("x", 0), ("-1", 0), ("2147483647", 2**31 - 1), (str(2**63), 0)],
)
def test_only_a_number_that_a_row_can_have_is_read(sent, number):
    with Flask("numbers").test_request_context(method="POST", data={"row": sent}):
        assert row_number("row") == number


def test_field_that_was_not_sent_is_no_row():
    with Flask("numbers").test_request_context(method="POST"):
        assert row_number("row") == 0
