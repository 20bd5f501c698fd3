"""The whole country on one machine: 200,000 stations, a report of true size from each every minute.

    python -m tests.bench country --stations 200000 --seconds 80

In one process without a broker, so that each piece can be seen: registry, pipeline (decode, store,
fold, judge, tick), board, picture, feed, and the start after a stop. The clock is simulated: a
second takes as long as it takes, and `country_busy_share` says how much of one core that was. Each
piece has its profile, `country_*_worst`: functions and their share; and its yardstick, taken before
and after. The path with broker and network is `--live 60`: so many seconds of the full rate through
`warmstation serve`, and `--later 60` so many after them; `--pieces 0` leaves out all but that.
First everybody is heard for the first time: where that takes longer, `--live` must be longer too.
"""

from __future__ import annotations

import csv
import gc
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.bench import yardstick
from tests.bench.country_parts import (
    ONE_BROKEN_OF,
    CpuTime,
    Nobody,
    Sampled,
    rss_mb,
    through_broker,
)
from tests.bench.load import DISTRICT, healthy, station_id, templates
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.clock import SystemClock
from warmstation_server.dead_letters import DeadLetters
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.intake import Message
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.places import Region, Text
from warmstation_server.publish.renderer import Renderer
from warmstation_server.publish.site import Site as Deployment
from warmstation_server.registry import Columns, Registry, read
from warmstation_server.roster import Roster
from warmstation_server.serve import GC_THRESHOLDS
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import Leaf, Topic, rfc3339

ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
_FIRST_MINUTE_S, _MOST_S, _BESIDE_S = 300.0, 420.0, 120.0
"""CPU time: where a second takes too long there are fewer of them, and the answer says so."""
_START = datetime(2026, 11, 21, 4, tzinfo=UTC)
_HEADER = ("id", "district", "region", "name_zh", "lat", "lon", "hours", "capacity", "host_type")


def measure(
    stations: int = 200_000,
    seconds: int = 80,
    live: int = 0,
    later: int = 0,
    pieces: int = 1,
    again: int = 1,
) -> dict[str, object]:
    """All pieces, one after the other; `seconds` of everybody's reports, a minute to begin with.

    `again` = 0 leaves out the second import, which takes the longest and changes nothing.
    """
    gc.set_threshold(*GC_THRESHOLDS)
    found: dict[str, object] = {"country_stations": stations}
    if pieces:
        _pieces(stations, seconds, found, twice=bool(again))
    if live:
        found |= through_broker(stations, live, later)
    return found


def _pieces(stations: int, seconds: int, found: dict[str, object], *, twice: bool) -> None:
    began = time.monotonic()
    with TemporaryDirectory(prefix="warmstation-bench-") as name:
        country = Country(Path(name), stations, found)
        country.register(twice=twice)
        country.run(seconds)
        country.keep()
        country.publish()
        country.start_again()
        country.close()
    found["country_wall_s"] = round(time.monotonic() - began)


