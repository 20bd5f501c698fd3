"""What a profile's tables must agree on: pins, channels and names. Called by `profile` only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmstation_edge.profile import Profile


_UART_PORTS = {"serial0", "ttyS0", "ttyAMA0"}
_UART_PINS = (14, 15)


def sensor_names(profile: Profile) -> Iterator[str]:
    """Every name under which this station's sensors may report a fault or be calibrated."""
    one_wire = profile.one_wire
    if one_wire:
        yield from (name for name in ("room", "outlet", "outdoor") if getattr(one_wire, name))
    if profile.humidity and profile.humidity.is_room:
        yield "room"
    simple = ("door", "presence", "heater", "smoke", "humidity", "staff")
    yield from (name for name in simple if getattr(profile, name))
    if profile.presence and profile.presence.second_pin is not None:
        yield "presence.second"
    for charger in profile.chargers:
        yield charger.id
        if charger.kind == "ebike":
            yield f"{charger.id}.probe"
    yield from (supply.item for supply in profile.supplies)


def pins(profile: Profile) -> Iterator[tuple[int, str]]:
    """Each pin that is one sensor's own, with the key that claims it."""
    for table in ("door", "presence", "heater", "smoke", "one_wire", "staff", "i2c"):
        yield from _pins_of(getattr(profile, table), table)
    if profile.modbus and profile.modbus.port.name in _UART_PORTS:
        yield from ((pin, "modbus.port") for pin in _UART_PINS)
    for adc in profile.adc:
        yield adc.select_pin, f"adc {adc.id}.select_pin"
    for charger in profile.chargers:
        yield from _pins_of(charger, f"chargers {charger.id}")
    for supply in profile.supplies:
        yield from _pins_of(supply, f"supplies {supply.item}")
    yield from {claim for adc in profile.adc for claim in _bus(adc)}


def clash_of_pins(profile: Profile) -> str | None:
    """A pin that two sensors claim."""
    claimed: dict[int, str] = {}
    for pin, key in pins(profile):
        if pin in claimed:
            return f"pin {pin} is claimed by {claimed[pin]} and by {key}; one pin, one sensor"
        claimed[pin] = key
    return None


def missing_adc(profile: Profile) -> str | None:
    """A channel of an ADC that is not there, or one that is used twice."""
    known = sorted(adc.id for adc in profile.adc)
    used: set[str] = set()
    for channel in _channels(profile):
        if channel[:-1] not in known:
            return f"channel {channel!r} needs an [[adc]] {channel[:-1]!r}; there are {known}"
        if channel in used:
            return f"channel {channel!r} is used twice"
        used.add(channel)
    return None


def missing_one_wire(profile: Profile) -> str | None:
    """A probe that no table says where to find, or one that is used twice."""
    probes = [charger.probe for charger in profile.chargers if charger.kind == "ebike"]
    if profile.one_wire is None:
        return f"probe {probes[0]!r} needs a [one_wire] table" if probes else None
    probes += [probe for probe in (profile.one_wire.room, profile.one_wire.outlet) if probe]
    probes += [profile.one_wire.outdoor] if profile.one_wire.outdoor else []
    twice = {probe for probe in probes if probes.count(probe) > 1}
    return f"probe {min(twice)!r} is used twice" if twice else None


def missing_bus(profile: Profile) -> str | None:
    """A device on a bus that no table describes, or two devices in one place."""
    heater = (("heater", profile.heater.meter),) if profile.heater else ()
    points = [(one.id, one.meter) for one in profile.chargers if one.kind == "ebike"]
    meters = [(name, meter) for name, meter in (*heater, *points) if meter is not None]
    if meters and profile.modbus is None:
        return f"the meter of {meters[0][0]} needs a [modbus] table"
    behind_mux = [(one.item, one.scale_channel) for one in profile.supplies]
    if profile.humidity:
        behind_mux.append(("humidity", profile.humidity.mux_channel))
    scales = [(name, channel) for name, channel in behind_mux if channel is not None]
    if (scales or profile.humidity) and profile.i2c is None:
        return f"{scales[0][0] if scales else 'humidity'} needs an [i2c] table"
    return _place_twice("meter", meters) or _place_twice("multiplexer channel", scales)


def two_rooms(profile: Profile) -> str | None:
    """Two sensors that both want to be the room's temperature."""
    if profile.humidity and profile.humidity.is_room and profile.one_wire and profile.one_wire.room:
        return "the room has one temperature: one_wire.room or humidity.is_room, and not both"
    return None


def name_twice(profile: Profile) -> str | None:
    """A sensor's name, or an ADC's id, that is not unique."""
    for names in (sensor_names(profile), (adc.id for adc in profile.adc)):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                return f"the name {name!r} is used twice"
            seen.add(name)
    return None


def stray_calibration(profile: Profile) -> str | None:
    """A calibration of a sensor that the station does not have."""
    names = sorted(sensor_names(profile))
    stray = sorted(set(profile.calibration) - set(names))
    return (
        f"calibration.{stray[0]} is of no sensor; there are {', '.join(names)}" if stray else None
    )


def _place_twice(what: str, places: list[tuple[str, int]]) -> str | None:
    taken: dict[int, str] = {}
    for name, place in places:
        if place in taken:
            return f"{what} {place} is claimed by {taken[place]} and by {name}"
        taken[place] = name
    return None


def _pins_of(table: object, prefix: str) -> Iterator[tuple[int, str]]:
    for key, value in vars(table).items() if table else ():
        if (key == "pin" or key.endswith("_pin")) and value is not None:
            yield value, f"{prefix}.{key}"


def _bus(adc: object) -> Iterator[tuple[int, str]]:
    for key in ("clock_pin", "mosi_pin", "miso_pin"):
        yield getattr(adc, key), f"adc {key}"


def _channels(profile: Profile) -> Iterator[str]:
    parts = (profile.heater, *profile.chargers, *profile.supplies)
    for part in parts:
        if part is not None and part.channel is not None:
            yield part.channel
