"""Who has set this machine's clock: a time server, a battery, or nobody. `clock` asks.

systemd-timesyncd leaves a file (systemd-timesyncd.service(8)). Any other daemon - chrony, ntpd -
tells the kernel how far off the clock may be (adjtimex(2)); a kernel that nobody told says 16 s or
more. fake-hwclock and timesyncd's own saved time tell neither: a clock that only went on from the
last shutdown is not set. A battery clock counts while it runs with the system's: then it has kept
the time, and if it had lost it the two would differ.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from struct import Struct

_UNTOLD_US = 16_000_000
"""NTP_PHASE_LIMIT (linux/timex.h)."""
_OTHER_DAEMONS = ("chrony", "chronyd.pid", "ntpd.pid")
_AGREES_S = 3.0
EARLIEST_S = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Earlier than this software there is no time."""
_TIMEX_BYTES = 512
_MAXERROR_AT = 3
"""In longs: modes, offset, freq, maxerror."""
_LONGS = Struct("4l")


class TimeSource:
    """Roots and the kernel's word are handed in by tests."""

    def __init__(
        self,
        run_root: Path = Path("/run"),
        sys_root: Path = Path("/sys"),
        kernel_error_us: Callable[[], int | None] | None = None,
    ) -> None:
        self._timesyncd = run_root / "systemd/timesync"
        self._synchronized = self._timesyncd / "synchronized"
        self._daemons = [self._timesyncd, *(run_root / name for name in _OTHER_DAEMONS)]
        self._batteries = sys_root / "class/rtc"
        self._kernel_error_us = kernel_error_us or kernel_error_us_of_libc
        self._may_ask_kernel = True

    def is_set(self) -> bool:
        """Whether a time server has set the clock since boot."""
        if self._synchronized.exists():
            return True
        if self._timesyncd.exists() or not self._may_ask_kernel:
            return False
        error_us = self._kernel_error_us()
        self._may_ask_kernel = error_us is not None
        return error_us is not None and error_us < _UNTOLD_US

    def is_awaited(self) -> bool:
        """Whether somebody here is about to set the clock."""
        return any(daemon.exists() for daemon in self._daemons) and not self.is_set()

    def is_kept(self, now_s: float) -> bool:
        """Whether a battery clock has kept the time; `now_s` is the system's, POSIX. Reads I2C."""
        if now_s < EARLIEST_S:
            return False
        told = (_number(path / "since_epoch") for path in self._batteries.glob("rtc*"))
        return any(one is not None and abs(one - now_s) <= _AGREES_S for one in told)


def kernel_error_us_of_libc() -> int | None:
    """How far off the clock may be, in microseconds; None where one may not ask."""
    adjtimex = _adjtimex()
    if adjtimex is None:
        return None
    timex = bytearray(_TIMEX_BYTES)
    state = adjtimex(timex)
    return None if state < 0 else int(_LONGS.unpack_from(timex)[_MAXERROR_AT])


@cache
def _adjtimex() -> Callable[[bytearray], int] | None:
    """The C library's own; opened once, for each opening leaves a class behind."""
    try:
        import ctypes  # only where timesyncd does not run: it costs memory
    except ImportError:  # a small Python without libffi
        return None
    try:
        found = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    area = ctypes.c_char * _TIMEX_BYTES
    return lambda timex: int(found(area.from_buffer(timex)))


def _number(path: Path) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(os.read(descriptor, 64))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None
