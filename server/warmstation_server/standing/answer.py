"""What a running server says of itself: `/readyz` and `/metrics`, asked on its own machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from prometheus_client.parser import text_string_to_metric_families

from warmstation_server.sections import HttpConfig

_PATIENCE_S = 5.0
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Answer:
    """`unready`: why it cannot serve, or None. `figures`: by name, then by their label's value."""

    unready: str | None
    figures: Mapping[str, Mapping[str, float]]

    def one(self, name: str) -> float | None:
        """A figure without labels; None where it is not told."""
        return self.figures.get(name, {}).get("")

    def by_label(self, name: str) -> Mapping[str, float]:
        """A figure by the value of its label; empty where nothing was counted."""
        return self.figures.get(name, {})


def asked(http: HttpConfig) -> Answer | None:
    """The answer of the server that listens there; None where none does."""
    try:
        status, ready = _get(http, "/readyz")
        _, metrics = _get(http, "/metrics")
        return Answer(None if status == 200 else _reason(ready), read(metrics))
    except (OSError, HTTPException, ValueError):
        return None


def read(metrics: str) -> dict[str, dict[str, float]]:
    """Prometheus' text format as figures."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            label = next(iter(sample.labels.values()), "")
            found.setdefault(sample.name, {})[label] = sample.value
    return found


def _get(http: HttpConfig, path: str) -> tuple[int, str]:
    host = _EVERYWHERE.get(http.host, http.host)
    with closing(HTTPConnection(host, http.port, timeout=_PATIENCE_S)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


def _reason(body: str) -> str:
    said = json.loads(body)
    return str(said.get("detail") or said.get("title"))
