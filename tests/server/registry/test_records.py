"""Alerts of a period, as figures want them: from the entries that the desk of alerts leaves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from warmstation_server.registry import Registry
from warmstation_server.registry.alert_tables import AlertEntryTable
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.records import AFTERWARDS
from warmstation_server.usage.response import Alarm

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=30)


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
        counted = [
            one
            for one in lines
            if one.alert == name and not one.is_late and START <= one.at < END + AFTERWARDS
        ]
        first = {
            kind: min((one.at for one in counted if one.kind == kind), default=None)
            for kind in ("firing", "acknowledged", "resolved")
        }
        severe = {one.severity for one in counted if one.kind == "firing"} & {"critical", "warning"}
        if first["firing"] is not None and first["firing"] < END and severe:
            found.append(Alarm(name, f"at-{name}", "heating.no_heat", min(severe), first["firing"],
                               first["acknowledged"], first["resolved"]))  # fmt: skip
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
    ]
    moments = START + hour, START + 2 * hour, END + hour
    assert alarms(engine, lines) == [Alarm("a", "at-a", "heating.no_heat", "critical", *moments)]


def test_any_entries_give_what_counting_by_hand_gives(engine: sa.Engine) -> None:
    chance = random.Random(11)
    kinds = ("pending", "firing", "acknowledged", "silenced", "resolved")
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
