"""A report on its way through the server: no object is made of it before somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from warmstation_wire import Report

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Flat(NamedTuple):
    """A report taken apart: texts (a key from which `shape` makes the Shape) and numbers."""

    texts: tuple[Any, ...]
    values: list[float]


class Received:
    """A valid report and when the server got it. Nothing changes it.

    `flat`: the report as `codec.flatten` takes it apart, where the intake has done so already.
    `said`: for `said` alone.
    """

    __slots__ = (
        "_make",
        "_report",
        "district",
        "flat",
        "measured_us",
        "received_at",
        "said",
        "seq",
        "station",
        "stream",
    )

    _make: Callable[[Received], Report]

    def __init__(self, report: Report, district: str, received_at: datetime) -> None:
        self._report: Report | None = report
        self.station, self.stream, self.seq = report.station, report.stream, report.seq
        self.measured_us = microseconds(report.measured_at)
        self.district, self.received_at = district, received_at
        self.flat: Flat | None = None
        self.said: Any = None

    @classmethod
    def read(
        cls,
        identity: tuple[str, str, int, int],
        district: str,
        received_at: datetime,
        flat: Flat,
        make: Callable[[Received], Report],
    ) -> Received:
        """What the intake has read: `identity` is (station, stream, seq, measured_us).

        `make` makes the report of it; nobody changes `flat`.
        """
        one = cls.__new__(cls)
        one.station, one.stream, one.seq, one.measured_us = identity
        one.district, one.received_at, one.flat = district, received_at, flat
        one._make, one._report, one.said = make, None, None
        return one

    @property
    def report(self) -> Report:
        """The report itself."""
        report = self._report
        if report is None:
            report = self._report = self._make(self)
            del self._make
        return report

    @property
    def measured_at(self) -> datetime:
        """When it was measured, in UTC."""
        report = self._report
        return moment(self.measured_us) if report is None else report.measured_at

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        if not isinstance(other, Received):
            return NotImplemented
        return (
            self.received_at == other.received_at
            and self.district == other.district
            and self.report == other.report
        )

    def __hash__(self) -> int:
        return hash((self.station, self.stream, self.seq, self.received_at))

    def __repr__(self) -> str:
        return f"Received({self.report!r}, {self.district!r}, {self.received_at!r})"


def microseconds(at: datetime) -> int:
    """Since 1970, exact."""
    since = at - EPOCH
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds


def moment(us: int) -> datetime:
    """The moment of so many microseconds since 1970, in UTC; exact until 2242.

    Until then a double misses less than half a microsecond, and rounds to the right one. Adding a
    timedelta to EPOCH takes three times as long.
    """
    return datetime.fromtimestamp(us / 1_000_000, UTC)
