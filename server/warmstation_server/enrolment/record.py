"""What is kept of certificates and commissionings. The registry stores these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was signed. `request` is its key's SHA-256, `serial` 40 hex digits."""

    serial: str
    station_id: str
    request: str
    pem: str
    issued_at: datetime
    not_after: datetime
    revoked_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CommissioningRecord:
    """What `doctor` found when a station was put up. `passed`: nothing failed."""

    station_id: str
    made_at: datetime
    received_at: datetime
    passed: bool
    record: dict[str, Any]
    id: int = 0
