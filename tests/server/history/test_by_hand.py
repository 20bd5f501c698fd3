"""Every history adds up what adding up by hand gives, whatever came, in whatever order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.server.history.conftest import Opens
from tests.server.history.reports import HERE, MINUTE, START, crossed
from tests.support.usage_by_hand import FIELDS, SEATS, Sheet, by_hand, in_steps, lived
from warmstation_server.history import History, Step
from warmstation_server.hours import Hours

BEGIN = datetime(2026, 3, 28, tzinfo=UTC)
"""A day before Berlin's clocks change."""
SPAN = BEGIN - timedelta(days=5), BEGIN + timedelta(days=12)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
STEPS: tuple[Step, ...] = ("quarter", "hour", "day")


def answered(history: History, names: list[str], step: Step) -> Sheet:
    found = history.usage(names, *SPAN, step)
    return {
        (name, one.start): {field: getattr(one, field) for field in FIELDS}
        for name, rows in found.items()
        for one in rows
    }


@pytest.mark.parametrize("seed", range(8))
def test_what_is_added_up_is_what_adding_up_by_hand_gives(opens: Opens, seed: int) -> None:
    rng = random.Random(seed)
    zone, names = ZoneInfo(rng.choice(ZONES)), ["aa", "bb", "cc"][: rng.randrange(1, 4)]
    hours = Hours("Mo-Su 08:00-20:00", zone.key)
    told = lived(rng, names, BEGIN, days=3)
    came = rng.sample(told, len(told)) + rng.sample(told, len(told) // 4)
    history = opens(zone, is_open=lambda _, at: hours.is_open(at), seats=lambda _: SEATS)
    while came:
        some = rng.randrange(20, 120)
        history.append(came[:some])
        came = came[some:]
    sheet, most = by_hand(told, lambda _, at: hours.is_open(at))
    for step in STEPS:
        wanted, found = in_steps(sheet, step, zone), answered(history, names, step)
        assert found.keys() == wanted.keys()
        for key, sums in wanted.items():
            assert found[key] == pytest.approx(sums, abs=2e-3, rel=1e-9), (step, key)
        for one in history.total(names, *SPAN, step):
            parts = [sums for (_, begin), sums in wanted.items() if begin == one.start]
            together = {field: sum(part[field] for part in parts) for field in FIELDS}
            said = {field: getattr(one, field) for field in FIELDS}
            assert said == pytest.approx(together, abs=5e-3, rel=1e-9), (step, one.start)
    quarters = history.usage(names, *SPAN, "quarter")
    shown = {(name, one.start): one.people_max for name, rows in quarters.items() for one in rows}
    assert {key: count for key, count in shown.items() if count is not None} == most


def test_a_clock_that_was_set_back_behind_its_first_report_shortens_no_time(
    history: History,
) -> None:
    history.append([crossed(5, 2 * MINUTE, 5), crossed(7, MINUTE, 5)])
    (found,) = history.usage([HERE], START, START + 15 * MINUTE, "quarter")[HERE]
    assert found.measured_s == 300.0, "the newest report holds: no other stream begins"
