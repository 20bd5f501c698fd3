"""When what was stored is judged: at once, or while the storage has the batch that follows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.server.test_fast_lane import Server, said
from tests.server.test_pipeline import OneRound
from warmstation_server.history import Meanwhile, Received, idle

FULL = 2


@pytest.fixture
def server() -> Server:
    return Server(max_batch=FULL)


def _come(server: Server, *seqs: int) -> None:
    server.broker.inbox.put([said(seq) for seq in seqs])
    server.turn()


def _heard(server: Server) -> list[int]:
    return [seq for _, seq in server.watch.heard]


def test_a_full_batch_is_judged_while_the_next_one_is_stored_and_none_before_it_is(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, seen = server.history.append, []

    def watched(batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        before = _heard(server)
        fresh = append(batch, meanwhile)
        seen.append((before, _heard(server)))
        return fresh

    monkeypatch.setattr(server.history, "append", watched)
    _come(server, 1, 2)
    assert len(server.broker.acknowledged) == 2
    _come(server, 3, 4)
    _come(server, 5)
    assert seen == [([], []), ([], [1, 2]), ([1, 2], [1, 2, 3, 4])]
    assert _heard(server) == [1, 2, 3, 4, 5]


def test_a_batch_that_is_not_full_is_judged_at_once(server: Server) -> None:
    _come(server, 1)
    assert _heard(server) == [1]


def test_a_storage_that_has_no_time_for_others_is_followed_by_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = server.history.append
    monkeypatch.setattr(server.history, "append", lambda batch, _meanwhile: append(batch))
    _come(server, 1, 2)
    _come(server, 3, 4)
    assert _heard(server) == [1, 2]
    _come(server, 5)
    assert _heard(server) == [1, 2, 3, 4, 5]


def test_a_full_batch_that_nothing_follows_is_judged_before_anybody_waits(server: Server) -> None:
    _come(server, 1, 2)
    assert _heard(server) == []
    server.pipeline.run(OneRound())
    assert _heard(server) == [1, 2]


def test_a_tick_shows_all_that_is_stored_and_judged_or_not(server: Server) -> None:
    server.clock.advance(seconds=1)
    _come(server, 1, 2)
    assert _heard(server) == [1, 2]
    assert server.current.get().statuses["ks-songnan"].data_state == "live"


def test_a_batch_that_could_not_be_stored_is_judged_once_and_what_came_before_it_does_not_wait(
    server: Server,
) -> None:
    _come(server, 1, 2)
    server.history.is_away = True
    _come(server, 3, 4)
    server.clock.advance(seconds=1)
    server.pipeline.turn((), server.clock.now())
    assert _heard(server) == [1, 2]
    assert len(server.broker.acknowledged) == 2
    server.history.is_away = False
    server.clock.advance(seconds=60)
    server.pipeline.turn((), server.clock.now())
    assert _heard(server) == [1, 2, 3, 4]
    assert len(server.broker.acknowledged) == 4
