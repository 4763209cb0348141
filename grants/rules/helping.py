"""Applications that a funder's people type for a group: how it reached them."""

from __future__ import annotations

from enum import StrEnum

EVIDENCE = "_evidence"  # the question that the scan of the form answers: no form asks it


class Channel(StrEnum):
    """How a group gave its application."""

    PAPER = "paper"
    PHONE = "phone"
    IN_PERSON = "in-person"


CHANNELS: dict[Channel, str] = {
    Channel.PAPER: "On a paper form",
    Channel.PHONE: "By phone",
    Channel.IN_PERSON: "In person",
}
