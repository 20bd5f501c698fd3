"""Panels and dashboards in Grafana's JSON model (schema 39: Grafana 11 reads it, 12 migrates it).

Only what the npm package @grafana/schema knows in each of its versions 11.0 to 13.2:
`tests/dashboards/test_grafana_schema.py` compares. A panel needs `type`, `options` and
`fieldConfig`, a dashboard `schemaVersion`; the rest has defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from grafana.sources import Source

Json = dict[str, Any]
Kind = Literal["timeseries", "stat", "table", "bargauge"]

SCHEMA = 39
COLUMNS = 24
GREEN, AMBER, RED = "green", "orange", "red"


@dataclass(frozen=True, slots=True)
class Query:
    """A question to one source. `legend`: how its series are called, where the source knows how."""

    source: Source
    text: str
    legend: str = ""
    is_table: bool = False

    def target(self, letter: str) -> Json:
        """As a panel holds it."""
        common: Json = {"refId": letter, "datasource": self.source.reference}
        if self.source.type == "prometheus":
            asked = {"expr": self.text, "legendFormat": self.legend or "__auto"}
            return common | asked | {"editorMode": "code", "range": True, "instant": False}
        if self.source.type == "influxdb":
            return common | {"query": self.text}
        form = "table" if self.is_table else "time_series"
        return common | {
            "rawSql": self.text,
            "format": form,
            "rawQuery": True,
            "editorMode": "code",
        }


@dataclass(frozen=True, slots=True)
class Panel:
    """`limits`: where green ends and red begins; with `is_low_bad` the other way round."""

    kind: Kind
    title: str
    queries: Sequence[Query]
    unit: str = "short"
    width: int = 12
    height: int = 8
    limits: tuple[float, float] | None = None
    is_low_bad: bool = False
    about: str = ""

    def model(self, number: int, x: int, y: int) -> Json:
        """As a dashboard holds it."""
        letters = "ABCDEFGH"
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": self.queries[0].source.reference,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [one.target(letters[i]) for i, one in enumerate(self.queries)],
            "options": _OPTIONS[self.kind],
            "fieldConfig": {"defaults": self._defaults(), "overrides": []},
            "transparent": False,
            "transformations": [],
        }

    def _defaults(self) -> Json:
        return {
            "unit": self.unit,
            "noValue": "?",
            "color": {"mode": "thresholds" if self.limits else "palette-classic"},
            "thresholds": {"mode": "absolute", "steps": self._steps()},
            "mappings": [],
            "custom": _CUSTOM.get(self.kind, {}),
        }

    def _steps(self) -> list[Json]:
        if self.limits is None:
            return [{"value": None, "color": GREEN}]
        colours = (RED, AMBER, GREEN) if self.is_low_bad else (GREEN, AMBER, RED)
        return [
            {"value": at, "color": colour}
            for at, colour in zip((None, *self.limits), colours, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable that the reader chooses from a query's answers."""

    name: str
    label: str
    query: Query

    def model(self) -> Json:
        """As a dashboard holds it; everything is chosen to begin with."""
        return {
            "type": "query",
            "name": self.name,
            "label": self.label,
            "datasource": self.query.source.reference,
            "query": self.query.text,
            "multi": True,
            "includeAll": True,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
            "options": [],
            "refresh": 1,
            "regex": "",
            "sort": 1,
            "hide": 0,
            "skipUrlSync": False,
        }


def dashboard(
    name: str,
    title: str,
    panels: Sequence[Panel],
    *,
    choices: Sequence[Choice] = (),
    since: str = "now-6h",
    refresh: str = "30s",
) -> Json:
    """A whole dashboard; panels flow from left to right in rows of 24 columns."""
    return {
        "uid": f"warmstation-{name}",
        "title": title,
        "tags": ["warmstation"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "",
        "refresh": refresh,
        "time": {"from": since, "to": "now"},
        "timepicker": {},
        "templating": {"list": [choice.model() for choice in choices]},
        "annotations": {"list": []},
        "links": _links(),
        "panels": _placed(panels),
    }


def _links() -> list[Json]:
    link = {
        "title": "Warmstation",
        "type": "dashboards",
        "tags": ["warmstation"],
        "icon": "external link",
        "tooltip": "",
        "url": "",
        "asDropdown": False,
        "targetBlank": False,
        "includeVars": True,
        "keepTime": True,
    }
    return [link]


def _placed(panels: Sequence[Panel]) -> list[Json]:
    placed, x, y, tallest = [], 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        placed.append(panel.model(number, x, y))
        x, tallest = x + panel.width, max(tallest, panel.height)
    return placed


_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[Kind, Json] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": _LAST,
        "orientation": "auto",
        "textMode": "auto",
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",  # since 11.1
    },
    "bargauge": {
        "reduceOptions": _LAST | {"values": True},
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
    },
    "table": {
        "frameIndex": 0,
        "showHeader": True,
        "cellHeight": "sm",
    },
}
_CUSTOM: dict[Kind, Json] = {
    "timeseries": {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": 10,
        "spanNulls": False,
        "showPoints": "auto",
        "stacking": {"mode": "none", "group": "A"},
        "axisPlacement": "auto",
    },
    "table": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
}
