"""A log of sessions that overlap and lack ends: in use is the union of their intervals."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from warmstation.commands import app
from warmstation_server.charging.log_file import BadLog, read
from warmstation_server.charging.utilisation import LONGEST, Session, utilisation

DAY = datetime(2026, 11, 21, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITES = Path(__file__).parents[3] / "../shared/data/charging_sites/stations.csv"


def at(minute: float) -> datetime:
    return DAY + minute * MINUTE


def by_the_minute(sessions: list[Session], start: int, end: int) -> int:
    """The same worked out otherwise: each minute of each charger, one by one."""
    total = 0
    for charger in {one.charger for one in sessions}:
        own = [one for one in sessions if one.charger == charger]
        for minute in range(start, end):
            total += any(_holds(one, own, at(minute)) for one in own)
    return total


def _holds(one: Session, own: list[Session], now: datetime) -> bool:
    end = one.end
    if end is None or end < one.start:
        end = min((x.start for x in own if x.start > one.start), default=one.start + LONGEST)
    return one.start <= now < min(end, one.start + LONGEST)


def made_up(seed: int, chargers: list[str], per_charger: int = 25) -> list[Session]:
    """Two days by the whole minute; a third overlap, a sixth have no end."""
    rng = Random(seed)
    found = []
    for charger in chargers:
        for _ in range(per_charger):
            start = rng.randrange(-300, 2 * 1440)
            lasts = rng.choice((5, 40, 90, 240, 700))
            end = None if rng.random() < 1 / 6 else at(start + lasts)
            found.append(Session(charger, at(start), end))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_in_use_is_the_union_of_the_intervals(seed: int) -> None:
    sessions = made_up(seed, ["a", "b", "c"])
    found = utilisation(sessions, at(0), at(2 * 1440))
    assert found.in_use_s == 60 * by_the_minute(sessions, 0, 2 * 1440)
    assert found.serviceable_s == 3 * 2 * 86400
    assert found.overlaps > 0
    assert found.assumed_ends == sum(one.end is None for one in sessions)
    assert found.share is not None
    assert 0 < found.share <= 1
    Random(seed).shuffle(sessions)
    assert utilisation(sessions, at(0), at(2 * 1440)) == found


def test_sessions_within_and_beside_each_other_count_once() -> None:
    sessions = [
        Session("a", at(0), at(60)),
        Session("a", at(10), at(20)),
        Session("a", at(60), at(90)),
        Session("a", at(50), at(70)),
        Session("b", at(0), at(30)),
    ]
    found = utilisation(sessions, at(0), at(120), ["a", "b", "never used"])
    assert (found.in_use_s, found.serviceable_s) == (120 * 60, 3 * 120 * 60)
    assert (found.sessions, found.overlaps) == (5, 3)


def test_a_missing_end_is_the_next_start_or_the_longest_charge() -> None:
    next_start = utilisation(
        [Session("a", at(0), None), Session("a", at(45), at(60))], at(0), at(1440)
    )
    assert (next_start.in_use_s, next_start.assumed_ends) == (60 * 60, 1)
    alone = utilisation([Session("a", at(0), None)], at(0), at(1440))
    assert alone.in_use_s == LONGEST.total_seconds()
    backwards = utilisation([Session("a", at(100), at(10))], at(0), at(1440))
    assert (backwards.in_use_s, backwards.assumed_ends) == (LONGEST.total_seconds(), 1)


def test_only_what_lies_in_the_span_counts() -> None:
    found = utilisation(
        [Session("a", at(-60), at(30)), Session("a", at(110), None)], at(0), at(120)
    )
    assert found.in_use_s == 40 * 60
    assert utilisation([], at(0), at(120)).share is None


def test_chargers_of_a_real_town(tmp_path: Path) -> None:
    if not SITES.is_file():
        pytest.skip(f"the recordings are not here: {SITES}")
    with SITES.open(encoding="utf-8") as file:
        sites = list(csv.DictReader(file))[:12]
    piles = [f"{one['station_id']}-{n}" for one in sites for n in range(min(3, int(one["count"])))]
    sessions = made_up(9, piles, 12)
    path = tmp_path / "log.csv"
    lines = [f"{one.charger},{one.start.isoformat()},{one.end or ''}" for one in sessions]
    path.write_text("\n".join(["charger,start,end", *lines]) + "\n", encoding="utf-8")
    read_back = read(path, ZoneInfo("Asia/Shanghai"))
    assert read_back == sessions
    found = utilisation(read_back, at(0), at(1440), piles)
    assert found.in_use_s == 60 * by_the_minute(sessions, 0, 1440)


def test_the_command_line_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "charger,start,end\np1,2026-11-21T08:00,2026-11-21T09:00\np1,2026-11-21 08:30,\n",
        encoding="utf-8",
    )
    told = CliRunner().invoke(
        app,
        ["charging-log", str(path), "--start", "2026-11-21T08:00", "--end", "2026-11-21T10:00"],
    )
    found = json.loads(told.stdout)
    assert (found["share"], found["assumed_ends"], found["overlaps"]) == (1.0, 1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("charger,start\na,2026-11-21\n", "no column end"),
        ("charger,start,end\na,soon,\n", "line 2: 'soon' is no time"),
        ("charger,start,end\n,2026-11-21T08:00,\n", "line 2: a session needs a charger"),
        ("charger,start,end\na,,\n", "line 2: a session needs a charger"),
    ],
)
def test_a_bad_log_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadLog, match=said):
        read(path, ZoneInfo("UTC"))
    assert CliRunner().invoke(app, ["charging-log", str(path)]).exit_code == 1
