"""``flask audit verify`` names the first entry that does not hold, and says so to whoever calls it."""

from __future__ import annotations

import pytest

from tests.test_audit import ids, tamper, write


@pytest.mark.feature("M3")
def test_command_names_the_first_bad_entry(app):
    with app.app_context():
        write(3)
        second = ids()[1]
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["audit", "verify"])
    with app.app_context():
        tamper(f"UPDATE audit_entry SET reason = 'x' WHERE id = {second}")

    found = runner.invoke(args=["audit", "verify"])

    assert (whole.exit_code, found.exit_code) == (0, 1)
    assert f"Entry {second} was changed after it was written." in found.output
