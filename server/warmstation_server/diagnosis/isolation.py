"""Which link broke? Names the cause from what every link says; pure, one decision a minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from warmstation_server.diagnosis.config import Kind
from warmstation_server.diagnosis.finding import Cause
from warmstation_server.diagnosis.nobody_calls import Uncertain, told


@dataclass(frozen=True, slots=True)
class Links:
    """What the links say this minute, each None while well.

    `power`: none, weak, stuck, dead. `outlet`: none, weak, stuck, over. `room`: none, weak,
    stuck, door. `thermostat`: missing, lowered, excess, shifted. `power_share`: draw
    as a share of the usual.
    `heated`: log-likelihood that the room is heated unseen; `heated_bins`: from so many bins.
    `turned_k`: how far from its usual level the thermostat seems to be set, since `blamed_min` ago.
    `waited_min`: since the evidence of a cold outlet began. `step_k`: the largest sudden change
    of the reading that nothing explains or refutes, `step_min` ago, `rose_min`: since any upwards;
    `blamed_min`: since when the thermostat seems wrong or was last right, `shifted_k`: how far off
    it switches, `off_k`: how far the room lies outside its switching levels.
    `thermostat_content`: no call at a reading that always brought one. `outlet_is_hot`: it may be
    about to overheat, which shows the room more heat than it gets. `fell_alone`: the reading fell,
    what the outlet measures did not; `stands_apart`: a reading that jumped has stood where the
    outlet is not for longer than the sun stays. `probe_fell`: the outlet fell faster than a heater
    can cool.
    `nobody`: what is known where no heat is called for.
    `contact_open`: the door's contact says open for too long, `contact_shut`: it says shut.
    """

    power: str | None = None
    outlet: str | None = None
    room: str | None = None
    thermostat: str | None = None
    power_share: float | None = None
    kind: Kind = "radiator"
    heated: float = 0.0
    heated_bins: float = 0.0
    waited_min: float = 0.0
    step_k: float = 0.0
    step_min: float = 0.0
    rose_min: float = inf
    blamed_min: float = 0.0
    shifted_k: float = 0.0
    off_k: float = 0.0
    turned_k: float | None = None
    usual_error_k: float = 0.0
    thermostat_content: bool = False
    outlet_is_hot: bool = False
    fell_alone: bool = False
    stands_apart: bool = False
    probe_fell: bool = False
    contact_open: bool = False
    contact_shut: bool = False
    is_calling: bool | None = None
    call_is_guessed: bool = False
    call_fell_silent: bool = False
    silence: float = 0.0
    door_is_known: bool = False
    door_is_silent: bool = False
    door_is_surely_silent: bool = False
    nobody: Uncertain = field(default_factory=Uncertain)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A cause with the link that broke and how sure."""

    cause: Cause
    link: str
    confidence: float
    numbers: dict[str, float | str] = field(default_factory=dict)


_DECIDED, _DECIDED_PUMP = 3.0, 7.5
_WAIT_MIN, _WAIT_PUMP_MIN = 10.0, 20.0
_DRAWN_NATS, _WAIT_DRAWN_MIN, _SURE_BINS = 1.5, 20.0, 2.0  # one bin may be noise
_DENIED = 12.0  # a room that gets nothing, whatever its probe did
_SURE = 0.9
STEP_K = 0.7
_SETTLED_MIN = 20.0
_OLD_MIN = 150.0
_SUN_MIN = 100.0
_JUMP_SHARE = 0.6
_LEAST_STEP_K, _SHIFT_SHARE = 0.5, 0.3  # of a slow sensor's jump the room's drift takes some
_BEYOND_K = 5.0  # nobody sets it so high: what says "called" is the relay, and that is welded
_TURN_K, _TURN_MIN = 1.5, 1440.0  # whoever is there turns it by so much, and back by tomorrow
_EMPTY_NATS = 3.0  # where nobody has come for so long, the warmth of people is missing
_LIKELY_NATS = 6.5  # of silence; beside a call that comes lower it needs no more
_QUIET_NATS = 1.5


