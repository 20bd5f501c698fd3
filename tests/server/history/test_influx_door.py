"""How big batches get to an InfluxDB that answers as documented."""

from __future__ import annotations

from contextlib import closing

from tests.support.influx_fake import TAKEN, Answer, fake_influx
from warmstation_server.history.influx_door import Door


def test_a_big_batch_is_sent_in_pieces_and_a_refused_line_is_found_by_its_number() -> None:
    sizes: list[int] = []

    def judge(_bucket: str, lines: list[str]) -> Answer:
        sizes.append(len(lines))
        return Answer(400, "invalid", "not this one") if "bad v=1" in lines else TAKEN

    lines = [f"good v={number}" for number in range(2_500)]
    lines[1_777] = "bad v=1"
    with fake_influx() as fake, closing(Door(fake.place)) as door:
        fake.judge = judge
        (refused,) = door.write_all_but_refused("raw", lines)
    assert refused.number == 1_777
    assert max(sizes) == 1_000
    assert fake.lines["raw"] == [line for line in lines if line != "bad v=1"]