class Country:
    """The stations, what they say, and a server's parts without broker and web."""

    def __init__(self, folder: Path, stations: int, found: dict[str, object]) -> None:
        self._folder, self._count, self._found = folder, stations, found
        self._names = [station_id(number) for number in range(stations)]
        self._history: SqliteHistory
        self._letters: DeadLetters
        self._pipeline: Pipeline
        self._tick: CpuTime
        self._second_at = 0
        self._current: Current
        self._watch: KeptWatch
        self._registry = Registry.open(folder / "registry.db")
        self._topics = [str(Topic(DISTRICT, name, Leaf.REPORT)) for name in self._names]

    def close(self) -> None:
        """Let go of all files."""
        self._history.close()
        self._letters.close()
        self._registry.close()

    def register(self, *, twice: bool) -> None:
        """Import everybody, or twice, and read it as a server does."""
        path = self._folder / "country.csv"
        self._write(path)
        for word in ("first", "again") if twice else ("first",):
            with self._of(f"import_{word}", Sampled()):
                self._registry.take(read(path, Columns.parse((), ())).rows)
        with self._of("roster"):
            self._roster = Roster(self._registry)
            self._roster.refresh()

    def run(self, seconds: int) -> None:
        """Everybody reports once a minute, a sixtieth of them each second."""
        self._build()
        self._pipeline.turn((), _START)
        began = time.process_time()
        done = 0
        with self._of("first_minute", Sampled()):
            while done < 60 and time.process_time() < began + _FIRST_MINUTE_S:
                self._second(done)
                done += 1
        spent: list[float] = []
        ticks: list[float] = []
        with self._of("steady", Sampled()):
            while not spent or (done < seconds and time.process_time() < began + _MOST_S):
                took, tick = self._second(done)
                done += 1
                spent.append(took)
                ticks.append(tick)
        quiet = [self._quiet(done + n) for n in range(60)]
        a_second = self._count // 60 or 1
        self._found |= {
            "country_seconds_done": done,
            "country_reports_per_s": a_second,
            "country_busy_share": round(median(spent), 3),
            "country_cpu_us_per_report": round(sum(spent) / len(spent) / a_second * 1e6, 1),
            "country_tick_p50_ms": round(median(ticks) * 1000, 1),
            "country_tick_max_ms": round(max(ticks) * 1000, 1),
            "country_first_quiet_tick_ms": round(quiet[0] * 1000, 1),
            "country_quiet_tick_ms": round(median(quiet[-3:]) * 1000, 1),
            "country_mb": round(rss_mb()),
            "country_kb_per_station": round(rss_mb() * 1000 / self._count, 2),
        }

    def keep(self) -> None:
        """What is remembered of each station, written once; a server does a few of them a tick."""
        with self._of("keep", Sampled()):
            self._watch.write(_START + self._second_at * SECOND)
        size = sum(path.stat().st_size for path in self._folder.glob("watch.db*"))
        self._found["country_keep_bytes_per_station"] = round(size / self._count)

    def publish(self) -> None:
        """What a renderer does with one new snapshot."""
        with self._of("feed_first"):
            renderer = Renderer(
                self._current, Deployment(base_url="http://127.0.0.1", zone=str(ZONE))
            )
        self._second(self._second_at + 60)
        with self._of("feed_again", Sampled()):
            renderer.turn()

    def start_again(self) -> None:
        """A start after a stop, until the first report is taken, and until all is read."""
        self._history.close()
        self._letters.close()
        del self._pipeline, self._current, self._watch
        now = self._second_at + 1
        with self._of("open_history"):
            self._history = SqliteHistory(self._folder / "history.db", ZONE)
        with self._of("remember", Sampled()):
            self._build(self._history)
            self._watch.catch_up(self._history, _START, _START + now * SECOND)
        with self._of("rebuild", Sampled()):
            self._pipeline.turn((), _START + now * SECOND)
        shown = self._current.get().statuses.values()
        self._found["country_live_after"] = sum(one.data_state != "never" for one in shown)
        began, spent = time.process_time(), list[float]()
        with self._of("read_beside", Sampled()):
            while self._asleep() and time.process_time() < began + _BESIDE_S:
                now += 1
                spent.append(self._second(now)[0])
        self._found["country_beside_seconds"] = len(spent)
        self._found["country_beside_busy_share"] = round(median(spent or [0.0]), 3)
        self._found["country_asleep_after"] = self._asleep()

    def _asleep(self) -> int:
        return sum(map(self._watch.is_asleep, self._names))

    def _build(self, history: SqliteHistory | None = None) -> None:
        roster = self._roster
        path = self._folder / "history.db"
        self._history = history or SqliteHistory(
            path, ZONE, roster.target_c, roster.is_posted_open, seats=roster.seats
        )
        self._letters = DeadLetters.open(self._folder / "dead.db", 100, 2**20)
        self._current, nobody = Current(Snapshot(_START)), Nobody()
        self._watch = KeptWatch(self._folder / "watch.db", roster)
        scene = RosterScene(roster, load(), _START)
        metrics = Metrics()
        self._tick = metrics.tick_s = CpuTime()
        desk = Desk(self._registry.alerts, scene)
        alerting = Alerting(
            AlertParts(self._watch, desk, scene, roster, nobody, metrics, lambda: True)
        )
        parts = Parts(
            transport=nobody,
            sender=nobody,
            history=self._history,
            letters=self._letters,
            roster=roster,
            picture=Picture(roster, self._current),
            metrics=metrics,
            clock=SystemClock(),
            alerting=alerting,
        )
        self._pipeline = Pipeline(parts, Pace())

    def _second(self, second: int) -> tuple[float, float]:
        """CPU seconds that a second of reports took, and of these the tick's."""
        self._second_at, now = second, _START + second * SECOND
        messages = list(self._messages(second, now))
        before = self._tick.spent_s
        began = time.process_time()
        self._pipeline.turn(messages, now)
        return time.process_time() - began, self._tick.spent_s - before

    def _quiet(self, second: int) -> float:
        before = self._tick.spent_s
        self._pipeline.turn((), _START + second * SECOND)
        return self._tick.spent_s - before

    def _messages(self, second: int, now: datetime) -> Iterator[Message]:
        """True sizes; values move from minute to minute, and one in a hundred has a fault."""
        a_second = self._count // 60 or 1
        at, minute = rfc3339(now).encode(), second // 60
        seq = b"%d" % (minute + 1)
        for turn in range(a_second):
            number = (second * a_second + turn) % self._count
            texts = healthy() if number % ONE_BROKEN_OF else templates()
            text = texts[(number * 7 + minute) % len(texts)]
            name = self._names[number].encode()
            payload = text.replace(b"@station@", name).replace(b"@seq@", seq)
            yield Message(self._topics[number], payload.replace(b"@at@", at), now)

    def _write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(_HEADER)
            for number, name in enumerate(self._names):
                place = 20 + number % 3000 / 100, 80 + number // 3000 / 10
                named = name, DISTRICT, DISTRICT, f"驿站{number}"
                lines.writerow((*named, *place, "24/7", 20, "community"))
        self._registry.put([Region(DISTRICT, Text("测试区"), "district")], ())

    @contextmanager
    def _of(self, name: str, sampled: Sampled | None = None) -> Iterator[None]:
        """CPU seconds it takes, how much more memory is there afterwards, and where it was."""
        print(f"bench: {name} ...", file=sys.stderr)
        gc.collect()
        unit = yardstick.measure()["yardstick_validate_us"]
        began, before = time.process_time(), rss_mb()
        with nullcontext() if sampled is None else sampled.watching():
            yield
        self._found[f"country_{name}_s"] = round(time.process_time() - began, 2)
        self._found[f"country_{name}_mb"] = round(rss_mb() - before)
        unit += yardstick.measure()["yardstick_validate_us"]
        self._found[f"country_{name}_yardstick_us"] = round(unit / 2, 1)
        if sampled is not None:
            self._found[f"country_{name}_worst"] = sampled.worst()
        so_far = {key: one for key, one in self._found.items() if f"country_{name}" in key}
        print(json.dumps(so_far), file=sys.stderr)
