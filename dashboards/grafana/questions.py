"""Short ways to ask the three sources, and the choices that several dashboards offer."""

from __future__ import annotations

from grafana.panels import Choice, Query
from grafana.sources import INFLUX, POSTGRES, PROMETHEUS

MEASUREMENT, SUMS = "report", "usage_hour"
"""One point a report, or a station's hour; tags `district` and `station`."""
KEPT = 'v.defaultBucket + "-kept"'
"""The bucket that is kept, as it is called where nobody says otherwise."""


def prom(expression: str, legend: str = "") -> Query:
    """PromQL."""
    return Query(PROMETHEUS, expression, legend)


def sql(text: str) -> Query:
    """A table from the registry."""
    return Query(POSTGRES, text, is_table=True)


def flux(fields: str, then: str) -> Query:
    """Reports of the chosen districts: `fields` is a regular expression of whole field names."""
    return _flux("v.defaultBucket", MEASUREMENT, fields, then)


def flux_sums(fields: str, then: str) -> Query:
    """The hours of the chosen districts, as the server added them up."""
    return _flux(KEPT, SUMS, fields, then)


def _flux(bucket: str, measurement: str, fields: str, then: str) -> Query:
    lines = (
        f"from(bucket: {bucket})",
        "  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)",
        f'  |> filter(fn: (r) => r._measurement == "{measurement}")',
        f"  |> filter(fn: (r) => r._field =~ /^({fields})$/)",
        "  |> filter(fn: (r) => r.district =~ /^${district:regex}$/)",
    )
    return Query(INFLUX, "\n".join((*lines, then)))


DISTRICT = Choice(
    "district",
    "District",
    sql("SELECT DISTINCT district FROM stations ORDER BY district"),
)
