"""Registries that have their schema already: copies of one that was migrated once a run.

What a migration does is tried in `server/registry/test_migrations.py` and `test_opening.py`.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

from warmstation_server.places import Region, Station
from warmstation_server.registry import Registry


def migrated(path: Path) -> Path:
    """A registry without a row, unless there is one at this path; all have the same secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_once(), path)
    return path


@contextmanager
def furnished(
    at: Path, regions: Iterable[Region], stations: Iterable[Station]
) -> Iterator[Registry]:
    """An open registry with these places and nothing else; `at` leads to its file.

    Who opens one of their own waits until each statement is compiled for it (SQLAlchemy keeps that
    by engine), which takes longer than most tests: this one is lent to one test after the other.
    """
    lent = _free.pop() if _free else _Lent()
    at.symlink_to(lent.path)
    try:
        yield lent.with_copy_of(_with(tuple(regions), tuple(stations)))
    finally:
        if lent.is_back():
            _free.append(lent)


class _Lent:
    """A registry whose file is another one for everybody who has it."""

    def __init__(self) -> None:
        self.path = migrated(_folder() / f"lent-{uuid4().hex}.db")
        self.registry = Registry.open(self.path)
        self.registry.close()

    def with_copy_of(self, template: Path) -> Registry:
        fresh = self.path.with_suffix(".fresh")
        shutil.copyfile(template, fresh)
        fresh.replace(self.path)
        return self.registry

    def is_back(self) -> bool:
        """Whether nobody works with it any more; the last one takes SQLite's journal along."""
        self.registry.close()
        return not self.path.with_name(f"{self.path.name}-wal").exists()


_free: list[_Lent] = []


@cache
def _with(regions: tuple[Region, ...], stations: tuple[Station, ...]) -> Path:
    path = migrated(_folder() / f"places-{uuid4().hex}.db")
    with closing(Registry.open(path)) as registry:
        registry.put(regions, stations)
    return path


@cache
def _once() -> Path:
    path = _folder() / "registry.db"
    Registry.open(path).close()
    return path


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="warmstation-registry-"))
    atexit.register(shutil.rmtree, folder)
    return folder
