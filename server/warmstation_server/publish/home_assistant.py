"""Stations as devices of Home Assistant, by its MQTT discovery; the pipeline alone calls it.

One retained message a station at `PREFIX/device/ID/config` names what can be read from the
station's retained status. Keys as in Home Assistant's `components/mqtt/schemas.py`
(DEVICE_DISCOVERY_SCHEMA: `device`, `origin` and `components` must be there).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warmstation_dashboards.resources import catalogue
from warmstation_server.intake.packets import Outgoing
from warmstation_server.places import Station
from warmstation_server.publish.mqtt import Sender
from warmstation_wire import Leaf, Topic

log = logging.getLogger(__name__)

EXPIRE_S = 900
"""A value that was not sent again for so long is unknown: silence is never good news."""
_AVAILABLE = "{{ 'online' if value_json.data_state in ('live', 'stale') else 'offline' }}"
_HEATING = ("ok", "warming_up", "fault", "off", "unknown")
_SHELF = ("ok", "low", "empty", "unknown")
Component = dict[str, Any]


class Discovery:
    """Keeps Home Assistant's list of devices equal to the stations.

    `file` remembers what was published, so that a station that was retired while the server was
    down is taken away too. Without a `language` everything is taken away.
    """

    def __init__(
        self, sender: Sender, file: Path, base_url: str, language: str | None, prefix: str
    ) -> None:
        self._sender = sender
        self._file = file
        self._base_url = base_url
        self._language = language
        self._prefix = prefix
        self._stations: Mapping[str, Station] | None = None
        self._connections = 0
        self._known = _read(file)

    def publish(self, stations: Mapping[str, Station]) -> int:
        """Bring it up to date where stations or the connection changed; how many messages."""
        connections = self._sender.connections
        if connections == 0:
            return 0
        if stations is self._stations and connections == self._connections:
            return 0
        messages = self._wanted(stations)
        topics = {message.topic for message in messages}
        gone = self._known - topics
        messages += [Outgoing(topic, b"", retain=True) for topic in sorted(gone)]
        if not self._remember(self._known | topics):
            return 0
        if messages and not self._sender.publish(messages):
            return 0
        self._remember(topics)
        self._stations, self._connections = stations, connections
        return len(messages)

    def _wanted(self, stations: Mapping[str, Station]) -> list[Outgoing]:
        if self._language is None:
            return []
        return [
            Outgoing(
                f"{self._prefix}/device/{device_id(station)}/config",
                json.dumps(
                    device(station, self._base_url, self._language), ensure_ascii=False
                ).encode(),
                retain=True,
            )
            for station in stations.values()
        ]

    def _remember(self, topics: set[str]) -> bool:
        """Before anything is sent: what is written here can be taken away later."""
        if topics != self._known:
            try:
                self._file.write_text("".join(f"{topic}\n" for topic in sorted(topics)))
            except OSError as error:
                log.warning(
                    "Home Assistant is not told, %s cannot be written: %s", self._file, error
                )
                return False
            self._known = topics
        return True


def device_id(station: Station) -> str:
    """The name of a station among Home Assistant's devices."""
    return f"warmstation-{station.district}-{station.id}"


def device(station: Station, base_url: str, language: str) -> dict[str, Any]:
    """The discovery message of one station."""
    words, id_ = catalogue(language), device_id(station)
    status = str(Topic(station.district, station.id, Leaf.STATUS))
    page = "/stations/" if language == "zh-CN" else f"/{language}/stations/"
    model = words["simulated.short"] if station.is_simulated else station.host_type
    return {
        "device": {
            "identifiers": [id_],
            "name": station.name.in_language(language),
            "manufacturer": "Warmstation",
            "model": model,
            "configuration_url": f"{base_url}{page}{station.id}",
        },
        "origin": {"name": "Warmstation", "support_url": base_url},
        "availability": [{"topic": status, "value_template": _AVAILABLE}],
        "components": {
            key: {"unique_id": f"{id_}-{key}", "state_topic": status, **component}
            for key, component in _components(station, words).items()
        },
    }


def _components(station: Station, words: Mapping[str, str]) -> dict[str, Component]:
    found: dict[str, Component] = {
        "open": _yes_or_no(words["badge.open"], "is_open") | {"icon": "mdi:door-open"},
        "room": _number(words["warmth.room"], _member("indoor_temperature_c"))
        | {"device_class": "temperature", "unit_of_measurement": "°C"},
        "heating": _one_of(words["warmth.heating"], _member("heating_state"), _HEATING),
        "people": _number(words["people"], _member("num_people")) | {"icon": "mdi:account-group"},
        "reported": _sensor(words["updated"], _member("last_reported"))
        | {"device_class": "timestamp", "entity_category": "diagnostic"},
    }
    if station.capacity > 0:
        seats = _number(words["board.tile.seats"], _member("num_seats_available"))
        found["seats"] = seats | {"icon": "mdi:seat"}
    for kind in dict.fromkeys(plan.kind for plan in station.chargers):
        free = _of_list("chargers", "kind", kind, "num_available")
        found[f"{kind}-chargers"] = _number(words[f"board.tile.{kind}"], free) | {
            "icon": "mdi:power-socket"
        }
    for item in station.supplies:
        state = _of_list("supplies", "item_id", item, "state")
        found[f"supply-{item}"] = _one_of(words.get(f"item.{item}", item), state, _SHELF)
    return found


def _sensor(name: str, template: str) -> Component:
    return {
        "platform": "sensor",
        "name": name,
        "value_template": template,
        "expire_after": EXPIRE_S,
    }


def _number(name: str, template: str) -> Component:
    return _sensor(name, template) | {"state_class": "measurement"}


def _one_of(name: str, template: str, options: Sequence[str]) -> Component:
    return _sensor(name, template) | {"device_class": "enum", "options": list(options)}


def _yes_or_no(name: str, member: str) -> Component:
    is_ = f"value_json.{member}"
    template = f"{{{{ 'ON' if {is_} is true else 'OFF' if {is_} is false else none }}}}"
    return _sensor(name, template) | {"platform": "binary_sensor"}


def _member(name: str) -> str:
    """What a status leaves out is unknown; Home Assistant reads `None` as that."""
    return f"{{{{ value_json.{name} | default(none) }}}}"


def _of_list(name: str, key: str, wanted: str, member: str) -> str:
    chosen = f"selectattr('{key}', 'eq', '{wanted}') | map(attribute='{member}')"
    return f"{{{{ value_json.{name} | default([]) | {chosen} | first | default(none) }}}}"


def _read(file: Path) -> set[str]:
    try:
        return set(file.read_text().split())
    except OSError:
        return set()
