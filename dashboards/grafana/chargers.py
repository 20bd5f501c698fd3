"""For districts: sockets and e-bike points, in use, and what they draw."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import DISTRICT, flux, flux_sums, sql


def chargers() -> Json:
    """The dashboard."""
    return dashboard(
        "chargers",
        "Warmstation · Chargers",
        [
            Panel("timeseries", "Charging, by district", [flux("chargers_charging", _BY_DISTRICT)]),
            Panel(
                "timeseries",
                "Out of order or inoperative, by district",
                [flux("chargers_broken", _BY_DISTRICT)],
            ),
            Panel(
                "timeseries",
                "Power, by district",
                [flux("chargers_power_w", _BY_DISTRICT)],
                "watt",
            ),
            Panel(
                "table",
                "Energy delivered in this time",
                [flux_sums("charger_mwh", _ENERGY)],
                "watth",
                about="By whole hours; counters that begin again are not counted twice.",
            ),
            Panel("table", "Chargers as registered", [sql(_PLANNED)]),
            Panel("table", "Open alerts about chargers", [sql(_ALERTS)]),
        ],
        choices=[DISTRICT],
        since="now-24h",
    )


_BY_DISTRICT = """  |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)
  |> group(columns: ["district", "_time"])
  |> sum()
  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""
_ENERGY = """  |> group(columns: ["district", "station"])
  |> sum()
  |> group()
  |> map(fn: (r) => ({r with _value: float(v: r._value) / 1000.0}))
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
