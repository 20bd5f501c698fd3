"""Commissioning records as an installer's doctor hands them in, for pages that show them."""

from __future__ import annotations

from datetime import datetime, timedelta

from warmstation_server.enrolment.commissioning import commissioned
from warmstation_server.registry import Registry
from warmstation_wire.commissioning import Check, Record

WALK = "请过门两次：从街上走进来，停一下，再走出去"
DEAD = "没有看到功率：互感器不在这条线上，或插座没有电"
INSTALLER = "周安装"
WRITTEN = (WALK, DEAD, INSTALLER)
"""What the doctor wrote, in the language that it spoke."""
CHECKS = (
    Check(name="room.answers", verdict="pass", live="ok"),
    Check(name="door.beams", verdict="pass", live="+1 -1", asked=WALK),
    Check(name="p1.load", verdict="fail", live="0.0 W", cause=DEAD),
    Check(name="smoke", verdict="skipped"),
)


def hand_in(registry: Registry, station: str, now: datetime) -> tuple[int, int]:
    """Two records, the older one without a fault; their numbers, the older one first."""
    good = tuple(check for check in CHECKS if check.verdict != "fail")
    numbers = []
    for days, checks in ((2, good), (1, CHECKS)):
        made_at = now - timedelta(days=days)
        record = Record(
            station=station, made_at=made_at, agent="0.1.0", installer=INSTALLER, checks=checks
        )
        kept = commissioned(record.model_dump(mode="json"), station, made_at)
        numbers.append(registry.enrolments.add_commissioning(kept))
    return numbers[0], numbers[1]
