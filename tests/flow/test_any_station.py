"""A station to which anything happens, and the server's own pipeline on a wire that doubles, holds
back and reorders what is said: what was measured is in the history once, as it was measured."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edge.test_any_station import Story, deeds, live, waits
from tests.support.links import FakeLink
from tests.support.pipeline_bench import Bench
from tests.support.registered import FixedPlaces, station
from warmstation_server.intake import Message
from warmstation_wire import Leaf, Report, Topic
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT

ID = "ks-songnan"


class Wired:
    """The pipeline behind a bad wire; it turns every two seconds, as it does at its worst."""

    def __init__(self, seed: int) -> None:
        self.bench = Bench(places=FixedPlaces(station(ID, district="qiandeng")))
        self.rng = Random(seed)
        self.on_the_way: list[Message] = []
        self.since_turn_s = 0.0

    @property
    def is_there(self) -> bool:
        return not self.bench.history.is_away

    @is_there.setter
    def is_there(self, value: bool) -> None:
        self.bench.history.is_away = not value

    @property
    def told(self) -> dict[tuple[str, int], Report]:
        found = list(self.bench.history.reports(ID, FIRST_MOMENT, LAST_MOMENT))
        held = {(one.report.stream, one.report.seq): one.report for one in found}
        assert len(held) == len(found), "a report is in the history twice"
        return held

    def hear(self, link: FakeLink, seconds: float) -> None:
        self.bench.clock.advance(seconds)
        for leaf, payload, _ in link.sent:
            topic = str(Topic("qiandeng", ID, leaf))
            message = Message(topic, payload, self.bench.clock.now())
            self.on_the_way += [message] * self.rng.choice([1, 1, 1, 2])
        link.sent.clear()
        self.since_turn_s += seconds
        if self.since_turn_s >= 2:
            self.since_turn_s = 0.0
            self._turn(link)

    def _turn(self, link: FakeLink) -> None:
        self.rng.shuffle(self.on_the_way)
        held_back = self.rng.randrange(len(self.on_the_way) // 2 + 1)
        now, self.on_the_way = self.on_the_way[held_back:], self.on_the_way[:held_back]
        self.bench.turn(*now)
        for receipt in self.bench.broker.receipts():
            if self.rng.random() < 0.9:
                link.arrive(Leaf.RECEIPT, receipt.to_json())
        self.bench.broker.published.clear()
        assert self.bench.shelf.letters == [], "whatever happens, a station keeps to the contract"


@settings(max_examples=8, derandomize=True)
@given(st.lists(st.tuples(waits, deeds), min_size=3, max_size=12), st.integers(0, 99))
def test_what_was_measured_is_in_the_history_once(story: Story, seed: int) -> None:
    live(story, Wired(seed))
