"""Three days of two stations of a made-up city, counted, with staff pages over them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.server.usage.test_counting import NOW, ZONE, is_open, reports
from tests.support.staff import Staff, staff_web
from tests.support.web import SetClock
from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory

WEEK = "period=own&first=2026-11-16&last=2026-11-18"
FORM = {"period": "own", "first": "2026-11-16", "last": "2026-11-18"}


def told() -> list[Received]:
    """One that is visited, one that stays shut, one in another street."""
    return (
        reports("ks-000", range(72))
        + reports("ks-001", range(72), entered=0)
        + reports("ks-050", range(24, 72), entered=4)
    )


@contextmanager
def district_web(folder: Path, seed: int | None = None) -> Iterator[Staff]:
    """Pages over that; with a seed, everything arrives in another order, in parts."""
    folder.mkdir(exist_ok=True)
    found = told()
    history = SqliteHistory(folder / "history.db", ZONE, is_open=is_open, seats=lambda _: 12)
    clock = SetClock()
    clock.moment = NOW
    with staff_web(folder, clock=clock, history=history) as staff:
        staff.add("wang", "district", "*")
        for part in _parts(found, seed):
            history.append(part)
            district = staff.parts.district
            assert district is not None
            district.counting.turn(NOW)
        yield staff
    history.close()


def _parts(found: list[Received], seed: int | None) -> Sequence[list[Received]]:
    if seed is None:
        return [found]
    mixed = random.Random(seed).sample(found, len(found))
    return [mixed[:900], mixed[900:1500], mixed[1500:]]
