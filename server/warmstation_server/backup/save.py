"""Taking a backup, also while the server works."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from warmstation_server.backup import archive
from warmstation_server.backup.archive import Manifest
from warmstation_server.backup.errors import BadBackup
from warmstation_server.config import Config
from warmstation_server.registry import Registry

DATABASES = ("history.db", "dead-letters.db", "watch.db")
"""Files of their own, each copied from one view."""
FILES = ("home-assistant.topics", "server.id")
"""Written whole or not at all, so that a copy is whole too."""
REGISTRY = "registry.jsonl"
AUTHORITY = "authority"
CONFIGURATION = "configuration"


def save(config: Config, config_path: Path, to: Path, now: datetime) -> Manifest:
    """Write a backup to a file that is not there yet; BadBackup with one sentence."""
    if to.exists():
        raise BadBackup(f"{to}: is there already")
    if not config.data_dir.is_dir():
        raise BadBackup(f"{config.data_dir}: there is no data directory to back up")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        staging = TemporaryDirectory(prefix=f".{to.name}-", dir=to.parent)
    except OSError as error:
        raise BadBackup(f"{to}: the backup cannot be written: {error.strerror}") from None
    with staging as name:
        folder = Path(name)
        _save_registry(config, folder)
        for database in DATABASES:
            _copy_database(config.data_dir / database, folder / database)
        _copy_files(config, config_path, folder)
        return archive.write(folder, to, now, config.zone)


def _save_registry(config: Config, folder: Path) -> None:
    with (
        closing(Registry.open(config.registry_url)) as registry,
        (folder / REGISTRY).open("w", encoding="utf-8") as file,
    ):
        for line in registry.dump():
            file.write(line + "\n")


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's online backup in one step: one view, and it keeps no writer waiting."""
    if not source.exists():
        return
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
            (verdict,) = there.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise BadBackup(f"{source}: cannot be copied: {error}") from None
    if verdict != "ok":
        raise BadBackup(f"{source}: is damaged: {verdict}")


def _copy_files(config: Config, config_path: Path, folder: Path) -> None:
    for name in FILES:
        _copy(config.data_dir / name, folder / name)
    if config.authority_dir.is_dir():
        shutil.copytree(config.authority_dir, folder / AUTHORITY)
    said = folder / CONFIGURATION
    said.mkdir()
    for path in (config_path, config.alerts.rules, config.notify.file):
        if path is not None:
            _copy(path, said / path.name)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadBackup(f"{source}: cannot be copied: {error.strerror}") from None
