"""Settings: one frozen value, made once. The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PREFIX = "GRANTS_"
DEFAULT_KEY = "change-me"


class SettingsError(Exception):
    """A setting is missing or wrong; the sentence names it."""


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between two installations. See the README for each name."""

    secret_key: str
    old_secret_keys: tuple[str, ...] = ()
    instance: Path = Path("instance")
    database_url: str = ""
    queue_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = False
    mail_from: str = "grants@example.org"
    clamd_socket: str = ""
    demonstration: bool = False
    debug: bool = False
    testing: bool = False
    durable: bool = True  # only tests may do without waiting for the disk
    secure_cookies: bool = False
    proxies: int = 0
    session_hours: int = 12
    idle_minutes: int = 120
    confirm_minutes: int = 15
    upload_megabytes: int = 10
    argon_memory_kib: int = 19_456
    argon_passes: int = 2
    clock: Callable[[], datetime] = field(default=_clock)

    @property
    def database(self) -> str:
        """The database's address: as set, or SQLite in the instance folder."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.instance.resolve() / 'grants.sqlite3'}"

    @property
    def queue(self) -> str:
        """The queue's address: as set, or a SQLite file of its own beside the database."""
        return self.queue_url or f"sqlite:///{self.instance.resolve() / 'queue.sqlite3'}"

    def check(self) -> Settings:
        """Refuse what must never run in production. Returns itself, raises SettingsError."""
        if self.testing:
            return self
        if self.debug and not self.demonstration:
            raise SettingsError("GRANTS_DEBUG is on. Switch it off, or set GRANTS_DEMONSTRATION=1.")
        if len(self.secret_key) < 32 or self.secret_key == DEFAULT_KEY:  # noqa: PLR2004 (characters)
            raise SettingsError(
                "GRANTS_SECRET_KEY must be a random value of at least 32 characters."
            )
        return self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every ``GRANTS_…`` name. Raises SettingsError with the name that is wrong."""
        env = os.environ if environ is None else environ
        instance = Path(env.get(f"{PREFIX}INSTANCE", "instance"))
        return cls(
            secret_key=_secret(env, instance),
            old_secret_keys=tuple(_text(env, "OLD_SECRET_KEYS", "").split()),
            instance=instance,
            database_url=_text(env, "DATABASE_URL", ""),
            queue_url=_text(env, "QUEUE_URL", ""),
            base_url=_text(env, "BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_host=_text(env, "SMTP_HOST", ""),
            smtp_port=_number(env, "SMTP_PORT", 25),
            smtp_user=_text(env, "SMTP_USER", ""),
            smtp_password=_text(env, "SMTP_PASSWORD", ""),
            smtp_starttls=_switch(env, "SMTP_STARTTLS"),
            mail_from=_text(env, "MAIL_FROM", "grants@example.org"),
            clamd_socket=_text(env, "CLAMD_SOCKET", ""),
            demonstration=_switch(env, "DEMONSTRATION"),
            debug=_switch(env, "DEBUG"),
            secure_cookies=_switch(env, "SECURE_COOKIES"),
            proxies=_number(env, "PROXIES", 0),
            session_hours=_number(env, "SESSION_HOURS", 12),
            idle_minutes=_number(env, "IDLE_MINUTES", 120),
            confirm_minutes=_number(env, "CONFIRM_MINUTES", 15),
            upload_megabytes=_number(env, "UPLOAD_MEGABYTES", 10),
        ).check()


def _text(env: Mapping[str, str], name: str, default: str) -> str:
    return env.get(PREFIX + name, default).strip()


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = _text(env, name, str(default))
    if not text.isdecimal():
        raise SettingsError(f"{PREFIX}{name} must be a whole number, not '{text}'.")
    return int(text)


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = _text(env, name, "0").lower()
    if text not in {"0", "1", "true", "false", "yes", "no", ""}:
        raise SettingsError(f"{PREFIX}{name} must be 1 or 0, not '{text}'.")
    return text in {"1", "true", "yes"}


def _secret(env: Mapping[str, str], instance: Path) -> str:
    """The key as set; in the demonstration, the one that ``run.py`` made in the instance folder."""
    value = _text(env, "SECRET_KEY", "")
    if value:
        return value
    made = instance / "secret.key"
    if _switch(env, "DEMONSTRATION") and made.exists():
        return made.read_text(encoding="utf8").strip()
    raise SettingsError(
        "GRANTS_SECRET_KEY is not set. Set it to a random value of at least 32 characters."
    )
