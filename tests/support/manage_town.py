"""A town for looking at a manager's pages: a day of warmth, people, shelves and riders' words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import sin
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.daytime import Daytime
from tests.support.managed import Managed, managed
from tests.support.web import SetClock

PAGES = {
    "stations": "/manage/stations",
    "station": "/manage/stations/ks-songnan?span=24h",
    "station-7d": "/manage/stations/ks-songnan?span=7d",
    "station-past": "/manage/stations/ks-songnan/past",
    "station-past-beside": "/manage/stations/ks-songnan/past?beside=1&kind=alert",
    "station-notice": "/manage/stations/ks-songnan/notice",
    "station-reports": "/manage/stations/ks-songnan/reports",
    "station-visits": "/manage/stations/ks-songnan/visits",
    "station-work": "/manage/stations/ks-songnan/work",
    "station-checkin": "/manage/stations/ks-songnan/checkin",
    "supplies": "/manage/supplies",
    "supplies-station": "/manage/supplies/ks-songnan",
    "supplies-item": "/manage/supplies/ks-songnan/noodles?done=restock",
    "supplies-water": "/manage/supplies/ks-songnan/water",
    "supplies-labels": "/manage/supplies/ks-songnan/labels",
    "donors": "/manage/donors",
    "donor": "/manage/donors?name=昆山市红十字会",
}
"""Every page of theirs, by a name for its picture."""

WRITTEN = (
    *("昆山市红十字会", "李站长", "扫码领取", "里面比外面还冷", "10 点门还锁着", "更换加热管"),
    *("取暖器已经修好，谢谢。", "寒潮期间延长开放"),
)
"""What people wrote: it is in no language of ours."""


@contextmanager
def manage_town(folder: Path, base_url: str) -> Iterator[tuple[Managed, str]]:
    """The town, and the cookie of its manager."""
    clock = SetClock(Daytime().now() - timedelta(hours=6, minutes=14))
    with managed(folder, base_url=base_url, clock=clock) as town:
        _live(town)
        _write(town)
        client = town.client()
        yield town, str(client.cookies.get("warmstation"))


def checkin(town: Managed) -> str:
    """The page behind the code at the wall."""
    return f"/checkin/ks-songnan/{town.registry.visits.code('ks-songnan')}"


def _live(town: Managed) -> None:
    """Six hours in ten-minute steps, with a gap, a restock that nobody entered, and no water."""
    for step in range(37):
        if step in (14, 15, 16):
            town.clock.advance(minutes=10)
            continue
        town.clock.advance(minutes=9)
        people = max(0, round(4 + 4 * sin(step / 6)))
        climate = {
            "room_c": 19 + 1.5 * sin(step / 8),
            "outlet_c": 38 + 4 * sin(step / 3),
            "outdoor_c": 3 - step / 12,
            "heating": "on",
            "heater_w": 1500.0 + 300 * (step % 3),
        }
        town.report(
            climate=climate,
            people={"inside": people, "entered": 3 * step, "left": 3 * step, "present": people > 0},
            chargers=[{"id": "p1", "kind": "phone", "state": "charging"}],
            supplies=_supplies(step),
        )
    town.clock.advance(minutes=2)


def _supplies(step: int) -> list[dict[str, Any]]:
    noodles = 0.3 if step < 30 else 0.9
    return [{"item": "water", "level": 0.0}, {"item": "noodles", "level": noodles}]


def _write(town: Managed) -> None:
    client, here = town.client(), "/manage/supplies/ks-songnan"
    today = town.clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    said = {"do": "restock", "quantity": "30", "donor": "昆山市红十字会"}
    client.send(f"{here}/noodles", {"do": "par", "quantity": "48"})
    client.send(
        f"{here}/water", {**said, "quantity": "24", "expires_on": f"{today + timedelta(days=5)}"}
    )
    client.send(f"{here}/water", {"do": "handout", "quantity": "5", "note": "扫码领取"})
    for kind, text in (("cold", "里面比外面还冷"), ("empty", ""), ("locked", "10 点门还锁着")):
        town.registry.add_rider_report(
            "ks-songnan",
            kind,  # type: ignore[arg-type]
            text,
            language="zh-CN",
            client_address="10.0.0.1",
            now=town.clock.now(),
        )
    report = town.registry.rider_reports("ks-songnan")[-1].id
    answer = {"do": "answer", "answer": "取暖器已经修好，谢谢。"}
    client.send(f"/manage/stations/ks-songnan/reports/{report}", answer)
    plan = {"kind": "heating", "lasts": "3h", "note": "更换加热管"}
    client.send("/manage/stations/ks-songnan/work", plan)
    client.send("/manage/stations/ks-songnan/visits", {"day": f"{today}", "visits": "36"})
    said = {"word": "open", "reason": "寒潮期间延长开放", "lasts": "8h"}
    client.send("/manage/stations/ks-songnan/hand", said)
    town.clock.advance(minutes=2)
    town.tick()
