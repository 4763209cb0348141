"""Working together in a browser: inviting, commenting, signing off, a partner confirming."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.browser.hand import NARROW, WIDE, Hand
from tests.browser.site import served
from tests.journeys import life
from tests.journeys.world import LINES, OWN_COSTS

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("GRANTS_PICTURES", "")
BOARD = "board@example.org"


@pytest.fixture
def site(tmp_path_factory):
    """A site of the fund that asks others to confirm."""
    with served(tmp_path_factory.mktemp("site"), "children") as found:
        yield found


def seen(hand: Hand, name: str) -> Hand:
    """Checked; and kept as a picture at both widths where they are asked for."""
    hand.look()
    for size in (WIDE, NARROW) if PICTURES else ():
        hand.page.set_viewport_size(size)
        path = Path(PICTURES) / f"{name}-{size['width']}.png"
        hand.page.screenshot(path=str(path), full_page=True)
    hand.page.set_viewport_size(WIDE)
    return hand


@pytest.mark.feature("A9")
@pytest.mark.feature("A13")
@pytest.mark.feature("A14")
def test_application_is_written_together(site, hands):
    _, world = site
    life.set_up_a_round(world)
    address = life.write(world, "editor", LINES, OWN_COSTS)
    sender = hands("sender")
    seen(sender.open("/applications"), "list")
    seen(sender.open(address), "tasks")
    _invite(world, sender, hands, address)
    _comment(sender, address)
    _partner(world, sender, hands, address)
    _sign_off(world, sender, hands, address)
    seen(sender.open(f"{address}/check").press("Send the application"), "receipt")
    assert "Beathag Board, Chair of the board" in sender.text


def _invite(world, sender: Hand, hands, address: str) -> None:
    sender.open(f"{address}/people").press("Send the invitation")
    seen(sender, "people-error")
    sender.fill({"name": "Iain Invited", "email": "iain@example.org", "right": "comment"})
    seen(sender.press("Send the invitation"), "people")
    link = re.search(r"/invitations/\S+", world.latest_mail("iain@example.org"))
    guest = seen(hands("").open(link[0]), "invitation")
    guest.fill({"password": "seal kelp harbour lamp"}).press("Keep this password")
    guest.enter("iain@example.org", "seal kelp harbour lamp")
    seen(guest.open("/applications"), "shared-list")
    seen(guest.open(address), "shared-tasks")
    seen(guest.open(f"{address}/check"), "shared-check")
    seen(guest.open(f"{address}/comments"), "comments-none")
    guest.open(f"{address}/comments?question=need").press("Add the comment")
    seen(guest, "comment-error")
    guest.fill({"text": "The hall at Voe has closed. Should we say so?"}).press("Add the comment")
    seen(guest, "comment")
    seen(hands("").open("/invitations/over"), "invitation-over")


def _comment(sender: Hand, address: str) -> None:
    seen(sender.open(f"{address}/sections/need"), "section")
    assert "The hall at Voe has closed" in sender.text
    seen(sender.press("1 open comment"), "thread")
    seen(sender.press("Dealt with"), "thread-done")


def _partner(world, sender: Hand, hands, address: str) -> None:
    seen(sender.open(f"{address}/partners"), "partners")
    seen(sender.press("Say whom to ask"), "partner")
    sender.fill({"name": "Pàdraig Partner", "email": "partner@example.org"})
    seen(sender.press("Ask them to confirm"), "partners-asked")
    guest = _entered(world, hands, "partner@example.org")
    seen(guest, "partner-part")
    seen(guest.press("Confirm our part"), "partner-done")
    sender.open(f"{address}/partners").press("Say whom to ask")
    sender.fill({"name": "Sìle Second", "email": "second@example.org"})
    sender.press("Ask them to confirm")
    life.answered(world, "second@example.org", "Confirm our part")


def _sign_off(world, sender: Hand, hands, address: str) -> None:
    seen(sender.open(f"{address}/sign-off").press("Ask them to sign it off"), "sign-off-error")
    sender.fill({"name": "Beathag Board", "role": "Chair of the board", "email": BOARD})
    seen(sender.press("Ask them to sign it off"), "sign-off-asked")
    guest = _entered(world, hands, BOARD)
    seen(guest, "sign-off-text")
    seen(guest.press("Send it back"), "send-back-error")
    seen(guest.press("Sign it off"), "sign-off-done")
    seen(sender.open(f"{address}/check"), "check")


def _entered(world, hands, email: str) -> Hand:
    """A browser of nobody's in which the link was opened and the code typed."""
    link = re.search(r"/confirmations/\S+", world.latest_mail(email))
    guest = seen(hands("").open(link[0]), "link")
    seen(guest.press("E-mail me a code"), "code")
    guest.fill({"code": "000000x"}).press("Open it")
    seen(guest, "code-error")
    code = re.search(r"\b\d{6}\b", world.latest_mail(email))
    return guest.fill({"code": code[0]}).press("Open it")
