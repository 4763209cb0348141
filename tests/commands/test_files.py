"""What the command line gives of the small demonstration; and how it says no, leaving nothing."""

from __future__ import annotations

import csv
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from grants import demo
from grants.demo.world import world
from grants.extensions import db
from grants.models.letter import Letter
from grants.rules.states import LetterState
from grants.services.hashing import Hashing
from tests.clock import Clock
from tests.commands.running import Run, runner

COMPLETE = world().closed[0].reference
WORDS = pytest.mark.parametrize(
    "words", [("extract", "--format", "csv"), ("letters",)], ids=["extract", "letters"]
)


@pytest.fixture(scope="module")
def _filled(_app, _database) -> Iterator[None]:
    with _app.app_context():
        demo.fill("small", Clock.START, hashing=Hashing(64, 1))
    yield
    with _app.app_context():
        db.engine.dispose()
    _database.restore()


@pytest.fixture
def run(_app, _filled) -> Run:
    """``run("rounds")`` on the small demonstration, filled once: these tests only read."""
    return runner(_app)


@pytest.fixture
def issued(_app, _filled) -> set[str]:
    """The numbers of the letters in force of the complete round."""
    with _app.app_context():
        return set(
            db.session.scalars(
                sa.select(Letter.number).where(
                    Letter.state == LetterState.ISSUED, Letter.number.contains(COMPLETE)
                )
            )
        )


def test_rounds_lists_every_reference(run):
    code, said, _ = run("rounds")

    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == sorted(
        [
            *(spec.reference for spec in (*world().closed, *world().open)),
            f"{world().open[0].reference}-0013-L1",
        ]
    )


def test_audit_verify_says_that_the_trail_is_whole(run):
    code, said, _ = run("audit", "verify")

    assert (code, said[:24]) == (0, "The audit trail is whole")


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_extract_writes_its_files(run, tmp_path, file_format):
    code, said, _ = run(
        "extract", "--round", COMPLETE, "--format", file_format, "--out", tmp_path / "out"
    )

    written = sorted(path for path in (tmp_path / "out").iterdir())
    assert code == 0
    assert sorted(map(Path, said.split())) == written
    assert all(path.stat().st_size for path in written)


@pytest.mark.feature("E6")
def test_extracted_activity_types_add_up_to_the_projects(run, tmp_path):
    run("extract", "--round", COMPLETE, "--format", "csv", "--out", tmp_path)

    with (tmp_path / "activity_types.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["projects"]) for row in rows) == world().closed[0].small_projects


def test_letters_writes_every_issued_letter(run, issued, tmp_path):
    code, said, _ = run("letters", "--round", COMPLETE, "--out", tmp_path / "out")

    assert code == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == issued
    assert len(said.splitlines()) == len(issued) == 8


@WORDS
def test_unknown_round_is_one_sentence(run, tmp_path, words):
    code, said, complaint = run(*words, "--round", "NONE-1", "--out", tmp_path / "out")

    assert (code, said, len(complaint.splitlines())) == (1, "", 1)
    assert "NONE-1" in complaint
    assert not (tmp_path / "out").exists()


@WORDS
def test_folder_that_cannot_be_made_is_one_sentence(run, tmp_path, words):
    (tmp_path / "file").write_text("in the way")

    code, said, complaint = run(*words, "--round", COMPLETE, "--out", tmp_path / "file" / "out")

    assert (code, said, len(complaint.splitlines())) == (1, "", 1)


@WORDS
def test_full_disk_leaves_nothing(run, tmp_path, words, monkeypatch):
    def full(*_words, **_values):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    code, said, complaint = run(*words, "--round", COMPLETE, "--out", tmp_path / "out")

    assert (code, said, complaint) == (
        1,
        "",
        "No space left on device. Nothing was left half-written.\n",
    )
    assert list((tmp_path / "out").iterdir()) == []


def test_unknown_format_is_refused(run, tmp_path):
    code, _, complaint = run("extract", "--round", COMPLETE, "--format", "pdf", "--out", tmp_path)

    assert code == 2
    assert "'pdf' is not one of" in complaint


def test_sign_ins_are_printed(run):
    code, said, _ = run("demo", "--sign-ins")

    assert (code, said.strip()) == (0, demo.sign_ins())
