"""Text as it is found."""

from __future__ import annotations

import pytest

from grants.models.search import fold


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Àird  nam\nMurchan", "aird nam murchan"),
        ("COMANN Shealtainn", "comann shealtainn"),
        ("ﬁne", "fine"),
        ("", ""),
    ],
)
def test_text_is_folded(text, found):
    assert fold(text) == found
