"""What is to be seen of a server, a line a part. Limits are those of the operator's alert rules."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from warmstation_server import claim
from warmstation_server.config import Config
from warmstation_server.intake import trial
from warmstation_server.registry import reach, without_password
from warmstation_server.standing.answer import Answer
from warmstation_wire import WarmstationError

_OLD_PICTURE_S, _SILENT_DISTRICT_S = 15.0, 900.0
_SILENT_SHARE, _LEAST_FREE = 0.2, 0.05
_SOON = timedelta(days=30)
_DISTRICTS = 5
"""Named at most, the longest silent first."""
_STORED = frozenset({"stored", "heralded", "repeated", "heard"})


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of one part. `is_good` is None where it is told without a judgement."""

    name: str
    said: str
    is_good: bool | None = None


def seen(config: Config, answer: Answer | None, now: datetime) -> list[Sight]:
    """Every part. `answer`: what a running server said, None where none answers."""
    said = [_absent(config), _knocked(config)] if answer is None else _said(config, answer, now)
    return [*said, _registry(config), _disk(config.data_dir), *_certificate(config, now)]


def _said(config: Config, answer: Answer, now: datetime) -> list[Sight]:
    return [
        _server(answer, now),
        _broker(config, answer),
        _history(config, answer),
        _queue(config, answer),
        _messages(answer),
        _stations(answer),
        *_districts(answer),
        _picture(answer),
        _alerts(answer),
        _notices(config, answer),
    ]


def _absent(config: Config) -> Sight:
    if claim.is_held(config.data_dir):
        return Sight("server", f"at work, but silent at HTTP port {config.http.port}", False)
    return Sight("server", f"none is at work on {config.data_dir}", False)


def _knocked(config: Config) -> Sight:
    where = f"{config.broker.host}:{config.broker.port}"
    try:
        trial.knock(config.broker)
    except WarmstationError as error:
        return Sight("broker", str(error).removeprefix("broker "), False)
    return Sight("broker", f"{where}, listens", True)


def _server(answer: Answer, now: datetime) -> Sight:
    said = ["ready" if answer.unready is None else f"not ready: {answer.unready}"]
    said += [f"version {found}" for found in answer.by_label("warmstation_build_info")]
    if answer.one("warmstation_compiled"):
        said.append("compiled")
    if (began := answer.one("process_start_time_seconds")) is not None:
        said.append(f"for {lasting(now.timestamp() - began)}")
    if (memory := answer.one("process_resident_memory_bytes")) is not None:
        said.append(f"{size(memory)} of memory")
    return Sight("server", ", ".join(said), answer.unready is None)


def _broker(config: Config, answer: Answer) -> Sight:
    is_there = answer.one("warmstation_broker_connected") == 1
    word = "connected" if is_there else "no connection: stations keep their reports"
    return Sight("broker", f"{config.broker.host}:{config.broker.port}, {word}", is_there)


def _history(config: Config, answer: Answer) -> Sight:
    told = config.history
    if told.storage == "influx":
        what = f"InfluxDB at {told.url}"
    else:
        what = f"{config.history_path}, {size(_bytes(config.history_path))}"
    is_away = answer.one("warmstation_history_away") == 1
    away = "; away: nothing is acknowledged until it is back" if is_away else ""
    return Sight("history", what + away, not is_away)


def _queue(config: Config, answer: Answer) -> Sight:
    waiting, room = answer.one("warmstation_queue_messages"), config.intake.queue
    is_good = None if waiting is None else waiting < room / 2
    return Sight("queue", f"{number(waiting)} of {number(room)} messages wait", is_good)


def _messages(answer: Answer) -> Sight:
    by_outcome = answer.by_label("warmstation_messages_total")
    refused = sum(count for word, count in by_outcome.items() if word not in _STORED)
    said = counts(by_outcome) or "none yet"
    hint = "; warmstation dead-letters has what was refused" if refused else ""
    return Sight("messages", said + hint)


def _stations(answer: Answer) -> Sight:
    states = answer.by_label("warmstation_stations")
    heard = sum(states.values()) - states.get("never", 0)
    silent = states.get("offline", 0) / heard if heard else 0
    return Sight("stations", counts(states) or "?", silent <= _SILENT_SHARE if heard else None)


def _districts(answer: Answer) -> Iterator[Sight]:
    ages = answer.by_label("warmstation_board_age_seconds")
    for district in sorted(ages, key=lambda one: -ages[one])[:_DISTRICTS]:
        said = f"{district}, heard {lasting(ages[district])} ago"
        yield Sight("district", said, ages[district] <= _SILENT_DISTRICT_S)


def _picture(answer: Answer) -> Sight:
    age = answer.one("warmstation_picture_age_seconds")
    said = "?" if age is None else f"what readers see is {lasting(age)} old"
    return Sight("picture", said, None if age is None else age <= _OLD_PICTURE_S)


def _alerts(answer: Answer) -> Sight:
    states = answer.by_label("warmstation_alerts")
    failures = answer.one("warmstation_alert_failures_total") or 0
    said = counts(states) or "none"
    if failures:
        said += f"; {number(failures)} turns without a decision since the start"
    return Sight("alerts", said, False if failures else None)


def _notices(config: Config, answer: Answer) -> Sight:
    if config.notify.file is None:
        return Sight("notices", "nobody is told: server.toml names no notify.file")
    by_outcome = answer.by_label("warmstation_notifications_total")
    is_good = not by_outcome.get("dead")
    return Sight("notices", counts(by_outcome) or "none yet", is_good)


def _registry(config: Config) -> Sight:
    where = without_password(config.registry_url)
    try:
        reach(config.registry_url)
    except WarmstationError as error:
        return Sight("registry", " ".join(str(error).split()), False)
    return Sight("registry", where, True)


def _disk(directory: Path) -> Sight:
    free = claim.free_bytes(directory)
    if math.isnan(free):
        return Sight("disk", f"{directory} cannot be looked at", False)
    whole = shutil.disk_usage(directory).total
    said = f"{size(free)} of {size(whole)} are free for {directory}"
    return Sight("disk", said, free > _LEAST_FREE * whole)


def _certificate(config: Config, now: datetime) -> Iterator[Sight]:
    path = config.broker.cert_file
    if path is None:
        return
    try:
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        yield Sight("certificate", f"{path}: {error}", False)
        return
    yield Sight("certificate", f"{path}, valid until {until:%Y-%m-%d}", until - now > _SOON)


def _bytes(path: Path) -> float:
    """Of a database and its journal."""
    parts = (path, path.with_name(path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def counts(found: Mapping[str, float]) -> str:
    """`97 live, 2 stale`, those that are none left out."""
    return ", ".join(f"{number(count)} {word}" for word, count in found.items() if count)


def number(value: float | None) -> str:
    """As people write it; `?` where it is unknown."""
    return "?" if value is None or math.isnan(value) else f"{value:,.0f}"


def size(count: float) -> str:
    """Bytes in units of a thousand."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB"


def lasting(seconds: float) -> str:
    """A duration in its two largest units."""
    whole = max(0, int(seconds))
    parts = (
        (whole // 86_400, "d"),
        (whole // 3600 % 24, "h"),
        (whole // 60 % 60, "min"),
        (whole % 60, "s"),
    )
    first = next((at for at, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"
