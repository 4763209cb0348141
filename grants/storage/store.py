"""Bytes by key, in a folder of the instance. A key is made by us and never by a sender."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

KEY = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9.-]*)+")


class Store:
    """Born unbound; ``create_app`` says which folder it is."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def bind(self, folder: Path) -> None:
        """Keep everything under this folder from now on."""
        self._folder = folder.resolve()

    def write(self, key: str, data: bytes) -> None:
        """Keep these bytes; what stood there before is replaced. On disk when this returns.

        Written beside its place and then renamed, so a reader sees all of it or none, also after a
        power cut. Raises OSError when the disk is full; nothing half-written is left.
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _settle(path.parent)

    @contextmanager
    def workroom(self) -> Iterator[Path]:
        """A place on the same disk to make a large file in; gone afterwards, whatever happens."""
        if self._folder is None:
            raise RuntimeError("the store was not told its folder")
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".work-", dir=self._folder) as place:
            yield Path(place)

    def clear_workrooms(self, *, before: float) -> None:
        """Forget what killed workers left behind before this moment (seconds since 1970)."""
        if self._folder is None or not self._folder.is_dir():
            return
        for place in self._folder.glob(".work-*"):
            if place.stat().st_mtime < before:
                shutil.rmtree(place, ignore_errors=True)

    def take(self, key: str, made: Path) -> None:
        """Keep a whole file from the workroom under this key. On disk when this returns."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(path)
        _settle(path.parent)

    def open(self, key: str) -> BinaryIO:
        """The bytes with this key, to be read bit by bit. Raises FileNotFoundError."""
        return self._path(key).open("rb")

    def read(self, key: str) -> bytes:
        """The bytes with this key. Raises FileNotFoundError."""
        return self._path(key).read_bytes()

    def has(self, key: str) -> bool:
        """Whether there is anything with this key."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Forget these bytes; nothing happens where there are none."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if self._folder is None:
            raise RuntimeError("the store was not told its folder")
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of the store")
        return self._folder / key


def _settle(folder: Path) -> None:
    """A new name is on disk only once its folder is (not asked for where folders cannot be opened)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


files = Store()
