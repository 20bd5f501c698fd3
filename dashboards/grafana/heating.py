"""For districts: is it warm where it should be."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import DISTRICT, flux, sql


def heating() -> Json:
    """The dashboard."""
    return dashboard(
        "heating",
        "Warmstation · Heating",
        [
            Panel(
                "timeseries",
                "Room temperature, median by district",
                [flux("room_c", _MEDIAN)],
                "celsius",
            ),
            Panel(
                "timeseries",
                "Stations at 18 °C or more",
                [flux("room_c", _WARM)],
                "percentunit",
                about="Of the stations that measured; a silent one counts nowhere.",
            ),
            Panel("table", "Coldest stations now", [flux("room_c", _COLDEST)], "celsius"),
            Panel("timeseries", "Heating power by district", [flux("heater_w", _SUM)], "watt"),
            Panel("table", "Promised temperature", [sql(_PROMISED)]),
            Panel("table", "Open alerts about heat", [sql(_ALERTS)]),
        ],
        choices=[DISTRICT],
        since="now-24h",
    )


_BY_STATION = """  |> group(columns: ["district", "station"])
  |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)"""
_BY_DISTRICT = """  |> group(columns: ["district", "_time"])"""
_AGAIN = """  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""
_MEDIAN = f"{_BY_STATION}\n{_BY_DISTRICT}\n  |> median()\n{_AGAIN}"
_WARM = f"""{_BY_STATION}
  |> map(fn: (r) => ({{r with _value: if r._value >= 18.0 then 1.0 else 0.0}}))
{_BY_DISTRICT}
  |> mean()
{_AGAIN}"""
_SUM = f"{_BY_STATION}\n{_BY_DISTRICT}\n  |> sum()\n{_AGAIN}"
_COLDEST = """  |> group(columns: ["district", "station"])
  |> last()
  |> group()
  |> sort(columns: ["_value"])
  |> limit(n: 20)
  |> keep(columns: ["district", "station", "_time", "_value"])"""
_PROMISED = """SELECT target_c, count(*) AS stations FROM stations
WHERE district IN (${district:sqlstring}) GROUP BY target_c ORDER BY target_c"""
_ALERTS = """SELECT a.severity, a.word AS state, a.name AS trouble, s.name_zh AS station, a.since
FROM alerts a JOIN stations s ON s.id = a.station
WHERE a.is_open AND a.fired_at IS NOT NULL AND s.district IN (${district:sqlstring})
  AND a.name LIKE 'heating.%'
ORDER BY a.since LIMIT 50"""
