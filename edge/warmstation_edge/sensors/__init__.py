"""Sensors: pins, SPI and 1-Wire to Readings. The only room that knows gpiozero.

`build` wires them by a profile for the sampler; `mock` is the board that the simulator drives.
"""
