"""How passwords are hashed and checked: argon2id (docs/adr/0004)."""

from __future__ import annotations

from dataclasses import dataclass

import argon2
from argon2.exceptions import Argon2Error, InvalidHashError

LONGEST = 200  # characters of a password that are looked at


@dataclass(frozen=True, slots=True)
class Hashing:
    """The costs: memory in KiB, and passes over it."""

    memory: int = 19_456
    passes: int = 2

    def hash(self, password: str) -> str:
        """The hash to keep."""
        return self._hasher().hash(password[:LONGEST])

    def verify(self, kept: str | None, password: str) -> bool:
        """Takes as long where nothing is kept: a hash is made where none can be checked."""
        if kept is None:
            self.hash(password)
            return False
        try:
            return self._hasher().verify(kept, password[:LONGEST])
        except (Argon2Error, InvalidHashError):
            return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the kept hash was made with other costs."""
        return self._hasher().check_needs_rehash(kept)

    def _hasher(self) -> argon2.PasswordHasher:
        return argon2.PasswordHasher(time_cost=self.passes, memory_cost=self.memory, parallelism=1)
