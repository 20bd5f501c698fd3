"""A commissioning record as a station tells it, checked. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from warmstation_server.enrolment.errors import BadRecord
from warmstation_server.enrolment.record import CommissioningRecord
from warmstation_wire.commissioning import Record


def commissioned(given: dict[str, Any], station_id: str, now: datetime) -> CommissioningRecord:
    """The record to keep; BadRecord where it is not one, or another station's."""
    try:
        record = Record.model_validate(given, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadRecord(f"the record's {where or 'content'}: {first['msg']}") from None
    if record.station != station_id:
        raise BadRecord(f"the record is of {record.station}, its signer is {station_id}")
    return CommissioningRecord(
        station_id=station_id,
        made_at=record.made_at,
        received_at=now,
        passed=record.passed,
        record=record.model_dump(mode="json"),
    )
