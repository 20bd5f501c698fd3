"""Troubles of the sensors and their supply, told straight from the samples."""

from __future__ import annotations

from warmstation_server.diagnosis.finding import SEVERITY, Cause, Finding
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.sample import Minute

_SILENT_S = 1800.0
_COOLED_K = 1.0
_YOUNG_S = 10.0 * 86400.0
_AWAY_MIN = 20.0


def sensor_findings(parts: Parts, room: float | None, at_s: float) -> list[Finding]:
    """Missing, spiking or stuck; one of them at a time. `room`: what sanity left of the value."""
    findings: list[Finding] = []
    sanity, repeats = parts.room_sanity, parts.repeats
    if sanity.misses and sanity.turned_faulty(at_s):
        since = sanity.at_s if sanity.at_s is not None else at_s
        findings += _told(parts, "sensor_fault", at_s, since, 0.9, {"link": "missing"})
    if sanity.bucket > 0.0 and sanity.turned_spiking(at_s):
        numbers: dict[str, float | str] = {"link": "spikes", "rejected": sanity.bucket}
        findings += _told(parts, "sensor_fault", at_s, at_s, 0.7, numbers)
    if room is not None:
        is_busy = parts.thermostat.last_call == 1.0 or parts.door.silence < 0.5
        age_s = at_s - (parts.begun_s or 0.0)
        if repeats.turned_stuck(
            room,
            at_s,
            is_busy=is_busy,
            is_learned=parts.is_learned(at_s),
            is_young=age_s < _YOUNG_S,
        ):
            numbers = {"link": "repeats", "value_c": room, "nats": repeats.nats}
            findings += _told(parts, "sensor_stuck", at_s, repeats.since_s, 0.85, numbers)
    return findings


def silence_findings(parts: Parts, at_s: float) -> list[Finding]:
    """A report with nothing in it: no sensor is to blame, their supply may be."""
    parts.room_sanity.forgive(at_s)
    parts.outlet_sanity.forgive(at_s)
    since = parts.silent_since_s
    if since is None:
        parts.silent_since_s = at_s
    if since is None or at_s - since < _SILENT_S or parts.trouble is not None:
        return []
    parts.trouble, parts.trouble_link, parts.trouble_since_s = "power_lost", "power", at_s
    numbers: dict[str, float | str] = {"link": "silence", "minutes": (at_s - since) / 60.0}
    return [Finding(at_s, "power_lost", SEVERITY["power_lost"], 0.5, since, numbers)]


def gap_findings(parts: Parts, minute: Minute) -> list[Finding]:
    """After a gap: a room that went cold in open hours was without power, not network."""
    floor, before, room = parts.thermostat.on_floor(0), parts.before_gap, minute.room
    if floor is None or before is None or room is None or parts.trouble is not None:
        return []
    if minute.length_min < _AWAY_MIN or parts.outlet.is_warm(minute.excess_k):
        return []
    coldest = parts.thermostat.coldest_called or floor  # a room that swings falls without a gap
    if not (minute.is_open and room < min(floor, coldest) - _COOLED_K and before > floor):
        return []
    numbers: dict[str, float | str] = {"link": "gap", "fell_k": before - room}
    since = minute.at_s - 60.0 * minute.length_min
    return [Finding(minute.at_s, "power_lost", SEVERITY["power_lost"], 0.7, since, numbers)]


def _told(
    parts: Parts,
    cause: Cause,
    at_s: float,
    since_s: float,
    confidence: float,
    numbers: dict[str, float | str],
) -> list[Finding]:
    if parts.fault is not None:
        return []
    parts.fault = cause
    return [Finding(at_s, cause, SEVERITY[cause], confidence, since_s, numbers)]
