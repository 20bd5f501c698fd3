"""Types that the payloads share: ids, times, bounded numbers, the strict model they stand on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

VERSION = 1
MAX_PAYLOAD_BYTES = 16 * 1024
MAX_COUNT = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 8259, section 6)."""
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2200, 1, 1, tzinfo=UTC)
"""A clock that was never set begins at 1970. Calendars cannot count on from the year 1 or 9999."""


@lru_cache(maxsize=256)
def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a Z: `2026-11-21T04:00:00.250Z`.

    What is said of one moment says it several times.
    """
    return in_utc(moment).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def in_utc(moment: datetime) -> datetime:
    """The same moment with Python's own UTC: comparing two such takes 0.03 µs instead of 1."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Version = Annotated[
    int,
    Field(ge=VERSION, le=VERSION, description="version of this contract"),
]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$", examples=["ks-songnan"])]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$", examples=["outlet", "p1"])]
Stream = Annotated[str, Field(pattern=r"^[0-9a-f]{4,32}$", examples=["9f3c"])]
Seq = Annotated[int, Field(ge=1, le=MAX_COUNT)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Share = Annotated[float, Field(ge=0, le=1)]
Moment = Annotated[
    AwareDatetime,
    Field(ge=FIRST_MOMENT, le=LAST_MOMENT),
    AfterValidator(in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    Field(examples=["2026-11-21T04:00:00.250Z"]),
]


class Payload(BaseModel):
    """A strict, frozen piece of JSON: no coercion, no NaN, unknown keys ignored.

    Absent and null mean the same: unknown. Written without its unknown parts.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", allow_inf_nan=False, ser_json_inf_nan="null"
    )

    def to_json(self) -> bytes:
        """The payload as UTF-8 JSON without null members."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)
