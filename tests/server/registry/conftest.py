from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import REGIONS
from warmstation_server.registry import ImportOutcome, Registry, read


@pytest.fixture
def registry(schema: str) -> Iterator[Registry]:
    with closing(Registry.open(schema)) as found:
        found.put(REGIONS, [])
        yield found


@pytest.fixture
def take(registry: Registry, tmp_path: Path) -> Any:
    """Imports one file with this content."""

    def run(name: str, content: str | bytes, **options: Any) -> ImportOutcome:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return registry.take(read(path, options.pop("columns", None)).rows, **options)

    return run
