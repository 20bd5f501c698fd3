"""PZEM-016: mains power, voltage, current and energy of an e-bike point, by Modbus RTU.

Peacefair PZEM-014/016 user manual V1.0, 2.2 (input registers 0x0000..0x0009; of 32-bit values the
low word comes first). A clamp that fell off reads 0 W at full voltage: `doctor` looks for that.
Blueprint: `blueprints/meter.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.modbus import answer_bytes, read_input, registers
from warmstation_edge.sensors.serial_line import SerialLine

_COUNT = 10
_MAINS_V = (80.0, 260.0)
_MAX_A = 100.0
"""What the meter is made for (manual, 1.1)."""


@dataclass(frozen=True, slots=True)
class Mains:
    """One reading of a meter: V, A, W, Wh, Hz, power factor."""

    volts: float
    amperes: float
    watts: float
    energy_wh: int
    hertz: float
    power_factor: float


class Pzem016:
    """One meter on a line. `ask` takes 50 ms, or 300 where nobody answers: on an executor."""

    def __init__(self, line: SerialLine, slave: int) -> None:
        self._line = line
        self._slave = slave

    def mains(self) -> Mains:
        """All that it measures."""
        answer = self._line.ask(read_input(self._slave, 0, _COUNT), answer_bytes(_COUNT))
        return mains_in(registers(answer, self._slave, _COUNT))

    def ask(self) -> Reading[float]:
        """Electric power in watts; `range` for more than a mains has. Less is no overcurrent, which
        somebody would have to come for: a sag is `absent`, and over when it is over."""
        mains = self.mains()
        low_v, high_v = _MAINS_V
        said = f"{mains.volts} V and {mains.amperes} A are no mains"
        if mains.volts > high_v or mains.amperes > _MAX_A:
            return Reading.without(Missing.RANGE, said)
        if mains.volts < low_v:
            return Reading.without(Missing.ABSENT, said)
        return Reading.of(mains.watts)


def mains_in(found: list[int]) -> Mains:
    """The ten registers as what they stand for."""
    return Mains(
        volts=found[0] / 10,
        amperes=(found[1] | found[2] << 16) / 1000,
        watts=(found[3] | found[4] << 16) / 10,
        energy_wh=found[5] | found[6] << 16,
        hertz=found[7] / 10,
        power_factor=found[8] / 100,
    )
