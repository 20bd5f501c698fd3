"""The watch's file: written station by station, in turn, and read back to where each was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.registered import NOON, FixedPlaces, received, station
from tests.support.watched import MINUTE
from warmstation_server.history import Received
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.kept_watch import KEPT_EVERY, KeptWatch
from warmstation_server.roster import Roster

NAMES = [f"ks-{number:03d}" for number in range(120)]


def registered(*names: str) -> Roster:
    roster = Roster(FixedPlaces(*(station(name) for name in names)))
    roster.refresh()
    return roster


def heard(watch: KeptWatch, seq: int, at: datetime) -> None:
    batch = [received(seq, at, station=name) for name in NAMES]
    watch.after_reports(batch)
    list(watch.conditions(NAMES, at))


def rows(path: Path) -> dict[str, float]:
    with closing(sqlite3.connect(path)) as file:
        return dict(file.execute("SELECT id, kept_s FROM station ORDER BY id"))


def test_a_round_goes_fifty_stations_at_a_time_and_the_next_one_waits(tmp_path: Path) -> None:
    watch, breaths = KeptWatch(tmp_path / "watch.db", registered(*NAMES)), list[int]()
    heard(watch, 1, NOON)
    written = []
    for _ in range(3):
        watch.keep(NOON, lambda: breaths.append(1))
        written.append(len(rows(tmp_path / "watch.db")))
    assert (written, len(breaths)) == ([50, 100, 120], 3)
    watch.keep(NOON + KEPT_EVERY - MINUTE, lambda: None)
    assert set(rows(tmp_path / "watch.db").values()) == {NOON.timestamp()}
    watch.keep(NOON + KEPT_EVERY, lambda: None)
    later = [at_s for at_s in rows(tmp_path / "watch.db").values() if at_s > NOON.timestamp()]
    assert len(later) == 50


def test_each_station_takes_up_what_came_since_it_was_written(tmp_path: Path) -> None:
    path, roster = tmp_path / "watch.db", registered(*NAMES)
    watch, history = KeptWatch(path, roster), MemoryHistory(ZoneInfo("Asia/Shanghai"))
    for seq in (1, 2, 3):
        at = NOON + seq * 3 * MINUTE
        heard(watch, seq, at)
        history.append([received(seq, at, station=name) for name in NAMES])
        watch.keep(at, lambda: None)  # fifty of them, then fifty others
    end = NOON + 10 * MINUTE
    again = KeptWatch(path, roster)
    again.catch_up(history, end, end)
    for name in NAMES:
        (latest,) = [one for one in history.latest() if one.station == name]
        assert again.put([name], end)
        assert latest.seq == 3
        assert not again.after_reports([latest])
    assert list(again.conditions(NAMES, end)) == []  # all of it was told before


def test_a_damaged_row_costs_one_station_and_a_damaged_file_all_of_them(tmp_path: Path) -> None:
    path, roster = tmp_path / "watch.db", registered(*NAMES)
    watch = KeptWatch(path, roster)
    heard(watch, 1, NOON)
    watch.close(NOON)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE station SET state = x'00' WHERE id = ?", NAMES[:1])
    again = KeptWatch(path, roster)
    assert [one.station for one in again.conditions(NAMES, NOON)] == []
    batch = [received(2, NOON + MINUTE, station=name) for name in NAMES]
    again.after_reports(batch)
    told = {one.station for one in again.conditions(NAMES, NOON + MINUTE)}
    assert told == {NAMES[0]}  # the others have nothing new to tell
    again.close(NOON + MINUTE)
    path.write_bytes(b"nonsense" * 1000)
    KeptWatch(path, roster).close(NOON)
    assert rows(path) == {}


def test_after_an_orderly_end_nothing_is_read_again_and_who_is_gone_is_dropped(
    tmp_path: Path,
) -> None:
    path = tmp_path / "watch.db"
    watch = KeptWatch(path, registered(*NAMES))
    heard(watch, 1, NOON)
    watch.close(NOON)
    history = Counting(ZoneInfo("Asia/Shanghai"))
    history.append([received(1, NOON, station=name) for name in NAMES])
    fewer = KeptWatch(path, registered(*NAMES[1:]))
    fewer.catch_up(history, NOON, NOON + MINUTE)
    assert history.asked == 0
    fewer.keep(NOON + MINUTE, lambda: None)
    assert NAMES[0] not in rows(path)
    killed = KeptWatch(path, registered(*NAMES))
    killed.catch_up(history, NOON, NOON + MINUTE)
    assert history.asked == len(NAMES) - 50  # all but those that were just written


class Counting(MemoryHistory):
    """Counts how often single reports are asked for."""

    asked = 0

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """As it is."""
        self.asked += 1
        return super().reports(station, start, end)
