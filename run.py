"""Set up and start, or set up and test, with nothing but Python 3.11 or newer.

python3 run.py demo [--port 8000]          the small demonstration, with its worker, on this machine
python3 run.py test [--long] [arguments]   every check and test; with arguments, pytest alone
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing keeps two demonstrations apart there
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
UV = "uv==0.13.8"
HOST = "127.0.0.1"
CHECKS = (
    ("Linter", ("ruff", "check", ".")),
    ("Layout of the code", ("ruff", "format", "--check", ".")),
    ("Types", ("mypy",)),
    ("Rooms", ("lint-imports",)),
    ("Templates", ("djlint", "grants/templates", "--lint", "--quiet")),
)
# Pages in a browser, a newcomer's first start and what races have the machine to themselves.
ALONE = ("tests/browser", "tests/test_newcomer.py", "tests/services/test_parallel_approvals.py")
PARTS = (("-n", "2", *(f"--ignore={path}" for path in ALONE)), ALONE)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Stop(Exception):
    """What cannot be done, in one sentence for the person at the keyboard."""


def say(text: str) -> None:
    print(text, flush=True)


def run(*command: object, **options: object) -> None:
    """Run a command here. Raises Stop when it fails: its own words stand above."""
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT, check=False, **options).returncode:  # type: ignore[call-overload]
        raise Stop(f"'{' '.join(words[:6])}' failed; the lines above say why.")


# Setting up


def set_up(requirements: str) -> None:
    """Make .venv hold exactly what the file locks, unless it does already."""
    content = (ROOT / requirements).read_bytes() + sys.version.encode()
    stamp, wanted = VENV / f".{requirements}.sha", hashlib.sha256(content).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Setting up .venv from {requirements} (the first time, half a minute or so) …")
    began = time.monotonic()
    uv = find_uv()
    make_venv(uv)
    if uv:
        run(uv, "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", requirements)
    else:
        run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", requirements)
    stamp.write_text(wanted)
    say(f"… done in {time.monotonic() - began:.0f} seconds.")


def find_uv() -> Path | None:
    """The quick installer: this machine's, or one fetched into .tools; None where neither can be."""
    if found := shutil.which("uv"):
        return Path(found)
    fetched = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not fetched.exists():
        pip = (sys.executable, "-m", "pip", "install", "-q", "--target", str(TOOLS), UV)
        subprocess.run(pip, cwd=ROOT, check=False, capture_output=True)
    return fetched if fetched.exists() else None


def make_venv(uv: Path | None) -> None:
    """A .venv for this very Python; one made by another is thrown away."""
    mark = VENV / ".python"
    if mark.exists() and mark.read_text() == sys.version:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        run(uv, "venv", "-q", "--python", sys.executable, VENV)
    else:
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            raise Stop("Python's venv module is not complete: install python3-venv.") from None
    mark.write_text(sys.version)


# The demonstration


def demo(port: int) -> int:
    """Set up, fill, serve, and stop everything on Ctrl-C."""
    refuse_busy(port)
    set_up("requirements.txt")
    instance = Path(os.environ.get("GRANTS_INSTANCE") or ROOT / "instance").absolute()
    with hold(instance):
        environment = os.environ | {"GRANTS_DEMONSTRATION": "1", "GRANTS_INSTANCE": str(instance)}
        environment.setdefault("GRANTS_BASE_URL", f"http://{HOST}:{port}")
        flask = (PYTHON, "-m", "flask", "--app", "wsgi")
        say("Preparing the database …")
        run(*flask, "db", "upgrade", env=environment)
        asked = (*flask, "demo", "--sign-ins")
        if subprocess.run(
            asked, cwd=ROOT, env=environment, check=False, capture_output=True
        ).returncode:
            say("Filling the small demonstration …")
            run(*flask, "demo", "--size", "small", env=environment)
        return serve(flask, port, environment)


