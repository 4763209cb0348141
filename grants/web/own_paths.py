"""Where to go next: only ever a path of our own."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 2_000


def own_path(text: str | None) -> str:
    """The path if it leads nowhere else; otherwise nothing."""
    if not text or len(text) > LONGEST or not text.startswith("/") or text.startswith("//"):
        return ""
    if "\\" in text or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):  # noqa: PLR2004 (control characters)
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text
