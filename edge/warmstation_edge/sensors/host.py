"""The Pi's own health: processor temperature, supply, throttling, room on the card, memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_GET_THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
_UNDERVOLTAGE = 1 << 0
_THROTTLED = 1 << 1 | 1 << 2 | 1 << 3
"""Frequency capped, throttled, soft temperature limit (Raspberry Pi documentation, vcgencmd
get_throttled); sixteen bits above each is the one that stays set once it was so."""
_STAYS = 16
_ASKS_S = 2.0
_CPU_C = (-60.0, 150.0)
"""What a processor can have: a driver without an answer says -274 °C."""


@dataclass(frozen=True, slots=True)
class HostState:
    """None = this machine does not tell."""

    cpu_c: float | None = None
    undervoltage: bool | None = None
    throttled: bool | None = None
    disk_free_mb: int | None = None
    memory_free_mb: int | None = None


class Host:
    """Reads sysfs below `sys_root`, `meminfo`, and the file system that holds `kept_in`."""

    def __init__(
        self,
        kept_in: Path,
        sys_root: Path = Path("/sys"),
        meminfo: Path = Path("/proc/meminfo"),
        vcgencmd: Callable[[], str | None] | None = None,
    ) -> None:
        self._kept_in = kept_in
        self._cpu = sys_root / "class/thermal/thermal_zone0/temp"
        self._hwmon = sys_root / "class/hwmon"
        self._get_throttled = sys_root / _GET_THROTTLED
        self._meminfo = meminfo
        self._vcgencmd = vcgencmd or _vcgencmd
        self._stood = 0

    def read(self) -> HostState:
        """What the machine tells now; a few file reads, or one short process on newer kernels."""
        flags = self._flags()
        return HostState(
            cpu_c=_celsius(self._cpu),
            undervoltage=self._undervoltage(flags),
            throttled=None if flags is None else bool(flags & _THROTTLED),
            disk_free_mb=_free_mb(self._kept_in),
            memory_free_mb=_available_mb(self._meminfo),
        )

    def _flags(self) -> int | None:
        """What is so now, or became so and ended since the last call."""
        flags = self._firmware_flags()
        if flags is None:
            return None
        stands = flags >> _STAYS
        new, self._stood = stands & ~self._stood, stands
        return flags | new

    def _firmware_flags(self) -> int | None:
        """The firmware's word: a file up to Linux 6.x, `vcgencmd` where /dev/vcio is there."""
        flags = _number(self._get_throttled, 16)
        if flags is not None:
            return flags
        said = self._vcgencmd()
        if said is None:
            return None
        try:
            return int(said.strip().partition("throttled=")[2], 16)
        except ValueError:
            return None

    def _undervoltage(self, flags: int | None) -> bool | None:
        """The raspberrypi-hwmon driver's latched alarm (5 V supply below 4.63 V), or the flags."""
        if flags is not None and flags & _UNDERVOLTAGE:
            return True
        for alarm in sorted(self._hwmon.glob("hwmon*/in0_lcrit_alarm")):
            value = _number(alarm)
            if value is not None:
                return value != 0
        return None if flags is None else False


def _vcgencmd() -> str | None:
    if not Path("/dev/vcio").exists():
        return None
    import subprocess  # only where there is a firmware to ask: it costs memory

    command = ["vcgencmd", "get_throttled"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, timeout=_ASKS_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _celsius(path: Path) -> float | None:
    milli_c = _number(path)
    if milli_c is None or not _CPU_C[0] <= milli_c / 1000 <= _CPU_C[1]:
        return None
    return milli_c / 1000


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(path.read_text("ascii"), base)
    except (OSError, ValueError):
        return None


def _available_mb(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text("ascii").splitlines()
    except (OSError, ValueError):
        return None
    found = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    kib = next(found, None)
    return None if kib is None or not kib.isdecimal() else int(kib) * 1024 // 1_000_000


def _free_mb(folder: Path) -> int | None:
    existing = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if existing is None:
        return None
    try:
        stat = os.statvfs(existing)
    except OSError:
        return None
    return stat.f_bavail * stat.f_frsize // 1_000_000
