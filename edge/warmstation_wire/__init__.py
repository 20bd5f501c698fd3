"""The contract between stations and server: topics and payloads. Imports pydantic only.

What only a server says is imported when it is asked for: a Pi has no memory to spare for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from warmstation_wire.command import Command, Result
from warmstation_wire.decode import decode
from warmstation_wire.desired import Applied, Calibration, Desired
from warmstation_wire.errors import BadPayload, BadTopic, Refusal, WarmstationError
from warmstation_wire.parts import MAX_PAYLOAD_BYTES, Payload, rfc3339
from warmstation_wire.presence import Presence
from warmstation_wire.receipt import Receipt
from warmstation_wire.report import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Report,
    Safety,
    Supply,
    Zeroing,
)
from warmstation_wire.topics import Leaf, Topic

if TYPE_CHECKING:
    from warmstation_wire.alert import Alert
    from warmstation_wire.status import ChargerCount, StationStatus, SupplyStatus

_SERVERS = {
    "Alert": "alert",
    "ChargerCount": "status",
    "StationStatus": "status",
    "SupplyStatus": "status",
}


def __getattr__(name: str) -> object:
    if name not in _SERVERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_SERVERS[name]}"), name)


__all__ = [
    "MAX_PAYLOAD_BYTES",
    "AgentState",
    "Alert",
    "Applied",
    "BadPayload",
    "BadTopic",
    "Calibration",
    "Charger",
    "ChargerCount",
    "Climate",
    "Command",
    "Desired",
    "Door",
    "Fault",
    "Leaf",
    "Payload",
    "People",
    "Presence",
    "Receipt",
    "Refusal",
    "Report",
    "Result",
    "Safety",
    "StationStatus",
    "Supply",
    "SupplyStatus",
    "Topic",
    "WarmstationError",
    "Zeroing",
    "decode",
    "rfc3339",
]
