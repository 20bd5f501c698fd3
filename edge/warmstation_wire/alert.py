"""A transition of an alert: what changed at which station, for everyone who may know."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from warmstation_wire.parts import Id, Moment, Payload, Version

Severity = Literal["notice", "warning", "urgent", "critical"]
AlertStateWord = Literal["firing", "acknowledged", "silenced", "inhibited", "flapping", "resolved"]
AlertTransition = Literal[
    "firing",
    "acknowledged",
    "acknowledgement_expired",
    "silenced",
    "silence_expired",
    "inhibited",
    "uninhibited",
    "stale",
    "fresh",
    "flapping",
    "steady",
    "severity_up",
    "severity_down",
    "escalated",
    "corrected",
    "resolved",
]
Tier = Literal["station", "community", "street", "district", "city"]


class Alert(Payload):
    """What happened to one alert.

    `cause` and `subject`: what is wrong, and with which item, charger or sensor. `since`: when it
    began; `at`: when this happened; both event time. `owner`: the tier that is to act. `is_late`:
    learned from backfilled reports: it corrects the record and called nobody.
    """

    v: Version = 1
    alert_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8,40}$", examples=["888a3ff86d98c729b02a"])]
    station_id: Id
    cause: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", examples=["heating.no_heat"]),
    ]
    subject: Annotated[str, Field(max_length=80)] | None = None
    transition: AlertTransition
    state: AlertStateWord
    severity: Severity
    owner: Tier
    since: Moment
    at: Moment
    is_late: bool = False
    is_simulated: bool = False
