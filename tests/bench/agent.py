"""What a real agent costs: memory and CPU at one report a second, and how soon the first comes.

`warmstation-agent run` with the profile of a station that has everything: gpiozero's own mock pins,
probes in a 1-Wire directory, meters on a pseudo terminal; its I2C bus is not there, but its drivers
are. Against mosquitto and a real server, which answers every report with its receipt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import station_id
from tests.bench.site import Site
from warmstation_edge.sensors.mock_line import Meter, line
from warmstation_server.history.sqlite import SqliteHistory

SECONDS = 15.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_W1_SLAVE = """\
3c 01 4b 46 7f ff 0c 10 8a : crc=8a YES
3c 01 4b 46 7f ff 0c 10 8a t=19750
"""
_PROBES = ("5aff", "5bff", "5cff", "5dff", "5eff")
_PROFILE = """\
[station]
id = "{station}"
district = "bench"
[broker]
host = "127.0.0.1"
port = {port}
[outbox]
path = "{root}/outbox.db"
[report]
report_s = 1
debounce_s = 0.5
[door]
outer_beam_pin = 17
inner_beam_pin = 27
contact_pin = 22
[presence]
pin = 23
second_pin = 26
[smoke]
pin = 25
[staff]
button_pin = 13
led_pin = 19
[i2c]
[humidity]
[modbus]
port = "{meters}"
[one_wire]
root = "{root}/w1"
room = "28-0316a2795aff"
outlet = "28-0316a2795bff"
outdoor = "28-0316a2795cff"
[[adc]]
id = "a"
[heater]
on_pin = 24
pulse_pin = 12
[[chargers]]
id = "p1"
kind = "phone"
channel = "a0"
watts_per_volt = 40.0
[[chargers]]
id = "p2"
kind = "phone"
channel = "a1"
watts_per_volt = 40.0
[[chargers]]
id = "e1"
kind = "ebike"
meter = 1
contactor_pin = 5
feedback_pin = 6
probe = "28-0316a2795dff"
[[chargers]]
id = "e2"
kind = "ebike"
meter = 2
contactor_pin = 20
feedback_pin = 21
probe = "28-0316a2795eff"
[[supplies]]
item = "water"
channel = "a5"
[[supplies]]
item = "noodles"
scale_channel = 1
[[supplies]]
item = "biscuits"
scale_channel = 2
[[supplies]]
item = "kits"
low_pin = 16
"""


def measure() -> dict[str, float]:
    """Start it, wait for its first report, then watch it for a while."""
    with TemporaryDirectory(prefix="warmstation-bench-") as directory:
        root = Path(directory)
        with Site(root, 1) as site, line({1: Meter(), 2: Meter()}) as meters:
            profile = _profile(root, site.mqtt_port, meters.port)
            began = time.perf_counter()
            environment = os.environ | {"GPIOZERO_PIN_FACTORY": "mock"}
            command = [sys.executable, "-m", "warmstation_edge", "run", "--config", str(profile)]
            agent = subprocess.Popen(command, env=environment, cwd=root, stderr=subprocess.DEVNULL)
            try:
                _await_live(site)
                first_s, first_cpu_s = time.perf_counter() - began, _cpu_s(agent.pid)
                spent_s, since = _cpu_s(agent.pid), datetime.now(UTC)
                time.sleep(SECONDS)
                spent_s, rss_mb = _cpu_s(agent.pid) - spent_s, _rss_mb(agent.pid)
            finally:
                agent.terminate()
                agent.wait(10)
        history = SqliteHistory(site.config.history_path, site.config.zone_info)
        with closing(history):
            until = since + timedelta(seconds=SECONDS)
            reports = len(list(history.reports(station_id(0), since, until)))
    return {
        "agent_first_report_s": round(first_s, 2),
        "agent_first_report_cpu_s": round(first_cpu_s, 2),
        "agent_rss_mb": round(rss_mb, 1),
        "agent_cpu_percent": round(spent_s / SECONDS * 100, 2),
        "agent_reports_per_s": round(reports / SECONDS, 2),
    }


def _profile(root: Path, port: int, meters: Path) -> Path:
    for last in _PROBES:
        probe = root / "w1" / f"28-0316a279{last}"
        probe.mkdir(parents=True)
        (probe / "w1_slave").write_text(_W1_SLAVE, "utf-8")
    path = root / "station.toml"
    places = {"root": root, "port": port, "meters": meters}
    path.write_text(_PROFILE.format(station=station_id(0), **places), "utf-8")
    return path


def _await_live(site: Site) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urllib.request.urlopen(site.url("/feed/v1/station_status.json")) as answer:
            (station,) = json.load(answer)["data"]["stations"]
        if station["data_state"] == "live":
            return
        time.sleep(0.05)
    raise RuntimeError("the agent's first report has not come within a minute")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
