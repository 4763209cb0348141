"""Files on their way out: always as attachments, under a name that cannot deceive."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response

LONGEST = 150
# Line ends, marks that turn the direction of writing, and what file systems read as something else.
UNSAFE = re.compile(
    '[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"\\\\/:*?<>|;%]+'
)


def download(data: bytes, *, name: str, media_type: str) -> Response:
    """These bytes as a file to keep. Nothing in it runs or shows within our pages."""
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def disposition(name: str) -> str:
    """The header that names a download: once in plain letters, once in full."""
    full = " ".join(UNSAFE.sub(" ", name).split()).strip(". ")[-LONGEST:] or "file"
    plain = unicodedata.normalize("NFKD", full).encode("ascii", "ignore").decode() or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"
