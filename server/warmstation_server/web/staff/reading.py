"""A line of the audit log in words: who, what to, before and after. For /audit.

What is stored are identifiers, so that it means the same for ever; what is shown is what people
call it now, and the identifier itself where that is gone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.errors import BadNode
from warmstation_server.accounts.scope import Node, at_region, at_station
from warmstation_server.web.alerts.facts import title_of
from warmstation_server.web.alerts.story import in_words
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.staff.choices import name_of
from warmstation_server.web.staff.visit import Visit

_GROUPS: Mapping[str, str] = {
    "role": "role",
    "rights": "right",
    "language": "language",
    "state": "state",
    "what": "work",
    "kind": "kind",
    "level": "region_level",
    "host_type": "host",
    "facilities": "facility",
    "supplies": "item",
    "access_methods": "access",
}
"""Fields whose values are identifiers with a word in the catalogues."""
_HIDDEN = frozenset({"about", "id", "coordinates"})
"""Fields that stand in another one, or in the line's heading."""
NAMES = frozenset(
    {"address", "assignee", "district", "donor", "name", "name_en", "name_zh", "zone"}
)
"""Fields whose values are in no language of ours."""
_NAMED = frozenset({"export", "person", "sessions", "token"})
"""Actions on what is called by its name alone."""
Change = tuple[str, str, str]


class Reading:
    """One visit's way to read the log. `people`: what they are called, by login."""

    def __init__(self, visit: Visit, people: Mapping[str, str]) -> None:
        self._visit, self._words, self._people = visit, visit.words, people
        self._zone = ZoneInfo(visit.parts.site.zone)
        self._read: Mapping[str, Callable[[str], str]] = {
            "scope": self._node,
            "region": lambda name: name_of(visit, at_region(name)),
            "parent": lambda name: name_of(visit, at_region(name)),
            "assignee": self.who,
            "note": self._cause,
            "hours": lambda hours: hours_in_words(hours, self._words),
        }

    def at(self, moment: datetime) -> str:
        """When, with its year: the log is kept for good."""
        local = moment.astimezone(self._zone)
        return f"{self._words.full_date(local.date())} {local:%H:%M:%S}"

    def who(self, login: str) -> str:
        """A name with its login; a word for whoever has none."""
        name = self._people.get(login)
        if name is None:
            return self._words.name_of("author", login.replace(" ", "_"))
        return name if name == login else f"{name} ({login})"

    def subject(self, entry: Entry) -> str:
        """What it was done to."""
        group, said = entry.action.partition(".")[0], entry.subject
        if group in ("person", "sessions"):
            return self.who(said)
        if group == "alert":
            told = entry.after or entry.before or {}
            return self._title(told) or said
        if group == "report":
            return self._words("audit.report", n=said.rpartition(" ")[2])
        if group == "region":
            return name_of(self._visit, at_region(said))
        if group in ("station", "work", "visits", "device"):
            return name_of(self._visit, at_station(said))
        if group == "supply":
            station, _, item = said.partition(" ")
            place = name_of(self._visit, at_station(station))
            return f"{place} · {self._words.name_of('item', item)}"
        return said

    def is_name(self, entry: Entry) -> bool:
        """Whether the subject is a name that somebody gave, such as a file's."""
        return entry.action.partition(".")[0] in _NAMED

    def changes(self, entry: Entry) -> Iterator[Change]:
        """What differs: by field where both are objects (or one is missing), else as a whole."""
        before, after = entry.before, entry.after
        if isinstance(before, dict | None) and isinstance(after, dict | None):
            was, is_now = before or {}, after or {}
            # what kind of entry it is in the ledger stands in the line's heading
            hidden = _HIDDEN | {"kind"} if entry.action.startswith("supply.") else _HIDDEN
            for key in dict.fromkeys((*was, *is_now)):
                if key not in hidden and was.get(key) != is_now.get(key):
                    yield key, self._field(key, was), self._field(key, is_now)
        elif before != after:
            yield "", self._shown("", before), self._shown("", after)

    def _field(self, key: str, of: Mapping[str, Any]) -> str:
        if key == "alert":
            return self._title(of)
        return self._shown(key, of.get(key))

    def _shown(self, key: str, value: Any) -> str:
        """As people write it; nothing where there was nothing."""
        match value:
            case None:
                return ""
            case bool():
                return self._words("yes" if value else "no")
            case str():
                return self._text(key, value)
            case list():
                return " · ".join(self._shown(key, one) for one in value) or "–"
            case dict():
                found = (f"{self._words.name_of('item', k)} {v}" for k, v in value.items())
                return " · ".join(found) or "–"
            case _:
                return json.dumps(value, ensure_ascii=False)

    def _text(self, key: str, text: str) -> str:
        if key in _GROUPS:
            return self._words.name_of(_GROUPS[key], text)
        read = self._read.get(key)
        if read is not None:
            return read(text)
        return self._moment(text)

    def _moment(self, text: str) -> str:
        with suppress(ValueError):
            moment = datetime.fromisoformat(text) if "T" in text else None
            if moment is not None and moment.tzinfo is not None:
                return self.at(moment)
            return self._words.full_date(date.fromisoformat(text))
        return text

    def _node(self, text: str) -> str:
        try:
            return name_of(self._visit, Node.parse(text))
        except BadNode:
            return text

    def _cause(self, text: str) -> str:
        """`repaired: new fuse` of a resolved alert; any other note as it was written."""
        cause, _, more = text.partition(": ")
        word = self._words.name_of("cause", cause)
        return text if word == cause.replace("_", " ") else in_words(cause, more, self._words)

    def _title(self, told: Mapping[str, Any]) -> str:
        name = told.get("alert")
        if not isinstance(name, str) or not name:
            return ""
        return title_of(name, str(told.get("about") or ""), self._words)
