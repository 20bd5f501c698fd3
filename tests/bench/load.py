"""A cheap publisher for benchmarks: bare MQTT 3.1.1 on a socket, QoS 1, paced.

Run as a process of its own, `python -m tests.bench.load`: it prints one JSON line, with the
time from publish to receipt of every report, which is an upper bound of publish to commit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import struct
import sys
import time
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

from warmstation_server.intake import packets
from warmstation_server.intake.packets import Incoming, Outgoing
from warmstation_wire import Leaf, Topic, rfc3339
from warmstation_wire.examples import REPORT
from warmstation_wire.topics import every

DISTRICT = "bench"
STREAM = "be9c4001"
_RANGES = re.compile(rb'"(\d+)(?:-(\d+))?"')
"""As a receipt has them; the station's own way is to read it as its model."""
_ENTERED, _ENERGY = re.compile(rb'(?<="entered":)[0-9]+'), re.compile(rb'(?<="energy_wh":)18[0-9]+')
_OWN = re.compile(
    rb'@station@|@seq@|@at@|(?<="uptime_s":)[0-9]+|%b|%b' % (_ENTERED.pattern, _ENERGY.pattern)
)
_FAULT = b'"faults":[{"sensor":"outlet","reason":"crc"}],'
_WINDOW = 20_000
"""Reports under way at most: past it, the publisher is held back and not the broker's queue."""
_BURST, _LINKS = 200, 4
_SILENCE_S = 60.0
"""Where others have the cores, a server's batch may take half a minute: its receipts come."""


def station_id(number: int) -> str:
    """The id of the bench's station with this number."""
    return f"st-{number:06d}"


def template() -> bytes:
    """A report of true size with room for station, seq and time."""
    fields = REPORT.model_dump(mode="json", exclude_none=True)
    fields |= {"station": "@station@", "stream": STREAM, "seq": 0, "measured_at": "@at@"}
    text = json.dumps(fields, separators=(",", ":"))
    return text.replace('"seq":0', '"seq":@seq@').encode()


@cache
def templates() -> tuple[bytes, ...]:
    """The same with values that move as a station's do, one after the other."""
    chance = random.Random(7)
    room_c, outlet_c, outdoor_c = 19.8, 44.9, -1.2
    found = []
    for number in range(64):
        fields = json.loads(template().replace(b"@seq@", b"0"))
        room_c += chance.uniform(-0.03, 0.03)
        outlet_c += chance.uniform(-0.5, 0.5)
        outdoor_c += chance.uniform(-0.1, 0.1)
        fields["uptime_s"] = 8000.5 + number
        fields["climate"] |= {
            "room_c": round(room_c, 2),
            "outlet_c": round(outlet_c, 1),
            "outdoor_c": round(outdoor_c, 1),
            "heater_w": float(chance.randrange(1460, 1500)),
        }
        crossed = number // 16
        fields["people"] |= {"inside": 7 - crossed % 2, "entered": 1234 + crossed}
        charger = {
            "power_w": round(11 + chance.uniform(-1, 1), 1),
            "energy_wh": 1834.0 + number // 8,
        }
        fields["chargers"][0] |= charger
        fields["agent"]["cpu_c"] = round(51 + chance.uniform(-1, 1), 1)
        text = json.dumps(fields, separators=(",", ":"))
        found.append(text.replace('"seq":0', '"seq":@seq@').encode())
    return tuple(found)


@cache
def healthy() -> tuple[bytes, ...]:
    """The same of stations whose sensors are all whole."""
    return tuple(text.replace(_FAULT, b"") for text in templates())


@cache
def _pieces(number: int, *, is_broken: bool) -> tuple[tuple[bytes, ...], int, int]:
    """A template cut where what each station has of its own goes; its count and its energy."""
    text = (templates() if is_broken else healthy())[number]
    entered, energy = (int(found[0]) for found in (_ENTERED.findall(text), _ENERGY.findall(text)))
    return tuple(_OWN.split(text)), entered, energy


def written(number: int, seq: int, at: bytes, broken_of: int = 1) -> bytes:
    """A station's report: nobody else has its uptime, its count of people, its energy.

    One station in `broken_of` has a broken sensor.
    """
    pieces, entered, energy = _pieces(seq % 64, is_broken=not number % broken_of)
    one, two, three, four, five, six, seven = pieces
    name, uptime_s = station_id(number).encode(), 8000 + 7 * number + seq
    own = name, two, seq, three, at, four, uptime_s, five, entered + number, six
    return b"%b%b%b%d%b%b%b%d%b%d%b%d%b" % (one, *own, energy + 10 * number, seven)


