"""Steps of what staff touches and sees: the LED and the button beside it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from warmstation_edge.doctor.causes import or_fault
from warmstation_edge.doctor.step import PASSED, Finding, Seen, Step, Words
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile

_LOOK = Words("指示灯正在快速闪烁。看到了吗？", "The LED flashes quickly now. Do you see it?")
_DARK = Words(
    "指示灯不亮：接反、未接，或缺少限流电阻",
    "the LED stays dark: polarity, its wire, or its resistor",
)
_HOLD = Words(
    "请按住值守按钮两秒，直到指示灯长亮", "Hold the staff button for two seconds, then let go"
)
_UNHEARD = Words(
    "没有收到按钮：未接到该引脚，或未接地",
    "the button was never heard: it is not on this pin, or not wired to ground",
)


def steps(profile: Profile, identify: Callable[[], object]) -> Iterator[Step]:
    """What this station has for staff. The button zeroes the count, so it needs a door."""
    staff = profile.staff
    if staff is None:
        return
    if staff.led_pin is not None:
        yield Step(
            "staff.led",
            _never,
            lambda seen: _DARK,
            _flashes,
            _LOOK,
            30.0,
            lambda seen: identify(),
            is_by_eye=True,
        )
    if staff.button_pin is not None and profile.door is not None:
        yield Step("staff.button", _held, _why_unheard, _zeroed, _HOLD)


def _never(seen: Seen) -> Finding | None:
    """Only the installer can tell."""
    return None


def _held(seen: Seen) -> Finding | None:
    return PASSED if any(_by_staff(measured) for measured in seen) else None


def _by_staff(measured: Measurement) -> bool:
    people = measured.people
    return people is not None and people.zeroed is not None and people.zeroed.by == "staff"


def _why_unheard(seen: Seen) -> Words:
    return or_fault(seen[-1], "staff", _UNHEARD)


def _zeroed(measured: Measurement) -> str:
    return "1" if _by_staff(measured) else "0"


def _flashes(measured: Measurement) -> str:
    return "* * *"
