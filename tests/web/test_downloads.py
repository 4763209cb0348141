"""The name that a download is offered under."""

from __future__ import annotations

import pytest

from grants.web.downloads import disposition


@pytest.mark.asvs("5.4.2")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan.pdf", "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf"),
        ("a\r\nX: y.pdf", "attachment; filename=\"a X y.pdf\"; filename*=UTF-8''a%20X%20y.pdf"),
        ("\u202efdp.exe", "attachment; filename=\"fdp.exe\"; filename*=UTF-8''fdp.exe"),
        ('"; x="y', "attachment; filename=\"x= y\"; filename*=UTF-8''x%3D%20y"),
        (
            "Plana à.pdf",
            "attachment; filename=\"Plana a.pdf\"; filename*=UTF-8''Plana%20%C3%A0.pdf",
        ),
        ("../..", "attachment; filename=\"file\"; filename*=UTF-8''file"),
    ],
)
def test_name_cannot_deceive(name, header):
    assert disposition(name) == header
