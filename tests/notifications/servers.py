"""A real mail server of the test's own, and how it may misbehave."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Postbox:
    """Takes everything, unless told otherwise by ``mood``."""

    def __init__(self) -> None:
        self.mood = ""
        self.taken: list[Envelope] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (theirs)
        if self.mood == "greylist":
            return "451 Come back later"
        if self.mood == "stranger":
            return "550 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (theirs)
        if self.mood == "cut before keeping":
            server.transport.close()
            return "250 never sent"
        self.taken.append(envelope)
        if self.mood == "cut after keeping":
            server.transport.close()
        if self.mood == "full":
            return "452 No room"
        return "250 OK"


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postbox() -> Iterator[tuple[Postbox, int]]:
    """A server on a free port."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()
