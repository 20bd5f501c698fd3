from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.clocks import FakeClock
from warmstation_server.registry import Registry
from warmstation_server.registry.notifications import Notifications


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Notifications]:
    with closing(Registry.open(tmp_path / "r.db")) as registry:
        yield registry.notifications


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
