"""Bringing a backup back, on this version or a newer one, into an empty place."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from warmstation_server import claim
from warmstation_server.backup import archive
from warmstation_server.backup.archive import Manifest
from warmstation_server.backup.errors import BadBackup
from warmstation_server.backup.save import AUTHORITY, CONFIGURATION, DATABASES, FILES, REGISTRY
from warmstation_server.config import Config
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.registry import Registry

_OURS = (*DATABASES, *FILES, "registry.db")


def restore(config: Config, path: Path) -> Manifest:
    """Bring all of it back; older layouts are migrated. BadBackup with one sentence.

    Nothing is touched where the data directory or the registry has anything already, or where a
    byte of the backup is not what it was. Its configuration is put beside the data, for reading.
    """
    with claim.data_dir(config.data_dir):
        there = [name for name in _OURS if (config.data_dir / name).exists()]
        if there:
            raise BadBackup(f"{config.data_dir}: has a server's {there[0]} already")
        with TemporaryDirectory(prefix=".restoring-", dir=config.data_dir) as name:
            folder = Path(name)
            manifest = archive.extract(path, folder)
            if manifest.zone != config.zone:
                raise BadBackup(
                    f"{path}: is of a deployment in {manifest.zone}, not {config.zone}: "
                    "say the same zone in server.toml, and change it afterwards"
                )
            _restore_registry(config, folder, path)
            _put(config, folder)
    if config.history.storage == "sqlite":
        SqliteHistory(config.history_path, config.zone_info).close()
    return manifest


def _restore_registry(config: Config, folder: Path, path: Path) -> None:
    try:
        with (folder / REGISTRY).open(encoding="utf-8") as lines:
            Registry.restored(config.registry_url, lines).close()
    except FileNotFoundError:
        raise BadBackup(f"{path}: has no registry") from None


def _put(config: Config, folder: Path) -> None:
    for name in (*DATABASES, *FILES):
        if (folder / name).exists():
            (folder / name).replace(config.data_dir / name)
    if (folder / AUTHORITY).is_dir():
        shutil.copytree(folder / AUTHORITY, config.authority_dir, dirs_exist_ok=True)
    shutil.copytree(
        folder / CONFIGURATION, config.data_dir / "restored-configuration", dirs_exist_ok=True
    )
