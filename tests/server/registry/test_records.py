"""Alerts of a period, as figures want them: from the entries that the desk of alerts leaves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from warmstation_server.registry import Registry
from warmstation_server.registry.alert_tables import AlertEntryTable
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.records import AFTERWARDS
from warmstation_server.usage.response import Alarm

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=30)
FIRES = ("firing", "flapping", "severity_up")
SEVERE = ("critical", "warning")


@dataclass(frozen=True)
class Line:
    """One entry of an alert."""

    alert: str
    kind: str
    at: datetime
    severity: str = "warning"
    is_late: bool = False


@pytest.fixture
def engine(schema: str) -> Iterator[sa.Engine]:
    found = engine_for(url_of(schema))
    yield found
    found.dispose()


def alarms(engine: sa.Engine, lines: list[Line]) -> list[Alarm]:
    rest = {"subject": "", "word": "", "tier": "", "since": START, "by": None, "note": ""}
    rest["name"] = "heating.no_heat"
    rows = [
        {"alert_id": one.alert, "number": n, "station": f"at-{one.alert}", "kind": one.kind,
         "at": one.at, "severity": one.severity, "is_late": one.is_late} | rest
        for n, one in enumerate(lines)
    ]  # fmt: skip
    with transaction(engine, writes=True) as connection:
        connection.execute(sa.delete(AlertEntryTable))
        connection.execute(sa.insert(AlertEntryTable), rows)
    with closing(Registry(engine)) as registry:
        return list(registry.records.alarms(START, END))


def by_hand(lines: list[Line]) -> list[Alarm]:
    """The same, alert by alert."""
    found = []
    for name in sorted({one.alert for one in lines}):
        mine = [one for one in lines if one.alert == name and not one.is_late]
        grave = [one for one in mine if one.kind in FIRES and one.severity in SEVERE]
        fired = min((one.at for one in grave), default=END)
        within = [one for one in mine if START <= one.at < END + AFTERWARDS]
        first = [
            min((one.at for one in within if one.kind == kind), default=None)
            for kind in ("acknowledged", "resolved")
        ]
        if START <= fired < END:
            severe = min(one.severity for one in grave if one in within)
            found.append(Alarm(name, f"at-{name}", "heating.no_heat", severe, fired, *first))
    return sorted(found, key=lambda one: (one.fired_at, one.id))


def test_an_alert_is_told_once_with_its_first_moments(engine: sa.Engine) -> None:
    hour = timedelta(hours=1)
    lines = [
        Line("a", "pending", START),
        Line("a", "firing", START + hour, "warning"),
        Line("a", "acknowledged", START + 3 * hour),
        Line("a", "acknowledged", START + 2 * hour),
        Line("a", "firing", START + 4 * hour, "critical"),
        Line("a", "resolved", END + hour),
        Line("hint", "firing", START, "info"),
        Line("past", "firing", START, is_late=True),
        Line("before", "firing", START - hour),
        Line("before", "resolved", START + hour),
        Line("after", "firing", END),
        Line("worse", "firing", START - hour),
        Line("worse", "severity_up", START + hour, "critical"),
    ]
    moments = START + hour, START + 2 * hour, END + hour
    assert alarms(engine, lines) == [Alarm("a", "at-a", "heating.no_heat", "critical", *moments)]


def test_any_entries_give_what_counting_by_hand_gives(engine: sa.Engine) -> None:
    chance = random.Random(11)
    kinds = ("pending", *FIRES, "acknowledged", "silenced", "resolved")
    for _ in range(3):
        lines = [
            Line(
                f"alert-{chance.randrange(30)}",
                chance.choice(kinds),
                START + timedelta(hours=chance.randint(-200, 24 * 70)),
                chance.choice(("critical", "warning", "info")),
                chance.random() < 0.1,
            )
            for _ in range(150)
        ]
        found = alarms(engine, lines)
        assert found == by_hand(lines)
        assert len(found) > 1


def test_an_alert_that_flaps_or_grows_grave_is_one_of_the_figures(engine: sa.Engine) -> None:
    hour = timedelta(hours=1)
    lines = [
        Line("flaps", "flapping", START),
        Line("grows", "firing", START, "info"),
        Line("grows", "severity_up", START + hour, "warning"),
    ]
    found = [(one.id, one.fired_at) for one in alarms(engine, lines)]
    assert found == [("flaps", START), ("grows", START + hour)]


def test_months_add_up_to_the_year(engine: sa.Engine) -> None:
    """Whatever was written about an alert later, it fired in one month."""
    chance, day = random.Random(5), timedelta(days=1)
    lines = [
        Line(f"alert-{chance.randrange(40)}", chance.choice(FIRES), START - n * day)
        for n in range(0, 300, 2)
    ]
    alarms(engine, lines)
    with closing(Registry(engine)) as registry:
        edges = [START - 30 * n * day for n in range(11, -1, -1)]
        months = [registry.records.alarms(*edge) for edge in pairwise(edges)]
        (whole,) = [registry.records.alarms(edges[0], edges[-1])]
    assert [one for month in months for one in month] == whole
    assert len({one.id for one in whole}) == len(whole) > 30
