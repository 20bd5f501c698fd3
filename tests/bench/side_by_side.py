"""Three ways from a broker to a database, side by side: same broker, same load, same database.

Ours, a plain paho and influxdb-client consumer, and Node-RED with its InfluxDB node. Twice the
database is away (stopped in order, started again): once for a minute, and once shorter, while
everyone who writes is killed and started again. For each: reports published, and of these the
points held once all had as long as they wanted, `patience_s` at most.

`python -m tests.bench side_by_side --rate 100 --away 60`; `database` in the answer says which one
it was (`side_databases.py`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import side_node_red, side_plain
from tests.bench.side_databases import BUCKET, KEPT, ORG, TOKEN, Database, database
from tests.bench.site import Site
from tests.support.ports import free_port

STATIONS = 500
_MEASUREMENTS = {
    "ours": "report",
    "plain": side_plain.MEASUREMENT,
    "node_red": side_node_red.MEASUREMENT,
}
HISTORY = """
[history]
storage = "influx"
url = "{url}"
org = "{org}"
bucket = "{bucket}"
kept_bucket = "{kept}"
token_file = "influx.token"
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What happens while reports come: s before the database goes, without it, with it again."""

    name: str
    before_s: float
    away_s: float
    after_s: float
    is_killed: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was published in a story: so many reports, with `seq` from `first` to below `end`."""

    published: int
    first: int
    end: int


def measure(
    rate: int = 100, away: int = 60, patience: int = 300, is_killed: int = 1
) -> dict[str, object]:
    """Both stories, one after the other, in one run."""
    stories = [Story("minute", 10, away, max(30, away / 2))]
    if is_killed:
        stories.append(Story("killed", 10, 20, 30, is_killed=True))
    with TemporaryDirectory(prefix="warmstation-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        there = database(folder)
        there.start()
        stack.callback(there.stop)
        (folder / "influx.token").write_text(TOKEN)
        more = HISTORY.format(url=there.url, org=ORG, bucket=BUCKET, kept=KEPT)
        site = stack.enter_context(Site(folder, STATIONS, more))
        everyone = Everyone(folder, site, there)
        stack.callback(everyone.kill_rivals)
        everyone.start_rivals()
        seq = everyone.warm()
        found: dict[str, object] = {"side_by_side_database": there.name}
        for story in stories:
            told = everyone.live(story, rate, seq)
            seq = told.end
            found[f"side_by_side_{story.name}"] = {
                "reports_per_s": rate,
                "database_away_s": story.away_s,
                "published": told.published,
                **everyone.verdict(told, patience),
            }
        return found


class Everyone:
    """The three, the broker and the database."""

    def __init__(self, folder: Path, site: Site, there: Database) -> None:
        self._folder, self._site, self._database = folder, site, there
        plain = [sys.executable, "-m", "tests.bench.side_plain", str(site.mqtt_port), there.url]
        self._commands = {
            "plain": [*plain, ORG, BUCKET, TOKEN],
            "node_red": side_node_red.prepare(
                folder / "node-red", site.mqtt_port, there.url, free_port()
            ),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start_rivals(self) -> None:
        """Returns at once."""
        for name, command in self._commands.items():
            with (self._folder / f"{name}.log").open("ab") as log:
                self._running.append(subprocess.Popen(command, stdout=log, stderr=log))

    def kill_rivals(self) -> None:
        """SIGKILL, as for ours."""
        for process in self._running:
            process.kill()
            process.wait(15)
        self._running.clear()

    def warm(self) -> int:
        """Publish until all three store what comes; the first `seq` that was not used."""
        seq = 1
        for _ in range(30):
            told = Publishing(self._site.mqtt_port, 20, 2, seq).result()
            seq = told.end
            if _until(partial(self._all_have_some, told), 3):
                return seq
        raise RuntimeError(f"not all three store: {self._logs()}")

    def live(self, story: Story, rate: float, first_seq: int) -> Told:
        """Reports come, the database goes and comes back."""
        seconds = story.before_s + story.away_s + story.after_s
        load = Publishing(self._site.mqtt_port, rate, seconds, first_seq)
        time.sleep(story.before_s)
        self._database.stop()
        if story.is_killed:
            time.sleep(story.away_s / 2)
            self._site.kill_server()
            self.kill_rivals()
            self._site.start_server()
            self.start_rivals()
            time.sleep(story.away_s / 2)
        else:
            time.sleep(story.away_s)
        self._database.start()
        return load.result()

    def verdict(self, told: Told, patience_s: float) -> dict[str, object]:
        """What each holds, when all have caught up or their time is over."""
        began = time.monotonic()
        late: dict[str, float] = {}

        def all_hold_all() -> bool:
            for name in _MEASUREMENTS:
                if name not in late and self._held(name, told) == told.published:
                    late[name] = time.monotonic() - began
            return len(late) == len(_MEASUREMENTS)

        _until(all_hold_all, patience_s)
        found: dict[str, object] = {}
        for name in _MEASUREMENTS:
            held = self._held(name, told)
            found[name] = {
                "held": held,
                "lost": told.published - held,
                "lost_pct": round((1 - held / told.published) * 100, 2),
                "all_held_after_s": round(late[name], 1) if name in late else None,
            }
        return found

    def _held(self, name: str, told: Told) -> int:
        held = set(self._database.held(_MEASUREMENTS[name]))
        return sum(told.first <= seq < told.end for _, seq in held)

    def _all_have_some(self, told: Told) -> bool:
        return all(self._held(name, told) for name in _MEASUREMENTS)

    def _logs(self) -> str:
        return "\n".join(
            (self._folder / f"{name}.log").read_text()[-400:]
            for name in ("server", "plain", "node_red")
        )


class Publishing:
    """The publisher as a process of its own."""

    def __init__(self, port: int, rate: float, seconds: float, first_seq: int) -> None:
        self._first = first_seq
        command = [sys.executable, "-m", "tests.bench.load", "--port", str(port)]
        command += ["--stations", str(STATIONS), "--rate", str(rate)]
        command += ["--seconds", str(seconds), "--before", str((first_seq - 1) * STATIONS)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)

    def result(self) -> Told:
        """When it is over."""
        said = json.loads(self._process.communicate()[0])
        published = int(said["published"])
        end = self._first + -(-published // STATIONS)
        return Told(published, self._first, end)


def _until(happened: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True
