"""A registry that has its schema already: a copy of one that was migrated once a run.

What a migration does is tried in `server/registry/test_migrations.py` and `test_opening.py`.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from warmstation_server.registry import Registry


def migrated(path: Path) -> Path:
    """A registry without a row, unless there is one at this path; all have the same secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_once(), path)
    return path


@cache
def _once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="warmstation-registry-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "registry.db"
    Registry.open(path).close()
    return path
