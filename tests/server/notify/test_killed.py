from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.support.migrated import migrated
from tests.support.notices import notice
from tests.support.nursery import DIED, Nursery, nursery
from tests.support.patience import eventually
from tests.support.vendors import OK, Handler, Vendor, vendor
from warmstation_server.notify.drain import LEASE
from warmstation_server.registry import Registry

POINTS = ("before claim", "routed", "claimed", "sent", "written down")
ALERTS = 6


@pytest.fixture(scope="module")
def servers() -> Iterator[Nursery]:
    with nursery("tests.support.drain_process") as found:
        yield found


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "r.db"
    with closing(Registry.open(migrated(path))) as registry:
        registry.notifications.add(
            notice(number, severity="critical" if number == 0 else "warning")
            for number in range(ALERTS)
        )
    return path


def texts(bot: Vendor) -> list[str]:
    return [asked.json()["markdown"]["content"] for asked in bot.asked]


def told_in_the_end(servers: Nursery, db: Path, bot: Vendor) -> None:
    """A server starts after the lease of the dead one; all is told, at most one message twice."""
    servers.start(str(db), bot.url, "-", LEASE.total_seconds() + 60)
    assert servers.ended() == 0
    said = texts(bot)
    for number in range(ALERTS):
        assert any(f"驿站{number}号" in text for text in said), number
    keys = [text.rpartition("编号 ")[2] for text in said]
    twice = [key for key in set(keys) if keys.count(key) > 1]
    assert len(keys) - len(set(keys)) <= 1
    for key in twice:
        assert "可能重复" in said[len(keys) - 1 - keys[::-1].index(key)]
    with closing(Registry.open(db)) as registry:
        assert registry.notifications.tally() == {"delivered": ALERTS}


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_ends_anywhere_loses_nothing(servers: Nursery, point: str, db: Path) -> None:
    with vendor() as bot:
        servers.start(str(db), bot.url, point, 0)
        assert servers.ended() == DIED
        told_in_the_end(servers, db, bot)


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_process_killed_amid_a_message_loses_nothing(
    servers: Nursery, is_answered: bool, db: Path
) -> None:
    running: list[int] = []

    def fatal(handler: Handler) -> None:
        eventually(lambda: running)
        if is_answered:
            OK(handler)
        with suppress(ProcessLookupError):
            os.kill(running[0], signal.SIGKILL)

    with vendor() as bot:
        bot.then(fatal)
        running.append(servers.start(str(db), bot.url, "-", 0))
        servers.ended()
        told_in_the_end(servers, db, bot)
