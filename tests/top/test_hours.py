"""No test's result may depend on the hour: the machine's clock is read only where it must be."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
READS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "SystemClock"),
}
SERVES = "a server of its own reads it, and this is measured now"
TLS = "certificates are good from now on, as OpenSSL sees it"
ITSELF = "it is what is tried here"
MAY = {
    "dashboards/test_grafana.py": "a database of its own keeps what is of these days",
    "edge/doctor/test_command.py": TLS,
    "edge/test_dating.py": ITSELF,
    "edge/test_time_source.py": ITSELF,
    "edge/test_uplink_broker.py": "a broker of its own, and seconds that pass",
    "edge/test_uplink_tls.py": TLS,
    "firmware/test_booted.py": SERVES,
    "flow/test_districts.py": SERVES,
    "flow/test_enrolment_https.py": TLS,
    "flow/test_herald.py": "a broker of its own, and seconds that pass",
    "flow/test_replay.py": SERVES,
    "flow/test_two_servers.py": SERVES,
    "flow/test_written_by_hand.py": SERVES,
    "server/history/test_influx_prepared.py": "InfluxDB forgets what is older than its days",
    "server/notify/test_served.py": SERVES,
    "server/operations/test_debian.py": SERVES,
    "server/operations/test_install.py": TLS,
    "server/test_serve.py": SERVES,
    "support/daytime.py": "pages are always looked at on the same day; this shifts it there",
    "support/drain_process.py": "a process that is killed, and another one later",
    "support/guarded_broker.py": TLS,
    "support/power_cut_guest.py": "a machine of its own",
    "support/time_server.py": "it tells the time",
}
"""Whose results hold at any hour, and why they need the clock."""


def reads_the_clock(source: str) -> bool:
    """Whether it asks, or makes a clock that asks, what time it is."""
    nodes = list(ast.walk(ast.parse(source)))
    used = [node.func for node in nodes if isinstance(node, ast.Call)]
    used += [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(ast.unparse(one) in READS for one in used)


def test_the_clock_is_read_where_it_must_be_and_nowhere_else() -> None:
    found = {
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        if path.parts[len(TESTS.parts)] != "bench" and reads_the_clock(path.read_text("utf-8"))
    }
    assert found == MAY.keys()


def test_it_is_seen_however_it_is_called() -> None:
    assert reads_the_clock("now = datetime.now(UTC)")
    assert reads_the_clock("clock = SystemClock(source)")
    assert reads_the_clock("class Ahead(SystemClock): ...")
    assert not reads_the_clock("now = clock.now()")
