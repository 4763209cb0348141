"""The scanner's line, with a scanner of our own that knows one virus."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from grants.storage.scanner import Scanner, ScannerSilent

VIRUS = b"this is the virus of the tests"


def _answer(listener: socket.socket, words: bytes | None) -> None:
    line, _ = listener.accept()
    with line, line.makefile("rb") as stream:
        assert stream.read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            data += stream.read(size)
        found = b"stream: Test.Virus FOUND\0" if VIRUS in data else b"stream: OK\0"
        line.sendall(found if words is None else words)


@contextmanager
def clamd(tmp_path, words: bytes | None = None):
    """A scanner that answers once."""
    path = str(tmp_path / "clamd.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=_answer, args=(listener, words))
        thread.start()
        made = Scanner()
        made.bind(path)
        yield made
        thread.join()


@pytest.mark.feature("A16")
@pytest.mark.parametrize(
    ("data", "clean"), [(b"x" * 200_000, True), (b"x" * 70_000 + VIRUS, False)]
)
def test_scanner_says_what_it_found(tmp_path, data, clean):
    with clamd(tmp_path) as scanner:
        assert scanner.is_clean(data) is clean


def test_scanner_that_says_something_else_has_not_answered(tmp_path):
    with (
        clamd(tmp_path, b"INSTREAM size limit exceeded. ERROR\0") as scanner,
        pytest.raises(ScannerSilent),
    ):
        scanner.is_clean(b"x")


def test_scanner_that_is_not_there_has_not_answered(tmp_path):
    scanner = Scanner()
    scanner.bind(str(tmp_path / "nobody.sock"))

    with pytest.raises(ScannerSilent):
        scanner.is_clean(b"x")


def test_no_scanner_is_set_by_itself():
    assert Scanner().is_set is False
