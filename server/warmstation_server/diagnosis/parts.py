"""Everything that is remembered of a station between two samples."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.contact import Contact
from warmstation_server.diagnosis.door import Door
from warmstation_server.diagnosis.first_days import FirstDays
from warmstation_server.diagnosis.frozen import Repeats
from warmstation_server.diagnosis.guess import CallGuess
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.parting import Parting
from warmstation_server.diagnosis.per_watt import PerWatt
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.room import Room
from warmstation_server.diagnosis.safety_net import SafetyNet
from warmstation_server.diagnosis.sample import Gathering
from warmstation_server.diagnosis.sanity import Sanity
from warmstation_server.diagnosis.thermostat import Thermostat

LEARN_FIRST_S = 3.0 * 86400.0


@dataclass(slots=True)
class Parts:
    """The links of the chain, and what is being told.

    `trouble`: the cause told and not yet gone, by which link, since when; `other_min`: how long
    a nearer link has named another. `fault`: a sensor's trouble that was told. `has_more`: the
    station has ever sent more than a room temperature. `before_gap`: the room's last minute.
    """

    begun_s: float | None = None
    at_s: float | None = None
    outdoor: float | None = None
    outdoor_at_s: float = 0.0
    trouble: str | None = None
    trouble_since_s: float = 0.0
    trouble_link: str = "door"
    other_min: float = 0.0
    clear_min: float = 0.0
    hold_until_s: float = 0.0
    fault: str | None = None
    silent_since_s: float | None = None
    has_more: bool = False
    before_gap: float | None = None
    room_sanity: Sanity = field(default_factory=lambda: Sanity(-30.0, 60.0))
    outlet_sanity: Sanity = field(default_factory=lambda: Sanity(-35.0, 140.0, 25.0, 20.0))
    repeats: Repeats = field(default_factory=Repeats)
    gathering: Gathering = field(default_factory=Gathering)
    guess: CallGuess = field(default_factory=CallGuess)
    power: Power = field(default_factory=Power)
    outlet: Outlet = field(default_factory=Outlet)
    room: Room = field(default_factory=Room)
    door: Door = field(default_factory=Door)
    contact: Contact = field(default_factory=Contact)
    parting: Parting = field(default_factory=Parting)
    per_watt: PerWatt = field(default_factory=PerWatt)
    thermostat: Thermostat = field(default_factory=Thermostat)
    first_days: FirstDays = field(default_factory=FirstDays)
    net: SafetyNet = field(default_factory=SafetyNet)

    def is_learned(self, at_s: float) -> bool:
        """Whether the first days, which only teach, are over."""
        return self.begun_s is not None and at_s - self.begun_s > LEARN_FIRST_S

    @property
    def is_deserted(self) -> bool:
        """Whether it was told that the station is closed, and nobody has come since."""
        return self.trouble == "closed" and (self.door.last_at_s or 0.0) <= self.trouble_since_s
