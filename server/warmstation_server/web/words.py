"""One language's words, numbers and times. Pages and forms speak through it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from warmstation_dashboards.resources import catalogue
from warmstation_server.places import Text

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


class Words:
    """Says things in one language (a BCP 47 tag that has a catalogue)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue: Mapping[str, str] = catalogue(language)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key; `one|many` is chosen by the value `n`. KeyError if unknown."""
        sentence = self._catalogue[key]
        one, bar, many = sentence.partition("|")
        if bar:
            sentence = one if values.get("n") == 1 else many
        return sentence.format(**values) if values else sentence

    def name_of(self, group: str, thing: str) -> str:
        """The word for an identifier of the field; one without a word is shown as it is."""
        return self._catalogue.get(f"{group}.{thing}", thing.replace("_", " "))

    def for_scripts(self) -> Mapping[str, str]:
        """What the modules in the browser say by themselves."""
        return self.starting(("ago.", "near.", "offline", "radar"))

    def starting(self, prefixes: tuple[str, ...]) -> Mapping[str, str]:
        """The sentences whose keys begin so, as they stand in the catalogue."""
        return {key: text for key, text in self._catalogue.items() if key.startswith(prefixes)}

    def text(self, text: Text) -> str:
        """A bilingual text in this language."""
        return text.in_language(self.language)

    def ago(self, moment: datetime, now: datetime) -> str:
        """How old: `3 min ago`. A moment in the future is `just now`: clocks disagree."""
        seconds = int((now - moment).total_seconds())
        if seconds < 1:
            return self("ago.now")
        for unit, length in (("d", DAY_S), ("h", HOUR_S), ("m", MINUTE_S)):
            if seconds >= length:
                return self(f"ago.{unit}", n=seconds // length)
        return self("ago.s", n=seconds)

    def day_and_time(self, moment: datetime, now: datetime, zone: str) -> str:
        """A coming wall-clock time: `22:00`, `tomorrow 07:00`, `Mon 07:00`."""
        local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
        clock = f"{local:%H:%M}"
        if local.date() == today:
            return clock
        if local.date() == today + timedelta(days=1):
            return self("day.tomorrow", time=clock)
        if local.date() < today + timedelta(days=7):
            return self("day.week", day=self(f"weekday.{local.weekday()}"), time=clock)
        return self.minute(moment, zone)

    def clock(self, moment: datetime, zone: str) -> str:
        """The wall-clock time of the deployment to the second, with the date."""
        return self._dated(moment, zone, "%H:%M:%S")

    def minute(self, moment: datetime, zone: str) -> str:
        """The same to the minute: `22 Nov 12:30`."""
        return self._dated(moment, zone, "%H:%M")

    def day(self, day: date) -> str:
        """A day of this year: `22 Nov`."""
        return self("date", month=self._month(day), day=day.day)

    def weekday_and_day(self, day: date) -> str:
        """With its day of the week: `Sun 22 Nov`."""
        weekday = self(f"weekday.{day.weekday()}")
        return self("date.weekday", weekday=weekday, date=self.day(day))

    def full_date(self, day: date) -> str:
        """A day of any year: `22 Nov 2026`."""
        return self("date.year", year=day.year, month=self._month(day), day=day.day)

    def full_date_there(self, moment: datetime, zone: str) -> str:
        """The day that it was then in this zone."""
        return self.full_date(moment.astimezone(ZoneInfo(zone)).date())

    def month(self, day: date) -> str:
        """The month of a day: `Nov 2026`."""
        return self("date.month", year=day.year, month=self._month(day))

    def _dated(self, moment: datetime, zone: str, form: str) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        return self("clock", month=self._month(local), day=local.day, time=format(local, form))

    def _month(self, day: date) -> str:
        return self(f"month.{day.month}")