@contextlib.contextmanager
def hold(instance: Path) -> Iterator[None]:
    """Make the folder of files and its key, and keep a second demonstration out of it."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (instance / "run.lock").open("w")
        key = instance / "secret.key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_text(secrets.token_urlsafe(48), encoding="utf8")
    except OSError as error:
        raise Stop(f"The folder {instance} cannot be used: {error.strerror}.") from None
    with lock:
        if fcntl:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Stop(f"Another demonstration is using the folder {instance}.") from None
        yield


def refuse_busy(port: int) -> None:
    """Raise Stop where another program listens already."""
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            raise Stop(
                f"Port {port} of {HOST} is taken: stop what uses it, or choose another with --port."
            ) from None


def serve(flask: tuple[object, ...], port: int, environment: dict[str, str]) -> int:
    """The server and the worker, until one of them stops or the person does."""
    waitress = ("-m", "waitress", f"--host={HOST}", f"--port={port}", "--threads=8", "wsgi:app")
    # A script that starts this in its background has it ignore Ctrl-C: say what it means here.
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), signal.default_int_handler)
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.append(start(environment, *flask, "work"))
        children.append(start(environment, PYTHON, *waitress))
        await_answer(port, children)
        say("")
        run(*flask, "demo", "--sign-ins", env=environment)
        say(f"\nReady: http://{HOST}:{port}   (Ctrl-C stops it)")
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        raise Stop("The server or its worker stopped; the lines above say why.")
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    finally:
        stop(children)


def start(environment: dict[str, str], *command: object) -> subprocess.Popen[bytes]:
    """A child in a session of its own, so that Ctrl-C reaches it through us, once."""
    words = [str(word) for word in command]
    return subprocess.Popen(words, cwd=ROOT, env=environment, start_new_session=True)


def await_answer(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Wait until the server listens, a minute at most."""
    for _ in range(300):
        if any(child.poll() is not None for child in children):
            raise Stop("The server or its worker did not start; the lines above say why.")
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.2)
    raise Stop(f"The server did not answer on port {port} within a minute.")


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask each child to end; insist after ten seconds."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


# The tests


def test(arguments: list[str]) -> int:
    """Every check, then every test on SQLite and PostgreSQL. With arguments, pytest alone."""
    set_up("requirements-dev.txt")
    find_browser()
    failed = [] if arguments else [name for name, check in CHECKS if not passes(name, check)]
    for part in [tuple(arguments)] if arguments else PARTS:
        say(f"— Tests {' '.join(part)}")
        # One seed for all: two processes must collect the same tests in the same order.
        seeded = os.environ | {"PYTHONHASHSEED": "0"}
        words = [PYTHON, "-m", "pytest", *part]
        if subprocess.run(words, cwd=ROOT, env=seeded, check=False).returncode:
            failed.append(f"tests {' '.join(part)}")
    for name in failed:
        say(f"Failed: {name}")
    return 1 if failed else 0


def passes(name: str, check: tuple[str, ...]) -> bool:
    """Whether one of the checks finds nothing. It prints what it finds."""
    began = time.monotonic()
    done = subprocess.run([BIN / check[0], *check[1:]], cwd=ROOT, check=False, capture_output=True)
    say(f"— {name}: {'FAILED' if done.returncode else 'ok'} ({time.monotonic() - began:.1f} s)")
    if done.returncode:
        say((done.stdout + done.stderr).decode(errors="replace"))
    return not done.returncode


def find_browser() -> None:
    """Chromium for the browser tests, installed where this person may. Missing in CI is a failure."""
    if any(map(shutil.which, BROWSERS)):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing Chromium for the browser tests …")
        quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ("apt-get", "install", "-qqy", "--no-install-recommends", "chromium")
        for command in (("apt-get", "update", "-qq"), install):
            subprocess.run(command, env=quietly, check=False, stdout=subprocess.DEVNULL)
    if any(map(shutil.which, BROWSERS)):
        return
    missing = "Chromium is missing: install the package 'chromium' to run the browser tests."
    if os.environ.get("CI") == "true":
        raise Stop(missing)
    say(f"{missing} They are left out this time.")


def main() -> int:
    """What was asked for. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Community Fund Grants: start it, or test it.")
    what = parser.add_subparsers(dest="what", required=True)
    start_it = what.add_parser("demo", help="set up, fill the small demonstration, and serve it")
    start_it.add_argument("--port", type=int, default=8000)
    test_it = what.add_parser(
        "test",
        allow_abbrev=False,
        help="set up and pass the checks and the tests; what else stands here goes to pytest",
    )
    test_it.add_argument("--long", action="store_true", help="the full numbers, not a tenth")
    asked, rest = parser.parse_known_args()
    if asked.what == "demo":
        return parser.error(f"unknown: {' '.join(rest)}") if rest else demo(asked.port)
    if asked.long:
        os.environ["GRANTS_TEST_LONG"] = "1"
    return test(rest)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 (somebody may start it with an older one)
        sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ".")
    try:
        sys.exit(main())
    except Stop as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