class Packets(asyncio.Protocol):
    """One connection: writes publishes, reads over acknowledgements, collects receipts."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()
        self.receipts: list[tuple[float, str, bytes]] = []
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say CONNECT as soon as there is a connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        client = f"bench-{id(self)}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + _text(client)
        self.write(b"\x10%c%b" % (len(body), body))

    def data_received(self, data: bytes) -> None:
        """Take apart whatever whole packets there are."""
        self._rest += data
        found: list[Incoming] = []
        at = packets.taken_off(self._rest, 0, found)
        while len(self._rest) - at >= 2 and not packets.is_frequent(self._rest[at]):
            at += 2 + self._rest[at + 1]  # CONNACK or SUBACK: they come alone, and whole
            self.connected.set()
            at = packets.taken_off(self._rest, at, found)
        self._rest = self._rest[at:]
        now = time.perf_counter()
        self.receipts += [(now, topic, payload) for topic, payload, _ in found]
        if mids := [mid for _, _, mid in found if mid]:
            self.write(packets.pubacks(mids))

    def subscribe(self, topic: str) -> None:
        """Subscribe at QoS 1."""
        body = b"\x00\x01" + _text(topic.encode()) + b"\x01"
        self.write(b"\x82%c%b" % (len(body), body))

    def write(self, whole: bytes) -> None:
        """Whole packets."""
        assert self._transport is not None
        self._transport.write(whole)


def _text(raw: bytes) -> bytes:
    return struct.pack("!H", len(raw)) + raw


class Load:
    """Publishes at a steady rate over all stations and waits for the receipts.

    `before`: how many earlier loads published. Each station goes on with its next number: one that
    is missing would be waited for, and all that waits be judged at once. `broken_of`: see written.
    """

    def __init__(
        self,
        port: int,
        stations: int,
        rate: float,
        seconds: float,
        before: int,
        broken_of: int = 1,
    ) -> None:
        self._port, self._stations, self._rate, self._seconds = port, stations, rate, seconds
        self._before, self._broken_of = before, broken_of
        self._topics = [
            str(Topic(DISTRICT, station_id(number), Leaf.REPORT)) for number in range(stations)
        ]
        self._names = [station_id(number) for number in range(stations)]
        self._sent: dict[tuple[str, int], float] = {}
        self._latencies: list[float] = []
        self._minutes: list[int] = []
        """How many of them there were at the end of each minute."""

    async def run(self) -> dict[str, Any]:
        """Publish, wait for what is under way, sum up."""
        loop = asyncio.get_running_loop()
        links = []
        for _ in range(_LINKS):
            _, link = await loop.create_connection(Packets, "127.0.0.1", self._port)
            await link.connected.wait()
            links.append(link)
        links[0].subscribe(every(Leaf.RECEIPT, DISTRICT))
        began, spent = time.perf_counter(), time.process_time()
        published = await self._publish(links, began)
        took = time.perf_counter() - began
        await self._drain(links[0])
        summary = self._summary(published, took, time.perf_counter() - began)
        return summary | {"cpu_s": time.process_time() - spent}

    async def _publish(self, links: list[Packets], began: float) -> int:
        published = 0
        while (elapsed := time.perf_counter() - began) < self._seconds:
            due = int(elapsed * self._rate)
            count = min(due - published, _WINDOW - len(self._sent), _BURST)
            if count > 0:
                for link, whole in zip(links, self._burst(published, count), strict=True):
                    link.write(whole)
                published += count
            self._collect(links[0])
            if elapsed >= 60 * (len(self._minutes) + 1):
                self._minutes.append(len(self._latencies))
            # Nothing is due, or too much is under way: to look again and again would take the
            # server's processor.
            await asyncio.sleep(0 if count > 0 else 0.002)
        return published

    def _burst(self, first: int, count: int) -> list[bytes]:
        """So many reports, all measured now; for each link, a station's always for the same."""
        at = rfc3339(datetime.now(UTC)).encode()
        sent_at = time.perf_counter()
        found: list[list[bytes]] = [[] for _ in range(_LINKS)]
        for number in range(self._before + first, self._before + first + count):
            place, name = number % self._stations, self._names[number % self._stations]
            seq = 1 + number // self._stations
            message = Outgoing(self._topics[place], written(place, seq, at, self._broken_of))
            found[place % _LINKS].append(packets.publish(message, number % 65_535 + 1))
            self._sent[name, seq] = sent_at
        return [b"".join(whole) for whole in found]

    def _collect(self, link: Packets) -> None:
        for at, topic, payload in link.receipts:
            station = topic.rsplit("/", 2)[1]
            for first, last in _RANGES.findall(payload):
                for seq in range(int(first), int(last or first) + 1):
                    sent = self._sent.pop((station, seq), None)
                    if sent is not None:
                        self._latencies.append(at - sent)
        link.receipts.clear()

    async def _drain(self, link: Packets) -> None:
        """Until everything has its receipt, or nothing has come for too long."""
        quiet_since = time.perf_counter()
        while self._sent and time.perf_counter() - quiet_since < _SILENCE_S:
            before = len(self._sent)
            await asyncio.sleep(0.01)
            self._collect(link)
            if len(self._sent) < before:
                quiet_since = time.perf_counter()

    def _summary(self, published: int, took: float, total: float) -> dict[str, Any]:
        times = sorted(self._latencies) or [float("nan")]
        by_minute = [
            sorted(self._latencies[first:last])
            for first, last in pairwise((0, *self._minutes, len(self._latencies)))
        ]
        return {
            "published": published,
            "receipted": len(self._latencies),
            "unreceipted": len(self._sent),
            "published_per_s": published / took,
            "receipted_per_s": len(self._latencies) / total,
            "p50_ms": times[len(times) // 2] * 1000,
            "p99_ms": times[int(len(times) * 0.99)] * 1000,
            "p99_ms_by_minute": [
                round(found[int(len(found) * 0.99)] * 1000) for found in by_minute if found
            ],
        }


def main() -> int:
    """Publish as the arguments say, print the summary as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stations", type=int, default=1000)
    parser.add_argument("--rate", type=float, required=True, help="reports/s")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--before", type=int, default=0, help="reports that were published before")
    parser.add_argument(
        "--broken-of", type=int, default=1, help="one station in so many has a broken sensor"
    )
    load = Load(**vars(parser.parse_args()))
    print(json.dumps(asyncio.run(load.run())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
