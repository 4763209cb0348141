"""Bytes by key: all of them or none, and nothing outside the folder."""

from __future__ import annotations

import pytest

from grants.storage.store import Store


@pytest.fixture
def store(tmp_path):
    made = Store()
    made.bind(tmp_path / "files")
    return made


def test_bytes_come_back(store):
    store.write("letters/a-1.pdf", b"one")
    store.write("letters/a-1.pdf", b"two")

    assert (store.read("letters/a-1.pdf"), store.has("letters/b.pdf")) == (b"two", False)


def test_full_disk_leaves_nothing_half_written(store, tmp_path, monkeypatch):
    store.write("letters/a.pdf", b"before")

    def full(_handle):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        store.write("letters/a.pdf", b"after")

    assert {
        path.name: path.read_bytes() for path in (tmp_path / "files" / "letters").iterdir()
    } == {"a.pdf": b"before"}


@pytest.mark.parametrize(
    "key", ["../a", "a", "/etc/passwd", "a/../b", "a/.hidden", "A/b", "a//b", ""]
)
def test_key_that_we_did_not_make_is_refused(store, key):
    with pytest.raises(ValueError, match="no key"):
        store.write(key, b"")


def test_deleted_twice_is_gone(store):
    store.write("a/b", b"x")

    store.delete("a/b")
    store.delete("a/b")

    assert store.has("a/b") is False


def test_large_file_is_made_beside_and_then_taken_in(store):
    with store.workroom() as folder:
        made = folder / "made"
        made.write_bytes(b"a large file")
        store.take("extracts/a.zip", made)

    with store.open("extracts/a.zip") as stream:
        assert stream.read() == b"a large file"
    assert not folder.exists()


def test_workroom_is_gone_after_a_fault(store):
    rooms = []

    def fill():
        with store.workroom() as folder:
            rooms.append(folder)
            (folder / "half").write_bytes(b"half")
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        fill()
    assert [room.exists() for room in rooms] == [False]


def test_workroom_of_a_killed_worker_is_cleared_a_day_later(store, tmp_path):
    left = tmp_path / "files" / ".work-left"
    left.mkdir(parents=True)
    (left / "copy.sqlite3").write_bytes(b"copy")
    made = left.stat().st_mtime

    store.clear_workrooms(before=made - 1)
    assert left.exists()
    store.clear_workrooms(before=made + 1)
    assert not left.exists()
