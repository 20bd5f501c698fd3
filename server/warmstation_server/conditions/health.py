"""The station's computer and sensors: voltage, clock, outbox, agent, what gives no value. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf
from typing import Any

from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.standing import Standing
from warmstation_server.conditions.words import sensor_advice
from warmstation_server.history import Received
from warmstation_server.history.said import Agent, Said

_STEADY_S = 600.0
"""Undervoltage comes with each load: it is over after so long without."""
_UNSYNCED_S = 900.0
"""After a start, NTP needs minutes."""
_AHEAD_S = 120.0
_BEHIND_S = 300.0
_WINDOW_S = 1800.0
_QUEUE = 30
_DRAINED = 10
_GREW_TWICE = 2
_DROPPED_S = 6 * 3600.0
_MISSING_S = 150.0
_NOT_SENSORS = frozenset({"blind", "overcurrent", "overheat", "refused", "too_long"})


@dataclass(slots=True)
class Health:
    """What is remembered. `lag_*`: least seconds a report took, in this window and before.

    `queue_*`: the outbox at the beginning of the window; `grew`: windows in a row in which it did.
    `missing`: sensor -> (since when, reason) of those that gave no value in the last report.
    """

    under_s: float = -inf
    unsynced_s: float | None = None
    lag_s: float = inf
    lag_before_s: float | None = None
    lag_window_s: float = 0.0
    is_behind: bool = False
    queue_mark: int = 0
    queue_window_s: float = 0.0
    grew: int = 0
    stream: str = ""
    dropped: int = 0
    dropped_s: float = -inf
    version: str = ""
    missing: dict[str, list[Any]] = field(default_factory=dict)

    def after(
        self,
        received: Received,
        said: Said,
        at_s: float,
        newest_agent: tuple[int, ...] | None,
        standing: Standing,
    ) -> None:
        """One report, in order; `said`: what it says."""
        self._judge_clock(received, said, at_s, standing)
        if said.agent is not None:
            self._judge_agent(said.agent, said.stream, at_s, newest_agent, standing)
        if said.faults or self.missing:
            self._judge_sensors(said.faults, at_s, standing)

    def _judge_agent(
        self,
        agent: Agent,
        stream: str,
        at_s: float,
        newest: tuple[int, ...] | None,
        standing: Standing,
    ) -> None:
        if agent.undervoltage:
            self.under_s = at_s
        if agent.undervoltage is not None:
            standing.say("station.undervoltage", at_s - self.under_s < _STEADY_S, at_s)
        if agent.queued is not None:
            self._judge_outbox(agent.queued, agent.dropped or 0, stream, at_s, standing)
        if agent.version is not None and agent.version != self.version and newest is not None:
            self.version = agent.version
            running = version_of(agent.version)
            standing.say(
                "station.agent_outdated",
                None if running is None else running < newest,
                at_s,
                evidence={"version": agent.version, "newest": ".".join(map(str, newest))},
            )

    def _judge_clock(self, received: Received, said: Said, at_s: float, standing: Standing) -> None:
        if said.clock == "unsynced":
            self.unsynced_s = at_s if self.unsynced_s is None else self.unsynced_s
            holds = at_s - self.unsynced_s >= _UNSYNCED_S
            if holds:
                standing.say(
                    "station.clock",
                    True,
                    at_s,
                    since_s=self.unsynced_s,
                    evidence={"clock": "unsynced"},
                )
            return
        self.unsynced_s = None
        lag_s = received.received_at.timestamp() - received.measured_us / 1e6
        self._follow_lag(lag_s, at_s)
        is_ahead = lag_s < -_AHEAD_S
        holds = is_ahead or self.is_behind
        lag = min(self.lag_s, lag_s) if self.is_behind else lag_s
        standing.say(
            "station.clock",
            holds,
            at_s,
            value=round(lag) if holds else 0.0,
            step=60.0,
            evidence={"lag_s": round(lag), "clock": said.clock} if holds else None,
        )

    def _follow_lag(self, lag_s: float, at_s: float) -> None:
        """A backlog is behind until it has drained, a clock behind is behind in every report."""
        if lag_s < _BEHIND_S:
            self.is_behind = False
        if lag_s < self.lag_s:
            self.lag_s = lag_s
        if at_s - self.lag_window_s >= _WINDOW_S:
            before = self.lag_before_s
            is_full = at_s - self.lag_window_s < 2 * _WINDOW_S
            self.is_behind = is_full and before is not None and min(before, self.lag_s) > _BEHIND_S
            self.lag_before_s = self.lag_s if is_full and self.lag_s < inf else None
            self.lag_s, self.lag_window_s = inf, at_s

    def _judge_outbox(
        self, queued: int, dropped: int, stream: str, at_s: float, standing: Standing
    ) -> None:
        if stream == self.stream and dropped > self.dropped:
            self.dropped_s = at_s
        self.stream, self.dropped = stream, dropped
        if at_s - self.queue_window_s >= _WINDOW_S:
            is_growing = queued > self.queue_mark and queued > _QUEUE
            self.grew = min(9, self.grew + 1) if is_growing else 0
            self.queue_mark, self.queue_window_s = queued, at_s
        was = standing.holds("station.outbox")
        drops = at_s - self.dropped_s < _DROPPED_S
        holds = drops or self.grew >= _GREW_TWICE or bool(was and queued > _DRAINED and self.grew)
        standing.say(
            "station.outbox",
            holds,
            at_s,
            value=float(queued),
            step=max(30.0, 0.2 * queued),
            evidence={"queued": queued, "dropped": dropped} if holds else None,
        )

    def _judge_sensors(
        self, faults: tuple[tuple[str, str], ...], at_s: float, standing: Standing
    ) -> None:
        now = {
            sensor: reason
            for sensor, reason in faults
            if reason not in _NOT_SENSORS and not sensor.endswith(".contactor")
        }
        for sensor in [sensor for sensor in self.missing if sensor not in now]:
            del self.missing[sensor]
            if standing.holds("station.sensor", sensor) is not False:
                standing.say("station.sensor", False, at_s, subject=sensor)
        for sensor, reason in now.items():
            since_s, _ = self.missing.setdefault(sensor, [at_s, reason])
            self.missing[sensor][1] = reason
            if at_s - since_s >= _MISSING_S:
                standing.say(
                    "station.sensor",
                    True,
                    at_s,
                    subject=sensor,
                    value=round((at_s - since_s) / 60.0),
                    since_s=since_s,
                    evidence={"reason": reason},
                    advice=sensor_advice(reason),
                )

    def saved(self) -> list[Any]:
        """As JSON values; what is infinite is null."""
        return [None if value in (inf, -inf) else value for value in _row(self)]

    @classmethod
    def resumed(cls, rows: list[Any]) -> Health:
        """From what `saved` gave."""
        health = cls()
        for one, value in zip(fields(cls), rows, strict=True):
            if value is not None:
                setattr(health, one.name, value)
        return health


def version_of(text: str) -> tuple[int, ...] | None:
    """`1.2.3` as numbers; None where it is not written so."""
    parts = text.partition("+")[0].split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else None


_row = reader(Health)
