"""Once a month, what the month before was like: into a folder, by mail, or both.

What was made is remembered in a file beside the jobs; a server that was off on the day makes it
when it is up again. What cannot be mailed is tried again every hour.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warmstation_server.clock import Clock
from warmstation_server.exports.jobs import Makes
from warmstation_server.exports.wanted import Form, Wanted
from warmstation_server.usage.district import District
from warmstation_server.usage.period import Period, named
from warmstation_wire import WarmstationError

log = logging.getLogger(__name__)

LOOK, AGAIN = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """`day`, `hour`: local, of the month after. `forms`: what is made. `region` empty = all."""

    day: int = 2
    hour: int = 6
    forms: tuple[Form, ...] = ("xlsx", "pdf")
    region: str = ""
    language: str = "zh-CN"
    folder: Path | None = None


Mails = Callable[[str, Sequence[Path]], None]
"""Sends files under a subject; OSError or WarmstationError says why not."""


@dataclass(frozen=True, slots=True)
class Planner:
    """`stations`: of a region, by id, now."""

    plan: Plan
    district: District
    maker: Makes
    stations: Callable[[str, Period], tuple[str, ...]]
    scratch: Path
    clock: Clock
    mail: Mails | None = None

    def run(self, stop: threading.Event) -> None:
        """Look once a minute, until told to stop; what failed waits for an hour."""
        while not stop.is_set():
            now = self.clock.now()
            is_well = self.due(now) is None or self.turn(now)
            stop.wait((LOOK if is_well else AGAIN).total_seconds())

    def turn(self, now: datetime) -> bool:
        """Make what is due; whether it was made now."""
        month = self.due(now)
        if month is None:
            return False
        try:
            files = [self._made(form, month, now) for form in self.plan.forms]
            if self.mail is not None:
                self.mail(f"Warmstation {month.first:%Y-%m}", files)
        except (WarmstationError, OSError) as error:
            log.warning("the monthly export of %s waits: %s", f"{month.first:%Y-%m}", error)
            return False
        self._mark.write_text(f"{month.first:%Y-%m}\n", encoding="ascii")
        log.info("the monthly export of %s is made", f"{month.first:%Y-%m}")
        return True

    def due(self, now: datetime) -> Period | None:
        """The month that is to be made now; None where it is too early, or was made."""
        local = now.astimezone(self.district.zone)
        month = named("last_month", local.date())
        if month is None or (local.day, local.hour) < (self.plan.day, self.plan.hour):
            return None
        counted = self.district.counting.counted_at
        if counted is None or self.district.today(counted) <= month.last:
            return None
        return None if self._said() >= f"{month.first:%Y-%m}" else month

    def _made(self, form: Form, month: Period, now: datetime) -> Path:
        plan = self.plan
        wanted = Wanted(
            form, month, self.stations(plan.region, month), plan.region, "", plan.language
        )
        folder = plan.folder or self.scratch
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / wanted.file_name
        half = path.with_name(f"{path.name}.part")
        self.maker.write(wanted, half, now, lambda _, __: None)
        half.replace(path)
        return path

    @property
    def _mark(self) -> Path:
        return self.scratch / "monthly.txt"

    def _said(self) -> str:
        try:
            return self._mark.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
