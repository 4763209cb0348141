"""``flask registers``."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.register import RegisteredBody

OPTIONS = ["--source", "A sample", "--as-at", "2026-10-01"]


@pytest.mark.feature("A24")
def test_command_loads_a_file_or_says_what_is_wrong(app, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("number,name\nSC099001,Glen Hall (fictional)\n", encoding="utf-8")
    bad.write_text("number,name\n1,x\n", encoding="utf-8")
    runner = app.test_cli_runner()

    loaded = runner.invoke(args=["registers", "charities", str(good), *OPTIONS])
    refused = runner.invoke(args=["registers", "charities", str(bad), *OPTIONS])

    assert (loaded.exit_code, loaded.output) == (0, "1 numbers are loaded.\n")
    assert refused.exit_code != 0
    assert "Line 2: “1” cannot be a number of this register." in refused.output
    with app.app_context():
        assert db.session.scalars(sa.select(RegisteredBody.name)).all() == ["Glen Hall (fictional)"]
