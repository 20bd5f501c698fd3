"""What a station measured at one moment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from warmstation_wire.parts import Count, Id, Moment, Name, Payload, Seq, Share, Stream, Version

ClockQuality = Literal["synced", "estimated", "unsynced"]
Heating = Literal["on", "off"]
ChargerKind = Literal["phone", "ebike"]
ChargerState = Literal["available", "charging", "inoperative", "outoforder", "unknown"]
Contactor = Literal["open", "closed", "fault"]
ZeroedBy = Literal["presence", "staff", "command"]

Watts = Annotated[float, Field(ge=0, le=100_000)]


class Climate(Payload):
    """Temperatures in °C, relative humidity in percent, electric power in watts."""

    room_c: Annotated[float, Field(ge=-60, le=100)] | None = None
    outlet_c: Annotated[float, Field(ge=-60, le=150)] | None = None
    outdoor_c: Annotated[float, Field(ge=-70, le=70)] | None = None
    humidity_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    setpoint_c: Annotated[float, Field(ge=0, le=40)] | None = None
    heating: Heating | None = None
    heater_w: Watts | None = None


class Door(Payload):
    """The station's door."""

    open: bool | None = None


class Zeroing(Payload):
    """The count was set to zero since the report before: who said so, and how many were counted."""

    by: ZeroedBy
    counted: Count


class People(Payload):
    """People inside now; `entered` and `left` are cumulative within the stream.

    `zeroed` is told in one report only, the first after it happened.
    """

    inside: Annotated[int, Field(ge=0, le=10_000)] | None = None
    entered: Count | None = None
    left: Count | None = None
    confidence: Share | None = None
    present: bool | None = None
    zeroed: Zeroing | None = None


class Charger(Payload):
    """One socket or e-bike point; states have the meanings of OCPI 2.2.1 (8.4.22)."""

    id: Name
    kind: ChargerKind
    state: ChargerState = "unknown"
    power_w: Watts | None = None
    energy_wh: Annotated[float, Field(ge=0, le=1e12)] | None = None


class Supply(Payload):
    """What is on the shelf: `level` is the share of full, 0..1."""

    item: Name
    level: Share | None = None


class Safety(Payload):
    """Smoke contact and the main contactor of the e-bike points."""

    smoke: bool | None = None
    contactor: Contactor | None = None


class Fault(Payload):
    """A sensor that gave no value, and why.

    Known reasons: `stale`, `range`, `crc`, `absent`, `stuck`, `blocked`, `power_on` (85.0 °C),
    `overheat`, `overcurrent`, `too_long`, `blind`, `smoke` and `forgotten` (why an e-bike point is
    open; the last: its card does not tell why it was), `stalled` (the card takes seconds),
    `welded` (a contactor that does not open), `foreign` (another device answered), `no_library`,
    `refused` (an ACL refused a publish). Others pass unread.
    """

    sensor: Name
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["crc"])]


class AgentState(Payload):
    """The agent's own health: outbox queue and drops in reports, free disk and memory in MB.

    `undervoltage` and `throttled`: now, or at any time since the report before.
    """

    version: Annotated[str, Field(max_length=40)] | None = None
    cpu_c: Annotated[float, Field(ge=-60, le=150)] | None = None
    undervoltage: bool | None = None
    throttled: bool | None = None
    queued: Count | None = None
    dropped: Count | None = None
    disk_free_mb: Count | None = None
    memory_free_mb: Count | None = None
    simulated: bool | None = None


class Report(Payload):
    """One report of one station, at most 16 KiB of JSON."""

    v: Version = 1
    station: Id
    stream: Stream
    seq: Seq
    measured_at: Moment
    clock: ClockQuality
    uptime_s: Annotated[float, Field(ge=0, le=1e10)] | None = None
    climate: Climate | None = None
    door: Door | None = None
    people: People | None = None
    chargers: Annotated[tuple[Charger, ...], Field(max_length=64)] | None = None
    supplies: Annotated[tuple[Supply, ...], Field(max_length=64)] | None = None
    safety: Safety | None = None
    faults: Annotated[tuple[Fault, ...], Field(max_length=64)] | None = None
    agent: AgentState | None = None
