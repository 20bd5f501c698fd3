"""What is no wire of ours but has to work: clock, card, power, radio, certificate, broker.

Each is one Check. Roots of /sys and /proc are handed in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

from warmstation_edge.doctor.step import Language, Words
from warmstation_wire.commissioning import Check, Verdict

_SLOW_WRITE_S = 2.0
_FEW_MB = 200
_WORN = 0x09
"""eMMC life time estimation: steps of 10 % used (JEDEC 84-B51, 7.4.74); 9 is 80-90 %."""
_WEAK_DBM = -75
_WEAK_PERCENT = 30
_SOON = timedelta(days=60)

_CLOCK = Words(
    "时钟未同步：检查网络和 NTP", "the clock is not set: check the network and NTP (UDP 123)"
)
_READ_ONLY = Words("无法写入存储卡：只读或损坏", "the card cannot be written: read-only or damaged")
_SLOW = Words(
    "存储卡写入很慢：更换为工业级存储卡", "the card writes slowly: take an industrial one"
)
_FULL = Words("存储空间不足", "there is little room left")
_WEARING = Words("存储芯片接近寿命终点：请更换", "the flash is near its end of life: replace it")
_LOW_VOLTAGE = Words("供电电压不足：更换电源或电源线", "undervoltage: take another supply or cable")
_UNTOLD = Words("本机不报告供电电压", "this machine does not tell its supply")
_WEAK = Words(
    "信号弱：移动天线或加装外置天线", "weak signal: move the antenna or take an outside one"
)
_NO_LINK = Words("没有任何网络连接", "no network interface is up")
_NO_CERTIFICATE = Words(
    "还没有证书：warmstation-agent enrol", "not enrolled: warmstation-agent enrol"
)
_ENDING = Words("证书即将到期：warmstation-agent renew", "it ends soon: warmstation-agent renew")


class Surroundings:
    """Checks of the machine itself, in one language."""

    def __init__(
        self, language: Language, sys_root: Path = Path("/sys"), proc_root: Path = Path("/proc")
    ) -> None:
        self._language = language
        self._sys = sys_root
        self._proc = proc_root

    def clock(self, is_synced: bool, now: datetime) -> Check:
        """Whether the clock has been set from the network."""
        return self._said("clock", is_synced, f"{now:%Y-%m-%d %H:%M:%S} UTC", _CLOCK)

    def card(self, folder: Path) -> Check:
        """Room, speed of a written and flushed block, and what the chip says of its wear."""
        took_s = _write_s(folder)
        if took_s is None:
            return self._said("card", False, str(folder), _READ_ONLY)
        free_mb = shutil.disk_usage(folder).free // 1_000_000
        worn, live = self._wear(), f"{free_mb} MB, {took_s * 1000:.0f} ms"
        if worn is not None:
            live += f", {worn * 10} % worn"
        cause = _FULL if free_mb < _FEW_MB else _SLOW
        cause = _WEARING if worn is not None and worn >= _WORN else cause
        is_good = free_mb >= _FEW_MB and took_s < _SLOW_WRITE_S and (worn or 0) < _WORN
        return self._said("card", is_good, live, cause)

    def power(self, undervoltage: bool | None, cpu_c: float | None) -> Check:
        """The Pi's own supply."""
        live = f"{'?' if cpu_c is None else f'{cpu_c:.0f}'} °C"
        if undervoltage is None:  # no Pi, or one that does not say: that is no good news
            cause = _UNTOLD.said(self._language)
            return Check(name="power", verdict="skipped", live=live, cause=cause)
        return self._said("power", not undervoltage, live, _LOW_VOLTAGE)

    def network(self) -> Check:
        """The best link: a cable, else Wi-Fi in dBm, else the modem in per cent."""
        if self._has_cable():
            return self._said("network", True, "cable", _NO_LINK)
        dbm = self._wifi_dbm()
        if dbm is not None:
            return self._said("network", dbm >= _WEAK_DBM, f"Wi-Fi {dbm:.0f} dBm", _WEAK)
        percent = _modem_percent()
        if percent is not None:
            return self._said("network", percent >= _WEAK_PERCENT, f"4G {percent} %", _WEAK)
        return self._said("network", False, "?", _NO_LINK)

    def certificate(self, until: datetime | None, now: datetime) -> Check:
        """Whether there is one, and for how long."""
        if until is None:
            return self._said("certificate", False, None, _NO_CERTIFICATE)
        live = f"{until:%Y-%m-%d}"
        return self._said("certificate", until - now > _SOON, live, _ENDING)

    def broker(self, refusal: str | None, took_s: float) -> Check:
        """Whether the broker let us in."""
        cause = Words(f"未连上服务器：{refusal}", f"the broker was not reached: {refusal}")
        return self._said("broker", refusal is None, f"{took_s:.1f} s", cause)

    def _said(self, name: str, passed: bool, live: str | None, cause: Words) -> Check:
        verdict: Verdict = "pass" if passed else "fail"
        told = None if passed else cause.said(self._language)[:400]
        return Check(name=name, verdict=verdict, live=live, cause=told)

    def _wear(self) -> int | None:
        """Tenths of its life used; None where the chip does not tell, as SD cards do not."""
        for path in sorted(self._sys.glob("block/mmcblk*/device/life_time")):
            try:
                estimates = [int(word, 16) for word in path.read_text("ascii").split()]
            except (OSError, ValueError):  # a chip that does not answer has told nothing
                continue
            told = [one for one in estimates if one > 0]
            if told:
                return max(told)
        return None

    def _has_cable(self) -> bool:
        for path in self._sys.glob("class/net/e*/carrier"):
            try:
                if path.read_text("ascii").strip() == "1":
                    return True
            except OSError:  # an interface that is down has no carrier to read
                continue
        return False

    def _wifi_dbm(self) -> float | None:
        """`wlan0: 0000   58.  -52.  -256 ...`: the second number is the level in dBm."""
        try:
            lines = (self._proc / "net/wireless").read_text("ascii").splitlines()[2:]
            return max((float(line.split()[3].rstrip(".")) for line in lines), default=None)
        except (OSError, ValueError, IndexError):
            return None


def _write_s(folder: Path) -> float | None:
    """How long a block of 64 KiB takes to the card; None where it is refused."""
    path = folder / ".doctor"
    began = time.monotonic()
    try:
        with path.open("wb") as file:
            file.write(os.urandom(64 * 1024))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError:
        return None
    return time.monotonic() - began


def _modem_percent() -> int | None:
    """As ModemManager tells it."""
    program = shutil.which("mmcli")
    if program is None:
        return None
    words = (program, "-m", "any", "--output-keyvalue")
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - our words
    except (OSError, subprocess.TimeoutExpired):
        return None
    for line in done.stdout.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "modem.generic.signal-quality.value" and value.strip().isdecimal():
            return int(value)
    return None
