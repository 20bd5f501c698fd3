"""Every station's part of the feed as JSON: made again only where its status is another.

For `feed`. Between two documents of a thousand stations a few dozen have changed, of a country a
few thousand; and of a feature on the map nearly all is as it is registered.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from warmstation_server.places import Station
from warmstation_server.publish import models
from warmstation_server.snapshot import Snapshot
from warmstation_wire import StationStatus

_written = json.JSONEncoder(separators=(",", ":")).encode


class _Piece(NamedTuple):
    """What a text was made of, and the text."""

    status: StationStatus | None
    place: Station | None
    text: bytes


class Pieces:
    """Remembers the texts of the stations of the last snapshot; for one thread."""

    def __init__(self) -> None:
        self._statuses: dict[str, _Piece] = {}
        self._features: dict[str, _Piece] = {}

    def statuses(self, snapshot: Snapshot) -> bytes:
        """The content of station_status.json."""
        before, now = self._statuses, {}
        for id_, status in snapshot.statuses.items():
            known = before.get(id_)
            if known is None or known.status is not status:
                known = _Piece(status, None, status.to_json())
            now[id_] = known
        self._statuses = now
        return b'{"stations":[%b]}' % _joined(now)

    def features(self, snapshot: Snapshot) -> bytes:
        """The content of stations.geojson."""
        before, now = self._features, {}
        for id_, place in snapshot.stations.items():
            known, status = before.get(id_), snapshot.statuses.get(id_)
            if known is None or known.status is not status or known.place is not place:
                known = _Piece(status, place, _feature(place, status, known))
            now[id_] = known
        self._features = now
        return b'{"type":"FeatureCollection","features":[%b]}' % _joined(now)


def _joined(pieces: dict[str, _Piece]) -> bytes:
    return b",".join([piece.text for piece in pieces.values()])


def _feature(place: Station, status: StationStatus | None, known: _Piece | None) -> bytes:
    """A station on the map; `known`: as it was before."""
    if known is None or known.place is not place:
        text = feature(place, None).model_dump_json(exclude_none=True).encode()
    else:
        text = known.text
    if status is None:
        return text
    # The one place in the text where this can stand: a name that had it would have it escaped.
    registered, *_ = text.partition(b',"data_state":')
    return b"%b,%b}}" % (registered, _written(_now(status)).encode()[1:-1])


def _now(status: StationStatus) -> dict[str, Any]:
    """What of a feature's properties is not registered, by name; the unknown is left out."""
    found = {
        "data_state": status.data_state,
        "is_open": status.is_open,
        "occupancy_status": status.occupancy_status,
        "num_seats_available": status.num_seats_available,
        "indoor_temperature_c": status.indoor_temperature_c,
    }
    return {name: value for name, value in found.items() if value is not None}


def feature(station: Station, status: StationStatus | None) -> models.Feature:
    """A station on the map, as a model."""
    now = {"data_state": "never", "occupancy_status": "no_data_available"}
    return models.Feature(
        id=station.id,
        geometry=models.Place(coordinates=(station.lon, station.lat)),
        properties=models.Properties(
            name=station.name.zh,
            name_en=station.name.in_language("en"),
            address=station.address,
            region_id=station.region_id,
            capacity=station.capacity,
            is_simulated=station.is_simulated,
            **(now if status is None else _now(status)),
        ),
    )
