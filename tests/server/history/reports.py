"""Reports to fill a history with, and what is asked of it afterwards."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.history import History, Received, Usage
from warmstation_server.history.memory import MemoryHistory
from warmstation_wire import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Report,
    Safety,
    Supply,
)
from warmstation_wire.report import Zeroing

START = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPAN = START - DAY, START + 2 * DAY
SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = "ks-songnan"
NAMES = ("aa", "bb")


def report(seq: int, after: timedelta | None = None, **more: Any) -> Received:
    """A report of `ks-songnan`, `after` START (a minute a seq where nothing is said)."""
    district = more.pop("district", "kunshan")
    measured_at = START + (MINUTE * (seq - 1) if after is None else after)
    received_at = more.pop("received_at", measured_at + timedelta(milliseconds=310))
    known: dict[str, Any] = {"station": "ks-songnan", "stream": "9f3c", "clock": "synced"}
    made = Report(seq=seq, measured_at=measured_at, **(known | more))
    return Received(made, district, received_at)


def busy(seq: int, after: timedelta | None = None, **more: Any) -> Received:
    """A report with climate, people and two chargers that change with `seq`."""
    warm = Climate(room_c=17.0 + seq % 7 * 0.7, outdoor_c=-1.25, heating="on", heater_w=1480.5)
    people = People(inside=seq % 5, entered=2 * seq, left=2 * seq - seq % 5, present=True)
    chargers = (
        Charger(id="p1", kind="phone", state="charging", power_w=11.2, energy_wh=seq * 0.3),
        Charger(id="e1", kind="ebike", state="available" if seq % 3 else "outoforder"),
    )
    return report(seq, after, climate=warm, people=people, chargers=chargers, **more)


def charged(seq: int, after: timedelta | None = None, **energy_wh: float | None) -> Received:
    """A report of chargers that show these energies."""
    found = tuple(Charger(id=name, kind="phone", energy_wh=wh) for name, wh in energy_wh.items())
    return report(seq, after, chargers=found)


def crossed(seq: int, after: timedelta | None, entered: int | None, **more: Any) -> Received:
    """A report of so many crossings inwards since the stream began."""
    return report(seq, after, people=People(entered=entered), **more)


def full_report(seq: int) -> Received:
    """Hardly a field is left out."""
    return report(
        seq,
        timedelta(minutes=seq, microseconds=123457),
        district="qianfeng",
        clock="estimated",
        uptime_s=8123.4,
        climate=Climate(room_c=19.81, outlet_c=-0.0, humidity_pct=1 / 3, heating="off"),
        door=Door(open=False),
        people=People(inside=0, entered=2**53 - 1, left=1227, confidence=0.9, present=True),
        chargers=(
            Charger(id="p1", kind="phone", state="charging", power_w=11.2, energy_wh=1834.05),
            Charger(id="e1", kind="ebike", state="inoperative"),
        ),
        supplies=(Supply(item="water", level=0.42), Supply(item="tea")),
        safety=Safety(smoke=True, contactor="fault"),
        faults=(Fault(sensor="outlet", reason="crc"),),
        agent=AgentState(version="1.0.0 雪", cpu_c=51.2, queued=0, simulated=True),
    )


def rare_report(seq: int) -> Received:
    """What the contract has besides: told by few stations, or once."""
    return report(
        seq,
        people=People(inside=0, zeroed=Zeroing(by="staff", counted=3)) if seq % 2 else None,
        supplies=(Supply(item="water", level=0.5),),
        agent=AgentState(version="1", throttled=seq % 4 > 1, memory_free_mb=210 + seq),
    )


def live(seq: int) -> Received:
    """A report each 20 s, so that 40 lie in one quarter of an hour."""
    return busy(seq, timedelta(seconds=20) * seq)


def some_reports(count: int, seed: int = 1) -> list[Received]:
    """Reports of two stations, one in twenty never sent, late ones among them."""
    chance = random.Random(seed)
    found = [busy(seq, station=name) for seq in range(1, count) for name in NAMES]
    found = [one for one in found if chance.random() < 0.95]
    return sorted(found, key=lambda one: one.report.seq + chance.randrange(30))


def quarters(history: History, station: str = HERE) -> list[Usage]:
    """A station's sums, quarter by quarter."""
    return history.usage([station], *SPAN, "quarter").get(station, [])


def told(*sent: Received) -> list[Usage]:
    """What these add up to, in any history."""
    memory = MemoryHistory(SHANGHAI)
    memory.append(sent)
    return quarters(memory)


def everything(history: History) -> object:
    """All that a history answers about two stations."""
    return [
        [history.usage(NAMES, *SPAN, step) for step in ("quarter", "hour", "day")],
        [history.total(NAMES, *SPAN, step) for step in ("quarter", "hour", "day")],
        [list(history.reports(name, *SPAN)) for name in NAMES],
        [history.series(name, *SPAN) for name in NAMES],
        {one.report.station: one for one in history.latest()},
    ]
