"""Counts of another system, taken over as they were: totals are the file's own."""

from __future__ import annotations

import csv
import random
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from tests.support.figures import Written, city, district_of
from tests.support.migrated import migrated
from warmstation.commands import app
from warmstation_server.importing_counts import BadCounts, hourly
from warmstation_server.registry import Registry
from warmstation_server.usage.period import Period
from warmstation_server.usage.rollup import Rollup

ZONE = ZoneInfo("Asia/Shanghai")
TAXI = Path(__file__).parents[3] / "shared/data/taxi_counts"


def own_recording(path: Path) -> Path:
    """Half-hours of a year that has no taxi in it; a gap, and rows out of order."""
    chance = random.Random(11)
    start = datetime(2025, 12, 1)  # noqa: DTZ001 - as such files have it
    rows = [(start + timedelta(minutes=30 * n), chance.randrange(900)) for n in range(2000)]
    chance.shuffle(rows)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "value"])
        writer.writerows((f"{at:%Y-%m-%d %H:%M:%S}", count) for at, count in rows[:1900])
    return path


def taxi() -> Path:
    found = next(TAXI.glob("*.csv"), None) if TAXI.is_dir() else None
    if found is None:
        pytest.skip("the recording taxi_counts is not here")
    return found


def independent(path: Path) -> Counter[tuple[int, int]]:
    """Totals by weekday and hour, straight from the text."""
    totals: Counter[tuple[int, int]] = Counter()
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.strptime(row["timestamp"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local
            totals[at.weekday(), at.hour] += int(row["value"])
    return totals


@pytest.mark.parametrize("source", ["own", "taxi"])
def test_imported_totals_by_weekday_and_hour_are_those_of_the_file(
    source: str, tmp_path: Path
) -> None:
    path = taxi() if source == "taxi" else own_recording(tmp_path / "own.csv")
    regions, places = city(4)
    (tmp_path / "server.toml").write_text('data_dir = "."\n')
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.put(regions.values(), places)
        wanted = ["import-counts", str(path), "--station", "st-0001"]
        for _ in range(2):  # twice is as once
            said = CliRunner().invoke(app, [*wanted, "--config", str(tmp_path / "server.toml")])
            assert said.exit_code == 0, said.output
        with path.open(newline="") as lines:
            counts = hourly(lines, "timestamp", "value", "st-0001", ZONE)
        days = [one.start.astimezone(ZONE).date() for one in counts]
        period = Period(min(days), max(days))
        start, end = counts[0].start, counts[-1].end
        found = Written(counted=list(registry.visits.between(["st-0001"], start, end)))
    district = district_of(Rollup(tmp_path / "usage.db", ZONE.key), ZONE, written=found)
    answer = district.answer(places, regions, period, end)
    expected = independent(path)
    cells = answer.count_heat["imported"].cells
    assert {(c.weekday, c.hour): c.visits for c in cells if c.visits is not None} == dict(expected)
    assert answer.counts == {"imported": expected.total()}
    assert answer.figures["visits"].value is None  # never added to what a sensor counted
    district.rollup.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at,n\n", "no column timestamp; there are: at, n"),
        ("timestamp,value\nyesterday,3\n", "line 2: timestamp: 'yesterday' is no time"),
        ("timestamp,value\n2026-01-01 10:00,-3\n", "line 2: value: '-3' is no whole number"),
        ("timestamp,value\n2026-01-01 10:00,1.5\n", "'1.5' is no whole number"),
        ("timestamp,value\n0001-01-01 00:00,3\n", "line 2: timestamp: '0001-01-01 00:00' is no"),
        ("timestamp,value\n" + "2026-01-01 10:00,900000000\n" * 3, "line 3: value: more than"),
        ("timestamp,value\n" + "9" * 100_000 + ",3\n", "line 2: timestamp: longer than"),
        ("timestamp,value\n" + "9" * 20_000_000 + ",3\n", "line 2: field larger than"),
    ],
)
def test_what_cannot_be_read_names_line_and_column(text: str, said: str) -> None:
    with pytest.raises(BadCounts, match=said):
        hourly(text.splitlines(keepends=True), "timestamp", "value", "aa", ZONE)
