"""The server's own figures for Prometheus; every part counts here, the web room serves them."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from warmstation_server.machine_code import is_compiled
from warmstation_server.snapshot import Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def district_ages_s(snapshot: Snapshot, now: datetime) -> dict[str, float]:
    """Seconds since any station of each district was last heard."""
    newest: dict[str, datetime] = {}
    for station in snapshot.stations.values():
        status = snapshot.statuses.get(station.id)
        heard = status.last_reported if status else None
        if heard is not None:
            newest[station.district] = max(heard, newest.get(station.district, heard))
    return {district: (now - heard).total_seconds() for district, heard in newest.items()}


class _Each(Collector):
    """A gauge whose labels come and go."""

    def __init__(
        self, name: str, meaning: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        self._family = (name, meaning, label)
        self._values = values

    def collect(self) -> Iterable[Metric]:
        """The figures now."""
        name, meaning, label = self._family
        gauge = GaugeMetricFamily(name, meaning, labels=[label])
        for key, value in self._values().items():
            gauge.add_metric([key], value)
        yield gauge


class Metrics:
    """One set of figures; a registry of its own, so that tests and servers do not mix."""

    def __init__(self) -> None:
        # `_created` gauges are no figures of ours, and promtool complains of their names.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("warmstation_build", "The version that runs.", registry=registry).info(
            {"version": version("warmstation")}
        )
        Gauge("warmstation_compiled", "1 where its hot code is compiled.", registry=registry).set(
            is_compiled()
        )
        self._messages = Counter(
            "warmstation_messages",
            "Messages by what became of them: stored, heralded (the second of a safety report and"
            " the copy that went ahead of it), repeated, heard, or the reason of refusal.",
            ["outcome"],
            registry=registry,
        )
        self._too_old = Counter(
            "warmstation_reports_too_old",
            "Reports that came when retention had passed over them: they count to the usage, and"
            " are not kept by themselves.",
            registry=registry,
        )
        self._receipts = Counter(
            "warmstation_receipts", "Receipts by outcome.", ["outcome"], registry=registry
        )
        self._notifications = Counter(
            "warmstation_notifications",
            "Notices by what became of an attempt: delivered, waiting, moved or dead.",
            ["outcome"],
            registry=registry,
        )
        self.commit_s = Histogram(
            "warmstation_commit_seconds",
            "Time to commit a batch to the history.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.tick_s = Histogram(
            "warmstation_tick_seconds",
            "Time to bring the picture up to date.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._alerts = Gauge("warmstation_alerts", "Alerts by state.", ["state"], registry=registry)
        self._alert_failures = Counter(
            "warmstation_alert_failures",
            "Turns in which alerts could not be decided or kept; reports are taken all the same.",
            registry=registry,
        )
        self._history_away = Gauge(
            "warmstation_history_away", "1 while the history cannot be written.", registry=registry
        )
        self._stations = Gauge(
            "warmstation_stations", "Stations by data state.", ["data_state"], registry=registry
        )

    def count(self, outcome: str, messages: int = 1) -> None:
        """So many messages had this outcome."""
        if messages:
            self._messages.labels(outcome).inc(messages)

    def stored(self, new: int, again: int, pairs: int) -> None:
        """New reports, and those that were known; `pairs` of these came twice as they should."""
        self.count("stored", new)
        self.count("heralded", min(again, pairs))
        self.count("repeated", again - min(again, pairs))

    def too_old(self, reports: int) -> None:
        """So many reports came after retention had passed over them."""
        if reports:
            self._too_old.inc(reports)

    def receipts(self, sent: int, unsent: int) -> None:
        """Receipts handed to the broker, and those that could not be."""
        self._receipts.labels("sent").inc(sent)
        self._receipts.labels("unsent").inc(unsent)

    def notifications(self, outcome: str, notices: int) -> None:
        """So many notices had this outcome in one attempt."""
        if notices:
            self._notifications.labels(outcome).inc(notices)

    def alerts(self, words: Mapping[str, int]) -> None:
        """How many alerts are in which state."""
        for word, count in words.items():
            self._alerts.labels(word).set(count)

    def alert_failures(self, failures: int = 1) -> None:
        """So often alerts could not be decided or kept."""
        if failures:
            self._alert_failures.inc(failures)

    def history_away(self, *, away: bool) -> None:
        """Whether the history cannot be written now."""
        self._history_away.set(1 if away else 0)

    def stations(self, data_states: Iterable[str] | Mapping[str, int]) -> None:
        """The data state of every station, or how many are in which."""
        found = Tally(data_states)
        for state in ("live", "stale", "offline", "never"):
            self._stations.labels(state).set(found[state])

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """A figure that is asked for when somebody looks."""
        Gauge(f"warmstation_{name}", meaning, registry=self._registry).set_function(value)

    def watch_each(
        self, name: str, meaning: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        """Figures by one label that are asked for when somebody looks."""
        self._registry.register(_Each(f"warmstation_{name}", meaning, label, values))

    def render(self) -> bytes:
        """All figures in Prometheus' text format (CONTENT_TYPE)."""
        return generate_latest(self._registry)
