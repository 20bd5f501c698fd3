"""`warmstation-agent doctor`: the composition root of a commissioning. `__main__` calls it.

The pins belong to one process: the agent has to be stopped first.
"""

from __future__ import annotations

import argparse
import logging
import os
import sqlite3
import sys
import tomllib
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

from warmstation_edge.clock import Clock, SystemClock
from warmstation_edge.doctor import profile_text, reach
from warmstation_edge.doctor.ctrl_c import CtrlC
from warmstation_edge.doctor.errors import DoctorFailed
from warmstation_edge.doctor.page import page
from warmstation_edge.doctor.rounds import Rounds
from warmstation_edge.doctor.step import Change, Language, Words
from warmstation_edge.doctor.steps import all_steps
from warmstation_edge.doctor.surroundings import Surroundings
from warmstation_edge.doctor.terminal import Terminal
from warmstation_edge.doctor.wired import Wired
from warmstation_edge.enrolment.command import CONFIG
from warmstation_edge.enrolment.command import station as enrolled_station
from warmstation_edge.enrolment.errors import EnrolmentFailed
from warmstation_edge.profile import Profile, Reporting, parse, read
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.threads import Threads
from warmstation_edge.version import VERSION
from warmstation_wire.commissioning import Check, Record
from warmstation_wire.enrolment import Commissioning

_QUICK = Reporting(sample_s=1.0)
_STOPPED = Words(
    "已中止：没有记录，配置未改动", "stopped: there is no record, and the profile is as it was"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `doctor`."""
    chinese = not os.environ.get("LANG", "").startswith("en")
    parser.add_argument("--config", type=Path, default=CONFIG, help="the station's profile (TOML)")
    parser.add_argument("--language", choices=list(Language), default="zh" if chinese else "en")
    parser.add_argument("--json", action="store_true", help="the record on stdout, for programs")
    parser.add_argument("--alone", action="store_true", help="only what needs no installer")
    parser.add_argument("--installer", help="your name, for the record")
    parser.add_argument("--keep-profile", action="store_true", help="write no calibration")


def run(given: argparse.Namespace) -> int:
    """Check everything; 0 where nothing failed."""
    language = Language(given.language)
    profile, clock = read(given.config), SystemClock()
    folder = profile.outbox.path.parent
    if not os.access(folder, os.W_OK | os.X_OK):  # said before the work, and not after it
        raise DoctorFailed(f"{folder}: no record can be written there: use sudo")
    if is_in_use(profile.outbox.path):
        raise DoctorFailed("the agent runs and has the pins: sudo systemctl stop warmstation-agent")
    if not given.verbose:  # what goes wrong is told step by step
        logging.getLogger("warmstation_edge").setLevel(logging.ERROR)
    screen = Terminal(sys.stderr if given.json else sys.stdout, language)
    try:
        checks, changes = _checked(profile, clock, screen, language, alone=given.alone)
    except KeyboardInterrupt:
        screen.clear()
        raise DoctorFailed(_STOPPED.said(language)) from None
    record = Record(
        station=profile.station.id,
        made_at=clock.now(),
        agent=VERSION,
        installer=given.installer,
        checks=tuple(checks),
    )
    path = _kept(record, profile, language)
    kept_by = handed_in(record, profile)
    if given.json:
        print(record.to_json().decode(), flush=True)
    else:
        screen.close(record, path, kept_by)
    if changes and not given.keep_profile:
        write_changes(given.config, changes)
    return 0 if record.passed else 1


def is_in_use(outbox: Path) -> bool:
    """Whether an agent is at work: it alone has its outbox, as it has its pins."""
    if not outbox.exists():
        return False
    where = f"{outbox.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(where, uri=True, timeout=0)) as file:
            file.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.Error as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def write_changes(path: Path, changes: Iterable[Change]) -> None:
    """Write them into the profile; the one before stays beside it. DoctorFailed says why not."""
    try:
        before = path.read_text("utf-8")
        after = profile_text.changed(before, changes)
        parse(tomllib.loads(after), path, after)  # what could not be used is not written
        _whole(path.with_name(path.name + ".before"), before)
        _whole(path, after)
    except OSError as error:
        raise DoctorFailed(f"{path}: cannot be written ({error.strerror}): use sudo") from None


def handed_in(record: Record, profile: Profile) -> Words:
    """Hand the record to the server where the station is enrolled; what became of it."""
    try:
        told = Commissioning(record=record.model_dump(mode="json"))
        enrolled_station(profile).commission(told)
    except EnrolmentFailed as error:
        return Words(f"记录未交给服务器：{error}", f"the record stays here: {error}")
    return Words("服务器已保存记录", "the server has the record")


def _checked(
    profile: Profile, clock: Clock, screen: Terminal, language: Language, *, alone: bool
) -> tuple[list[Check], list[Change]]:
    ctrl_c = CtrlC()
    with ExitStack() as stack:
        executor = stack.enter_context(Threads(16, "sensor"))
        quick = profile.model_copy(update={"report": _QUICK})
        sensors = build(quick, clock, executor)
        sampler = Sampler(quick, sensors, clock)
        stack.callback(sampler.close)
        wired = Wired(sampler, sensors)
        rounds = Rounds(wired, clock, screen, ctrl_c.pause, language, with_installer=not alone)
        checks = rounds.go(all_steps(quick, wired))
        agent = sampler.measure().agent
        machine = Surroundings(language)
        power = machine.power(*((agent.undervoltage, agent.cpu_c) if agent else (None, None)))
    others = [power, *_surroundings(machine, profile, clock, ctrl_c)]
    for check in others:
        screen.tell(check)
    return checks + others, rounds.changes


def _surroundings(
    machine: Surroundings, profile: Profile, clock: Clock, ctrl_c: CtrlC
) -> list[Check]:
    began = clock.monotonic()
    refusal = reach.refusal_of(profile, clock, ctrl_c.pause)
    took_s = clock.monotonic() - began
    checks = [
        machine.clock(clock.is_synced(), clock.now()),
        machine.card(profile.outbox.path.parent),
        machine.network(),
        machine.broker(refusal, took_s),
    ]
    if profile.broker.tls is not None and profile.broker.tls.cert is not None:
        try:
            until = enrolled_station(profile).until()
        except EnrolmentFailed:
            until = None
        checks.append(machine.certificate(until, clock.now()))
    return checks


def _kept(record: Record, profile: Profile, language: Language) -> Path:
    """JSON and page, beside the outbox; where the page is."""
    name = f"commissioning-{record.made_at:%Y%m%d-%H%M%S}"
    folder = profile.outbox.path.parent
    try:
        _whole(folder / f"{name}.json", record.to_json().decode())
        _whole(folder / f"{name}.html", page(record, language))
    except OSError as error:
        raise DoctorFailed(f"{folder}: the record was not kept ({error.strerror})") from None
    return folder / f"{name}.html"


def _whole(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
