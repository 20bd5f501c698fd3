"""A station as everyone may see it: the element of `station_status` in the open feed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from warmstation_wire.parts import Count, Id, Moment, Name, Payload, Share
from warmstation_wire.report import ChargerKind

DataState = Literal["live", "stale", "offline", "never"]
OpenBasis = Literal["schedule", "observed", "manual"]
OccupancyStatus = Literal[
    "empty", "many_seats_available", "few_seats_available", "full", "no_data_available"
]
HeatingState = Literal["ok", "warming_up", "fault", "off", "unknown"]
SupplyState = Literal["ok", "low", "empty", "unknown"]


class ChargerCount(Payload):
    """Chargers of one kind; the three counts leave out those whose state is unknown."""

    kind: ChargerKind
    num_available: Count
    num_in_use: Count
    num_out_of_order: Count


class SupplyStatus(Payload):
    """One item: share of full, a word for it, and when that was measured."""

    item_id: Name
    level: Share | None = None
    state: SupplyState
    counted_at: Moment | None = None


class StationStatus(Payload):
    """A station now. Absent = unknown; a number never outlives the data it stands on.

    `last_reported` is when the server last heard a live report (its own clock); every measured
    value is of that age or younger. `facility_faults` names what does not work.
    """

    station_id: Id
    last_reported: Moment | None = None
    data_state: DataState
    is_open: bool | None = None
    is_scheduled_open: bool | None = None
    open_basis: OpenBasis | None = None
    occupancy_status: OccupancyStatus
    num_people: Count | None = None
    num_seats_available: Count | None = None
    people_confidence: Share | None = None
    chargers: tuple[ChargerCount, ...] = ()
    indoor_temperature_c: Annotated[float, Field(ge=-60, le=100)] | None = None
    heating_state: HeatingState
    supplies: tuple[SupplyStatus, ...] = ()
    facility_faults: tuple[Name, ...] = ()
    is_simulated: bool = False
