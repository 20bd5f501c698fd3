"""Chargers, contactors and smoke of one station: what is dangerous at once, the rest in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any

from warmstation_server.conditions.idle_socket import INCREDIBLE, IdleSocket
from warmstation_server.conditions.rows import reader
from warmstation_server.conditions.standing import REPEAT_S, Standing
from warmstation_server.history import Received
from warmstation_server.history.codec import faults_of, has_smoke
from warmstation_server.history.said import Charger, Said

INOPERATIVE_S = 45 * 60.0
"""An e-bike point rests for half an hour after a charge that took too long: that is no fault."""
_OPEN_DRAWS_W = 20.0
_OPEN_DRAWS_S = 15.0
"""Power is sampled every few seconds: what was measured before it opened does not count."""
_CONTACTOR = ".contactor"


@dataclass(slots=True)
class Socket:
    """One charger: its last word, since when, and how it is used."""

    kind: str
    state: str = ""
    since_s: float = 0.0
    idle: IdleSocket = field(default_factory=IdleSocket)


class Chargers:
    """The chargers of one station by id."""

    __slots__ = ("_dead_s", "_defects", "_draws_s", "_is_fresh", "sockets")

    def __init__(self) -> None:
        self.sockets: dict[str, Socket] = {}
        self._defects: tuple[tuple[str, str], ...] = ()
        self._is_fresh = True
        self._draws_s: float | None = None
        self._dead_s = inf
        """When to say again which of them seem dead."""

    def after(self, said: Said, at_s: float, standing: Standing) -> None:
        """One report, in order."""
        self._judge_safety(said, at_s, standing)
        chargers = said.chargers
        if not chargers:
            return
        is_new = said.faults != self._defects or self._is_fresh
        self._defects, self._is_fresh = said.faults, False
        defects = dict(said.faults)
        sockets, began = self.sockets, False
        for charger in chargers:
            socket = sockets.get(charger.id)
            if socket is None:
                socket = sockets[charger.id] = Socket(charger.kind)
            state = charger.state
            if state != socket.state:
                began = self._changed(charger, socket, said, at_s) or began
            elif not is_new and state in ("available", "charging") and charger.id not in defects:
                continue
            self._judge(charger, socket, defects, at_s, standing)
        if is_new or defects:
            self._judge_contactors(said, at_s, standing)
        if began or at_s >= self._dead_s:
            self._judge_idle(said, at_s, standing)

    def forget_judgements(self) -> None:
        """Judge everything anew with the next report."""
        self._is_fresh = True

    def _changed(self, charger: Charger, socket: Socket, said: Said, at_s: float) -> bool:
        """Its new word; whether a session began with it. Nobody passes over what is not there."""
        was, socket.state, socket.since_s = socket.state, charger.state, at_s
        if charger.state != "charging" or was in ("", "unknown"):
            return False
        for one in said.chargers:
            other = self.sockets.get(one.id)
            if other is None:
                continue  # it comes later in this report, its first
            if other is socket:
                other.idle.used(at_s)
            elif other.kind == socket.kind and other.state == "available":
                other.idle.passed_over(at_s)
        return True

    def _judge(
        self,
        charger: Charger,
        socket: Socket,
        defects: dict[str, str],
        at_s: float,
        standing: Standing,
    ) -> None:
        state, subject = charger.state, charger.id
        reason = defects.get(subject)
        evidence: dict[str, float | str] = {"state": state}
        if charger.power_w is not None:
            evidence["power_w"] = charger.power_w
        for name in ("overcurrent", "overheat"):
            holds = reason == name
            standing.say(f"chargers.{name}", holds, at_s, subject=subject, evidence=evidence)
        if state == "unknown":
            standing.say("chargers.inoperative", None, at_s, subject=subject)
            return
        is_broken = state == "outoforder" and reason not in ("overcurrent", "overheat")
        rests_s = at_s - socket.since_s
        is_out = is_broken or (state == "inoperative" and rests_s >= INOPERATIVE_S)
        standing.say(
            "chargers.inoperative",
            is_out,
            at_s,
            subject=subject,
            value=round(rests_s / 60.0) if is_out else 0.0,
            since_s=socket.since_s if is_out else None,
            evidence=evidence,
        )

    def _judge_idle(self, said: Said, at_s: float, standing: Standing) -> None:
        """A session began, or one seems dead still: every socket's run against its own past."""
        kinds = [self.sockets[one.id].kind for one in said.chargers]
        self._dead_s = inf
        for subject in (one.id for one in said.chargers):
            socket = self.sockets[subject]
            sockets = kinds.count(socket.kind)
            if sockets < 2:
                continue
            idle = socket.idle
            credit = idle.credit(sockets)
            holds = credit < INCREDIBLE
            if not holds and standing.holds("chargers.dead", subject) is False:
                continue
            if holds:
                self._dead_s = at_s + REPEAT_S
            standing.say(
                "chargers.dead",
                holds,
                at_s,
                subject=subject,
                value=round(-credit, 1) if holds else 0.0,
                since_s=idle.since_s if holds else None,
                confidence=min(0.99, 1.0 - 10.0 ** (0.5 * credit)) if holds else 1.0,
                evidence={
                    "sessions_elsewhere": idle.run,
                    "sockets": sockets,
                    "own_before": idle.own,
                },
            )

    def _judge_contactors(self, said: Said, at_s: float, standing: Standing) -> None:
        """Each e-bike point's own contactor; the station's, where nobody says whose it is."""
        defects = dict(self._defects)
        for charger in said.chargers:
            if charger.kind == "ebike":
                reason = defects.get(charger.id + _CONTACTOR)
                standing.say(
                    "chargers.welded",
                    reason is not None,
                    at_s,
                    subject=charger.id,
                    evidence={"reason": reason or "", "power_w": charger.power_w or 0.0},
                )

    def _judge_safety(self, said: Said, at_s: float, standing: Standing) -> None:
        contactor = said.contactor
        standing.say("safety.smoke", said.smoke, at_s, evidence=_SMOKE)
        if contactor is None:
            return
        draws_w = _drawn(said) if contactor == "open" else 0.0
        if draws_w <= _OPEN_DRAWS_W:
            self._draws_s = None
        elif self._draws_s is None:
            self._draws_s = at_s
        is_fault = contactor == "fault" and not _names_contactor(said)
        holds = is_fault or (self._draws_s is not None and at_s - self._draws_s >= _OPEN_DRAWS_S)
        standing.say(
            "chargers.welded",
            holds,
            at_s,
            evidence={"contactor": contactor, "power_w": draws_w} if holds else None,
        )

    def saved(self) -> list[Any]:
        """As JSON values."""
        sockets = {
            name: [one.kind, one.state, one.since_s, *_idle(one.idle)]
            for name, one in self.sockets.items()
        }
        dead_s = None if self._dead_s == inf else self._dead_s
        return [sockets, self._defects, self._is_fresh, self._draws_s, dead_s]

    @classmethod
    def resumed(cls, rows: list[Any]) -> Chargers:
        """From what `saved` gave."""
        chargers = cls()
        sockets, defects, chargers._is_fresh, chargers._draws_s, *later = rows
        chargers._defects = tuple((sensor, reason) for sensor, reason in defects)
        if later and later[0] is not None:  # an older server kept none
            chargers._dead_s = later[0]
        for name, (kind, state, since_s, *idle) in sockets.items():
            chargers.sockets[name] = Socket(kind, state, since_s, IdleSocket(*idle))
        return chargers


def dangers(received: Received) -> list[tuple[str, str]]:
    """(condition, subject) of what is dangerous in one report, whatever came before it."""
    found = [("safety.smoke", "")] if has_smoke(received) else []
    return [*found, *_dangerous(faults_of(received))]


def has_danger(received: Received) -> bool:
    """Whether there is anything dangerous in it; asked of every report."""
    return has_smoke(received) or bool(_dangerous(faults_of(received)))


@lru_cache(maxsize=4096)
def _dangerous(faults: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Few combinations, and most reports have none."""
    found = []
    for sensor, reason in faults:
        if reason in ("overcurrent", "overheat"):
            found.append((f"chargers.{reason}", sensor))
        elif sensor.endswith(_CONTACTOR):
            found.append(("chargers.welded", sensor.removesuffix(_CONTACTOR)))
    return tuple(found)


def _drawn(said: Said) -> float:
    watts = (one.power_w or 0.0 for one in said.chargers if one.kind == "ebike")
    return max(watts, default=0.0)


def _names_contactor(said: Said) -> bool:
    return any(sensor.endswith(_CONTACTOR) for sensor, _ in said.faults)


_SMOKE: dict[str, float | str] = {"sensor": "smoke"}


_idle = reader(IdleSocket)
