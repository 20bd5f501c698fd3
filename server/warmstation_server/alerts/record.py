"""Alerts, conditions and windows as JSON and back, exactly. For whoever stores them."""

from __future__ import annotations

from pydantic import TypeAdapter

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.state import AlertState

# Whole numbers are welcome as evidence (`warnings=False`): they come back as the same floats.
_STATE = TypeAdapter(AlertState)
_CONDITIONS = TypeAdapter(tuple[Condition, ...])
_WINDOWS = TypeAdapter(tuple[Window, ...])


def state_to_json(state: AlertState) -> str:
    """An alert as text."""
    return _STATE.dump_json(state, warnings=False).decode()


def state_of(text: str) -> AlertState:
    """An alert from its text."""
    return _STATE.validate_json(text)


def conditions_to_json(conditions: tuple[Condition, ...]) -> str:
    """Conditions as text."""
    return _CONDITIONS.dump_json(conditions, warnings=False).decode()


def conditions_of(text: str) -> tuple[Condition, ...]:
    """Conditions from their text."""
    return _CONDITIONS.validate_json(text)


def windows_to_json(windows: tuple[Window, ...]) -> str:
    """Planned work as text."""
    return _WINDOWS.dump_json(windows, warnings=False).decode()


def windows_of(text: str) -> tuple[Window, ...]:
    """Planned work from its text."""
    return _WINDOWS.validate_json(text)
