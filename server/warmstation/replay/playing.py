"""Drives a player, an outbox and an uplink until every row has its receipt."""

from __future__ import annotations

import time
from dataclasses import dataclass
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
_OPTIONS = {
    "id": "--station",
    "district": "--district",
    "host": "--broker",
    "port": "--broker",
    "password_file": "--password-file",
}


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
        raise BadRecording(_sentence(error)) from None
    except ValueError:
        raise BadRecording(f"--broker {broker!r}: write HOST:PORT") from None


def _sentence(error: ValidationError) -> str:
    said = error.errors()[0]
    option = _OPTIONS[str(said["loc"][0])]
    if said["type"] == "string_pattern_mismatch":
        return f"{option} {said['input']!r}: 2 to 63 of a-z, 0-9 and -, not beginning with -"
    return f"{option}: {said['msg']}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How many rows went out, how many the server has committed, and whether these were all."""

    played: int
    receipted: int
    is_whole: bool


def play(
    recording: Recording, tempo: Tempo, profile: Profile, patience_s: float = _PATIENCE_S
) -> Ended:
    """Play all of it, or until nobody has answered for a while."""
    clock, pump = SystemClock(), Pump()
    outbox = Outbox(profile.station.id, profile.outbox, clock)
    uplink = connect(profile, outbox, pump, clock, Random())  # noqa: S311  (jitter only)
    player = Player(recording.measurements(), tempo, outbox)
    pump.start()
    try:
        _turn_until_done(player, outbox, uplink, clock, patience_s)
    finally:
        ended = Ended(player.played, player.played - outbox.queued, player.is_done)
        uplink.stop()
        outbox.abandon()
        pump.stop()
    return ended


def _turn_until_done(
    player: Player, outbox: Outbox, uplink: Uplink, clock: SystemClock, patience_s: float
) -> None:
    """Play while there is a connection; stop when all is receipted, or nobody answers."""
    heard, heard_at = outbox.queued, clock.monotonic()
    while not (player.is_done and outbox.queued == 0):
        uplink.turn()
        if uplink.is_online:
            player.turn(clock.now())
        is_waiting = uplink.is_online and not player.is_done and outbox.queued == 0
        if outbox.queued != heard or is_waiting:
            heard, heard_at = outbox.queued, clock.monotonic()
        if clock.monotonic() - heard_at > patience_s:
            return
        time.sleep(_TURN_S)
