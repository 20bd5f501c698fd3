"""The Pi's own health: processor temperature, undervoltage, room on the card."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HostState:
    """None = this machine does not tell."""

    cpu_c: float | None = None
    undervoltage: bool | None = None
    disk_free_mb: int | None = None


class Host:
    """Reads sysfs below `sys_root`, and the file system that holds `kept_in`."""

    def __init__(self, kept_in: Path, sys_root: Path = Path("/sys")) -> None:
        self._kept_in = kept_in
        self._cpu = sys_root / "class/thermal/thermal_zone0/temp"
        self._hwmon = sys_root / "class/hwmon"

    def read(self) -> HostState:
        """What the machine tells now; a few file reads."""
        milli_c = _number(self._cpu)
        return HostState(
            cpu_c=None if milli_c is None else milli_c / 1000,
            undervoltage=self._undervoltage(),
            disk_free_mb=_free_mb(self._kept_in),
        )

    def _undervoltage(self) -> bool | None:
        """The raspberrypi-hwmon driver's latched alarm (5 V supply below 4.63 V)."""
        for alarm in sorted(self._hwmon.glob("hwmon*/in0_lcrit_alarm")):
            value = _number(alarm)
            if value is not None:
                return value != 0
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _free_mb(folder: Path) -> int | None:
    existing = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if existing is None:
        return None
    try:
        stat = os.statvfs(existing)
    except OSError:
        return None
    return stat.f_bavail * stat.f_frsize // 1_000_000
