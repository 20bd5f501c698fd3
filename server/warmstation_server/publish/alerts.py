"""What the server tells of alerts by MQTT: each transition once. The pipeline calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast, get_args

from warmstation_server.alerts.state import Transition
from warmstation_server.intake.packets import Outgoing
from warmstation_server.places import Station
from warmstation_server.publish.mqtt import Sender
from warmstation_wire import Alert, Leaf, Topic
from warmstation_wire.alert import AlertStateWord, AlertTransition

_TOLD = frozenset(get_args(AlertTransition))
_SHOWN = frozenset(get_args(AlertStateWord))


def send_alerts(
    sender: Sender, transitions: Iterable[Transition], stations: Mapping[str, Station]
) -> int:
    """Tell everyone who may know what happened to alerts; how many were told.

    Not retained and not repeated: who missed one reads the feed or asks the API.
    """
    messages = [
        Outgoing(
            str(Topic(stations[one.station].district, one.station, Leaf.ALERT)),
            alert(one, is_simulated=stations[one.station].is_simulated).to_json(),
        )
        for one in transitions
        if one.station in stations and one.kind in _TOLD and one.word in _SHOWN
    ]
    return len(messages) if messages and sender.publish(messages) else 0


def alert(one: Transition, *, is_simulated: bool) -> Alert:
    """A transition as it is published: without people and what they said."""
    return Alert(
        alert_id=one.alert_id,
        station_id=one.station,
        cause=one.name,
        subject=one.subject or None,
        transition=cast("AlertTransition", one.kind),
        state=cast("AlertStateWord", one.word),
        severity=one.severity,
        owner=one.tier,
        since=one.since,
        at=one.at,
        is_late=one.is_late,
        is_simulated=is_simulated,
    )
