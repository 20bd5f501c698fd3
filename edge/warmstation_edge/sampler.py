"""Readings to Measurements. The agent turns it a few times a second and asks when it reports.

Thread-free: gpiozero's threads only enqueue edges, slow probes are read on the executor that
the sensors were built with. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from operator import is_not

from warmstation_edge.charge_point import EbikeSocket, Socket
from warmstation_edge.charging import FORGOTTEN, NO_CHARGE, Charge, resumed
from warmstation_edge.clock import Clock
from warmstation_edge.counters import Counters
from warmstation_edge.doorway import Doorway
from warmstation_edge.faults import told
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.build import Sensors
from warmstation_edge.sensors.host import HostState
from warmstation_edge.shadows import APART_M
from warmstation_edge.staff import Staff
from warmstation_edge.supplies import Supplies
from warmstation_edge.version import VERSION
from warmstation_edge.warmth import Warmth
from warmstation_edge.wiring import sensor_names
from warmstation_wire import AgentState, Calibration, Charger, Desired, Fault, Safety
from warmstation_wire.report import Contactor

SAFETY_SAMPLE_S = 5.0
"""E-bike points are looked at this often even where the server wants slower samples."""
HOST_S = 60.0
MAX_FAULTS = 64
NO_CHARGES: Mapping[str, Charge] = {}


class Sampler:
    """All of a station's sensors as one thing that measures.

    What has not changed is the same object in the next Measurement.
    `counters` and `charges` are those that it gave before the restart; no `charges` (None) is of a
    card that does not tell them: then only a person may close. Close it, and its contactors open.
    """

    def __init__(
        self,
        profile: Profile,
        sensors: Sensors,
        clock: Clock,
        counters: Counters | None = None,
        charges: Mapping[str, Charge] | None = NO_CHARGES,
    ) -> None:
        start = counters or Counters()
        self.sample_s = profile.report.sample_s
        self.calibration: dict[str, Calibration] = dict(profile.calibration)
        self._names = frozenset(sensor_names(profile))
        self._sensors = sensors
        self._clock = clock
        self._carried_wh = dict(start.energy_wh)
        apart_m = profile.door.apart_m if profile.door else APART_M
        self._doorway = Doorway(sensors, start, _presence_kinds(profile), apart_m)
        self._staff = Staff(sensors)
        setpoint_c = profile.heater.setpoint_c if profile.heater else None
        is_room = profile.humidity is not None and profile.humidity.is_room
        self._warmth = Warmth(sensors, self.calibration, setpoint_c, is_room)
        self._supplies = Supplies(sensors.levels, self.calibration)
        self._sockets: list[Socket] = []
        self._points: dict[str, EbikeSocket] = {}
        for wiring in profile.chargers:
            wh = start.energy_wh.get(wiring.id, 0.0)
            if wiring.kind == "ebike":
                charge = _of(charges, wiring.id)
                point = resumed(charge, clock.monotonic())
                self._points[wiring.id] = EbikeSocket(wiring, sensors, self.calibration, wh, point)
            else:
                self._sockets.append(Socket(wiring, sensors, self.calibration, wh))
        self._chargers = _in_order(profile, self._sockets, self._points)
        self._smoke: Reading[bool] | None = None
        self._agent = AgentState(version=VERSION)
        self._last_chargers: tuple[Charger, ...] = ()
        self._last_faults: tuple[Fault, ...] = ()
        self._next_sample = self._next_safety = self._next_host = self._clock.monotonic()

    def turn(self) -> None:
        """Drain edges, look at the contacts, sample what is due. Costs microseconds."""
        now = self._clock.monotonic()
        self._sensors.turn(now)
        self._doorway.turn(now)
        if self._staff.turn(now, bool(self._last_faults)):
            self._doorway.zero("staff")
        self._warmth.turn(now)
        if self._sensors.smoke is not None:
            self._smoke = self._sensors.smoke.read(now)
        self._sample_what_is_due(now)
        for point in self._points.values():
            point.turn(now, self._smoke)
        host = self._sensors.host.finished(now)
        if host is not None and host.value is not None:
            self._agent = _agent_state(host.value)

    def measure(self) -> Measurement:
        """What is known now; the outbox's figures in `agent` are for the agent to add."""
        now = self._clock.monotonic()
        return Measurement(
            measured_at=self._clock.now(),
            clock=self._clock.quality(),
            uptime_s=round(now, 1),
            climate=self._warmth.on_wire(),
            door=self._doorway.door(),
            people=self._doorway.on_wire(now),
            chargers=self._told_chargers(),
            supplies=self._supplies.on_wire(),
            safety=self._safety(),
            faults=self._told_faults(),
            agent=self._agent,
        )

    def counters(self) -> Counters:
        """What a Sampler after a restart has to start from."""
        metered = {charger.id: charger.load.energy_wh for charger in self._chargers}
        energy_wh = self._carried_wh | {name: round(wh, 3) for name, wh in metered.items()}
        return self._doorway.counted(Counters(energy_wh=energy_wh))

    def charges(self) -> Mapping[str, Charge]:
        """How long each e-bike has been charging, and what only a person may close again."""
        now = self._clock.monotonic()
        return {name: point.charge(now) for name, point in self._points.items()}

    def recall(self, charges: Mapping[str, Charge]) -> None:
        """What could not be told when the sampler was made."""
        for name, point in self._points.items():
            point.recall(_of(charges, name), self._clock.monotonic())

    def apply(self, desired: Desired) -> str | None:
        """Take over sample_s, setpoint_c and calibration; the reason where all is refused."""
        stray = sorted(set(desired.calibration or {}) - self._names)
        if stray:
            return f"calibration of {stray[0]!r}: this station has no such sensor"
        if desired.sample_s is not None:
            self.sample_s = desired.sample_s
        if desired.setpoint_c is not None:
            self._warmth.set_setpoint(desired.setpoint_c)
        if desired.calibration is not None:
            self.calibration.update(desired.calibration)
        self._next_sample = self._next_safety = self._clock.monotonic()
        return None

    def zero_people(self) -> None:
        """Somebody looked: the room is empty."""
        self._doorway.zero("command")

    def identify(self) -> str | None:
        """Flash the LED for a minute; why not, where there is none."""
        return self._staff.identify(self._clock.monotonic())

    def reported(self) -> None:
        """What was measured last is in the outbox: what happened once is told."""
        self._doorway.reported()

    def open_contactor(self, point: str | None = None) -> str | None:
        """Open one e-bike point's contactor, or all; why not, where there is no such point."""
        points = self._named(point)
        for one in points:
            one.open(self._clock.monotonic())
        return None if points else f"there is no e-bike point {point or ''}".rstrip()

    def close_contactor(self, point: str | None = None) -> str | None:
        """Close one e-bike point's contactor, or all that may be; the first reason why not."""
        points = self._named(point)
        if not points:
            return f"there is no e-bike point {point or ''}".rstrip()
        refusals = [one.close(self._clock.monotonic()) for one in points]
        return next((refusal for refusal in refusals if refusal), None)

    def close(self) -> None:
        """Open every contactor and let go of all pins."""
        self._sensors.close()

    def _sample_what_is_due(self, now: float) -> None:
        if now >= self._next_safety:
            self._next_safety = now + min(self.sample_s, SAFETY_SAMPLE_S)
            for point in self._points.values():
                point.judge(now, self._smoke)
        if now >= self._next_sample:
            self._next_sample = now + self.sample_s
            self._warmth.sample(now)
            for socket in self._sockets:
                socket.sample(now)
            self._supplies.sample(now)
        if now >= self._next_host:
            self._next_host = now + HOST_S
            self._sensors.host.start(now)

    def _told_chargers(self) -> tuple[Charger, ...] | None:
        chargers = tuple(charger.on_wire() for charger in self._chargers)
        if any(map(is_not, chargers, self._last_chargers)) or not self._last_chargers:
            self._last_chargers = chargers
        return self._last_chargers or None

    def _told_faults(self) -> tuple[Fault, ...] | None:
        faults = tuple(self._faults())[:MAX_FAULTS]
        if faults != self._last_faults:
            self._last_faults = faults
        return self._last_faults or None

    def _safety(self) -> Safety | None:
        if self._smoke is None and not self._points:
            return None
        smoke = self._smoke.value if self._smoke else None
        return _safety(smoke, contactor_of(self._points))

    def _faults(self) -> Iterator[Fault]:
        yield from self._warmth.faults()
        yield from self._doorway.faults()
        yield from told("smoke", self._smoke)
        for charger in self._chargers:
            yield from charger.faults()
        yield from self._supplies.faults()
        yield from self._staff.faults()

    def _named(self, point: str | None) -> list[EbikeSocket]:
        if point is None:
            return [*self._points.values()]
        return [self._points[point]] if point in self._points else []


