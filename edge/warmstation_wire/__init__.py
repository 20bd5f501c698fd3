"""The contract between stations and server: topics and payloads. Imports pydantic only."""

from __future__ import annotations

from warmstation_wire.alert import Alert
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
from warmstation_wire.status import ChargerCount, StationStatus, SupplyStatus
from warmstation_wire.topics import Leaf, Topic

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
