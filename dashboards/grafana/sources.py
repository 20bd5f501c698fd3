"""The three data sources, by the uid that the provisioning file gives them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A data source of Grafana: the id of its plugin, and the name by which panels find it."""

    type: str
    uid: str

    @property
    def reference(self) -> dict[str, str]:
        """As panels and targets name it."""
        return {"type": self.type, "uid": self.uid}


PROMETHEUS = Source("prometheus", "warmstation-prometheus")
POSTGRES = Source("grafana-postgresql-datasource", "warmstation-registry")
INFLUX = Source("influxdb", "warmstation-history")
