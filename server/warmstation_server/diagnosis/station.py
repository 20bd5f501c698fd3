"""One station's diagnosis: samples in, findings out, state as plain JSON values.

diagnosis = Diagnosis(HeatingConfig(kind="electric"))
for sample in samples:
    for finding in diagnosis.after(sample): ...
later = Diagnosis.restore(config, diagnosis.state())
"""

from __future__ import annotations

from typing import Any

from warmstation_server.diagnosis.chain import calm, chain_findings
from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.memory import recall, remembered
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.sample import Minute, Sample
from warmstation_server.diagnosis.sensors import gap_findings, sensor_findings, silence_findings

STATE_VERSION = 18
_MINUTE_S = 60.0
_STEP_BACK_S = 7200.0
_OUTDOOR_KEEPS_S = 3.0 * 3600.0
_EDGE_H = 0.25  # opening and closing are not to the minute
_RELEARN_S = {"door_open": 2.0 * 3600.0, "setpoint": 12.0 * 3600.0}
_RELEARN_LATE_S = 48.0 * 3600.0
_DOUBTED_NATS = 8.0
_FULL_HEAT_K = 20.0  # outlet excess that counts as one; the room's model learns what it is worth


class Diagnosis:
    """A chain of residuals, call -> power -> outlet -> room, for one station."""

    def __init__(self, config: HeatingConfig) -> None:
        self.config = config
        self._sign = -1.0 if config.mode == "cool" else 1.0
        self._gap_s = max(5.0 * config.interval_s, config.interval_s + 600.0)
        self._due_s = min(_MINUTE_S - 1.0, _MINUTE_S - 0.5 * config.interval_s)
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

    @property
    def since_s(self) -> float | None:
        """When its first sample began; None before that."""
        return self._parts.begun_s

    @property
    def standing(self) -> frozenset[str]:
        """The causes that were told and are not gone yet."""
        parts, net = self._parts, self._parts.net
        limits = {"cold": net.is_cold, "frost": net.told_frost, "hot": net.is_hot}
        beyond = [cause for cause, stands in limits.items() if stands]
        return frozenset(cause for cause in (parts.trouble, parts.fault, *beyond) if cause)

    def may_return(self, cause: str) -> bool:
        """Whether it may stand again without being told anew, since it was told today."""
        net = self._parts.net
        return (cause == "cold" and net.told_cold > 0) or (cause == "hot" and net.told_hot > 0)

    def after(self, sample: Sample) -> list[Finding]:
        """What is newly wrong with this sample; nothing is repeated while it lasts.

        Times that do not advance are passed over, but a step back of hours is a new clock.
        """
        parts, at_s = self._parts, sample.at_s
        before_s = at_s - self.config.interval_s
        if parts.at_s is None or parts.begun_s is None:
            parts.begun_s = parts.gathering.begun_s = before_s
        elif at_s <= parts.at_s:
            if parts.at_s - at_s < _STEP_BACK_S:
                return []
            parts.begun_s = min(parts.begun_s, before_s)
            parts.gathering.begun_s = before_s
        parts.at_s = at_s
        if sample.room_c is None and sample.outlet_c is None and sample.heater_on is None:
            if parts.has_more:
                return silence_findings(parts, at_s)
        elif sample.outlet_c is not None or sample.heater_on is not None:
            parts.has_more = True
        parts.silent_since_s = None
        return self._after_values(parts, sample, at_s)

    def _after_values(self, parts: Parts, sample: Sample, at_s: float) -> list[Finding]:
        if sample.outdoor_c is not None and -60.0 <= sample.outdoor_c <= 60.0:
            parts.outdoor, parts.outdoor_at_s = sample.outdoor_c, at_s
        room = parts.room_sanity.passed(sample.room_c, at_s)
        outlet = None
        if sample.outlet_c is not None or parts.outlet_sanity.at_s is not None:
            outlet = parts.outlet_sanity.passed(sample.outlet_c, at_s)
        findings = sensor_findings(parts, room, at_s)
        parts.gathering.add(room, outlet, sample)
        if at_s - parts.gathering.begun_s >= self._due_s:
            findings += self._after_minute(parts, at_s)
        return findings

    def _after_minute(self, parts: Parts, at_s: float) -> list[Finding]:
        hours_open = self.config.hours_since_opening(at_s)
        minute = self._minute(parts, at_s, hours_open)
        findings: list[Finding] = []
        if minute.is_gap and parts.is_learned(at_s):
            findings += gap_findings(parts, minute)
        parts.before_gap = minute.room
        room_ok = not (parts.repeats.is_stuck or parts.room_sanity.is_faulty)
        if room_ok and not parts.room_sanity.is_spiking:
            if parts.fault == "sensor_stuck":
                calm(parts)
                parts.thermostat.calm()
            parts.fault = None
        may_learn = self._may_learn(parts, at_s)
        self._follow_links(parts, minute, may_learn=may_learn)
        settled = hours_open is not None and hours_open > _EDGE_H
        settled = settled and self.config.hours_to_closing(at_s) > _EDGE_H
        call_says = parts.thermostat.after(minute, is_settled=settled, may_learn=may_learn)
        if parts.thermostat.edge_off_k is not None:
            parts.room.shift.seen_by_thermostat(parts.thermostat.edge_off_k)
        findings += chain_findings(self.config, parts, minute, call_says, room_ok=room_ok)
        if minute.room is not None:
            findings += self._net_findings(parts, self._sign * minute.room, minute, hours_open)
        return findings

    def _minute(self, parts: Parts, at_s: float, hours_open: float | None) -> Minute:
        outdoor = parts.outdoor if at_s - parts.outdoor_at_s < _OUTDOOR_KEEPS_S else None
        is_gap = at_s - parts.gathering.begun_s > self._gap_s
        is_open = hours_open is not None
        minute = parts.gathering.closed(at_s, sign=self._sign, outdoor=outdoor, is_open=is_open)
        parts.guess.filled(minute)
        minute.is_gap = is_gap
        minute.regime = 0 if is_open else self._closed_regime(at_s)
        return minute

    def _closed_regime(self, at_s: float) -> int | None:
        to_opening_h = (self.config.open_h - self.config.hour_of_day(at_s)) % 24.0
        return 1 if to_opening_h > self.config.preheat_h + 2.0 else None

    @staticmethod
    def _may_learn(parts: Parts, at_s: float) -> bool:
        """Not from trouble; but what lasts is the new usual, or an erring model never mends."""
        if parts.fault is not None or parts.repeats.nats >= _DOUBTED_NATS:
            return False
        if parts.trouble is None:
            return at_s >= parts.hold_until_s
        patience_s = _RELEARN_S.get(parts.trouble, _RELEARN_LATE_S)
        return at_s - parts.trouble_since_s > patience_s

    def _follow_links(self, parts: Parts, minute: Minute, *, may_learn: bool) -> None:
        kind, outlet, room = self.config.kind, parts.outlet, parts.room
        power = parts.power
        if power.after(minute, kind, may_learn=may_learn):
            may_learn = False
        fed = power.fed(minute.watts, minute.call or 0.0, kind)
        outlet.after(minute, fed, kind, may_learn=may_learn and not room.is_suspect)
        if minute.call_is_outlets:
            outlet.stuck.calm()
            outlet.none.calm()
            if kind != "electric":  # how far a valve or a pump opens is its own to say
                outlet.weak.calm()
        has_draw = minute.watts is not None and power.is_known
        is_weighed = has_draw and outlet.is_known and kind == "heatpump"
        if is_weighed and minute.excess_k is not None:
            parts.per_watt.after(
                minute,
                minute.excess_k,
                power.on_w,
                outlet.run_min,
                outlet.model.theta[0],
                may_learn=may_learn,
                is_frosted=not outlet.modulation.is_back,
            )
        explained_k = outlet.heat_k + outlet.offset_k if outlet.is_known else None
        parts.parting.after(minute, explained_k, is_falling=room.opening.wide.level > 0.0)
        # A radiator shows minutes later what has become of it and of its room.
        is_quick = kind != "radiator"
        fell = is_quick and parts.parting.shows_together(room.opening.fallen_k)
        room.opening.outlet_fell = fell
        asked, heat, is_seen = self._heat(parts, minute)
        # What trickles in where nothing but the outlet says the call is the heater's own mind.
        is_own = minute.call_is_outlets and minute.call == 0.0
        may_be_odd = is_seen and outlet.is_known and not is_own
        is_odd = may_be_odd and heat > (most := self._most(outlet, kind))
        heat = most if is_odd else heat
        learns = may_learn and not outlet.is_suspect
        seen = parts.room_sanity
        if minute.room is None and minute.at_s - (seen.at_s or minute.at_s) > self._gap_s:
            room.lost_track(seen.value, minute.length_min)
        closed = room.after(
            minute,
            heat,
            asked,
            may_learn=learns,
            heat_is_seen=is_seen,
            is_odd=is_odd,
            is_doubted=outlet.none.level > 0.0,
            # What a meter says of each watt needs no room to tell it.
            modulates=kind == "heatpump"
            and not (is_weighed and parts.per_watt.knows(minute.watts or 0.0)),
        )
        if closed and minute.at_s - parts.repeats.since_s > 240.0:
            parts.repeats.expect(room.expected + room.bias)
        if outlet.none.level <= 0.0 and not outlet.weak.is_raised:
            room.felt.judge()
        if kind == "electric" or (is_quick and minute.call == 0.0):
            shift = room.shift
            parts.parting.weigh(minute, shift.sudden_k, shift.sudden_min, room.usual_error_k)
        was_deserted = parts.is_deserted
        if parts.door.after(minute, self.config.hour_of_day(minute.at_s)):
            parts.thermostat.shifted_edges = 0  # what it did while it was closed
        if was_deserted and not parts.is_deserted:
            parts.thermostat.calm()
        parts.contact.after(minute)

    @staticmethod
    def _heat(parts: Parts, minute: Minute) -> tuple[float, float, bool]:
        """(asked, measured) heat in one scale that never changes, and whether the outlet
        measured it."""
        outlet, call = parts.outlet, minute.call or 0.0
        if minute.excess_k is not None and outlet.called_min > 0.0:
            heat = minute.excess_k / _FULL_HEAT_K
            if not outlet.is_known:
                return heat, heat, True
            return (outlet.heat_k + outlet.offset_k) / _FULL_HEAT_K, heat, True
        full = outlet.full_k / _FULL_HEAT_K if outlet.is_known else 1.0
        share = parts.power.share(minute.watts)
        return call * full, (call if share is None else share) * full, False

    @staticmethod
    def _most(outlet: Outlet, kind: str) -> float:
        """More than the call can bring is no heat for the room; who modulates may bring more."""
        factor, margin = (1.5, 0.3) if kind == "heatpump" else (1.12, 0.1)
        most_k = factor * outlet.heat_k + margin * max(1.0, outlet.typical_k)
        return (most_k + outlet.offset_k) / _FULL_HEAT_K

    def _net_findings(
        self, parts: Parts, room_c: float, minute: Minute, hours_open: float | None
    ) -> list[Finding]:
        """Limits; what the chain or a sensor has named is not told twice unless critical."""
        told = parts.net.after(
            room_c,
            minute.length_min,
            hours_open,
            is_cooling=self.config.mode == "cool",
            setpoint=self.config.setpoint,
            is_suspect=parts.thermostat.is_weighing
            or parts.outlet.is_suspect
            or parts.outlet.gives_its_best
            or (parts.door.is_known and parts.door.silence > 2.0),
        )
        is_named = parts.trouble is not None or parts.fault is not None
        return [
            Finding(
                at_s=minute.at_s,
                cause=cause,
                severity=severity,
                confidence=1.0,
                since_s=minute.at_s - 1800.0,
                evidence={"link": "limit", "room_c": room_c, "limit_c": limit},
                mode=self.config.mode,
            )
            for cause, severity, limit in told
            if severity == "critical" or not is_named
        ]
