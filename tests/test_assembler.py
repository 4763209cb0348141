"""The assembler: what stops the start, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

import grants
from grants.config import Settings, SettingsError
from grants.funds.schema import FundError


def test_broken_rulebook_stops_the_start(tmp_path: Path, monkeypatch):
    def broken() -> None:
        raise FundError("a-fund/form.toml, title: there is no label.")

    monkeypatch.setattr(grants, "all_funds", broken)

    with pytest.raises(SystemExit) as stopped:
        grants.create_app(Settings(secret_key="k" * 40, instance=tmp_path, testing=True))

    assert str(stopped.value) == "a-fund/form.toml, title: there is no label."


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "GRANTS_SECRET_KEY is not set."),
        ({"GRANTS_SECRET_KEY": "change-me"}, "GRANTS_SECRET_KEY must be a random value"),
        ({"GRANTS_SECRET_KEY": "k" * 40, "GRANTS_DEBUG": "1"}, "GRANTS_DEBUG is on."),
        ({"GRANTS_SECRET_KEY": "k" * 40, "GRANTS_SMTP_PORT": "mail"}, "GRANTS_SMTP_PORT must be"),
        ({"GRANTS_SECRET_KEY": "k" * 40, "GRANTS_DEBUG": "maybe"}, "GRANTS_DEBUG must be 1 or 0"),
    ],
)
def test_wrong_setting_is_named(environment, sentence):
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"GRANTS_INSTANCE": "nowhere", **environment})

    assert str(refused.value).startswith(sentence)
