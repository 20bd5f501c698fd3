"""What somebody wants to take away. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, get_args

from warmstation_server.usage.period import Period

Form = Literal["xlsx", "pdf", "csv", "hours"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "hours": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`stations`: of which, by id; who asks decides that. Form `hours`: all behind the figures."""

    form: Form
    period: Period
    stations: tuple[str, ...]
    region: str = ""
    host: str = ""
    language: str = "zh-CN"

    @property
    def file_name(self) -> str:
        """What the file is called."""
        kind = "-hours" if self.form == "hours" else ""
        where = f"-{self.region}" if self.region else ""
        ending = "csv" if self.form == "hours" else self.form
        return f"warmstation{where}{kind}-{self.period.first}-{self.period.last}.{ending}"

    def to_dict(self) -> dict[str, Any]:
        """For storing as JSON."""
        return {
            "form": self.form,
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "stations": list(self.stations),
            "region": self.region,
            "host": self.host,
            "language": self.language,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        first, last = date.fromisoformat(stored["first"]), date.fromisoformat(stored["last"])
        return cls(
            stored["form"],
            Period(first, last),
            tuple(stored["stations"]),
            stored["region"],
            stored["host"],
            stored["language"],
        )
