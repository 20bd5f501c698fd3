"""The same documents as files that any web server can serve."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from warmstation_server.publish.documents import Document


class Directory:
    """Keeps a directory equal to the documents, each with its .gz beside it.

    A file is replaced by renaming, so a reader sees the old bytes or the new, never half of them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._written: dict[str, bytes] = {}

    def write(self, documents: Mapping[str, Document]) -> list[str]:
        """Write what changed since the last call; the paths of it. OSError where it cannot."""
        changed = [path for path, it in documents.items() if self._written.get(path) != it.tag]
        for path in changed:
            self._write(documents[path])
            self._written[path] = documents[path].tag
        return changed

    def clear(self, folders: Iterable[str], pages: Collection[str]) -> list[str]:
        """Take away the pages below these folders that are none of those; which they were.

        Also what an earlier server wrote. Nothing but pages, and whatever else lies there stays.
        """
        gone = []
        for folder in (self._root / name for name in folders):
            for page in sorted(folder.rglob("index.html")):
                path = "/" + page.parent.relative_to(self._root).as_posix()
                if path not in pages:
                    self._remove(page)
                    self._written.pop(path, None)
                    gone.append(path)
        return gone

    def _remove(self, page: Path) -> None:
        page.unlink(missing_ok=True)
        page.with_name(f"{page.name}.gz").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's file lies there
            page.parent.rmdir()

    def _write(self, document: Document) -> None:
        target = self._root / _file_name(document.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        packed = target.with_name(target.name + ".gz")
        if document.gzipped is None:
            packed.unlink(missing_ok=True)
        else:
            _replace(packed, document.gzipped)
        _replace(target, document.body)


def _file_name(path: str) -> str:
    """`/` and `/stations/x` are pages: web servers look for index.html there."""
    name = path.strip("/")
    return name if "." in name.rpartition("/")[2] else f"{name}/index.html".lstrip("/")


def _replace(target: Path, body: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if target.read_bytes() == body:
            return
    with NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as new:
        new.write(body)
    try:
        os.chmod(new.name, 0o644)  # noqa: PTH101 - a web server of another user reads it
        os.replace(new.name, target)  # noqa: PTH105 - named by the temporary file
    except OSError:
        Path(new.name).unlink(missing_ok=True)
        raise
