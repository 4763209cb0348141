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
