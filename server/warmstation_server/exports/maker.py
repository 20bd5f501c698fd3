"""Makes what is wanted: asks the district, writes the file. For jobs and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warmstation_server.exports.csv_file import hours_csv, hours_head, stations_csv
from warmstation_server.exports.fonts import chinese_fonts
from warmstation_server.exports.paper import paper
from warmstation_server.exports.table import Speech
from warmstation_server.exports.wanted import Wanted
from warmstation_server.exports.workbook import Progress, workbook
from warmstation_server.places import Region, Station
from warmstation_server.usage.answer import Answer
from warmstation_server.usage.district import District

Places = Callable[[], tuple[Mapping[str, Region], Mapping[str, Station]]]


@dataclass(frozen=True, slots=True)
class Maker:
    """`places`: regions and stations now. `speech`: the words of a language. `seal`: of the
    audit log's newest line, so that a month that was taken away pins the log that it was made of.
    """

    district: District
    places: Places
    speech: Callable[[str], Speech]
    seal: Callable[[], str] = str

    def write(self, wanted: Wanted, path: Path, now: datetime, progress: Progress) -> None:
        """Write the file; ExportError, HistoryAway or RegistryAway say why not."""
        if wanted.form == "hours":
            self._write_hours(wanted, path, now, progress)
            return
        progress("export.step.figures", 0.0)
        regions, stations = self._places(wanted)
        answer = self.district.answer(stations, regions, wanted.period, now, wanted.region)
        progress("export.step.writing", 0.2)
        path.write_bytes(self._bytes(wanted, answer, progress))
        progress("export.step.done", 1.0)

    def _bytes(self, wanted: Wanted, answer: Answer, progress: Progress) -> bytes:
        t, seal = self.speech(wanted.language), self.seal()
        if wanted.form == "xlsx":
            zone = self.district.zone
            told: Progress = lambda key, share: progress(key, 0.2 + 0.8 * share)  # noqa: E731
            return workbook(answer, t, zone, told, seal)
        if wanted.form == "csv":
            return stations_csv(answer, t)
        region = answer.regions.get(wanted.region)
        place = t.text(region.name) if region else t("export.everywhere")
        return paper(answer, t, place, chinese_fonts(), seal)

    def _write_hours(self, wanted: Wanted, path: Path, now: datetime, progress: Progress) -> None:
        regions, stations = self._places(wanted)
        days = [day for day in wanted.period if day <= self.district.today(now)]
        counts = self.district.counts_on(stations, regions, wanted.region, wanted.period)
        with path.open("wb") as file:
            file.write(hours_head())
            for number, station in enumerate(stations):
                for day in (day for day in days if counts(station.id, day)):
                    progress("export.step.hours", number / len(stations))
                    file.write(hours_csv(station, day, self.district.hours(station, day, now)))
        progress("export.step.done", 1.0)

    def _places(self, wanted: Wanted) -> tuple[Mapping[str, Region], list[Station]]:
        regions, stations = self.places()
        return regions, [stations[name] for name in sorted(wanted.stations) if name in stations]
