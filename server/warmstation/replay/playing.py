"""Drives a player, an outbox and an uplink until every row has its receipt."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from pydantic import ValidationError

from warmstation.errors import BadRecording
from warmstation.replay.player import Player, Tempo
from warmstation.replay.recording import Recording
from warmstation_edge.clock import SystemClock
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Broker, OutboxLimits, Profile, Station
from warmstation_edge.uplink import Uplink
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump

_TURN_S = 0.05
_PATIENCE_S = 30.0
"""Without any receipt for so long, with nothing left to play, the server is not there."""


def profile_of(
    station: str, district: str, broker: str, password_file: Path | None, directory: Path
) -> Profile:
    """A station with its outbox in this directory; BadRecording where an option is wrong."""
    host, _, port = broker.rpartition(":")
    try:
        return Profile(
            station=Station(id=station, district=district),
            broker=Broker(host=host, port=int(port), password_file=password_file),
            outbox=OutboxLimits(path=directory / "outbox.db"),
        )
    except ValidationError as error:
        said = error.errors()[0]
        raise BadRecording(f"{'.'.join(map(str, said['loc']))}: {said['msg']}") from None
    except ValueError:
        raise BadRecording(f"--broker {broker!r}: write HOST:PORT") from None


def play(recording: Recording, tempo: Tempo, profile: Profile) -> tuple[int, int]:
    """Rows played, and how many of them the server has committed."""
    clock, pump = SystemClock(), Pump()
    outbox = Outbox(profile.station.id, profile.outbox, clock)
    uplink = connect(profile, outbox, pump, clock, Random())  # noqa: S311  (jitter only)
    player = Player(recording.measurements(), tempo, outbox)
    pump.start()
    try:
        _turn_until_done(player, outbox, uplink, clock)
    finally:
        played, receipted = player.played, player.played - outbox.queued
        uplink.stop()
        outbox.abandon()
        pump.stop()
    return played, receipted


def _turn_until_done(player: Player, outbox: Outbox, uplink: Uplink, clock: SystemClock) -> None:
    """Play while there is a connection; stop when all is receipted, or nobody answers."""
    heard, heard_at = outbox.queued, clock.monotonic()
    while not (player.is_done and outbox.queued == 0):
        uplink.turn()
        if uplink.is_online:
            player.turn(clock.now())
        is_waiting = uplink.is_online and not player.is_done and outbox.queued == 0
        if outbox.queued != heard or is_waiting:
            heard, heard_at = outbox.queued, clock.monotonic()
        if clock.monotonic() - heard_at > _PATIENCE_S:
            return
        time.sleep(_TURN_S)
