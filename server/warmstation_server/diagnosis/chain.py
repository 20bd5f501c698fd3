"""From what the links say to what is told: once for one trouble, by its best name."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.finding import SEVERITY, Cause, Finding
from warmstation_server.diagnosis.isolation import (
    STEP_K,
    Links,
    Named,
    by_contact,
    corrects,
    named,
)
from warmstation_server.diagnosis.nobody_calls import Uncertain
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.sample import Minute

_CLEAR_AFTER_MIN = 30.0
_CALL_CLEAR_MIN = 120.0  # a thermostat set elsewhere, or a moved sensor, is content now and then
_AJAR_MIN = 24.0 * 60.0  # by then an open door has become the room's usual
_RENAME_AFTER_MIN = 10.0
_REST_S = 3600.0
_DOUBTED_NATS = 8.0
_SILENT_NATS = 5.0
_HOT_NATS = 6.0
_PULLED_NATS = 4.0
_SURELY_SILENT_NATS = 14.0
_OF_THE_CALL = ("setpoint", "sensor_moved")
_UNCALLED = ("setpoint", "closed", "power_lost")
_STAY_S = 900.0  # who was inside when it was closed has left by then
_UNDER_CALL = ("no_heat", "weak_heat", "overheat", "outlet_detached")
_UNSEEN_MIN = 3.0 * 1440.0  # what cannot show itself for so long is forgotten
_SELF_EVIDENT = ("power", "contact")
_NEARNESS = ("power", "contact", "outlet", "room", "call", "door")


def chain_findings(
    config: HeatingConfig, parts: Parts, minute: Minute, call_says: str | None, *, room_ok: bool
) -> list[Finding]:
    """The trouble at its onset, or a better name for the one that lasts; else nothing."""
    best = None
    plain = parts.first_days.after(minute, config.kind, call_is_guessed=parts.guess.is_used)
    if call_says or _is_any_raised(parts):
        best = named(_links(config, parts, minute, call_says, room_ok=room_ok))
    if not parts.is_learned(minute.at_s):
        if best is not None:
            calm(parts)
        best = plain if room_ok else None
        best = best or by_contact(is_open=parts.contact.is_raised)  # needs no learning
    elif best is None and room_ok and parts.first_days.is_warm_uncalled(config.kind):
        best = plain  # no model need say what it owes
    if best is None:
        if parts.trouble_link in _SELF_EVIDENT or (room_ok and _reads_well(parts)):
            _clear(parts, minute)  # a reading that is doubted does not say that all is well
        return []
    parts.clear_min = 0.0
    before = parts.trouble
    if before is not None and not _is_better_name(parts, best, minute):
        return []
    parts.trouble, parts.trouble_since_s = best.cause, minute.at_s
    parts.trouble_link, parts.other_min = best.link, 0.0
    parts.room.opening.told(is_door=best.cause == "door_open")
    finding = _finding(config, parts, best, minute)
    if best is plain:
        finding = replace(finding, since_s=minute.at_s - 60.0 * parts.first_days.lasted_min)
    return [replace(finding, replaces=cast("Cause | None", before))]


def _is_any_raised(parts: Parts) -> bool:
    return bool(
        _outlet_says(parts)
        or parts.room.verdict()
        or parts.power.verdict()
        or parts.contact.is_raised
        or parts.parting.is_raised
        or parts.door.is_silent(_SILENT_NATS)
    )


def _outlet_says(parts: Parts) -> str | None:
    is_unfelt = parts.room.felt.surplus.is_raised and parts.outlet.is_hot_now
    is_hot = parts.per_watt.hot.is_raised or is_unfelt
    return "over" if is_hot and _reads_well(parts) else parts.outlet.verdict()


def _seems_hot(parts: Parts) -> bool:
    """Whether the outlet may be about to overheat; the room then gets less than is shown."""
    surplus, wide = parts.room.felt.surplus.level, parts.room.opening.wide.level
    is_unfelt = surplus > max(_HOT_NATS, wide)
    return is_unfelt or parts.outlet.hot.level > 1.0 or parts.per_watt.hot.level > 2.0


def _is_better_name(parts: Parts, best: Named, minute: Minute) -> bool:
    """Whether a link nearer to the heater, or the room of a probe that was blamed, has said
    something else for ten minutes; where no heat is called for, whether that has become sure."""
    if parts.is_deserted and (best.link == "call" or best.cause == "power_lost"):
        return False  # where nobody is, nobody heats
    if parts.trouble in _UNCALLED and best.cause in _UNCALLED:
        nearer = True  # it is told by another name only where that is likely enough
    else:
        nearer = _NEARNESS.index(best.link) < _NEARNESS.index(parts.trouble_link)
    if best.cause == parts.trouble or not (nearer or corrects(parts.trouble, best)):
        parts.other_min = 0.0
        return False
    parts.other_min += minute.length_min
    return parts.other_min >= _RENAME_AFTER_MIN


def calm(parts: Parts) -> None:
    """Drops all evidence: what young models cry out at must not wait for the day they are trusted,
    nor what a stuck reading seemed to say for the day it lives again. A meter is no model: what it
    says for minutes and takes back (a pump that starts late) teaches its bar."""
    outlet, room, thermostat = parts.outlet, parts.room, parts.thermostat
    for cusum in (
        *(outlet.none, outlet.weak, outlet.stuck, outlet.hot, parts.per_watt.hot),
        *(room.none, room.weak, room.stuck, room.opening.wide, room.felt.surplus),
        *(thermostat.missing, thermostat.excess, parts.parting.lower, parts.parting.higher),
    ):
        cusum.calm()
    outlet.peaks.calm()


def _clear(parts: Parts, minute: Minute) -> None:
    if parts.trouble is None:
        return
    lasts_min = _CALL_CLEAR_MIN if parts.trouble in _OF_THE_CALL else _CLEAR_AFTER_MIN
    if _is_ajar(parts):
        lasts_min = 0.0 if parts.room.opening.ajar.is_shut else _AJAR_MIN
    rate = 1.0 if _would_show(parts, minute) else lasts_min / _UNSEEN_MIN
    parts.clear_min += rate * minute.length_min
    if parts.clear_min >= lasts_min:
        if parts.trouble == "overheat":
            parts.outlet.hottest.went_away()
        outlet = parts.outlet
        for cusum in (outlet.none, outlet.weak, outlet.stuck, outlet.hot):
            cusum.end(minute.at_s)
        parts.trouble = None
        parts.room.opening.ajar.end()
        parts.hold_until_s = minute.at_s + _REST_S


def _is_ajar(parts: Parts) -> bool:
    """Whether only the room can say that the door was shut."""
    is_told_shut = parts.contact.is_known and parts.contact.is_shut
    return parts.trouble == "door_open" and parts.trouble_link == "room" and not is_told_shut


def _would_show(parts: Parts, minute: Minute) -> bool:
    """Whether the trouble would be seen in this minute, if it were still there: a heater's only
    while it is called for, a closed station's only by who comes."""
    if parts.trouble in _UNDER_CALL and not parts.guess.is_used:
        return minute.call is None or minute.call > 0.0
    return not parts.is_deserted


