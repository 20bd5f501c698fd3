"""For operators: which stations are heard, what is wrong, and whether anybody is told."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import DISTRICT, prom, sql


def fleet() -> Json:
    """The dashboard."""
    return dashboard(
        "fleet",
        "Warmstation · Fleet",
        [
            Panel(
                "timeseries",
                "Stations by data state",
                [prom("sum by (data_state) (warmstation_stations)", "{{data_state}}")],
            ),
            Panel(
                "timeseries",
                "Since a district was last heard",
                [prom("max by (district) (warmstation_board_age_seconds)", "{{district}}")],
                "s",
            ),
            Panel(
                "timeseries",
                "Alerts by state",
                [prom("sum by (state) (warmstation_alerts)", "{{state}}")],
            ),
            Panel(
                "timeseries",
                "Notices by outcome",
                [
                    prom(
                        "sum by (outcome) (increase(warmstation_notifications_total[1h]))",
                        "{{outcome}}",
                    )
                ],
                about="Attempts of the last hour; a dead one reached nobody.",
            ),
            Panel(
                "stat",
                "Turns without a decision, 1 h",
                [prom("sum(increase(warmstation_alert_failures_total[1h]))")],
                width=6,
                limits=(1, 10),
            ),
            Panel("table", "Stations as registered", [sql(_STATIONS)], width=18),
            Panel("table", "Open alerts, worst and oldest first", [sql(_ALERTS)], width=24),
            Panel("table", "Notices that wait", [sql(_WAITING)]),
            Panel("table", "Channels, last 24 h", [sql(_CHANNELS)]),
        ],
        choices=[DISTRICT],
    )


_STATIONS = """SELECT district, host_type, count(*) AS stations, sum(capacity) AS seats,
       sum(phone_chargers) AS phone_sockets, sum(ebike_chargers) AS ebike_points
FROM stations WHERE district IN (${district:sqlstring})
GROUP BY district, host_type ORDER BY district, stations DESC"""
_ALERTS = """SELECT a.severity, a.word AS state, a.name AS trouble, s.name_zh AS station, a.since,
       a.tier, a.assignee
FROM alerts a JOIN stations s ON s.id = a.station
WHERE a.is_open AND a.fired_at IS NOT NULL AND s.district IN (${district:sqlstring})
ORDER BY CASE a.severity WHEN 'critical' THEN 0 WHEN 'urgent' THEN 1
         WHEN 'warning' THEN 2 ELSE 3 END, a.since
LIMIT 100"""
_WAITING = """SELECT channel, count(*) AS deliveries, min(due_at) AS oldest
FROM deliveries WHERE state IN ('waiting', 'sending') GROUP BY channel ORDER BY oldest"""
_CHANNELS = """SELECT channel, coalesce(outcome, 'unknown') AS outcome, count(*) AS messages,
       round(avg(latency_ms)) AS mean_ms
FROM delivery_attempts WHERE started_at > now() - interval '24 hours'
GROUP BY channel, coalesce(outcome, 'unknown') ORDER BY channel, messages DESC"""
