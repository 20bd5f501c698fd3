"""Every station's part of the feed as JSON: made again only where its status is another.

For `feed`. Between two documents of a thousand stations a few dozen have changed, of a country a
few thousand; and of a feature on the map nearly all is as it is registered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from warmstation_server.places import Station
from warmstation_server.publish import models
from warmstation_server.snapshot import Snapshot
from warmstation_wire import StationStatus

_written = json.JSONEncoder(separators=(",", ":")).encode
_Texts = dict[str, bytes]


class Pieces:
    """Remembers the texts of the stations of the last snapshot; for one thread."""

    def __init__(self) -> None:
        self._last: Snapshot | None = None
        self._statuses: _Texts = {}
        self._features: _Texts = {}

    def statuses(self, snapshot: Snapshot) -> bytes:
        """The content of station_status.json."""
        self._follow(snapshot)
        return b'{"stations":[%b]}' % b",".join(self._statuses.values())

    def features(self, snapshot: Snapshot) -> bytes:
        """The content of stations.geojson."""
        self._follow(snapshot)
        features = b",".join(self._features.values())
        return b'{"type":"FeatureCollection","features":[%b]}' % features

    def _follow(self, snapshot: Snapshot) -> None:
        last, self._last = self._last, snapshot
        if snapshot is last:
            return
        known, statuses = {} if last is None else last.statuses, snapshot.statuses
        # A few in a thousand are others, so that asking them all is what takes time.
        changed = [id_ for id_, one in statuses.items() if known.get(id_) is not one]
        if self._statuses.keys() != statuses.keys():
            changed += [id_ for id_ in known if id_ not in statuses]
            self._statuses = _of(statuses, self._statuses)
        if last is None or snapshot.stations is not last.stations:
            self._register(snapshot, {} if last is None else last.stations)
        for id_ in changed:
            status = statuses.get(id_)
            if status is not None:
                self._statuses[id_] = status.to_json()
            if id_ in self._features:
                self._features[id_] = _feature(self._features[id_], status)

    def _register(self, snapshot: Snapshot, known: Mapping[str, Station]) -> None:
        """Another registry: who is there, and what of a feature is registered."""
        self._features = _of(snapshot.stations, self._features)
        for id_, place in snapshot.stations.items():
            if known.get(id_) is not place:
                text = feature(place, None).model_dump_json(exclude_none=True).encode()
                self._features[id_] = _feature(text, snapshot.statuses.get(id_))


def _of(ids: Iterable[str], texts: _Texts) -> _Texts:
    """These stations' texts, in this order; of those that have none an empty one."""
    return {id_: texts.get(id_, b"") for id_ in ids}


def _feature(text: bytes, status: StationStatus | None) -> bytes:
    """A station on the map, as it is now; `text`: as it was before."""
    # The one place in the text where this can stand: a name that had it would have it escaped.
    registered, *_ = text.partition(b',"data_state":')
    now = _UNKNOWN if status is None else _now(status)
    return b"%b,%b}}" % (registered, _written(now).encode()[1:-1])


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
            **(_UNKNOWN if status is None else _now(status)),
        ),
    )


_UNKNOWN = {"data_state": "never", "occupancy_status": "no_data_available"}
"""Of a station that was never heard."""
