"""For districts: who comes, when and where. The audited figures are those of `/district`."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import DISTRICT, flux, sql


def usage() -> Json:
    """The dashboard."""
    return dashboard(
        "usage",
        "Warmstation · Usage",
        [
            Panel("timeseries", "People inside, by district", [flux("inside", _INSIDE)]),
            Panel(
                "timeseries",
                "Inward crossings an hour, by district",
                [flux("entered", _ENTERED)],
                about="Counted by sensors; counters that begin again are not counted twice.",
            ),
            Panel("table", "Stations by inward crossings", [flux("entered", _BUSIEST)]),
            Panel("table", "Seats as registered", [sql(_SEATS)]),
            Panel("table", "What riders reported, last 30 days", [sql(_REPORTS)], width=24),
        ],
        choices=[DISTRICT],
        since="now-7d",
        refresh="5m",
    )


_INSIDE = """  |> group(columns: ["district", "station"])
  |> aggregateWindow(every: 15m, fn: mean, createEmpty: false)
  |> group(columns: ["district", "_time"])
  |> sum()
  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""
_ENTERED = """  |> difference(nonNegative: true)
  |> aggregateWindow(every: 1h, fn: sum, createEmpty: false)
  |> group(columns: ["district", "_time"])
  |> sum()
  |> group(columns: ["district"])
  |> sort(columns: ["_time"])"""
_BUSIEST = """  |> difference(nonNegative: true)
  |> sum()
  |> group(columns: ["district", "station"])
  |> sum()
  |> group()
  |> sort(columns: ["_value"], desc: true)
  |> limit(n: 20)"""
_SEATS = """SELECT s.district, r.name_zh AS region, count(*) AS stations, sum(s.capacity) AS seats
FROM stations s JOIN regions r ON r.id = s.region_id
WHERE s.district IN (${district:sqlstring}) GROUP BY s.district, r.name_zh ORDER BY seats DESC"""
_REPORTS = """SELECT s.name_zh AS station, p.kind, p.state, count(*) AS reports,
       max(p.created_at) AS last
FROM rider_reports p JOIN stations s ON s.id = p.station_id
WHERE s.district IN (${district:sqlstring}) AND p.created_at > now() - interval '30 days'
GROUP BY s.name_zh, p.kind, p.state ORDER BY last DESC LIMIT 100"""
