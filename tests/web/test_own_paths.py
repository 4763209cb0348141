"""Where one may be sent after signing in."""

from __future__ import annotations

import pytest

from grants.web.own_paths import own_path


@pytest.mark.parametrize("path", ["/", "/home", "/applications?sort=-asked&page=2", "/a#b"])
def test_own_path_is_kept(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "home",
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/home\r\nSet-Cookie: a=b",
        "/\tevil.example",
        " /home",
        "/" + "a" * 2000,
    ],
)
def test_any_other_place_is_dropped(path):
    assert own_path(path) == ""
