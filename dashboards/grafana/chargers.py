"""For districts: sockets and e-bike points, in use, and what they draw."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import DISTRICT, flux, sql

STATE = "charger_.+_state"
POWER = "charger_.+_power_w"
ENERGY = "charger_.+_energy_wh"
"""Fields of a report: one of each for every charger's id."""


def chargers() -> Json:
    """The dashboard."""
    return dashboard(
        "chargers",
        "Warmstation · Chargers",
        [
            Panel("timeseries", "Charging, by district", [flux(STATE, _IN_USE)]),
            Panel(
                "timeseries",
                "Out of order or inoperative, by district",
                [flux(STATE, _BROKEN)],
            ),
            Panel("timeseries", "Power, by district", [flux(POWER, _POWER)], "watt"),
            Panel("table", "Energy delivered in this time", [flux(ENERGY, _ENERGY)], "watth"),
            Panel("table", "Chargers as registered", [sql(_PLANNED)]),
            Panel("table", "Open alerts about chargers", [sql(_ALERTS)]),
        ],
        choices=[DISTRICT],
        since="now-24h",
    )


def _share(states: str) -> str:
    return f"""  |> map(fn: (r) => ({{r with _value: if {states} then 1.0 else 0.0}}))
  |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)
  |> group(columns: ["district", "_time"])
  |> sum()
  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""


_IN_USE = _share('string(v: r._value) == "charging"')
_BROKEN = _share('string(v: r._value) == "outoforder" or string(v: r._value) == "inoperative"')
_POWER = """  |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)
  |> group(columns: ["district", "_time"])
  |> sum()
  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""
_ENERGY = """  |> increase()
  |> last()
  |> group(columns: ["district", "station"])
  |> sum()
  |> group()
  |> sort(columns: ["_value"], desc: true)
  |> limit(n: 50)"""
_PLANNED = """SELECT district, sum(phone_chargers) AS phone_sockets,
       sum(ebike_chargers) AS ebike_points,
       count(*) FILTER (WHERE phone_chargers + ebike_chargers = 0) AS stations_without
FROM stations WHERE district IN (${district:sqlstring}) GROUP BY district ORDER BY district"""
_ALERTS = """SELECT a.severity, a.word AS state, a.name AS trouble, a.subject AS charger,
       s.name_zh AS station, a.since
FROM alerts a JOIN stations s ON s.id = a.station
WHERE a.is_open AND a.fired_at IS NOT NULL AND s.district IN (${district:sqlstring})
  AND a.name LIKE 'chargers.%'
ORDER BY a.since LIMIT 50"""