def contactor_of(points: Mapping[str, EbikeSocket]) -> Contactor | None:
    """One word for all: a contactor that fails outweighs a closed one, that one an open one."""
    readings = [point.closed for point in points.values() if point.closed is not None]
    if not readings:
        return None
    if any(reading.value is None for reading in readings):
        return "fault"
    return "closed" if any(reading.value for reading in readings) else "open"


def _of(charges: Mapping[str, Charge] | None, name: str) -> Charge:
    return FORGOTTEN if charges is None else charges.get(name, NO_CHARGE)


def _presence_kinds(profile: Profile) -> tuple[str, ...]:
    presence = profile.presence
    if presence is None:
        return ()
    return (presence.kind, *((presence.second_kind,) if presence.second_pin is not None else ()))


def _in_order(
    profile: Profile, sockets: list[Socket], points: Mapping[str, EbikeSocket]
) -> list[Socket]:
    by_id = {charger.id: charger for charger in (*sockets, *points.values())}
    return [by_id[wiring.id] for wiring in profile.chargers]


@cache
def _safety(smoke: bool | None, contactor: Contactor | None) -> Safety:
    return Safety(smoke=smoke, contactor=contactor)


def _agent_state(host: HostState) -> AgentState:
    return AgentState(
        version=VERSION,
        cpu_c=host.cpu_c,
        undervoltage=host.undervoltage,
        throttled=host.throttled,
        disk_free_mb=host.disk_free_mb,
        memory_free_mb=host.memory_free_mb,
    )
