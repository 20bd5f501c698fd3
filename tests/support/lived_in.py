"""A city in which something has happened on every page: to be looked at, by tests and for pictures.

Three days of three stations are measured; alerts stand in every state; shelves, riders' words,
counted visits and exports are there. Who looks at a page, and where it is, is in `every_page`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sin
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support import commissioned
from tests.support.daytime import Daytime
from tests.support.registered import received
from tests.support.snapshots import city
from tests.support.staff import Staff, StaffClient, staff_web
from tests.support.web import SetClock
from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.places import Text
from warmstation_server.snapshot import Snapshot

ZONE = ZoneInfo("Asia/Shanghai")
HERE, THERE, FURTHER, SHUT, ELSEWHERE = "ks-024", "ks-012", "ks-007", "ks-036", "ks-050"
MEASURED = {HERE: 5, SHUT: 0, ELSEWHERE: 3}
"""How many people come in an hour."""
TROUBLES, TROUBLE = 5, timedelta(minutes=60, seconds=30)
"""How many there are, and how long one takes to become an alert: then it is now."""
NO_HEAT = Text(
    "取暖器不通电：检查空开、插头和电表。",
    "The heater draws nothing: check breaker, plug and meter.",
)
NOTES = ("下午送货", "配件在路上", "电工 20 分钟后到", "里面比外面还冷", "马上去看", "编织课")
PEOPLE = {"chief": "管理员", "wang": "王站长", "li": "李科长", "zhao": "赵站长"}
DONOR = "昆山市红十字会"
WRITTEN = (*NOTES, *PEOPLE.values(), DONOR, *commissioned.WRITTEN)
"""What people wrote: it is in no language of ours."""


@dataclass
class LivedIn:
    """The city, and what is needed to find its pages: alerts by what became of them."""

    staff: Staff
    waits: str
    silenced: str

    def key(self, login: str) -> str:
        """The cookie of somebody who is signed in."""
        return self.staff.client(login).cookies["warmstation"]


@contextmanager
def lived_in(folder: Path, snapshot: Snapshot | None = None) -> Iterator[LivedIn]:
    """The city, until the block ends."""
    now = Daytime().now()
    clock = SetClock(now - TROUBLES * TROUBLE)
    snapshot = snapshot or city(now=now)
    history = SqliteHistory(folder / "history.db", ZONE, is_open=_is_open, seats=lambda _: 12)
    with staff_web(folder, snapshot, clock=clock, history=history) as staff:
        _settle(staff)
        waits, silenced = _alert(staff)
        _measure(staff, history)
        _write(staff)
        yield LivedIn(staff, waits, silenced)
    history.close()


def _measure(staff: Staff, history: SqliteHistory) -> None:
    now = staff.clock.now()
    for name, busy in MEASURED.items():
        history.append(_three_days(name, busy, now))
    district = staff.parts.district
    assert district is not None
    district.counting.turn(now)


def _three_days(name: str, busy: int, now: datetime) -> list[Received]:
    """A report every five minutes; `busy` people come in an hour in which it is open."""
    found, crossed = [], 0
    for seq in range(1, 3 * 288 + 1):
        at = now - timedelta(minutes=5 * (3 * 288 - seq))
        local = at.astimezone(ZONE)
        crossed += _is_open(name, at) and seq % 12 < busy
        heated = sin(seq / 17)
        climate = {
            "room_c": round(19.2 + 1.6 * sin(seq / 40), 2),
            "outlet_c": round(36 + 6 * heated, 2),
            "outdoor_c": round(2 + 4 * sin((local.hour - 8) / 3.8), 2),
            "heating": "on",
            "heater_w": round(1100 + 500 * heated),
        }
        inside = crossed % 4
        people = {"inside": inside, "entered": crossed, "left": crossed - inside}
        chargers = [
            {"id": "p1", "kind": "phone", "state": "charging", "energy_wh": float(seq)},
            {"id": "p2", "kind": "phone", "state": "available"},
        ]
        level = {"item": "water", "level": round(0.9 - seq % 288 / 400, 3)}
        more: dict[str, Any] = {
            "climate": climate,
            "people": people,
            "chargers": chargers,
            "supplies": [level],
        }
        found.append(received(seq, at, station=name, door={"open": False}, **more))
    return found


def _is_open(_station: str, at: datetime) -> bool:
    return 8 <= at.astimezone(ZONE).hour < 20


def _settle(staff: Staff) -> None:
    staff.add("chief", "admin", "*", name=PEOPLE["chief"])
    staff.add("wang", "manager", f"station:{HERE}", f"station:{THERE}", name=PEOPLE["wang"])
    staff.add("li", "district", "region:ks", name=PEOPLE["li"])
    staff.add("zhao", "manager", f"station:{ELSEWHERE}", name=PEOPLE["zhao"])


def _alert(staff: Staff) -> tuple[str, str]:
    """One that waits, with evidence and advice, and one that is silenced, among others."""
    shelf = {"level": 0.0, "fell_at_once": "no"}
    told = {"link": "power", "power_w": 0.0, "usual_power_w": 1480.0, "mode": "heat"}
    staff.trouble(FURTHER, "supplies.empty", subject="water", evidence=shelf)
    hushed = staff.trouble(THERE, "chargers.inoperative", subject="p3")
    taken = staff.trouble(THERE, "supplies.low", subject="noodles", evidence={"level": 0.12})
    over = staff.trouble(FURTHER, "heating.cold")
    waits = staff.trouble(HERE, evidence=told, advice=NO_HEAT)
    client = staff.client("chief")
    client.send(f"/manage/alerts/{taken}/acknowledge", {"note": NOTES[0]})
    client.send(f"/manage/alerts/{hushed}/silence", {"lasts": "3d", "reason": NOTES[1]})
    client.send(f"/manage/alerts/{waits}/assign", {"to": "wang"})
    client.send(f"/manage/alerts/{waits}/comment", {"text": NOTES[2]})
    client.send(f"/manage/alerts/{over}/resolve", {"cause": "repaired"})
    return waits, hushed


def _write(staff: Staff) -> None:
    client = staff.client("chief")
    today = staff.clock.now().astimezone(ZONE).date()
    _stock(client, f"{today + timedelta(days=5)}")
    for text in (NOTES[3], ""):
        staff.parts.registry.add_rider_report(
            HERE,
            "cold",
            text,
            language="zh-CN",
            client_address="10.0.0.1",
            now=staff.clock.now(),
        )
    report = staff.parts.registry.rider_reports(HERE)[-1].id
    answer = {"do": "answer", "answer": NOTES[4]}
    client.send(f"/manage/stations/{HERE}/reports/{report}", answer)
    counted = {"day": f"{today}", "visits": "36", "note": NOTES[5]}
    client.send(f"/manage/stations/{HERE}/visits", counted)
    commissioned.hand_in(staff.parts.registry, HERE, staff.clock.now())
    token = {"name": "BI", "right": ["usage.read", "alerts.read"], "days": "90"}
    client.send("/me/tokens", token)
    _export(staff, client)


def _stock(client: StaffClient, expires_on: str) -> None:
    shelf = f"/manage/supplies/{HERE}"
    client.send(f"{shelf}/noodles", {"do": "par", "quantity": "48"})
    came = {"do": "restock", "quantity": "30", "donor": DONOR, "expires_on": expires_on}
    for item in ("noodles", "water"):
        client.send(f"{shelf}/{item}", came)
    client.send(f"{shelf}/water", {"do": "handout", "quantity": "5"})


def _export(staff: Staff, client: StaffClient) -> None:
    """One that is done and one that was cancelled."""
    exports = staff.parts.exports
    assert exports is not None
    client.send("/district/exports", {"period": "7d", "form": "csv"})
    exports.turn()
    client.send("/district/exports", {"period": "7d", "form": "pdf"})
    waiting = next(job for job in exports.of("chief") if job.is_active)
    client.send(f"/district/exports/{waiting.id}/cancel")
