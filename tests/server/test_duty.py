"""Several servers of one deployment: one decides, and another where that one falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.alerting_room import Room, holds
from tests.support.registered import NOON
from warmstation_server.alerts.action import Acknowledge
from warmstation_server.duty import ALERTS, LEASE, RENEWAL, Duty, OwnAlerts, holder_of
from warmstation_server.registry import Registry
from warmstation_server.registry.errors import RegistryAway

SECOND = timedelta(seconds=1)


@pytest.fixture
def both(schema: str) -> Iterator[tuple[Registry, Registry]]:
    """One registry as two servers have it open."""
    with closing(Registry.open(schema)) as one, closing(Registry.open(schema)) as other:
        yield one, other


def server(registry: Registry, holder: str) -> Room:
    return Room(OwnAlerts(registry.alerts, holder), Duty(registry.duties, holder))


def turn(room: Room, at: datetime) -> None:
    room.alerting.turn(set(), at, is_stored=True)


def fired(registry: Registry) -> list[str]:
    """What was written down for people to be told of, whoever wrote it."""
    kinds = [
        f"{state.name} {one.kind}"
        for state in registry.alerts.newest()
        for one in registry.alerts.history(state.id)
    ]
    notices = registry.notifications.route(lambda *_: None, NOON)
    assert len(notices) == len({(one.alert_id, one.kind) for one in notices})
    return kinds


def test_of_two_servers_that_see_the_same_one_raises_the_alert(
    both: tuple[Registry, Registry],
) -> None:
    rooms = [server(registry, name) for registry, name in zip(both, "ab", strict=True)]
    for second in range(20):
        for room in rooms:
            if second == 3:
                room.source.next.append(holds("safety.smoke", 0))
            turn(room, NOON + second * SECOND)
    assert fired(both[0]) == ["safety.smoke firing"]
    assert [len(room.air.sent) for room in rooms] == [1, 0]
    assert rooms[1].alerting.told.alerts == rooms[0].alerting.told.alerts
    assert rooms[1].desk.states() == rooms[0].desk.states()


def test_a_killed_holder_is_replaced_within_ten_seconds_and_nothing_is_told_twice_or_lost(
    both: tuple[Registry, Registry],
) -> None:
    holder, other = (server(registry, name) for registry, name in zip(both, "ab", strict=True))
    for room in (holder, other):
        room.source.next.append(holds("safety.smoke", 0))
        turn(room, NOON)
        turn(room, NOON + SECOND)
    killed_at = NOON + SECOND
    other.source.next.append(holds("chargers.welded", 0))  # after the kill; nobody else heard it
    now = killed_at
    while not other.air.sent:
        now += SECOND
        turn(other, now)
        assert now - killed_at <= timedelta(seconds=10)
    turn(other, now + SECOND)
    assert sorted(fired(both[1])) == ["chargers.welded firing", "safety.smoke firing"]
    assert len(other.air.sent) == 1


def test_a_server_that_slept_through_its_lease_commits_nothing(
    both: tuple[Registry, Registry],
) -> None:
    sleeper, other = (server(registry, name) for registry, name in zip(both, "ab", strict=True))
    turn(sleeper, NOON)
    turn(other, NOON + LEASE + SECOND)
    sleeper.source.next.append(holds("safety.smoke", 0))
    turn(sleeper, NOON + SECOND)  # its clock stood still, so its lease seems to hold
    assert fired(both[0]) == []
    assert sleeper.air.sent == []
    other.source.next.append(holds("safety.smoke", 0))
    turn(other, NOON + LEASE + 2 * SECOND)
    turn(other, NOON + LEASE + 3 * SECOND)
    assert fired(both[0]) == ["safety.smoke firing"]


def test_an_orderly_end_hands_over_at_once(both: tuple[Registry, Registry]) -> None:
    first, second = (Duty(one.duties, name) for one, name in zip(both, "ab", strict=True))
    assert first.is_mine(NOON)
    assert not second.is_mine(NOON)
    first.leave()
    assert second.is_mine(NOON + RENEWAL)
    assert not first.is_mine(NOON + RENEWAL)


def test_a_server_started_again_on_its_data_need_not_wait_for_itself(
    both: tuple[Registry, Registry], tmp_path: Path
) -> None:
    assert Duty(both[0].duties, holder_of(tmp_path)).is_mine(NOON)
    assert Duty(both[1].duties, holder_of(tmp_path)).is_mine(NOON + SECOND)


def test_who_asks_a_server_that_does_not_decide_is_told_so(
    both: tuple[Registry, Registry],
) -> None:
    holder, other = (server(registry, name) for registry, name in zip(both, "ab", strict=True))
    turn(holder, NOON)
    asked = other.desk.ask("x", Acknowledge(by="li"))
    turn(other, NOON)
    with pytest.raises(ConnectionError, match="another server"):
        asked.result(0)


def test_a_registry_that_is_away_ends_the_duty_with_the_lease() -> None:
    class Away:
        is_there = True

        def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
            if not self.is_there:
                raise RegistryAway("away")
            return name == ALERTS

        def leave(self, name: str, holder: str) -> None: ...

    leases = Away()
    duty = Duty(leases, "a")
    assert duty.is_mine(NOON)
    leases.is_there = False
    assert duty.is_mine(NOON + LEASE - SECOND)
    assert not duty.is_mine(NOON + LEASE)
    leases.is_there = True
    assert duty.is_mine(NOON + LEASE + RENEWAL)


def test_a_name_that_the_disk_had_no_room_for_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "server.id").touch()
    assert len(holder_of(tmp_path)) == 16
    assert holder_of(tmp_path) == holder_of(tmp_path)
