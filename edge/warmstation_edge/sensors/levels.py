"""Which electric level means what, for the sensors and for whoever drives a mock board.

Contacts short their pin to ground against the pull-up, so that a cut wire reads high; each is
wired so that high is the answer that a person should look at.
"""

from __future__ import annotations

INTERRUPTED = True
"""A beam receiver holds its pin low while it sees light; a cut wire is `blocked` after 30 s."""
DOOR_OPEN = True
"""Reed contact, closed with the door."""
SUPPLY_LOW = True
"""Float contact, closed while there is enough."""
SMOKE = True
"""Detector relay, normally closed: smoke, a dead detector and a cut wire all open it."""
HEATER_ON = False
"""Auxiliary contact of the heater's relay, closed while it heats."""
CONTACTOR_CLOSED = False
"""Auxiliary contact (normally open) of an e-bike point's contactor: the feedback pin."""
PRESENT = True
"""PIR or radar module with a driven output, against the pull-down."""
DRIVE_CLOSED = True
"""Our output to the contactor's driver; at reset the pin floats and the driver keeps it open."""
PULSE = False
"""S0 output, an open collector that conducts for each pulse."""
PRESSED = False
"""Staff button, to ground."""
