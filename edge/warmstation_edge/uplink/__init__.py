"""The way from the outbox to the server and back: MQTT 5, receipts, orders.

`Uplink` decides what is sent when, `Orders` answers what the server asks, `PahoLink` and `Pump`
are the network. Only this package imports paho.
"""

from __future__ import annotations

from warmstation_edge.uplink.link import Arrived, Event, Link, Offline, Online, Published, Unheard
from warmstation_edge.uplink.orders import Controls, Orders
from warmstation_edge.uplink.pace import Pace
from warmstation_edge.uplink.uplink import Uplink

__all__ = [
    "Arrived",
    "Controls",
    "Event",
    "Link",
    "Offline",
    "Online",
    "Orders",
    "Pace",
    "Published",
    "Unheard",
    "Uplink",
]
