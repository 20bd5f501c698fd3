"""The one word that a station's state is boiled down to, with its shape and colour. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from warmstation_wire import StationStatus


class Badge(IntEnum):
    """What a rider sees first; the order is the order of usefulness in a list."""

    OPEN = 0
    LATE = 1
    FULL = 2
    UNKNOWN = 3
    MAINTENANCE = 4
    CLOSED = 5

    @property
    def look(self) -> Look:
        """How it is drawn."""
        return _LOOKS[self]


@dataclass(frozen=True, slots=True)
class Look:
    """A shape, the key of a word, and the colour role: never colour alone."""

    shape: str
    word: str
    role: str


_LOOKS = {
    Badge.OPEN: Look("●", "badge.open", "ok"),
    Badge.FULL: Look("■", "badge.full", "warn"),
    Badge.LATE: Look("▲", "badge.late", "warn"),
    Badge.CLOSED: Look("–", "badge.closed", "na"),
    Badge.MAINTENANCE: Look("◆", "badge.maintenance", "na"),
    Badge.UNKNOWN: Look("?", "badge.unknown", "na"),
}


def badge_of(status: StationStatus | None) -> Badge:
    """What may be claimed of a station: silence is never `open`."""
    if status is None or status.data_state in ("offline", "never"):
        return _of_silence(status)
    if status.is_open is None:
        return Badge.UNKNOWN
    if not status.is_open:
        return Badge.MAINTENANCE if status.open_basis == "manual" else Badge.CLOSED
    if status.data_state == "stale":
        return Badge.LATE
    return Badge.FULL if status.occupancy_status == "full" else Badge.OPEN


def _of_silence(status: StationStatus | None) -> Badge:
    if status is None or status.is_open is not False:
        return Badge.UNKNOWN
    return Badge.MAINTENANCE if status.open_basis == "manual" else Badge.CLOSED
