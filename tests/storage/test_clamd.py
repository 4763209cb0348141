"""A real clamd with a signature of our own: nobody opens a file before it has answered."""

from __future__ import annotations

import io
import shutil
import subprocess
import time

import pytest

from grants.extensions import db
from grants.models.attachment import Attachment
from grants.rules.refusals import NotFound
from grants.rules.states import ScanState
from grants.services import attachments
from grants.services.attachments import Upload
from grants.storage.scanner import Scanner, ScannerSilent, scanner
from tests import applying, build
from tests.storage.test_inspect import office

CLAMD = shutil.which("clamd")
pytestmark = pytest.mark.skipif(
    CLAMD is None,
    reason="clamd is not installed (Debian: clamav-daemon): no real scanner was asked",
)
MARK = b"community fund grants: the test file that our own signature names"
PATIENCE = 30  # seconds to start


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """clamd on a socket of its own, with one signature and nobody else's."""
    folder = tmp_path_factory.mktemp("clamd")
    base = folder / "base"
    base.mkdir()
    (base / "own.ndb").write_text(f"Fund.Test:0:*:{MARK.hex()}\n", encoding="ascii")
    socket = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {base}\nForeground yes\nMaxThreads 2\n"
        f"LogFile {folder / 'log'}\nStreamMaxLength 25M\n",
        encoding="utf8",
    )
    process = subprocess.Popen(
        [CLAMD, "--config-file", str(folder / "clamd.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _started(str(socket), process)
    finally:
        process.terminate()
        process.wait(10)


def _started(path: str, process: subprocess.Popen) -> str:
    made = Scanner()
    made.bind(path)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            made.is_clean(b"hello")
        except ScannerSilent:
            time.sleep(0.2)
        else:
            return path
    pytest.skip("clamd is installed and does not start here: no real scanner was asked")


@pytest.fixture
def asked(real):
    scanner.bind(real)
    yield scanner
    scanner.bind("")


@pytest.mark.feature("A16")
def test_a_real_scanner_finds_the_named_file_in_the_open_and_inside_an_office_file(asked):
    assert asked.is_clean(b"x" * 1_000_000)
    assert not asked.is_clean(b"x" * 100_000 + MARK)
    assert not asked.is_clean(office("word/document.xml", word__media__a_bin=MARK))


@pytest.mark.feature("A16")
def test_nobody_opens_a_file_until_the_real_scanner_answered(context, asked):
    at = applying.place("adult")
    key = applying.drafted(at)
    editor = applying.actor(at, "editor")
    for name, data in (
        ("good.docx", office("word/document.xml")),
        ("bad.docx", office("word/document.xml", word__media__a_bin=MARK)),
    ):
        upload = Upload("plan_file", name, io.BytesIO(data), 1024 * 1024)
        attachments.add(editor, key, upload, now=build.NOW)
    files = db.session.query(Attachment).order_by(Attachment.id).all()
    good, bad = (file.key for file in files)
    for file in (good, bad):
        with pytest.raises(NotFound):
            attachments.open_file(editor, file)

    assert attachments.scan_waiting(now=build.NOW) == 2

    assert attachments.open_file(editor, good).name == "good.docx"
    with pytest.raises(NotFound):
        attachments.open_file(editor, bad)
    assert {f.scan for f in db.session.query(Attachment)} == {ScanState.CLEAN, ScanState.INFECTED}
