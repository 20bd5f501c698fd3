"""Real agents, a real broker, a real server, and everything is killed: each report counts once.

Broker and server are processes that die by SIGKILL; the broker's stored sessions and queues are
deleted as well. Kills come after seeded numbers of receipts and turns, so that nothing here
depends on how fast the machine is.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.support.flow_city import Books, City, city
from tests.support.flow_server import ServeProcess
from tests.support.flow_spy import Spy, spy
from tests.support.flow_verdict import judge
from tests.support.mosquitto import Mosquitto
from warmstation_edge.simulator.fleet import load

pytestmark = pytest.mark.broker


@dataclass(frozen=True, slots=True)
class Ordeal:
    """How much of it. `cut_off` stations lose the network for `outage_s` of their own time."""

    stations: int
    cut_off: int
    outage_s: float
    kills_in_outage: int
    kills_in_return: int
    seed: int = 7

    @property
    def begins_s(self) -> float:
        """Simulated seconds from the start to the cut."""
        return 40.0

    def orders(self) -> list[str]:
        """Faults for the stations, in the order of the fleet."""
        names = [plan.id for plan in load("kunshan").stations[: self.stations]]
        middle_s = self.begins_s + self.outage_s / 2
        cut = [
            f"{name}:network_cut@+{self.begins_s}s/{self.outage_s}s"
            for name in names[: self.cut_off]
        ]
        dark = [f"{name}:power_cut@+{middle_s}s/300s" for name in (names[0], names[-1])]
        again = [f"{name}:power_cut@+{middle_s + 400}s/60s" for name in (names[0], names[1])]
        # Smoke half a minute before the power goes: that report must be on the card.
        smoke = [f"{names[0]}:smoke@+{middle_s - 30}s/30s"]
        return [*cut, *dark, *again, *smoke]


SMALL = Ordeal(stations=6, cut_off=4, outage_s=3600, kills_in_outage=1, kills_in_return=1)
FULL = Ordeal(stations=20, cut_off=14, outage_s=86_400, kills_in_outage=2, kills_in_return=2)


@pytest.mark.parametrize("processes", [0, 2])
def test_an_hour_of_outage_with_kills_loses_and_doubles_nothing(
    tmp_path: Path, processes: int
) -> None:
    suffer(SMALL, tmp_path, processes)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [0, 1, 2, 3])
def test_a_day_of_outage_with_five_kills_loses_and_doubles_nothing(
    tmp_path: Path, processes: int
) -> None:
    suffer(FULL, tmp_path, processes)


def suffer(ordeal: Ordeal, folder: Path, processes: int) -> None:
    """The whole story, from the first connection to the verdict."""
    began = time.monotonic()
    fleet = load("kunshan").first(ordeal.stations)
    chance = random.Random(ordeal.seed)
    with Mosquitto(folder) as broker:
        server = ServeProcess(folder / "server", broker.port, processes=processes)
        server.register(fleet)
        with server, spy(broker.port) as wire:
            with city(fleet, broker.port, folder / "outboxes", ordeal.orders()) as (here, books):
                here.until(lambda: len(books.receipted) >= ordeal.stations)
                here.until(lambda: here.passed_s >= ordeal.begins_s)
                live_through_the_outage(ordeal, here, server, chance)
                return_under_kills(ordeal, here, books, server, chance)
                lose_what_the_broker_had_acknowledged(here, wire, server, broker)
                here.until(lambda: here.waiting == 0, 600)
            assert server.stop()[0] == 0
            with server.history() as history:
                verdict = judge(here, books, history)
    kills = ordeal.kills_in_outage + ordeal.kills_in_return + 1
    again = sum(wire.heard.values()) - len(wire.heard)
    print(
        f"{verdict.proof.reports} reports, {verdict.proof.committed} committed, "
        f"{verdict.taken_by_power_cuts} taken by power cuts as designed, 0 lost otherwise, "
        f"{verdict.proof.duplicated} twice; {kills} server kills, {again} deliveries too many, "
        f"{time.monotonic() - began:.0f} s"
    )
    assert verdict.proof.stations == ordeal.stations
    assert verdict.urgent > 0, "nobody smelt the smoke"
    assert again > 0, "nothing was sent twice, so nothing was proved"


def live_through_the_outage(
    ordeal: Ordeal, here: City, server: ServeProcess, chance: random.Random
) -> None:
    """Time runs as fast as the agents can; those that are not cut off meet a dying server."""
    moments = sorted(chance.uniform(0.1, 0.9) for _ in range(ordeal.kills_in_outage))
    for moment in moments:
        here.run(ordeal.begins_s + moment * ordeal.outage_s - here.passed_s)
        server.kill()
        server.start(doing=here.live)
    here.run(ordeal.begins_s + ordeal.outage_s - here.passed_s)


def return_under_kills(
    ordeal: Ordeal, here: City, books: Books, server: ServeProcess, chance: random.Random
) -> None:
    """The network is back; the server dies again and again while the backlog comes in."""
    waiting, known = here.waiting, len(books.receipted)
    assert waiting > ordeal.cut_off * ordeal.outage_s / 120, "the outboxes are full of reports"
    marks = sorted(chance.uniform(0.05, 0.7) for _ in range(ordeal.kills_in_return))
    for mark in marks:
        here.until(partial(_has_come, books, known + mark * waiting))
        for _ in range(chance.randrange(20)):  # anywhere between a message and its receipt
            here.live()
        if server.kill_intake(chance):
            for _ in range(chance.randrange(20)):
                here.live()
        server.kill()
        server.start(doing=here.live)


def _has_come(books: Books, count: float) -> bool:
    return len(books.receipted) >= count


def lose_what_the_broker_had_acknowledged(
    here: City, wire: Spy, server: ServeProcess, broker: Mosquitto
) -> None:
    """Without a server the broker takes reports, acknowledges them, and then forgets all."""
    server.kill()
    before = len(wire.heard)
    here.until(lambda: len(wire.heard) >= before + 2 * len(here.stations))
    broker.kill()
    broker.forget()
    broker.start()
    server.start(doing=here.live)
