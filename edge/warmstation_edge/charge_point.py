"""One charger: its power transducer, and for an e-bike its contactor and probe -> wire Charger."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace

from warmstation_edge.calibration import (
    POWER_W,
    PROBE_C,
    corrected,
    corrected_within,
)
from warmstation_edge.charging import (
    TOLD,
    Charge,
    Facts,
    Limits,
    Point,
    Trip,
    after_facts,
    charge_of,
    closed_by_hand,
    is_welded,
    opened,
    resumed,
    state_of,
    why_not_close,
)
from warmstation_edge.faults import told
from warmstation_edge.load import Load, after_power
from warmstation_edge.profile import EbikePoint, PhoneSocket
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_wire import Calibration, Charger, Fault

_log = logging.getLogger(__name__)


class Socket:
    """A socket with a power transducer, which is all that a phone needs."""

    def __init__(
        self,
        wiring: PhoneSocket | EbikePoint,
        sensors: Sensors,
        calibration: Mapping[str, Calibration],
        energy_wh: float,
    ) -> None:
        self.id = wiring.id
        self.load = Load(energy_wh=energy_wh)
        self._calibration = calibration
        self._kind = wiring.kind
        self._sensor = sensors.power_w[wiring.id]
        self._read: Reading[float] | None = None
        self._power: Reading[float] | None = None
        self._on_wire: Charger | None = None

    def sample(self, now: float) -> None:
        """Read the power."""
        self._read = self._sensor.read(now)
        self._power = corrected_within(self._read, self._calibration.get(self.id), POWER_W)
        self.load = after_power(
            self.load, self._kind, self._power.value, now, self._switched_on_at()
        )
        self._on_wire = None

    def on_wire(self) -> Charger:
        """The wire's charger."""
        if self._on_wire is None:
            self._on_wire = self._charger()
        return self._on_wire

    def faults(self) -> Iterator[Fault]:
        """What gives no value."""
        yield from told(self.id, self._power)

    def _charger(self) -> Charger:
        power_w = self._power.value if self._power else None
        return Charger(
            id=self.id,
            kind=self._kind,
            state=state_of(self.load, power_w is not None, self._point(), self._fails()),
            power_w=None if power_w is None else round(power_w, 1),
            energy_wh=round(self.load.energy_wh, 1),
        )

    def _point(self) -> Point | None:
        return None

    def _switched_on_at(self) -> float | None:
        return None

    def _fails(self) -> bool:
        return False


class EbikeSocket(Socket):
    """An e-bike point: a socket behind a contactor that it may have to open."""

    def __init__(
        self,
        wiring: EbikePoint,
        sensors: Sensors,
        calibration: Mapping[str, Calibration],
        energy_wh: float,
        state: Point | None = None,
    ) -> None:
        super().__init__(wiring, sensors, calibration, energy_wh)
        self._contactor = sensors.contactors[wiring.id]
        self._probe = sensors.probes[f"{wiring.id}.probe"]
        self._limits = Limits(wiring.max_w, wiring.max_c, wiring.max_h * 3600)
        self._state = state or Point()
        self._facts = Facts(None, None)
        self._guarded = Load()
        """The load by the power that guards the point: what it charges by is the corrected one."""
        self.closed: Reading[bool] | None = None

    def turn(self, now: float, smoke: Reading[bool] | None) -> None:
        """Drive the contactor; smoke does not wait for the next sample."""
        self._probe.turn(now)
        known = self._facts.smoke is not None and self._facts.smoke.value
        if smoke is not None and smoke.value and not known:
            self._decide(now, replace(self._facts, smoke=smoke))
        was, self.closed = self.closed, self._contactor.turn(self._state.trip is None, now)
        if self.closed.missing is None and is_welded(self._state):
            self.closed = Reading.without(Missing.WELDED, "current flows though it is open")
        if was != self.closed:
            self._on_wire = None

    def judge(self, now: float, smoke: Reading[bool] | None) -> None:
        """Sample, and decide by what was sampled whether the contactor may be closed."""
        self.sample(now)
        facts = Facts(self._power, None, smoke, felt_w=self._read.value if self._read else None)
        self._guarded = after_power(
            self._guarded, self._kind, facts.watts, now, self._switched_on_at()
        )
        self._probe.start(now, self._guarded.charging)
        probe = self._probe.reading
        if probe is not None:
            made = corrected(probe, self._calibration.get(self._probe.name), PROBE_C)
            facts = replace(facts, probe_c=made, felt_c=probe.value)
        self._decide(now, facts)

    def charge(self, now: float) -> Charge:
        """What has to outlive a restart."""
        return charge_of(self._state, now)

    def recall(self, charge: Charge, now: float) -> None:
        """Its past is known after all, where it was not."""
        if self._state.trip is Trip.FORGOTTEN:
            self._state, self._on_wire = resumed(charge, now), None

    def open(self, now: float) -> None:
        """Open by command, before the answer to it goes out."""
        self._state = opened(self._state, now)
        self.closed = self._contactor.turn(False, now)
        self._on_wire = None

    def close(self, now: float) -> str | None:
        """Close by command; why not, where that is not safe."""
        if self._state.trip is None:
            return None
        refused = why_not_close(self._state, self._facts, self._limits, now)
        if refused is None:
            self._state = closed_by_hand(self._state, now)
            self._on_wire = None
        return refused and f"{self.id}: {refused}"

    def faults(self) -> Iterator[Fault]:
        """What gives no value, and what is dangerous."""
        yield from super().faults()
        yield from told(self._probe.name, self._facts.probe_c)
        trip = self._state.trip
        if trip is not None and trip in TOLD:
            yield Fault(sensor=self.id, reason=trip.value)
        yield from told(f"{self.id}.contactor", self.closed)

    def _decide(self, now: float, facts: Facts) -> None:
        was = self._state.trip
        self._facts = facts
        self._state = after_facts(self._state, facts, self._guarded.charging, self._limits, now)
        if self._state.trip is not was:
            trip, self._on_wire = self._state.trip, None
            _log.warning("%s: contactor %s", self.id, f"opens: {trip}" if trip else "closes")

    def _point(self) -> Point | None:
        return self._state

    def _switched_on_at(self) -> float | None:
        return self._state.closed_at

    def _fails(self) -> bool:
        return self.closed is not None and self.closed.missing is not None
