"""The heating diagnosis of one station as conditions: onsets become standing troubles. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from warmstation_server.conditions.heater_kind import HeaterKind
from warmstation_server.conditions.place import HOUR_S, Place
from warmstation_server.conditions.standing import Standing
from warmstation_server.diagnosis.advice import advice
from warmstation_server.diagnosis.config import HeatingConfig, Mode
from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import Diagnosis
from warmstation_server.history.said import Said
from warmstation_server.places import Text

PREFIX = "heating."
log = logging.getLogger(__name__)
_COOLING_MONTHS = range(6, 10)
_BLIND_S = 900.0
_MOMENT_S = 1800.0
"""What was found to have happened (power was away) is told for so long after it."""
_CHECK_S = HOUR_S
_STEP_S = 5.0
"""A room says nothing new within seconds, but people and doors make reports come that fast."""


class Heating:
    """Feeds one Diagnosis and keeps what it said until it takes it back."""

    __slots__ = (
        "_check_s",
        "_crossings",
        "_diagnosis",
        "_fed_s",
        "_kind",
        "_open",
        "_seen_s",
        "_stream",
    )

    def __init__(self) -> None:
        self._diagnosis: Diagnosis | None = None
        self._kind = HeaterKind()
        self._open: dict[str, list[Any]] = {}
        """Cause -> [found at, since (None: over for now), confidence, evidence]."""
        self._seen_s = 0.0
        self._check_s = 0.0
        self._fed_s = 0.0
        self._stream = ""
        self._crossings: int | None = None

    @property
    def since_s(self) -> float:
        """Since when the diagnosis learns; 0 where there is nothing to learn from."""
        return (self._diagnosis and self._diagnosis.since_s) or 0.0

    def after(self, said: Said, at_s: float, place: Place, standing: Standing) -> None:
        """One report, in order."""
        if 0.0 <= at_s - self._fed_s < _STEP_S:
            return
        self._fed_s = at_s
        climate = said.climate
        doors = self._doors(said)
        if climate is None and self._diagnosis is None:
            return
        diagnosis = self._diagnosis
        if diagnosis is None or at_s >= self._check_s:
            diagnosis = self._checked(at_s, place, climate.setpoint_c if climate else None)
        heater_on = heater_w = room_c = outlet_c = outdoor_c = None
        if climate is not None:
            room_c, outlet_c, outdoor_c = climate.room_c, climate.outlet_c, climate.outdoor_c
            heater_w = climate.heater_w
            if climate.heating is not None:
                heater_on = 1.0 if climate.heating == "on" else 0.0
                self._kind.after(heater_on, heater_w, at_s)
            if room_c is not None or outlet_c is not None or heater_on is not None:
                self._seen_s = at_s
        is_open = said.door_open
        sample = Sample(
            at_s=at_s,
            room_c=room_c,
            outlet_c=outlet_c,
            outdoor_c=outdoor_c,
            heater_on=heater_on,
            heater_w=heater_w,
            door_count=doors,
            door_open=None if is_open is None else float(is_open),
        )
        for finding in diagnosis.after(sample):
            self._found(finding)
        if self._open:
            self._tell(diagnosis, at_s, standing, room_c)

    def _found(self, finding: Finding) -> None:
        evidence: dict[str, float | str] = {"severity": finding.severity, "mode": finding.mode}
        for key, figure in finding.evidence.items():
            evidence[key] = figure if isinstance(figure, str) else round(figure, 3)
        if finding.replaces is not None:
            evidence["replaces"] = finding.replaces
        known = self._open.get(finding.cause)
        since_s = finding.since_s
        if known is not None and known[1] is not None:
            since_s = min(known[1], since_s)
        self._open[finding.cause] = [finding.at_s, since_s, finding.confidence, evidence]

    def _tell(
        self, diagnosis: Diagnosis, at_s: float, standing: Standing, room_c: float | None
    ) -> None:
        troubles = diagnosis.standing
        is_blind = at_s - self._seen_s > _BLIND_S
        is_named = standing.holds("station.sensor", "room")
        for cause, row in list(self._open.items()):
            if row[1] is None and cause in troubles:
                row[1] = at_s - _MOMENT_S
                row[3] |= {} if room_c is None else {"room_c": round(room_c, 3)}
            found_s, since_s, confidence, evidence = row
            holds: bool | None = cause in troubles or at_s - found_s < _MOMENT_S
            if cause not in troubles and any(
                one[3].get("replaces") == cause for one in self._open.values()
            ):
                holds = False
            elif holds and is_blind and cause not in ("power_lost", "sensor_fault"):
                holds = None
            words = advice(cause, str(evidence["mode"]), evidence)
            for name, is_meant in _conditions(cause, evidence):
                if cause == "sensor_fault" and is_named:
                    is_meant = False  # the station says it itself, and of which sensor and why
                standing.say(
                    name,
                    holds if is_meant else False,
                    at_s,
                    since_s=since_s if holds else None,
                    confidence=confidence,
                    evidence=evidence,
                    advice=Text(words["zh"], words["en"]),
                )
            if holds is False and diagnosis.may_return(cause):
                row[1] = None
            elif holds is False:
                del self._open[cause]

    def _checked(self, at_s: float, place: Place, setpoint_c: float | None) -> Diagnosis:
        """The diagnosis under what is promised now; a new season begins anew."""
        self._check_s = at_s + _CHECK_S
        if place.next_s is not None:
            self._check_s = min(self._check_s, place.next_s)
        config = config_of(place, at_s, self._kind.kind, setpoint_c)
        diagnosis = self._diagnosis
        if diagnosis is None or diagnosis.config.mode != config.mode:
            diagnosis = Diagnosis(config)
        elif diagnosis.config != config:
            # Hours, set point or a better guess of the heater; what was learned stays.
            diagnosis.config = config
        self._diagnosis = diagnosis
        return diagnosis

    def _doors(self, said: Said) -> float | None:
        people = said.people
        if people is None or people.entered is None:
            self._crossings = None
            return None
        crossings = people.entered + (people.left or 0)
        before = self._crossings if said.stream == self._stream else None
        self._stream, self._crossings = said.stream, crossings
        return None if before is None or crossings < before else float(crossings - before)

    def saved(self) -> list[Any]:
        """As JSON values."""
        diagnosis = self._diagnosis
        return [
            None if diagnosis is None else diagnosis.state(),
            None if diagnosis is None else _config_row(diagnosis.config),
            self._kind.saved(),
            self._open,
            self._seen_s,
            self._check_s,
            self._fed_s,
            self._stream,
            self._crossings,
        ]

    @classmethod
    def resumed(cls, rows: list[Any]) -> Heating:
        """From what `saved` gave; a diagnosis of another version begins to learn anew."""
        heating = cls()
        state, config, kind, heating._open, heating._seen_s, checked_s, fed_s, *rest = rows
        heating._kind = HeaterKind(*kind)
        heating._stream, heating._crossings = rest
        if state is not None:
            try:
                heating._diagnosis = Diagnosis.restore(HeatingConfig(*config), state)
            except (BadState, TypeError) as error:
                log.warning("a heating diagnosis begins to learn anew: %s", error)
                heating._open = {}
        heating._check_s, heating._fed_s = checked_s, fed_s
        return heating


def config_of(
    place: Place, at_s: float, kind: str, setpoint_c: float | None = None
) -> HeatingConfig:
    """What is promised: target, usual hours, season; the kind of heater is a guess."""
    open_h, close_h = place.hours_now(at_s)
    month = datetime.fromtimestamp(at_s + place.offset_s, UTC).month
    mode: Mode = "cool" if month in _COOLING_MONTHS else "heat"
    config = HeatingConfig(
        setpoint=setpoint_c if setpoint_c is not None else place.station.target_c,
        open_h=open_h,
        close_h=close_h,
        mode=mode,
        preheat_h=1.5,
        utc_offset_h=place.offset_s / HOUR_S,
    )
    return replace(config, kind="heatpump" if kind == "unknown" else kind)  # type: ignore[arg-type]


def _conditions(cause: str, evidence: Mapping[str, float | str]) -> list[tuple[str, bool]]:
    """(condition, whether it is meant). Pipes are in danger long before a room is at frost, and
    that is no emergency yet: a condition of its own, with a severity of its own."""
    if cause != "frost":
        return [(PREFIX + cause, True)]
    return [("heating.pipes", True), ("heating.frost", evidence["severity"] == "critical")]


def _config_row(config: HeatingConfig) -> list[Any]:
    return [
        config.setpoint,
        config.open_h,
        config.close_h,
        config.kind,
        config.mode,
        config.metered,
        config.interval_s,
        config.preheat_h,
        config.setback,
        config.utc_offset_h,
    ]
