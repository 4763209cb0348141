"""Two texts held against each other."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grants.rules.differences import Mark, Run, differences


def test_words_taken_out_and_put_in_are_marked():
    old, new = differences("a hall in Baltasay", "a wee hall in Unst")

    assert [run.text for run in old if run.mark == Mark.REMOVED] == ["Baltasay"]
    assert "".join(run.text for run in new if run.mark == Mark.ADDED) == " weeUnst"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_is_lost_or_made_up(old, new):
    before, after = differences(old, new)

    assert ("".join(run.text for run in before), "".join(run.text for run in after)) == (old, new)


def test_very_long_texts_stand_as_wholes():
    old, new = "a " * 2000, "b " * 2000

    assert differences(old, new) == ((Run(Mark.REMOVED, old),), (Run(Mark.ADDED, new),))
