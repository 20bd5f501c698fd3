"""Which stations are meant by what somebody typed: by name, street, address or id. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from unicodedata import normalize

from warmstation_server.places import Region, Station, lineage

LONGEST = 40
"""Letters of what was typed that are looked at; the longest station name has fewer."""


def typed(text: str) -> str:
    """What was typed as it is shown again: in one spelling, and no longer than LONGEST."""
    letters = " ".join(normalize("NFKC", text[: 2 * LONGEST]).split())
    return "".join(c for c in letters if c.isprintable()).strip()[:LONGEST].strip()


def is_meant(station: Station, regions: Mapping[str, Region], asked: str) -> bool:
    """Whether each word of it stands in the station's names, address, id or streets."""
    if not asked:
        return True
    names = [station.name, *(regions[id_].name for id_ in lineage(station.region_id, regions))]
    said = [f"{name.zh} {name.en or ''}" for name in names]
    text = normalize("NFKC", " ".join((station.id, station.address, *said))).casefold()
    return all(word in text for word in asked.casefold().split())
