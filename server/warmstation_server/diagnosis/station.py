"""One station's diagnosis: samples in, findings out, state as plain JSON values.

diagnosis = Diagnosis(HeatingConfig(kind="electric"))
for sample in samples:
    for finding in diagnosis.after(sample): ...
later = Diagnosis.restore(config, diagnosis.state())
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.door import Door
from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.finding import SEVERITY, Cause, Finding, Severity
from warmstation_server.diagnosis.frozen import Repeats
from warmstation_server.diagnosis.isolation import Links, Named, named
from warmstation_server.diagnosis.memory import recall, remembered
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.room import Room
from warmstation_server.diagnosis.safety_net import SafetyNet
from warmstation_server.diagnosis.sample import Gathering, Minute, Sample
from warmstation_server.diagnosis.sanity import Sanity
from warmstation_server.diagnosis.thermostat import Thermostat

STATE_VERSION = 1
_LEARN_FIRST_S = 3.0 * 86400.0
_MINUTE_S = 60.0
_CLEAR_AFTER_MIN = 30.0
_SILENT_S = 1800.0
_RENAME_AFTER_MIN = 10.0
_NEARNESS = ("power", "outlet", "room", "call", "door")
_RELEARN_S = {"door_open": 2.0 * 3600.0, "setpoint": 12.0 * 3600.0}
_RELEARN_LATE_S = 48.0 * 3600.0
_STEP_BACK_S = 7200.0


@dataclass(slots=True)
class Parts:
    """Everything that is remembered of a station between two samples."""

    begun_s: float | None = None
    at_s: float | None = None
    outdoor: float | None = None
    outdoor_at_s: float = 0.0
    trouble: str | None = None
    trouble_since_s: float = 0.0
    trouble_link: str = "door"
    other_min: float = 0.0
    clear_min: float = 0.0
    hold_until_s: float = 0.0
    faults: str = ""
    silent_since_s: float | None = None
    has_more: bool = False
    before_gap: float | None = None
    room_sanity: Sanity = field(default_factory=lambda: Sanity(-30.0, 60.0))
    outlet_sanity: Sanity = field(default_factory=lambda: Sanity(-35.0, 140.0, 25.0, 20.0))
    repeats: Repeats = field(default_factory=Repeats)
    gathering: Gathering = field(default_factory=Gathering)
    power: Power = field(default_factory=Power)
    outlet: Outlet = field(default_factory=Outlet)
    room: Room = field(default_factory=Room)
    door: Door = field(default_factory=Door)
    thermostat: Thermostat = field(default_factory=Thermostat)
    net: SafetyNet = field(default_factory=SafetyNet)


class Diagnosis:
    """A chain of residuals, call -> power -> outlet -> room, for one station."""

    def __init__(self, config: HeatingConfig) -> None:
        self.config = config
        self._sign = -1.0 if config.mode == "cool" else 1.0
        self._gap_s = max(5.0 * config.interval_s, config.interval_s + 600.0)
        self._parts = Parts()

    def state(self) -> dict[str, Any]:
        """Everything learned and under suspicion, as JSON values."""
        return {"version": STATE_VERSION, "parts": remembered(self._parts)}

    @classmethod
    def restore(cls, config: HeatingConfig, state: dict[str, Any]) -> Diagnosis:
        """Goes on exactly where `state` was taken. Raises BadState."""
        if state.get("version") != STATE_VERSION:
            raise BadState(f"state version {state.get('version')!r}, expected {STATE_VERSION}")
        diagnosis = cls(config)
        recall(diagnosis._parts, state.get("parts"))
        return diagnosis

    def after(self, sample: Sample) -> list[Finding]:
        """What is newly wrong with this sample; nothing is repeated while it lasts."""
        parts, at_s = self._parts, sample.at_s
        if parts.at_s is None or parts.begun_s is None:
            parts.begun_s = at_s - self.config.interval_s
            parts.gathering.begun_s = parts.begun_s
        elif at_s <= parts.at_s:
            if parts.at_s - at_s < _STEP_BACK_S:
                return []
            parts.gathering.begun_s = at_s - self.config.interval_s
            parts.begun_s = min(parts.begun_s, parts.gathering.begun_s)
        parts.at_s = at_s
        return self._after_values(parts, sample, at_s)

    def _after_values(self, parts: Parts, sample: Sample, at_s: float) -> list[Finding]:
        nothing = sample.room_c is None and sample.outlet_c is None and sample.heater_on is None
        if nothing and parts.has_more:
            return self._silent(parts, at_s)
        parts.silent_since_s = None
        if sample.outlet_c is not None or sample.heater_on is not None:
            parts.has_more = True
        if sample.outdoor_c is not None and -60.0 <= sample.outdoor_c <= 60.0:
            parts.outdoor, parts.outdoor_at_s = sample.outdoor_c, at_s
        room = parts.room_sanity.passed(sample.room_c, at_s)
        outlet = None
        if sample.outlet_c is not None or parts.outlet_sanity.at_s is not None:
            outlet = parts.outlet_sanity.passed(sample.outlet_c, at_s)
        findings = self._sensor_findings(parts, room, at_s)
        gathering = parts.gathering
        gathering.add(room, outlet, sample)
        elapsed_s = at_s - gathering.begun_s
        if elapsed_s < _MINUTE_S - 0.5 * self.config.interval_s and elapsed_s < _MINUTE_S - 1.0:
            return findings
        outdoor = parts.outdoor if at_s - parts.outdoor_at_s < 3 * 3600.0 else None
        hours_open = self.config.hours_since_opening(at_s)
        minute = gathering.closed(
            at_s, sign=self._sign, outdoor=outdoor, is_open=hours_open is not None
        )
        minute.is_gap = elapsed_s > self._gap_s
        minute.regime = self._regime(minute, hours_open)
        if minute.is_gap and self._is_learned(at_s):
            findings += self._back(parts, minute)
        parts.before_gap = minute.room
        findings += self._after_minute(parts, minute, hours_open)
        return findings

    def _silent(self, parts: Parts, at_s: float) -> list[Finding]:
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

    def _back(self, parts: Parts, minute: Minute) -> list[Finding]:
        """After a gap: a room that went cold in open hours was without power, not network."""
        floor = parts.thermostat.on_floor(0)
        before = parts.before_gap
        cold = floor is not None and minute.room is not None and minute.room < floor - 0.3
        was_well = floor is not None and before is not None and before > floor
        if not (cold and was_well and minute.is_open) or parts.trouble is not None:
            return []
        numbers: dict[str, float | str] = {"link": "gap", "room_c": minute.room or 0.0}
        since = minute.at_s - 60.0 * minute.length_min
        cause: Cause = "power_lost"
        return [Finding(minute.at_s, cause, SEVERITY[cause], 0.7, since, numbers)]

    def _sensor_findings(self, parts: Parts, room: float | None, at_s: float) -> list[Finding]:
        findings: list[Finding] = []
        sanity, repeats = parts.room_sanity, parts.repeats
        if sanity.turned_faulty(at_s):
            since = sanity.at_s if sanity.at_s is not None else at_s
            findings += self._fault(parts, "sensor_fault", since, 0.9, {"link": "missing"})
        if sanity.turned_spiking(at_s):
            numbers: dict[str, float | str] = {"link": "spikes", "rejected": sanity.bucket}
            findings += self._fault(parts, "sensor_fault", at_s, 0.7, numbers)
        if room is not None:
            is_busy = parts.thermostat.last_call == 1.0 or parts.door.silence < 0.5
            if repeats.turned_stuck(room, at_s, is_busy=is_busy, is_learned=self._is_learned(at_s)):
                numbers = {"link": "repeats", "value_c": room, "nats": repeats.nats}
                findings += self._fault(parts, "sensor_stuck", repeats.since_s, 0.85, numbers)
        return findings

    def _is_learned(self, at_s: float) -> bool:
        return self._parts.begun_s is not None and at_s - self._parts.begun_s > _LEARN_FIRST_S

    def _fault(
        self,
        parts: Parts,
        cause: Cause,
        since_s: float,
        confidence: float,
        numbers: dict[str, float | str],
    ) -> list[Finding]:
        at_s = parts.at_s or since_s
        if parts.faults:
            return []
        parts.faults = cause
        return [Finding(at_s, cause, SEVERITY[cause], confidence, since_s, numbers, None)]

    def _after_minute(
        self, parts: Parts, minute: Minute, hours_open: float | None
    ) -> list[Finding]:
        at_s = minute.at_s
        room_ok = not (parts.repeats.is_stuck or parts.room_sanity.is_faulty)
        if room_ok and not parts.room_sanity.is_spiking:
            parts.faults = ""
        may_learn = (
            self._may_learn_through(parts, at_s)
            and at_s >= parts.hold_until_s
            and not parts.faults
            and parts.repeats.nats < 8.0
        )
        self._follow_links(parts, minute, may_learn=may_learn)
        settled = hours_open is not None and hours_open > 0.25
        settled = settled and self.config.hours_to_closing(at_s) > 0.25
        call_says = parts.thermostat.after(
            minute,
            is_settled=settled,
            may_learn=may_learn,
        )
        findings = self._chain_findings(parts, minute, call_says, room_ok=room_ok)
        if minute.room is not None:
            real = self._sign * minute.room
            findings += self._net_findings(parts, real, minute, hours_open)
        return findings

    def _regime(self, minute: Minute, hours_open: float | None) -> int | None:
        if hours_open is not None:
            return 0
        to_opening_h = (self.config.open_h - self.config.hour_of_day(minute.at_s)) % 24.0
        return 1 if to_opening_h > self.config.preheat_h + 2.0 else None

    def _may_learn_through(self, parts: Parts, at_s: float) -> bool:
        """What lasts is the new usual; else a model that erred could never mend."""
        if parts.trouble is None:
            return True
        patience_s = _RELEARN_S.get(parts.trouble, _RELEARN_LATE_S)
        return at_s - parts.trouble_since_s > patience_s

    def _follow_links(self, parts: Parts, minute: Minute, *, may_learn: bool) -> None:
        kind = self.config.kind
        if parts.power.after(minute, kind) and may_learn:
            may_learn = False
        outlet, room = parts.outlet, parts.room
        outlet.after(minute, kind, may_learn=may_learn and not room.is_suspect)
        asked, heat, seen = self._heat_inputs(parts, minute)
        learns = may_learn and not outlet.is_suspect
        if room.after(minute, heat, asked, may_learn=learns, heat_is_seen=seen):
            run_s = minute.at_s - parts.repeats.since_s
            if run_s > 240.0:
                parts.repeats.expect(room.expected)
        if outlet.none.level <= 0.0:
            room.judge_heat()
        parts.door.after(minute, self.config.hour_of_day(minute.at_s))

    def _heat_inputs(self, parts: Parts, minute: Minute) -> tuple[float, float, bool]:
        """(asked, measured) heat as a share of usual, and whether the outlet measured it."""
        outlet, call = parts.outlet, minute.call or 0.0
        if outlet.is_known and minute.excess_k is not None:
            scale = max(1.0, outlet.typical_k)
            asked = outlet.heat_k / scale
            # More than the call can bring is heat that does not reach the room, or no heat.
            heat = min((minute.excess_k - outlet.offset_k) / scale, 1.2 * asked + 0.15)
            return asked, heat, True
        if outlet.called_min > 0.0 and minute.excess_k is not None:
            return call, minute.excess_k / 20.0, True
        share = parts.power.share(minute.watts)
        return call, call if share is None else share, False

    def _chain_findings(
        self, parts: Parts, minute: Minute, call_says: str | None, *, room_ok: bool
    ) -> list[Finding]:
        best = None
        if call_says or self._is_any_raised(parts):
            best = named(self._links(parts, minute, call_says, room_ok=room_ok))
        if best is None or not self._is_learned(minute.at_s):
            self._clear(parts, minute)
            return []
        parts.clear_min = 0.0
        before = parts.trouble
        if before is not None and not self._is_better_name(parts, best, minute):
            return []
        parts.trouble, parts.trouble_since_s = best.cause, minute.at_s
        parts.trouble_link, parts.other_min = best.link, 0.0
        return [replace(self._finding(parts, best, minute), replaces=cast("Cause | None", before))]

    @staticmethod
    def _is_any_raised(parts: Parts) -> bool:
        return bool(
            parts.outlet.verdict()
            or parts.room.verdict()
            or parts.power.verdict()
            or parts.door.is_silent(5.0)
        )

    @staticmethod
    def _is_better_name(parts: Parts, best: Named, minute: Minute) -> bool:
        """Whether a link nearer to the heater has said something else for ten minutes."""
        nearer = _NEARNESS.index(best.link) < _NEARNESS.index(parts.trouble_link)
        if best.cause == parts.trouble or not nearer:
            parts.other_min = 0.0
            return False
        parts.other_min += minute.length_min
        return parts.other_min >= _RENAME_AFTER_MIN

    def _links(
        self, parts: Parts, minute: Minute, call_says: str | None, *, room_ok: bool
    ) -> Links:
        power, outlet, room, door = parts.power, parts.outlet, parts.room, parts.door
        verdict = outlet.verdict() if room_ok else None
        return Links(
            power=power.verdict(),
            outlet=verdict,
            room=room.verdict() if room_ok and parts.repeats.nats < 8.0 else None,
            thermostat=call_says if room_ok else None,
            power_share=power.share(minute.watts),
            is_metered=self.config.metered,
            is_resistive=self.config.kind == "electric",
            heated=room.heated,
            heated_bins=room.heated_bins,
            waited_min=(minute.at_s - outlet.none.since_s) / 60.0,
            is_step=room.is_step,
            step_k=room.step_k,
            usual_error_k=room.spread[1],
            is_calling=None if minute.call is None else minute.call > 0.0,
            thermostat_content=self._is_content(parts, minute),
            silence=door.silence,
            door_is_known=door.is_known,
            door_is_silent=door.is_silent(5.0),
            door_is_surely_silent=door.is_silent(18.0),
            is_open=minute.is_open,
        )

    @staticmethod
    def _is_content(parts: Parts, minute: Minute) -> bool:
        floor = parts.thermostat.on_floor(0)
        return bool(
            floor is not None
            and minute.is_open
            and minute.call == 0.0
            and minute.room is not None
            and minute.room < floor
        )

    def _clear(self, parts: Parts, minute: Minute) -> None:
        if parts.trouble is None:
            return
        parts.clear_min += minute.length_min
        if parts.clear_min >= _CLEAR_AFTER_MIN:
            parts.trouble = None
            parts.hold_until_s = minute.at_s + 3600.0

    def _finding(self, parts: Parts, best: Named, minute: Minute) -> Finding:
        numbers: dict[str, float | str] = {"link": best.link, **best.numbers}
        since = minute.at_s
        if best.link == "outlet":
            outlet = parts.outlet
            numbers["outlet_excess_k"] = minute.excess_k if minute.excess_k is not None else 0.0
            numbers["expected_excess_k"] = outlet.heat_k + outlet.offset_k
            numbers["room_says_heated_nats"] = parts.room.heated
            since = max(outlet.none.since_s, outlet.weak.since_s, outlet.stuck.since_s)
        elif best.link == "power":
            numbers["power_w"] = minute.watts if minute.watts is not None else 0.0
            numbers["usual_power_w"] = parts.power.on_w
            since = max(parts.power.none.since_s, parts.power.stuck.since_s)
        elif best.link == "room":
            numbers["residual_k"] = parts.room.error
            numbers["usual_residual_k"] = parts.room.spread[1]
            since = max(parts.room.door.since_s, parts.room.none.since_s)
        elif best.link == "call":
            numbers["room_c"] = self._sign * (minute.room or 0.0)
            numbers["usual_switch_on_c"] = self._sign * parts.thermostat.on_mean[0]
            since = max(parts.thermostat.missing.since_s, parts.thermostat.excess.since_s)
        else:
            numbers["passages_expected"] = parts.door.silence
            since = parts.door.last_at_s if parts.door.last_at_s is not None else since
        at_s = minute.at_s
        return Finding(
            at_s,
            best.cause,
            SEVERITY[best.cause],
            best.confidence,
            min(since or at_s, at_s),
            numbers,
            None,
            self.config.mode,
        )

    def _net_findings(
        self, parts: Parts, room_c: float, minute: Minute, hours_open: float | None
    ) -> list[Finding]:
        told = parts.net.after(
            room_c,
            minute.length_min,
            hours_open,
            is_cooling=self.config.mode == "cool",
            is_suspect=parts.thermostat.missing.level > 0.0
            or parts.outlet.is_suspect
            or (parts.door.is_known and parts.door.silence > 2.0),
        )
        return [
            self._net_finding(cause, severity, limit, room_c, minute.at_s)
            for cause, severity, limit in told
            if (parts.trouble is None and not parts.faults) or severity == "critical"
        ]

    def _net_finding(
        self, cause: Cause, severity: Severity, limit: float, room_c: float, at_s: float
    ) -> Finding:
        numbers: dict[str, float | str] = {"link": "limit", "room_c": room_c, "limit_c": limit}
        since = at_s - 1800.0
        return Finding(at_s, cause, severity, 1.0, since, numbers, None, self.config.mode)