def _links(
    config: HeatingConfig, parts: Parts, minute: Minute, call_says: str | None, *, room_ok: bool
) -> Links:
    """`room_ok`: the room sensor is to be believed; without it only the power speaks."""
    power, outlet, room, door = parts.power, parts.outlet, parts.room, parts.door
    short = outlet.none if outlet.none.level > 0.0 else outlet.weak
    return Links(
        power=power.verdict(),
        outlet=_outlet_says(parts) if room_ok else None,
        room=room.verdict() if room_ok and _reads_well(parts) else None,
        thermostat=call_says if room_ok else None,
        power_share=power.share(minute.watts),
        kind=config.kind,
        heated=room.felt.heated,
        heated_bins=room.felt.bins,
        waited_min=(minute.at_s - short.since_s) / 60.0,
        step_k=room.shift.sudden_k,
        step_min=room.shift.began_min,
        rose_min=room.shift.rose_min(STEP_K),
        blamed_min=parts.thermostat.blamed_min(minute.at_s),
        shifted_k=parts.thermostat.shifted_k,
        off_k=parts.thermostat.off_k(minute.room),
        turned_k=parts.thermostat.turned_k(minute.room),
        usual_error_k=room.usual_error_k,
        is_calling=None if minute.call is None else minute.call > 0.0,
        thermostat_content=_is_content(parts, minute),
        outlet_is_hot=_seems_hot(parts),
        probe_fell=outlet.probe.has_fallen_off,
        stands_apart=room_ok and parts.parting.is_raised and room.shift.score > _PULLED_NATS,
        fell_alone=parts.parting.shows_alone(room.opening.fallen_k),
        contact_open=parts.contact.is_raised,
        contact_shut=parts.contact.is_known and parts.contact.is_shut,
        call_is_guessed=parts.guess.is_used,
        call_fell_silent=parts.guess.fell_silent(minute.at_s),
        silence=door.silence,
        door_is_known=door.is_known,
        door_is_silent=door.is_silent(_SILENT_NATS),
        door_is_surely_silent=door.is_silent(_SURELY_SILENT_NATS),
        nobody=_nobody(parts, minute),
        is_open=minute.is_open,
    )


