"""Channels of an MCP3008: volts, and the watts and levels that transducers make of them."""

from __future__ import annotations

from gpiozero.pins import Factory
from gpiozero.spi_devices import MCP3008

from warmstation_edge.profile import Adc
from warmstation_edge.reading import Missing, Reading

FULL_SCALE_V = 3.3
_TOP = 1023
_TOLERANCE = 0.05


class AdcChannel:
    """One channel, 0..3.3 V in 1023 steps of 3.2 mV."""

    def __init__(self, adc: Adc, number: int, *, pin_factory: Factory) -> None:
        self._device = MCP3008(
            number,
            clock_pin=adc.clock_pin,
            mosi_pin=adc.mosi_pin,
            miso_pin=adc.miso_pin,
            select_pin=adc.select_pin,
            pin_factory=pin_factory,
        )

    def volts(self) -> float:
        """Volts at the channel; at the top of the scale it may be more."""
        return float(self._device.raw_value) / _TOP * FULL_SCALE_V

    def close(self) -> None:
        """Let go of the bus."""
        self._device.close()


class PowerTransducer:
    """Watts = (volts - zero_v) * watts_per_volt.

    With a live zero (`zero_v` > 0) an output below half of it is a broken wire: `absent`.
    At the top of the scale the power is unknown: `range`.
    """

    def __init__(self, channel: AdcChannel, watts_per_volt: float, zero_v: float) -> None:
        self._channel = channel
        self._watts_per_volt = watts_per_volt
        self._zero_v = zero_v

    def read(self, now: float) -> Reading[float]:
        """Electric power in watts, never below 0."""
        volts = self._channel.volts()
        if volts >= FULL_SCALE_V:
            return Reading.without(Missing.RANGE)
        if volts < self._zero_v / 2:
            return Reading.without(Missing.ABSENT)
        return Reading.of(max(0.0, (volts - self._zero_v) * self._watts_per_volt))

    def close(self) -> None:
        """Let go of the channel."""
        self._channel.close()


class LevelGauge:
    """The share of full between `empty_v` and `full_v`; far outside of the two is `range`."""

    def __init__(self, channel: AdcChannel, empty_v: float, full_v: float) -> None:
        self._channel = channel
        self._empty_v = empty_v
        self._full_v = full_v

    def read(self, now: float) -> Reading[float]:
        """Share of full, 0..1."""
        level = (self._channel.volts() - self._empty_v) / (self._full_v - self._empty_v)
        if not -_TOLERANCE <= level <= 1 + _TOLERANCE:
            return Reading.without(Missing.RANGE)
        return Reading.of(min(1.0, max(0.0, level)))

    def close(self) -> None:
        """Let go of the channel."""
        self._channel.close()
