"""One full life by role in Chromium: every page checked at 1280 and 400 pixels; and without script."""

from __future__ import annotations

from functools import partial

import pytest

from tests.browser import walk

pytestmark = pytest.mark.browser


@pytest.mark.feature("A3", "A5", "R2", "R3", "P5")
def test_full_life_by_role_in_a_browser(site, hands):
    _, world = site

    walk.whole_life(world, hands)


def test_full_life_without_script(site, hands):
    _, world = site

    walk.whole_life(world, partial(hands, script=False))
