"""Short ways to ask the three sources, and the choices that several dashboards offer."""

from __future__ import annotations

from grafana.panels import Choice, Query
from grafana.sources import INFLUX, POSTGRES, PROMETHEUS

MEASUREMENT = "report"
"""One point a report, tags `district` and `station`, one field a value."""


def prom(expression: str, legend: str = "") -> Query:
    """PromQL."""
    return Query(PROMETHEUS, expression, legend)


def sql(text: str) -> Query:
    """A table from the registry."""
    return Query(POSTGRES, text, is_table=True)


def flux(fields: str, then: str) -> Query:
    """Reports of the chosen districts: `fields` is a regular expression of whole field names."""
    lines = (
        "from(bucket: v.defaultBucket)",
        "  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)",
        f'  |> filter(fn: (r) => r._measurement == "{MEASUREMENT}")',
        f"  |> filter(fn: (r) => r._field =~ /^({fields})$/)",
        "  |> filter(fn: (r) => r.district =~ /^${district:regex}$/)",
    )
    return Query(INFLUX, "\n".join((*lines, then)))


DISTRICT = Choice(
    "district",
    "District",
    sql("SELECT DISTINCT district FROM stations ORDER BY district"),
)
