from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.drain_process import DIED
from tests.support.migrated import migrated
from tests.support.notices import notice
from tests.support.patience import PATIENCE_S, eventually
from tests.support.vendors import OK, Handler, Vendor, vendor
from warmstation_server.notify.drain import LEASE
from warmstation_server.registry import Registry

POINTS = ("before claim", "routed", "claimed", "sent", "written down")
ALERTS = 6


def server(db: Path, bot: Vendor, point: str = "-", later_s: float = 0) -> subprocess.Popen[bytes]:
    words = ("-m", "tests.support.drain_process", str(db), bot.url, point, str(later_s))
    return subprocess.Popen((sys.executable, *words), cwd=Path(__file__).parents[3])


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


def told_in_the_end(db: Path, bot: Vendor) -> None:
    """A server starts after the lease of the dead one; all is told, at most one message twice."""
    assert server(db, bot, later_s=LEASE.total_seconds() + 60).wait(PATIENCE_S) == 0
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
def test_a_process_that_ends_anywhere_loses_nothing(point: str, db: Path) -> None:
    with vendor() as bot:
        assert server(db, bot, point).wait(PATIENCE_S) == DIED
        told_in_the_end(db, bot)


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_process_killed_amid_a_message_loses_nothing(is_answered: bool, db: Path) -> None:
    running: list[subprocess.Popen[bytes]] = []

    def fatal(handler: Handler) -> None:
        eventually(lambda: running)
        if is_answered:
            OK(handler)
        running[0].kill()

    with vendor() as bot:
        bot.then(fatal)
        running.append(server(db, bot))
        running[0].wait(PATIENCE_S)
        told_in_the_end(db, bot)
