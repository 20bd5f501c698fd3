"""One valid example of each payload, shown in the generated schemas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from warmstation_wire.alert import Alert
from warmstation_wire.command import Command, Result
from warmstation_wire.desired import Applied, Calibration, Desired
from warmstation_wire.parts import Payload
from warmstation_wire.presence import Presence
from warmstation_wire.receipt import Receipt
from warmstation_wire.report import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Report,
    Safety,
    Supply,
)
from warmstation_wire.status import ChargerCount, StationStatus, SupplyStatus
from warmstation_wire.topics import Leaf

_NOON = datetime(2026, 11, 21, 4, 0, 0, 250_000, tzinfo=UTC)

REPORT: Final = Report(
    station="ks-songnan",
    stream="9f3c",
    seq=1234,
    measured_at=_NOON,
    clock="synced",
    uptime_s=8123.4,
    climate=Climate(
        room_c=19.81,
        outlet_c=44.9,
        outdoor_c=-1.2,
        humidity_pct=41.0,
        setpoint_c=20.0,
        heating="on",
        heater_w=1480.0,
    ),
    door=Door(open=False),
    people=People(inside=7, entered=1234, left=1227, confidence=0.9, present=True),
    chargers=(
        Charger(id="p1", kind="phone", state="charging", power_w=11.2, energy_wh=1834.0),
        Charger(id="e1", kind="ebike", state="available", power_w=0.0, energy_wh=52110.0),
    ),
    supplies=(Supply(item="water", level=0.42),),
    safety=Safety(smoke=False, contactor="closed"),
    faults=(Fault(sensor="outlet", reason="crc"),),
    agent=AgentState(
        version="1.0.0", cpu_c=51.2, undervoltage=False, queued=0, dropped=0, disk_free_mb=812
    ),
)

EXAMPLES: Final[Mapping[Leaf, Payload]] = {
    Leaf.REPORT: REPORT,
    Leaf.PRESENCE: Presence(online=True, since=_NOON, agent="1.0.0", stream="9f3c"),
    Leaf.RECEIPT: Receipt(stream="9f3c", seqs=("1200-1234", "1300")),
    Leaf.DESIRED: Desired(
        revision=3,
        report_s=60.0,
        debounce_s=2.0,
        setpoint_c=20.0,
        hours="Mo-Su 07:00-22:00",
        calibration={"room": Calibration(offset=-0.3)},
    ),
    Leaf.APPLIED: Applied(revision=3, ok=True),
    Leaf.COMMAND: Command(
        id="c-20261121-1",
        command="open-contactor",
        deadline=_NOON + timedelta(seconds=30),
        point="e1",
    ),
    Leaf.RESULT: Result(id="c-20261121-1", outcome="done", at=_NOON + timedelta(seconds=1)),
    Leaf.STATUS: StationStatus(
        station_id="ks-songnan",
        last_reported=_NOON,
        data_state="live",
        is_open=True,
        is_scheduled_open=True,
        open_basis="observed",
        occupancy_status="many_seats_available",
        num_people=7,
        num_seats_available=17,
        people_confidence=0.9,
        chargers=(
            ChargerCount(kind="phone", num_available=3, num_in_use=1, num_out_of_order=0),
            ChargerCount(kind="ebike", num_available=2, num_in_use=0, num_out_of_order=0),
        ),
        indoor_temperature_c=19.81,
        heating_state="ok",
        supplies=(SupplyStatus(item_id="water", level=0.42, state="ok", counted_at=_NOON),),
    ),
    Leaf.ALERT: Alert(
        alert_id="888a3ff86d98c729b02a",
        station_id="ks-songnan",
        cause="heating.no_heat",
        transition="firing",
        state="firing",
        severity="urgent",
        owner="station",
        since=_NOON - timedelta(minutes=4),
        at=_NOON,
    ),
}