def _nobody(parts: Parts, minute: Minute) -> Uncertain:
    """What is known of a station whose heater nobody asks for heat, or that shows no life."""
    power, door, thermostat = parts.power, parts.door, parts.thermostat
    is_dead, is_counted = power.dead.is_raised, door.is_known and minute.is_open
    is_lower = thermostat.uncalled.is_lower
    missed_s = thermostat.uncalled.missed_s if is_lower else thermostat.missing.since_s
    since_s = power.dead.since_s if is_dead else missed_s
    return Uncertain(
        fallen_k=thermostat.uncalled.fallen_k,
        waited_min=(minute.at_s - since_s) / 60.0 if is_dead else thermostat.uncalled.waited_min,
        below_night=thermostat.uncalled.below_night,
        silence=door.silence if is_counted else None,
        passed_late=door.is_known and (door.last_at_s or 0.0) > since_s + _STAY_S,
        is_dead=is_dead,
        is_fed=power.is_fed(minute.watts),
        is_pressing=parts.net.is_pressing,
        before=cast("Cause", parts.trouble) if parts.trouble in _UNCALLED else None,
    )


def _reads_well(parts: Parts) -> bool:
    """Whether the reading is steady enough for the room's residuals."""
    return parts.repeats.nats < _DOUBTED_NATS and not parts.room_sanity.is_spiking


def _is_content(parts: Parts, minute: Minute) -> bool:
    """No call at a reading that has always brought one, or one that ended at such a reading."""
    if parts.thermostat.has_fallen(parts.room.opening.opened_s, minute.at_s):
        return True
    if minute.call != 0.0 or minute.room is None or not minute.is_open:
        return False
    return parts.thermostat.is_below_floor(minute.room)


def _finding(config: HeatingConfig, parts: Parts, best: Named, minute: Minute) -> Finding:
    since, numbers = _evidence(config, parts, best.link, minute)
    return Finding(
        at_s=minute.at_s,
        cause=best.cause,
        severity=SEVERITY[best.cause],
        confidence=best.confidence,
        since_s=min(since or minute.at_s, minute.at_s),
        evidence={"link": best.link, **numbers},
        mode=config.mode,
    )


def _evidence(
    config: HeatingConfig, parts: Parts, link: str, minute: Minute
) -> tuple[float, dict[str, float]]:
    """(since when, what is known of the link that broke), in real degrees."""
    sign = -1.0 if config.mode == "cool" else 1.0
    power, outlet, room, thermostat = parts.power, parts.outlet, parts.room, parts.thermostat
    if link == "power":
        usual = {"usual_power_w": power.on_w} if power.on_w > 0.0 else {}
        return power.since_s, {"power_w": minute.watts or 0.0, **usual}
    if link == "outlet":
        since = max(outlet.none.since_s, outlet.weak.since_s, outlet.stuck.since_s)
        since = outlet.peaks.since_s if outlet.peaks.is_poor else since
        seen = {"outlet_excess_k": sign * (minute.excess_k or 0.0)}
        if not outlet.is_known:
            return since, seen
        return since, seen | {
            "expected_excess_k": sign * (outlet.heat_k + outlet.offset_k),
            "room_says_heated_nats": room.felt.heated,
        }
    if link == "room":
        since = max(c.since_s for c in (room.opening, room.none, room.weak, room.stuck))
        return since, {
            "residual_k": sign * room.error,
            "usual_residual_k": room.usual_error_k,
            "wide_open_nats": room.opening.wide.level,
        }
    if link == "call":
        since = max(thermostat.missing.since_s, thermostat.excess.since_s)
        on, off = thermostat.on_mean[0], thermostat.off_mean[0]
        return since, {
            "room_c": sign * (minute.room or 0.0),
            "usual_switch_on_c": sign * on,
            "usual_switch_off_c": sign * off,
        }
    if link == "contact":
        return parts.contact.since_s, {"open_min": parts.contact.open_min}
    return parts.door.last_at_s or minute.at_s, {"passages_expected": parts.door.missed}
