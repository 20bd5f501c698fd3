"""Puts the figures' parts together. For `parts` and the command line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warmstation_server.clock import Clock
from warmstation_server.config import Config
from warmstation_server.errors import BadConfig
from warmstation_server.exports.jobs import Jobs
from warmstation_server.exports.maker import Maker
from warmstation_server.history import History
from warmstation_server.history.errors import HistoryAway
from warmstation_server.registry import Registry
from warmstation_server.registry.errors import RegistryAway
from warmstation_server.roster import Roster
from warmstation_server.share import Share
from warmstation_server.usage.counting import EVERY, Counting
from warmstation_server.usage.district import District
from warmstation_server.usage.period import Period
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.supplies_sums import SuppliesSums
from warmstation_server.usage.supplies_taking import on
from warmstation_server.web.words import Words

if TYPE_CHECKING:
    from warmstation_server.exports.planned import Mails, Planner

READ_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it. Three threads: `count`, `jobs.run`, `planner.run`."""

    district: District
    maker: Maker
    jobs: Jobs
    planner: Planner | None
    clock: Clock

    def count(self, stop: threading.Event) -> None:
        """Keep the figures up to date until told to stop."""
        turn = 0
        while not stop.is_set():
            if self.district.mended() or turn % (EVERY // READ_EVERY) == 0:
                self.count_once(self.clock.now(), stop)
            else:
                self.read(self.clock.now(), stop)
            turn += 1
            stop.wait(READ_EVERY.total_seconds())

    def count_once(self, now: datetime, stop: threading.Event | None = None) -> None:
        """Once; what cannot be read now is counted the next time."""
        self.read(now, stop)
        with suppress(HistoryAway):
            self.district.counting.turn(now, _breath(stop))

    def read(self, now: datetime, stop: threading.Event | None = None) -> None:
        """What people wrote down since, so that no view has to wait for it."""
        with suppress(RegistryAway):
            self.district.read(now, _breath(stop))


def _breath(stop: threading.Event | None) -> Callable[[], bool]:
    """A share of a processor beside reports; all of it where nothing else is at work."""
    return on if stop is None else Share(stop)


def figures(
    config: Config,
    history: History,
    registry: Registry,
    roster: Roster,
    clock: Clock,
    stack: ExitStack,
) -> Figures:
    """The figures of this server; BadConfig where [exports] cannot be followed."""
    zone = config.zone_info
    rollup = stack.enter_context(closing(Rollup(config.usage_path, zone.key)))
    supplies = SuppliesSums(config.usage_supplies_path, zone, registry.supplies)
    stack.enter_context(closing(supplies))
    counting = Counting(history, rollup, roster, zone)
    district = District(rollup, counting, registry.records, supplies, zone)
    maker = Maker(district, lambda: (roster.regions, roster.known), Words, _seal(registry))
    jobs = Jobs(config.exports_path, maker, clock)
    return Figures(district, maker, jobs, _planner(config, district, maker, roster, clock), clock)


def _seal(registry: Registry) -> Callable[[], str]:
    def seal() -> str:
        """As `audit check --noted` takes it."""
        found = registry.audit.newest_seal()
        return "" if found is None else f"{found.number}:{found.seal}"

    return seal


def _planner(
    config: Config, district: District, maker: Maker, roster: Roster, clock: Clock
) -> Planner | None:
    """Only where it is said what to do with a month's export."""
    wanted = config.exports
    if wanted.folder is None and wanted.mail_channel is None:
        return None
    from warmstation_server.exports.planned import Plan, Planner

    plan = Plan(
        wanted.day, wanted.hour, wanted.forms, wanted.region, wanted.language, wanted.folder
    )
    return Planner(
        plan,
        district,
        maker,
        _named(roster, district),
        config.exports_path,
        clock,
        _mail(config, clock),
    )


def _named(roster: Roster, district: District) -> Callable[[str, Period], tuple[str, ...]]:
    def stations(region: str, month: Period) -> tuple[str, ...]:
        found = district.chosen(roster.known.values(), roster.regions, region, "", month)
        return tuple(one.id for one in found)

    return stations


def _mail(config: Config, clock: Clock) -> Mails | None:
    wanted = config.exports
    if wanted.mail_channel is None:
        return None
    file: Path | None = config.notify.file
    if file is None:
        raise BadConfig("exports.mail_channel: needs notify.file, whose channel it names")
    from warmstation_server.notify.post import mail_files

    return mail_files(file, wanted.mail_channel, wanted.mail_to, clock)
