"""Asks the virus scanner (clamd) over its socket. Where none is set, nobody is asked."""

from __future__ import annotations

import socket
import struct

PIECE = 64 * 1024
PATIENCE = 60  # seconds
CLEAN = b"stream: OK"


class ScannerSilent(Exception):
    """The scanner did not answer, or not in words we know. The file waits."""


class Scanner:
    """Born unbound; ``create_app`` gives it the path of clamd's socket, or ``host:port``."""

    def __init__(self) -> None:
        self._address = ""

    def bind(self, address: str) -> None:
        """Where the scanner listens; empty for none."""
        self._address = address

    @property
    def is_set(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self._address)

    def is_clean(self, data: bytes) -> bool:
        """Whether the scanner finds nothing. Raises ScannerSilent."""
        try:
            answer = self._ask(data)
        except OSError as error:
            raise ScannerSilent(str(error)) from error
        if answer.endswith(b"FOUND"):
            return False
        if answer != CLEAN:
            raise ScannerSilent(answer.decode("ascii", "replace"))
        return True

    def _ask(self, data: bytes) -> bytes:
        with _connect(self._address) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), PIECE):
                piece = data[start : start + PIECE]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = b""
            while piece := line.recv(4096):
                answer += piece
        return answer.strip(b"\0\n ")


def _connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    if port.isdecimal():
        return socket.create_connection((host, int(port)), timeout=PATIENCE)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(PATIENCE)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


scanner = Scanner()
