"""A newcomer's first five minutes: a clean copy of the tree, one command, a signed-in page."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SLOWEST = 600  # lines of output before we give up


def copy_of_the_tree(folder: Path) -> Path:
    """What git keeps, and nothing that was installed or made here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.feature("P1")
def test_one_command_leads_to_a_signed_in_page(tmp_path: Path) -> None:
    tree, port = copy_of_the_tree(tmp_path / "tree"), free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRANTS_")}
    command = [sys.executable, "run.py", "demo", "--port", str(port)]
    started = subprocess.Popen(
        command, cwd=tree, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    try:
        assert started.stdout is not None
        for line in started.stdout:
            said.append(line)
            if line.startswith("Ready:") or len(said) > SLOWEST:
                break
        words = "".join(said)
        assert f"Ready: http://127.0.0.1:{port}" in words
        password = re.search(r"The password of all: (\S+)", words)
        email = re.search(r"applicant submitter +(\S+)", words)
        assert password is not None
        assert email is not None

        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar)
        page = browser.open(f"http://127.0.0.1:{port}/sign-in").read().decode()
        typed = {"csrf_token": token(page), "email": email[1], "password": password[1]}
        home = browser.open(
            f"http://127.0.0.1:{port}/sign-in", urllib.parse.urlencode(typed).encode()
        )

        assert home.url.endswith("/home")
        assert "What to do now" in home.read().decode()
    finally:
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=60)
    assert started.returncode == 0
