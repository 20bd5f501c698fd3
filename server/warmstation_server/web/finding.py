"""Which stations are meant by what somebody typed: by name, street, address or id. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import normalize

from warmstation_server.places import Region, Station, Text, lineage

LONGEST = 40
"""Letters of what was typed that are looked at; the longest station name has fewer."""


def typed(text: str) -> str:
    """What was typed as it is shown again: in one spelling, and no longer than LONGEST."""
    letters = " ".join(normalize("NFKC", text[: 2 * LONGEST]).split())
    return "".join(c for c in letters if c.isprintable()).strip()[:LONGEST].strip()


def meant(stations: Iterable[Station], regions: Mapping[str, Region], asked: str) -> list[Station]:
    """Those in whose names, address, id or streets each word of it stands; all where none does."""
    words = asked.casefold().split()
    if not words:
        return list(stations)
    streets = {id_: around(id_, regions) for id_ in regions}
    found = []
    for one in stations:
        text, near = itself(one), streets.get(one.region_id, "")
        if all(word in text or word in near for word in words):
            found.append(one)
    return found


def itself(station: Station) -> str:
    """What a word may stand in: id, address and names, as they are compared."""
    return _plain(f"{station.id} {station.address} {_said([station.name])}")


def around(region: str, regions: Mapping[str, Region]) -> str:
    """The same of a region and all above it."""
    return _said(regions[one].name for one in lineage(region, regions))


def _said(names: Iterable[Text]) -> str:
    return _plain(" ".join(f"{name.zh} {name.en or ''}" for name in names))


def _plain(text: str) -> str:
    return normalize("NFKC", text).casefold()
