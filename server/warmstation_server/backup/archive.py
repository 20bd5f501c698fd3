"""The file: a tar with a manifest that has the size and checksum of everything else in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from warmstation_server.backup.errors import BadBackup

FORMAT = 1
_MANIFEST = "manifest.json"
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup. `sha256` in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `zone`: that of the deployment. `entries` by their names in the tar."""

    made_at: datetime
    zone: str
    warmstation: str
    entries: Mapping[str, Entry]

    def text(self) -> str:
        """As JSON."""
        known = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        return json.dumps(known, indent=2, sort_keys=True)


def write(folder: Path, to: Path, made_at: datetime, zone: str) -> Manifest:
    """Put all files below a folder into one; nothing is at `to` until all of it is on disk."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = {path.relative_to(folder).as_posix(): _entry(path) for path in files}
    manifest = Manifest(made_at, zone, version("warmstation"), entries)
    new = to.with_name(f"{to.name}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add_text(tar, _MANIFEST, manifest.text(), made_at)
                for name in entries:
                    tar.add(folder / name, name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        new.replace(to)
    except OSError as error:
        raise BadBackup(f"{to}: the backup cannot be written: {error.strerror}") from None
    finally:
        new.unlink(missing_ok=True)
    return manifest


def extract(path: Path, folder: Path) -> Manifest:
    """Unpack and compare every byte with the manifest; BadBackup where anything differs."""
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        for name, entry in manifest.entries.items():
            target = folder / _safe(name, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if _copied(tar, name, target, path) != entry:
                raise BadBackup(f"{path}: {name} is not what was backed up")
    return manifest


def glance(path: Path) -> Manifest:
    """What a backup says of itself, nothing compared; BadBackup where it is none."""
    with _opened(path) as tar:
        return _manifest(tar, path)


def check(path: Path) -> Manifest:
    """Compare every byte with the manifest without unpacking."""
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        for name, entry in manifest.entries.items():
            if _copied(tar, name, None, path) != entry:
                raise BadBackup(f"{path}: {name} is not what was backed up")
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except OSError as error:
        raise BadBackup(f"{path}: cannot be read: {error.strerror or error}") from None
    except tarfile.TarError as error:
        raise BadBackup(f"{path}: is no backup, or is damaged: {error}") from None


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    try:
        file = tar.extractfile(_MANIFEST)
        known: dict[str, Any] = json.loads(file.read()) if file else {}
        if known["format"] != FORMAT:
            raise BadBackup(
                f"{path}: is a backup of format {known['format']}; this version reads {FORMAT}"
            )
        entries = {name: Entry(**entry) for name, entry in known["entries"].items()}
        at = datetime.fromisoformat(known["made_at"])
        return Manifest(at, known["zone"], known["warmstation"], entries)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise BadBackup(f"{path}: is no backup, or its manifest is damaged") from None


def _copied(tar: tarfile.TarFile, name: str, target: Path | None, path: Path) -> Entry:
    try:
        source = tar.extractfile(name)
    except KeyError:
        source = None
    if source is None:
        raise BadBackup(f"{path}: {name} is missing")
    digest, size = hashlib.sha256(), 0
    with (target or Path(os.devnull)).open("wb") as out:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    return Entry(size, digest.hexdigest())


def _entry(path: Path) -> Entry:
    with path.open("rb") as file:
        return Entry(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _add_text(tar: tarfile.TarFile, name: str, text: str, at: datetime) -> None:
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(data), int(at.timestamp()), 0o600
    tar.addfile(info, io.BytesIO(data))


def _safe(name: str, path: Path) -> PurePosixPath:
    """A name that stays below the folder that it is unpacked to."""
    found = PurePosixPath(name)
    if found.is_absolute() or ".." in found.parts:
        raise BadBackup(f"{path}: {name!r} would be written elsewhere")
    return found
