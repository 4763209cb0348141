"""The order of a meeting's business, its times, and the words of its minute."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest

from grants.rules import meetings
from grants.rules.meetings import Attendance, Paragraph, Presence, Standing, Taken, fingerprint


@pytest.mark.feature("R16")
def test_order_takes_the_line_then_the_spread_then_rank_and_area():
    given = [
        Standing(id=1, reference="A-1", area="Fife", rank=1),
        Standing(id=2, reference="A-2", area="Angus", rank=2),
        Standing(id=3, reference="A-3", area="Fife", rank=3, is_apart=True),
        Standing(id=4, reference="A-4", area="Fife", rank=4, at_line=True, is_apart=True),
        Standing(id=5, reference="A-5", area="Fife", rank=None),
        Standing(id=6, reference="A-6", area="Angus", rank=1),
    ]

    assert [one.id for one in meetings.order(reversed(given))] == [4, 3, 6, 1, 2, 5]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("9:05", "09:05"), ("14.30", "14:30"), ("24:00", None), ("soon", None)],
)
def test_clock_reads_times_as_people_type_them(typed, kept):
    assert meetings.clock(typed) == kept


@pytest.mark.feature("D9")
def test_opening_names_who_was_there_and_says_whether_there_was_a_quorum():
    people = [
        Attendance(name="Ada", presence=Presence.PRESENT, arrived="10:15"),
        Attendance(name="Bo", presence=Presence.APOLOGIES),
    ]

    text = meetings.opening(
        held_on=dt.date(2027, 3, 1),
        place="Room 2",
        chair="Ada",
        secretary="Cy",
        quorum=2,
        people=people,
    )

    assert text == (
        "Held on 1 March 2027 at Room 2.\nChair: Ada. Secretary: Cy.\n"
        "Present: Ada (from 10:15).\nApologies: Bo.\nAbsent: nobody.\n"
        "Quorum: 2. There was no quorum."
    )


@pytest.mark.feature("D9")
def test_minute_of_an_application_says_who_left_and_what_came_of_it():
    text = meetings.minute_of(
        Taken(
            left=("Bo",),
            present=("Ada",),
            quorum=2,
            scores=("Scores seen.",),
            moderated=("Moderated.",),
            decision=("Recommended: £1.",),
            departure="Spread. Too much in one place.",
            votes="1 for",
            note="A note.",
        )
    )

    assert text == (
        "Bo has a conflict of interest and left for this item.\n"
        "With 1 in the room there was no quorum for this item.\n"
        "Scores seen.\nModerated.\nRecommended: £1.\n"
        "Departure from rank or a minimum: Spread. Too much in one place.\nVotes: 1 for\nA note."
    )


@pytest.mark.feature("D9")
def test_fingerprint_is_of_words_alone_and_changes_with_them():
    part = Paragraph(of=7, title="A", recorded="As it was")

    assert fingerprint([part]) == fingerprint([Paragraph(of=8, title="A", recorded="As it was")])
    assert fingerprint([part]) != fingerprint([Paragraph(of=7, title="A", recorded="Otherwise")])
    assert fingerprint([part]) != fingerprint([])
    assert fingerprint([part]) != fingerprint([Paragraph(of=7, title="B", recorded="As it was")])
    assert (
        fingerprint([Paragraph(of=1, title="Café", recorded="Gàidhlig")])
        == hashlib.sha256('[["Café","Gàidhlig",""]]'.encode()).hexdigest()
    )


@pytest.mark.feature("D9")
def test_quorum_is_there_with_just_as_many():
    there = [Attendance(name=name, presence=Presence.PRESENT) for name in ("Ada", "Bo")]
    text = meetings.opening(
        held_on=dt.date(2027, 3, 1), place="", chair="", secretary="", quorum=2, people=there
    )

    assert text.endswith("There was a quorum.")
    assert meetings.minute_of(Taken(present=("Ada", "Bo"), quorum=2)) == ""


@pytest.mark.feature("D9")
def test_correction_stands_in_the_place_of_what_was_recorded():
    assert Paragraph(of=1, title="A", recorded="As it was").text == "As it was"
    assert Paragraph(of=1, title="A", recorded="As it was", corrected="So").text == "So"
