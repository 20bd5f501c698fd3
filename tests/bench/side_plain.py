"""A consumer as most people write it: paho takes a report, influxdb-client batches points.

Both clients as their own first examples have them: batching writes with the defaults, QoS 1,
acknowledged by the library. `python -m tests.bench.side_plain MQTT_PORT URL ORG BUCKET TOKEN`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import paho.mqtt.client as mqtt
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write.point import Point
from paho.mqtt.enums import CallbackAPIVersion

MEASUREMENT = "plain"


def main(port: str, url: str, org: str, bucket: str, token: str) -> None:
    """Consume until killed."""
    write_api = InfluxDBClient(url=url, token=token, org=org).write_api()

    def on_connect(client: mqtt.Client, *_: Any) -> None:
        client.subscribe("warmstation/v1/+/+/report", qos=1)

    def on_message(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        report = json.loads(message.payload)
        point = (
            Point(MEASUREMENT)
            .tag("district", message.topic.split("/")[2])
            .tag("station", report["station"])
            .field("seq", report["seq"])
            .field("room_c", report["climate"]["room_c"])
            .field("heater_w", report["climate"]["heater_w"])
            .field("inside", report["people"]["inside"])
            .field("entered", report["people"]["entered"])
            .time(report["measured_at"])
        )
        write_api.write(bucket=bucket, record=point)

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = on_connect
    client.on_message = on_message
    client.connect("127.0.0.1", int(port))
    client.loop_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
