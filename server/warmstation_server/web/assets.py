"""Styles, modules and icons as documents under an address that changes with their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from warmstation_server.publish.documents import Document, document
from warmstation_server.web.headers import SECURE

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"
_AT_ROOT = frozenset({"sw.js", "robots.txt"})
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Assets:
    """Every file of one folder, and of those below it, in memory.

    All of them share one hash in their path, so modules import each other by relative address
    and no file needs rewriting.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        files = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
        whole = sha256(b"".join(path.read_bytes() for path in files))
        self.version = whole.hexdigest()[:10]
        self.documents: Mapping[str, Document] = {
            document.path: document for document in map(self._document, files)
        }

    def url(self, name: str) -> str:
        """Where a file is served."""
        return f"/{name}" if name in _AT_ROOT else f"/static/{self.version}/{name}"

    def _document(self, path: Path) -> Document:
        name = path.relative_to(self._folder).as_posix()
        return document(
            self.url(name),
            path.read_bytes(),
            media_type=_TYPES[path.suffix],
            changed_at=_LONG_AGO,
            cache_control=_ASK if name in _AT_ROOT else _FOREVER,
            headers=SECURE,
            level=9,
        )