def named(links: Links) -> Named | None:
    """The best name for what the links say; None while all is well or not yet decided."""
    if links.outlet == "over" and links.power not in ("none", "dead"):
        return Named("overheat", "outlet", 0.9)
    return (
        _by_power(links)
        or by_contact(is_open=links.contact_open)
        or _by_outlet(links)
        or _by_reading(links)
        or _by_room(links)
        or _by_call(links)
    )


def _by_power(links: Links) -> Named | None:
    if links.power == "none":
        return Named("no_heat", "power", 0.97)
    if links.power == "dead":
        return _by_dead_meter(links)
    if links.power == "stuck":
        return Named("stuck_on", "power", 0.95)
    if links.power == "weak":
        return Named("weak_heat", "power", 0.95)
    return None


def _by_dead_meter(links: Links) -> Named | None:
    """Who closes a station may switch off all there is; who still comes has found it open."""
    best = told(links.nobody)
    if best is None:
        return None
    return Named(best[0], "door" if best[0] == "closed" else "power", best[1])


def by_contact(*, is_open: bool) -> Named | None:
    """The door, where its contact says open for too long: by day and by night."""
    return Named("door_open", "contact", 0.99) if is_open else None


def _by_outlet(links: Links) -> Named | None:
    if links.outlet == "stuck":
        return Named("stuck_on", "outlet", 0.85)
    if links.outlet == "weak":
        return _by_weak_outlet(links)
    return _by_cold_outlet(links) if links.outlet == "none" else None


def _by_weak_outlet(links: Links) -> Named | None:
    if links.room == "door" or _seems_sunny(links):
        return None
    if links.kind != "electric" or not _draws(links):
        return Named("weak_heat", "outlet", 0.8)
    # The meter says all of it and the probe half: whether it arrives the room knows.
    decided = links.heated_bins >= _SURE_BINS and abs(links.heated) > _DECIDED
    if not decided and links.waited_min < _WAIT_DRAWN_MIN:
        return None
    if links.heated + _DRAWN_NATS > 0.0:
        return Named("outlet_detached", "outlet", 0.75 if decided else 0.55)
    return Named("weak_heat", "outlet", _SURE if decided else 0.6)


def _by_cold_outlet(links: Links) -> Named | None:
    draws, is_pump = _draws(links) and links.kind != "radiator", links.kind == "heatpump"
    # What draws as a heater or a compressor does must be warm somewhere: lean towards the probe.
    balance = links.heated + (_DRAWN_NATS if draws else 0.0)
    if links.probe_fell and links.heated > -_DENIED:
        return Named("outlet_detached", "outlet", 0.8)
    # A pump that defrosts leaves the room cold for minutes, wherever its probe is.
    cold = _DECIDED_PUMP if is_pump else _DECIDED
    bins, wait_min = (_SURE_BINS, _WAIT_DRAWN_MIN) if draws else (1.0, _WAIT_MIN)
    decided = links.heated_bins >= bins and (balance > _DECIDED or balance < -cold)
    if not decided and links.waited_min < (_WAIT_PUMP_MIN if is_pump else wait_min):
        return None
    if balance > 0.0:
        return Named("outlet_detached", "outlet", 0.85 if decided else 0.5)
    return Named("no_heat", "outlet", _SURE if decided else 0.6)


def _draws(links: Links) -> bool:
    """Whether the meter says that it takes most of its usual power."""
    return links.power_share is not None and links.power_share > 0.6


def _by_reading(links: Links) -> Named | None:
    return Named("sensor_moved", "room", 0.8) if links.stands_apart else None


def _by_room(links: Links) -> Named | None:
    if links.room == "door":
        if links.thermostat_content or links.outlet_is_hot or links.contact_shut:
            return None
        if links.fell_alone or (links.door_is_known and links.silence > _EMPTY_NATS):
            return None
        return Named("door_open", "room", 0.75)
    if links.room == "none":
        return Named("no_heat", "room", 0.65)
    if links.room == "stuck":
        return Named("stuck_on", "room", 0.6)
    if links.room == "weak":
        return Named("weak_heat", "room", 0.5)
    return None


