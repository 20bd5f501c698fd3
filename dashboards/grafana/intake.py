"""For operators: what comes in, what becomes of it, and how long it takes."""

from __future__ import annotations

from grafana.panels import Json, Panel, dashboard
from grafana.questions import prom

_CORES = 'rate(process_cpu_seconds_total{job="warmstation"}[$__rate_interval])'
_MEMORY = 'process_resident_memory_bytes{job="warmstation"}'


def _quantile(share: float, of: str) -> str:
    buckets = f"sum by (le) (rate(warmstation_{of}_seconds_bucket[$__rate_interval]))"
    return f"histogram_quantile({share}, {buckets})"


def _rate(counter: str, by: str, only: str = "") -> str:
    return f"sum by ({by}) (rate(warmstation_{counter}_total{only}[$__rate_interval]))"


def intake() -> Json:
    """The dashboard."""
    refused = '{outcome!~"stored|heralded|repeated|heard"}'
    lengths = [prom(_quantile(q, "commit"), f"p{q * 100:.0f}") for q in (0.5, 0.99)]
    ticks = [prom(_quantile(q, "tick"), f"p{q * 100:.0f}") for q in (0.5, 0.99)]
    return dashboard(
        "intake",
        "Warmstation · Intake",
        [
            Panel("stat", "Servers up", [prom('sum(up{job="warmstation"})')], width=4, height=4),
            Panel(
                "stat",
                "Broker connected",
                [prom("min(warmstation_broker_connected)")],
                width=5,
                height=4,
                limits=(0.5, 1),
                is_low_bad=True,
            ),
            Panel(
                "stat",
                "History away",
                [prom("max(warmstation_history_away)")],
                width=5,
                height=4,
                limits=(0.5, 1),
                about="While it is 1 nothing is acknowledged, and nothing is lost.",
            ),
            Panel(
                "stat",
                "Messages waiting",
                [prom("sum(warmstation_queue_messages)")],
                width=5,
                height=4,
                limits=(1_000, 10_000),
            ),
            Panel(
                "stat",
                "Age of the picture",
                [prom("max(warmstation_picture_age_seconds)")],
                "s",
                width=5,
                height=4,
                limits=(3, 15),
            ),
            Panel(
                "timeseries",
                "Reports by outcome",
                [prom(_rate("messages", "outcome"), "{{outcome}}")],
                "cps",
            ),
            Panel(
                "timeseries",
                "Refused, by reason",
                [prom(_rate("messages", "outcome", refused), "{{outcome}}")],
                "cps",
                about="Each is kept: warmstation dead-letters.",
            ),
            Panel("timeseries", "Commit of a batch", lengths, "s"),
            Panel("timeseries", "Tick", ticks, "s"),
            Panel(
                "timeseries", "Receipts", [prom(_rate("receipts", "outcome"), "{{outcome}}")], "cps"
            ),
            Panel("timeseries", "Queue", [prom("warmstation_queue_messages", "{{instance}}")]),
            Panel("timeseries", "Processor, in cores", [prom(_CORES, "{{instance}}")], width=8),
            Panel("timeseries", "Memory", [prom(_MEMORY, "{{instance}}")], "bytes", width=8),
            Panel(
                "timeseries",
                "Room for the data",
                [prom("warmstation_data_free_bytes", "{{instance}}")],
                "bytes",
                width=8,
            ),
        ],
    )
