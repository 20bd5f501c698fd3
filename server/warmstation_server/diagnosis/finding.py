"""What the diagnosis says: a cause, how sure, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from warmstation_server.diagnosis.advice import advice

Cause = Literal[
    "no_heat",
    "weak_heat",
    "stuck_on",
    "overheat",
    "setpoint",
    "door_open",
    "closed",
    "power_lost",
    "sensor_stuck",
    "sensor_fault",
    "sensor_moved",
    "outlet_detached",
    "cold",
    "hot",
    "frost",
]
Severity = Literal["notice", "warning", "urgent", "critical"]

SEVERITY: Mapping[Cause, Severity] = {
    "no_heat": "urgent",
    "weak_heat": "warning",
    "stuck_on": "urgent",
    "overheat": "critical",
    "setpoint": "notice",
    "door_open": "warning",
    "closed": "warning",
    "power_lost": "urgent",
    "sensor_stuck": "warning",
    "sensor_fault": "warning",
    "sensor_moved": "notice",
    "outlet_detached": "notice",
    "cold": "notice",
    "hot": "critical",
    "frost": "critical",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble at its onset.

    `since_s`: when the evidence began. `evidence`: which link broke, and its numbers.
    `replaces`: the cause told before for the same trouble, where this is a better name for it.
    """

    at_s: float
    cause: Cause
    severity: Severity
    confidence: float
    since_s: float
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    replaces: Cause | None = None
    mode: str = "heat"

    def as_json(self) -> dict[str, Any]:
        """The alarm line of `warmstation diagnose`."""
        line: dict[str, Any] = {
            "time_s": self.at_s,
            "cause": self.cause,
            "severity": self.severity,
            "confidence": round(self.confidence, 2),
            "since_s": self.since_s,
            "evidence": {k: _short(v) for k, v in self.evidence.items()},
            "advice": advice(self.cause, self.mode, self.evidence),
        }
        if self.replaces is not None:
            line["replaces"] = self.replaces
        return line


def _short(value: float | str) -> float | str:
    return value if isinstance(value, str) else round(value, 3)
