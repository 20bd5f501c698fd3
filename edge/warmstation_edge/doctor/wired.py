"""The station under the doctor's hands: turned, measured down to raw counts, and moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from warmstation_edge.measurement import Measurement
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import Sensors


class Wired:
    """Implements rounds.Sampling and steps.Hands on the real sampler and its sensors."""

    def __init__(self, sampler: Sampler, sensors: Sensors) -> None:
        self._sampler = sampler
        self._sensors = sensors

    def turn(self) -> None:
        """Read what is due."""
        self._sampler.turn()

    def measure(self) -> Measurement:
        """What is known now, with what a report does not tell."""
        measured = self._sampler.measure()
        raw = {name: value for name, value in self._raw(measured.uptime_s) if value is not None}
        return replace(measured, raw=raw or None)

    def _raw(self, now: float) -> Iterator[tuple[str, float | None]]:
        sensors = self._sensors
        for name, scale in sensors.scales.items():
            yield name, scale.counts
        for name, probe in sensors.probes.items():
            yield name, probe.reading.value if probe.reading else None
        watchers = {"presence": sensors.presence, "presence.second": sensors.second_presence}
        for name, watcher in watchers.items():
            if watcher is not None:
                yield name, watcher.read(now).value

    def drive(self, point: str, closed: bool) -> None:
        """Close or open its contactor; what is refused now is asked for again at the next turn."""
        if closed:
            self._sampler.close_contactor(point)
        else:
            self._sampler.open_contactor(point)

    def identify(self) -> None:
        """Let the LED flash for another minute."""
        self._sampler.identify()