def _by_call(links: Links) -> Named | None:
    best = _called_wrong(links)
    turned_k = links.turned_k
    is_turn = turned_k is not None and turned_k < _TURN_K and links.blamed_min < _TURN_MIN
    is_told = best is None or best.cause not in ("setpoint", "sensor_moved") or not is_turn
    return best if is_told else None


def _called_wrong(links: Links) -> Named | None:
    is_lower = links.thermostat == "shifted" and links.shifted_k < 0.0
    # Less heat is called for than ever was.
    is_less = is_lower or links.thermostat in ("missing", "lowered")
    is_closed = is_less and links.door_is_known and links.door_is_silent
    if links.thermostat is not None and not is_closed and _is_shifted(links):
        return _by_shift(links)
    if is_less:
        return _by_missing(links)
    if links.thermostat == "excess" and links.off_k > _BEYOND_K:
        return Named("stuck_on", "call", 0.6)
    if links.thermostat in ("excess", "shifted"):
        return Named("setpoint", "call", 0.6)
    if links.door_is_surely_silent and links.is_open:
        return Named("closed", "door", 0.7)
    return None


def _by_missing(links: Links) -> Named | None:
    """The room is colder than the call has ever let it become."""
    if links.thermostat != "missing":
        return _by_lower_call(links)
    best = told(links.nobody)
    if links.call_is_guessed and (best is None or best[0] != "closed"):
        if links.nobody.may_be_closed:
            return None
        if links.call_fell_silent:  # what told the call, and it, live on one supply
            return Named("power_lost", "call", 0.6)
        return Named("no_heat", "call", 0.5)
    if best is None:
        return None
    cause, sure = best
    return Named(cause, "door" if cause == "closed" else "call", sure)


def _by_lower_call(links: Links) -> Named | None:
    """The call comes and goes lower than it ever did: somebody may still come, silence must be
    told apart from a quiet hour first."""
    if not links.door_is_known:
        return Named("setpoint", "call", 0.6)
    is_empty = links.silence > _LIKELY_NATS and not links.nobody.passed_late
    if links.door_is_silent or is_empty:
        return Named("closed", "door", 0.85)
    if links.silence >= _QUIET_NATS and links.is_open and not links.nobody.passed_late:
        return None
    return Named("setpoint", "call", 0.85)


def _is_shifted(links: Links) -> bool:
    """The reading jumped, not long ago, to the side on which the thermostat now seems wrong."""
    if links.step_min - links.blamed_min > _OLD_MIN:
        return False
    if links.thermostat == "shifted":
        is_share = links.step_k * links.shifted_k > _SHIFT_SHARE * links.shifted_k**2
        return is_share and abs(links.step_k) > max(_LEAST_STEP_K, 5.0 * links.usual_error_k)
    if abs(links.step_k) < max(STEP_K, 7.0 * links.usual_error_k):
        return False
    fallen_k = links.turned_k or 0.0 if links.thermostat == "missing" else 0.0
    if abs(links.step_k) < _JUMP_SHARE * max(links.off_k, fallen_k):
        return False  # most of the way it went as a room does
    return (links.step_k < 0.0) == (links.thermostat != "excess")


def corrects(before: str | None, best: Named) -> bool:
    """Whether a probe was blamed, and the room has shown since that it gets no heat."""
    is_heat = best.cause in ("no_heat", "weak_heat") and best.link == "outlet"
    return before == "outlet_detached" and is_heat and best.confidence >= _SURE


def _seems_sunny(links: Links) -> bool:
    """A reading that has jumped up shows the outlet less warm than it is."""
    return links.rose_min < _OLD_MIN


def _by_shift(links: Links) -> Named | None:
    """Sun on a sensor goes away again; a moved sensor stays where it is."""
    patience = _SUN_MIN if links.step_k > 0.0 else _SETTLED_MIN
    return Named("sensor_moved", "call", 0.75) if links.step_min > patience else None
